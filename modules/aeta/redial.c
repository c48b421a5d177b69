/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "redial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/dprint.h"
#include "core/ut.h"
#include "db.h"
#include "params.h"
#include "policy/redial.h"
#include "shared.h"
#include "spare.h"
#include "stats.h"

#define PAIRS 4096u
#define LOCKS 64u

static struct aeta_redial_table table; /* of each process, the same in all: what changes is in `shared` */
static struct aeta_shared shared;
static db1_con_t *handle; /* of each process that has remembered a pair */

static struct aeta_redial_party party(const str *number, const struct aeta_address *address)
{
	return (struct aeta_redial_party){
			.number = number->len > 0 ? aeta_number_parse(number->s, (size_t)number->len) : 0, .address = *address};
}

/* Locks a pair's set; false: it has none. */
static bool lock_pair(const struct aeta_redial_party *a, const struct aeta_redial_party *b, unsigned *lock)
{
	uint64_t key = shared.memory ? aeta_redial_key(&table, a, b) : 0;

	if (!key)
		return false;
	*lock = aeta_redial_set(&table, key) % LOCKS;
	aeta_shared_lock(&shared, *lock);
	return true;
}

/* ---- over a restart ---- */

static const char *text_of(const struct aeta_address *a, char out[INET6_ADDRSTRLEN])
{
	return inet_ntop(a->family == AETA_FAMILY_IP6 ? AF_INET6 : AF_INET, a->bytes, out, INET6_ADDRSTRLEN);
}

static int query(db1_con_t *h, const char *sql, db1_res_t **res)
{
	str text = {(char *)sql, (int)strlen(sql)};

	return h && aeta_dbf.raw_query(h, &text, res) == 0 ? 0 : -EIO;
}

/* What is over goes by the way, some at a time. */
static void forget_old(db1_con_t *h)
{
	char sql[256];

	snprintf(sql, sizeof(sql), "delete from %.*s where relayed_until <= %lld limit 1000", aeta_params.redial_table.len,
			aeta_params.redial_table.s, (long long)time(NULL));
	query(h, sql, NULL);
}

/* Numbers are digits, and addresses our own writing: nothing of it can be taken for SQL. */
static void remember(sip_msg_t *msg, const struct aeta_redial_row *row)
{
	char sql[512], number[2][AETA_NUMBER_MAX + 1], address[2][INET6_ADDRSTRLEN];

	if (!aeta_params.redial_table.len)
		return;
	for (int i = 0; i < 2; i++) {
		aeta_number_format(row->party[i].number, number[i]);
		text_of(&row->party[i].address, address[i]);
	}
	snprintf(sql, sizeof(sql),
			"replace into %.*s (low, high, low_address, high_address, relayed_until) values ('%s', '%s', '%s', '%s', %lld)",
			aeta_params.redial_table.len, aeta_params.redial_table.s, number[0], number[1], address[0], address[1],
			(long long)row->until);
	if (aeta_database_hangs(msg) != 1 && !handle)
		handle = aeta_db_connect();
	if (aeta_database_hangs(msg) == 1 || query(handle, sql, NULL) < 0)
		LM_WARN("caller=%s final=%s the pair is relayed, but that is not remembered over a restart: the database does not answer\n",
				number[0], number[1]);
	else
		forget_old(handle);
}

static void take_up(const db_val_t *v)
{
	struct aeta_redial_party p[2];
	long long until;
	str text;

	for (int i = 0; i < 2; i++) {
		if (aeta_value_text(&v[i], &text) < 0)
			return;
		p[i].number = aeta_number_parse(text.s, (size_t)text.len);
		if (aeta_value_text(&v[2 + i], &text) < 0)
			return;
		p[i].address = aeta_address_parse(text.s, (size_t)text.len, 0);
	}
	if (aeta_value_int(&v[4], &until) == 0)
		aeta_redial_restore(&table, &p[0], &p[1], until);
}

/* Without the table calls are made all the same. */
static void load(void)
{
	db1_con_t *h = aeta_params.redial_table.len ? aeta_db_connect() : NULL;
	db1_res_t *res = NULL;
	char sql[256];

	if (!h)
		return;
	forget_old(h);
	snprintf(sql, sizeof(sql), "select low, high, low_address, high_address, relayed_until from %.*s order by relayed_until desc limit %u",
			aeta_params.redial_table.len, aeta_params.redial_table.s, PAIRS);
	if (query(h, sql, &res) < 0 || !res)
		LM_ERR("the table %.*s cannot be read: pairs that were relayed for being dialled again are not known\n",
				aeta_params.redial_table.len, aeta_params.redial_table.s);
	for (int i = 0; res && i < RES_ROW_N(res); i++)
		if (RES_COL_N(res) == 5)
			take_up(ROW_VALUES(&RES_ROWS(res)[i]));
	if (res)
		aeta_dbf.free_result(h, res);
	aeta_db_disconnect(h);
}

