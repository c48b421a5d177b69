/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "accounts.h"
#include "call.h"
#include "core/dprint.h"
#include "core/timer.h"
#include "db.h"
#include "generation.h"
#include "params.h"
#include "policy/media.h"
#include "stats.h"

#define CACHE_SLOTS 1024 /* per process; a power of two */

struct cached {
	struct aeta_account account;
	ticks_t until; /* get_ticks() from which it is stale */
};

static db1_con_t *handle;
static struct cached cache[CACHE_SLOTS];

/* True once a second at most: a database that is away must not fill the disk with log lines. */
static bool may_log(void)
{
	static time_t last;
	time_t now = time(NULL);

	if (now == last)
		return false;
	last = now;
	return true;
}

int aeta_facts_open(void)
{
	if (aeta_params.account_table.len == 0 || handle)
		return 0;
	handle = aeta_db_connect();
	return handle ? 0 : -1;
}

void aeta_facts_close(void)
{
	aeta_db_disconnect(handle);
	handle = NULL;
}

static struct cached *slot_of(aeta_number_t n)
{
	return &cache[(n * 0x9e3779b97f4a7c15ull) >> 54];
}

static bool from_cache(aeta_number_t n, struct aeta_account *out)
{
	const struct cached *c = slot_of(n);

	if (aeta_params.account_cache <= 0 || c->account.number != n || TICKS_LE(c->until, get_ticks()))
		return false;
	*out = c->account;
	return true;
}

static void to_cache(const struct aeta_account *a)
{
	if (aeta_params.account_cache <= 0 || a->kind == AETA_KIND_NONE)
		return;
	*slot_of(a->number) = (struct cached){.account = *a, .until = get_ticks() + (ticks_t)aeta_params.account_cache};
}

/* What a word or a date cannot tell is decided against the account: a typing error in the table opens nothing. */
static enum aeta_kind read_kind(const db_val_t *v)
{
	enum aeta_kind k = AETA_KINDS;
	str s;

	if (aeta_value_text(v, &s) == 0)
		k = aeta_kind_parse(s.s, (size_t)s.len);
	if (k == AETA_KINDS || k == AETA_KIND_NONE || k == AETA_KIND_UNKNOWN) {
		if (may_log())
			LM_ERR("table %.*s: an account whose column %.*s is no kind of account counts as no account\n",
					aeta_params.account_table.len, aeta_params.account_table.s, aeta_params.kind_column.len,
					aeta_params.kind_column.s);
		return AETA_KIND_NONE;
	}
	return k;
}

static enum aeta_state read_state(const db_val_t *v)
{
	enum aeta_state s = AETA_STATES;
	str word;

	if (aeta_value_text(v, &word) == 0)
		s = aeta_state_parse(word.s, (size_t)word.len);
	if (s != AETA_STATES)
		return s;
	if (may_log())
		LM_ERR("table %.*s: an account whose column %.*s is no state counts as locked\n", aeta_params.account_table.len,
				aeta_params.account_table.s, aeta_params.state_column.len, aeta_params.state_column.s);
	return AETA_STATE_LOCKED;
}

/* NULL: as its group says. A word that is no policy counts as always: such a call is heard in any case. */
static enum aeta_media_policy read_media(const db_val_t *v)
{
	enum aeta_media_policy p = AETA_MEDIA_POLICIES;
	str word;

	if (VAL_NULL(v))
		return AETA_MEDIA_GROUP;
	if (aeta_value_text(v, &word) == 0)
		p = aeta_media_policy_parse(word.s, (size_t)word.len);
	if (p != AETA_MEDIA_POLICIES)
		return p;
	if (may_log())
		LM_ERR("table %.*s: an account whose column %.*s is no media policy counts as always\n", aeta_params.account_table.len,
				aeta_params.account_table.s, aeta_params.media_column.len, aeta_params.media_column.s);
	return AETA_MEDIA_ALWAYS;
}

/* Of what cannot be read: as if it had ended long ago. */
static int64_t read_end(const db_val_t *v)
{
	time_t end;
	int rc = aeta_value_utc(v, &end);

	if (rc == -EINVAL && may_log())
		LM_ERR("table %.*s: an account whose column %.*s is no date counts as ended\n", aeta_params.account_table.len,
				aeta_params.account_table.s, aeta_params.until_column.len, aeta_params.until_column.s);
	return rc == 0 ? (int64_t)end : rc == -EINVAL ? INT64_MIN : AETA_NO_END;
}

/* Reads the columns that put_columns() listed, in that order. */
static void read_account(const db_val_t *v, struct aeta_row *out)
{
	out->kind = AETA_KIND_UNKNOWN;
	out->state = AETA_STATE_ACTIVE;
	out->end = AETA_NO_END;
	if (aeta_params.kind_column.len)
		out->kind = (uint8_t)read_kind(v++);
	if (aeta_params.state_column.len)
		out->state = (uint8_t)read_state(v++);
	if (aeta_params.until_column.len)
		out->end = read_end(v++);
	if (aeta_params.media_column.len)
		out->media = (uint8_t)read_media(v);
}

