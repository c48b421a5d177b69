/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "call.h"
#include "core/dprint.h"
#include "core/timer.h"
#include "db.h"
#include "params.h"

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

static bool has_ended(const db_val_t *v)
{
	time_t end;
	int rc = aeta_value_utc(v, &end);

	if (rc == -EINVAL && may_log())
		LM_ERR("table %.*s: an account whose column %.*s is no date counts as ended\n", aeta_params.account_table.len,
				aeta_params.account_table.s, aeta_params.until_column.len, aeta_params.until_column.s);
	return rc == -EINVAL || (rc == 0 && end <= time(NULL));
}

/* Reads a row of the columns that columns_wanted() listed, in that order. */
static void read_row(const db_row_t *row, struct aeta_account *out)
{
	const db_val_t *v = ROW_VALUES(row) + 1;

	out->kind = AETA_KIND_UNKNOWN;
	out->state = AETA_STATE_ACTIVE;
	if (aeta_params.kind_column.len)
		out->kind = (uint8_t)read_kind(v++);
	if (aeta_params.state_column.len)
		out->state = (uint8_t)read_state(v++);
	if (aeta_params.until_column.len && has_ended(v) && out->state == AETA_STATE_ACTIVE)
		out->state = AETA_STATE_ENDED;
}

static int columns_wanted(db_key_t columns[4])
{
	int n = 0;

	columns[n++] = &aeta_params.number_column;
	if (aeta_params.kind_column.len)
		columns[n++] = &aeta_params.kind_column;
	if (aeta_params.state_column.len)
		columns[n++] = &aeta_params.state_column;
	if (aeta_params.until_column.len)
		columns[n++] = &aeta_params.until_column;
	return n;
}

static int query(aeta_number_t number, struct aeta_account *out)
{
	char digits[AETA_NUMBER_MAX + 1];
	db_key_t key[1] = {&aeta_params.number_column}, columns[4];
	db_val_t value[1] = {{.type = DB1_STR}};
	db1_res_t *res = NULL;
	int n = columns_wanted(columns);

	value[0].val.str_val.s = digits;
	value[0].val.str_val.len = (int)aeta_number_format(number, digits);
	if (aeta_dbf.use_table(handle, &aeta_params.account_table) < 0 ||
			aeta_dbf.query(handle, key, NULL, value, columns, 1, n, NULL, &res) < 0)
		return -EIO;
	if (res && RES_ROW_N(res) > 0)
		read_row(&RES_ROWS(res)[0], out);
	if (res)
		aeta_dbf.free_result(handle, res);
	return 0;
}

int aeta_facts_tell(aeta_number_t number, const str *text)
{
	struct aeta_account told = {.number = number, .kind = AETA_KIND_NONE, .state = AETA_STATE_ACTIVE};
	const char *bar = text->len > 0 ? memchr(text->s, '|', (size_t)text->len) : NULL;
	struct aeta_call *c;

	if (!number || (text->len > 0 && !bar))
		return -EINVAL;
	if (bar) {
		told.kind = (uint8_t)aeta_kind_parse(text->s, (size_t)(bar - text->s));
		told.state = (uint8_t)aeta_state_parse(bar + 1, (size_t)(text->s + text->len - bar - 1));
		if (told.kind == AETA_KINDS || told.kind == AETA_KIND_NONE || told.state == AETA_STATES)
			return -EINVAL;
	}
	c = aeta_call_have();
	if (!c)
		return -ENOMEM;
	c->known = told;
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
	*out = (struct aeta_account){.number = number, .kind = AETA_KIND_NONE, .state = AETA_STATE_ACTIVE};
	if (!number)
		return 0;
	if (aeta_params.account_table.len == 0) {
		out->kind = AETA_KIND_UNKNOWN;
		return 0;
	}
	if (was_told(number, out) || from_cache(number, out))
		return 0;
	if (aeta_facts_open() == 0 && query(number, out) == 0) {
		to_cache(out);
		return 0;
	}
	if (may_log())
		LM_ERR("the account table %.*s cannot be read: calls are answered with an internal error\n",
				aeta_params.account_table.len, aeta_params.account_table.s);
	return -EIO;
}