/* ---- the life of the table ---- */

int aeta_redial_start(void)
{
	uint64_t key[2];

	if (!aeta_params.redial_s)
		return 0;
	if (aeta_shared_take(&shared, aeta_redial_bytes(PAIRS), LOCKS, key) < 0)
		return -1;
	aeta_redial_init(&table, shared.memory, PAIRS, key);
	load();
	return 0;
}

void aeta_redial_stop(void)
{
	aeta_db_disconnect(handle);
	handle = NULL;
	aeta_shared_give(&shared);
}

/* ---- an operator ---- */

/* How many rows of the table were the pair's; or -1. */
static int forget_row(aeta_number_t a, aeta_number_t b)
{
	char sql[256], low[AETA_NUMBER_MAX + 1], high[AETA_NUMBER_MAX + 1];

	if (!aeta_params.redial_table.len)
		return 0;
	aeta_number_format(a < b ? a : b, low);
	aeta_number_format(a < b ? b : a, high);
	snprintf(sql, sizeof(sql), "delete from %.*s where low = '%s' and high = '%s'", aeta_params.redial_table.len,
			aeta_params.redial_table.s, low, high);
	if (!handle)
		handle = aeta_db_connect();
	if (query(handle, sql, NULL) < 0)
		return -1;
	return aeta_dbf.affected_rows ? aeta_dbf.affected_rows(handle) : 0;
}

enum aeta_redial_lifted aeta_redial_lift(const str *one, const str *other)
{
	aeta_number_t a = aeta_number_parse(one->s, (size_t)one->len), b = aeta_number_parse(other->s, (size_t)other->len);
	uint64_t key = shared.memory ? aeta_redial_pair(&table, a, b) : 0;
	bool relayed;
	unsigned lock;
	int rows;

	if (!key)
		return AETA_LIFTED_NONE;
	lock = aeta_redial_set(&table, key) % LOCKS;
	aeta_shared_lock(&shared, lock);
	relayed = aeta_redial_forget(&table, key, time(NULL));
	aeta_shared_unlock(&shared, lock);
	rows = forget_row(a, b);
	if (relayed)
		LM_NOTICE("caller=%.*s final=%.*s judged anew, by an operator (C7 redialled)\n", one->len, one->s, other->len, other->s);
	if (relayed && rows < 0)
		return AETA_LIFTED_NOT_KEPT;
	return relayed || rows > 0 ? AETA_LIFTED : AETA_LIFTED_NONE;
}

/* ---- calls ---- */

bool aeta_redialled(const str *caller, const struct aeta_address *from, const str *callee, const struct aeta_address *to, bool asks_only)
{
	struct aeta_redial_party a = party(caller, from), b = party(callee, to);
	enum aeta_redial_answer answer;
	struct aeta_redial_row row;
	unsigned lock;

	if (!lock_pair(&a, &b, &lock))
		return false;
	answer = aeta_redial_asked(&table, &a, &b, time(NULL), aeta_params.redial_s, asks_only, &row);
	aeta_shared_unlock(&shared, lock);
	if (answer == AETA_REDIAL_BEGINS && !asks_only) {
		LM_NOTICE("caller=%.*s final=%.*s a direct call ended soon and is dialled again: relayed from now on (C7 redialled)\n",
				caller->len, caller->s, callee->len, callee->s);
		aeta_count(AETA_COUNT_MEDIA_REDIALLED);
		remember(NULL, &row);
	}
	return answer != AETA_REDIAL_NO;
}

int aeta_media_ended(sip_msg_t *msg, str *caller, str *from, str *callee, str *to, str *seconds)
{
	struct aeta_address at[2] = {aeta_address_parse(from->s, (size_t)from->len, 0), aeta_address_parse(to->s, (size_t)to->len, 0)};
	struct aeta_redial_party a = party(caller, &at[0]), b = party(callee, &at[1]);
	unsigned lasted;
	bool soon;
	unsigned lock;

	(void)msg;
	if (str2int(seconds, &lasted) < 0 || !lock_pair(&a, &b, &lock))
		return -1;
	soon = aeta_redial_ended(&table, &a, &b, time(NULL), lasted);
	aeta_shared_unlock(&shared, lock);
	return soon ? 1 : -1;
}