static int put_columns(db_key_t columns[], int n)
{
	if (aeta_params.kind_column.len)
		columns[n++] = &aeta_params.kind_column;
	if (aeta_params.state_column.len)
		columns[n++] = &aeta_params.state_column;
	if (aeta_params.until_column.len)
		columns[n++] = &aeta_params.until_column;
	if (aeta_params.media_column.len)
		columns[n++] = &aeta_params.media_column;
	return n;
}

/* The row of `number` in `table`: `n` columns of it, to be freed; NULL: there is none. 0 or -EIO. */
static int query(const str *table, db_key_t number_column, aeta_number_t number, db_key_t columns[], int n, db1_res_t **res)
{
	char digits[AETA_NUMBER_MAX + 1];
	db_key_t key[1] = {number_column};
	db_val_t value[1] = {{.type = DB1_STR}};

	*res = NULL;
	value[0].val.str_val.s = digits;
	value[0].val.str_val.len = (int)aeta_number_format(number, digits);
	if (aeta_facts_open() < 0 || !handle || aeta_dbf.use_table(handle, table) < 0 ||
			aeta_dbf.query(handle, key, NULL, value, columns, 1, n, NULL, res) < 0)
		return -EIO;
	aeta_count(AETA_COUNT_ACCOUNTS_ASKED);
	if (*res && RES_ROW_N(*res) == 0) {
		aeta_dbf.free_result(handle, *res);
		*res = NULL;
	}
	return 0;
}

static int ask(aeta_number_t number, struct aeta_row *out)
{
	uint32_t generation = aeta_generation();
	db_key_t columns[5] = {&aeta_params.number_column};
	db1_res_t *res;

	if (query(&aeta_params.account_table, &aeta_params.number_column, number, columns, put_columns(columns, 1), &res) < 0)
		return -EIO;
	if (!res)
		return -ENOENT;
	*out = (struct aeta_row){.number = number};
	read_account(ROW_VALUES(RES_ROWS(res)) + 1, out);
	aeta_dbf.free_result(handle, res);
	aeta_accounts_put(out, generation);
	return 0;
}

/* True if it is an HA1; what else may stand there is no password at all. */
static bool read_ha1(const db_val_t *v, char ha1[AETA_HA1_LEN])
{
	str text;

	if (aeta_value_text(v, &text) < 0 || text.len != AETA_HA1_LEN || strspn(text.s, "0123456789abcdef") < AETA_HA1_LEN)
		return false;
	memcpy(ha1, text.s, AETA_HA1_LEN);
	return true;
}

static void read_credentials(const db_val_t *v, struct aeta_row *out)
{
	out->has_ha1 = read_ha1(v, out->ha1);
	if (aeta_params.kind_column.len && VAL_NULL(v + 1)) { /* credentials without an account */
		out->kind = AETA_KIND_NONE;
		out->end = AETA_NO_END;
	} else {
		read_account(v + 1, out);
	}
}

int aeta_facts_credentials(aeta_number_t number, struct aeta_row *out)
{
	static str user = str_init("username"), ha1 = str_init("ha1");
	uint32_t generation = aeta_generation();
	db_key_t columns[5] = {&ha1};
	db1_res_t *res;

	if (query(&aeta_params.credentials_table, &user, number, columns, put_columns(columns, 1), &res) < 0) {
		if (may_log())
			LM_ERR("the credentials cannot be read from %.*s: requests are answered with an internal error\n",
					aeta_params.credentials_table.len, aeta_params.credentials_table.s);
		return -EIO;
	}
	if (!res)
		return -ENOENT;
	*out = (struct aeta_row){.number = number};
	read_credentials(ROW_VALUES(RES_ROWS(res)), out);
	aeta_dbf.free_result(handle, res);
	if (!out->has_ha1)
		return -ENOENT;
	aeta_accounts_put(out, generation);
	return 0;
}

int aeta_facts_tell(const struct aeta_account *account)
{
	struct aeta_call *c = aeta_call_have();

	if (!c)
		return -ENOMEM;
	c->known = *account;
	return 0;
}

/* Once: the routes that come later with the same call, when agents have answered, ask again. */
static bool was_told(aeta_number_t number, struct aeta_account *out)
{
	struct aeta_call *c = aeta_call_get();

	if (!c || c->known.number != number)
		return false;
	*out = c->known;
	c->known.number = 0;
	return true;
}

int aeta_facts(aeta_number_t number, struct aeta_account *out)
{
	struct aeta_row row;
	int rc;

	*out = (struct aeta_account){.number = number, .kind = AETA_KIND_NONE, .state = AETA_STATE_ACTIVE};
	if (!number)
		return 0;
	if (aeta_params.account_table.len == 0) {
		out->kind = AETA_KIND_UNKNOWN;
		return 0;
	}
	if (was_told(number, out) || from_cache(number, out))
		return 0;
	rc = aeta_accounts_get(number, &row) ? 0 : ask(number, &row);
	if (rc == 0) {
		*out = aeta_row_account(&row, time(NULL));
		to_cache(out);
	}
	if (rc != -EIO)
		return 0;
	if (may_log())
		LM_ERR("the account table %.*s cannot be read: calls are answered with an internal error\n",
				aeta_params.account_table.len, aeta_params.account_table.s);
	return -EIO;
}
