/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nat_db.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/dprint.h"
#include "db.h"
#include "nat_known.h"
#include "params.h"

#define BATCH		50
#define ROW_SQL_MAX 320
#define COMPLAIN_S	60
#define KEPT_DAYS	90
#define PRUNE_S		3600
#define PRUNE_ROWS	1000
#define FOLLOW_S	5
#define COMMIT_S	5 /* a row may be seen so long after the time that is in it */

static db1_con_t *handle;
static char sql[BATCH * ROW_SQL_MAX + 1024];
static size_t used;

/* ---- statements ---- */

__attribute__((format(printf, 1, 2))) static void put(const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(sql + used, sizeof(sql) - used, format, ap);
	va_end(ap);
	used += n > 0 ? (size_t)n : 0;
}

static int query(db1_res_t **res)
{
	str text = {sql, (int)used};

	if (used >= sizeof(sql) - 1)
		return -E2BIG;
	if (!handle)
		handle = aeta_db_connect();
	if (!handle || aeta_dbf.raw_query(handle, &text, res) < 0)
		return -EIO;
	return 0;
}

void aeta_nat_db_disconnect(void)
{
	aeta_db_disconnect(handle);
	handle = NULL;
}

/* ---- writing ---- */

static void put_row(const struct aeta_nat_row *row)
{
	const struct aeta_nat_known *k = &row->known;
	char account[AETA_NUMBER_MAX + 1], address[INET6_ADDRSTRLEN] = "";

	aeta_number_format(row->account, account);
	inet_ntop(row->address.family == AETA_FAMILY_IP6 ? AF_INET6 : AF_INET, row->address.bytes, address, sizeof(address));
	put("('%s','%s','%s',%u,'%s',%" PRIu64 ",", account, address, aeta_nat_class_name(k->cls), (unsigned)k->evidence,
			aeta_stun_name(k->stun), k->binding);
	if (k->probed)
		put("'1970-01-01' + interval %" PRId64 " second,utc_timestamp())", k->when);
	else
		put("null,utc_timestamp())");
}

static int write_rows(const struct aeta_nat_row *rows, size_t n)
{
	used = 0;
	put("insert into %.*s (account, address, class, evidence, stun, binding, checked_at, changed_at) values ",
			aeta_params.nat_table.len, aeta_params.nat_table.s);
	for (size_t i = 0; i < n; i++) {
		put("%s", i ? "," : "");
		put_row(&rows[i]);
	}
	put(" on duplicate key update class = values(class), evidence = values(evidence), stun = values(stun), "
		"binding = values(binding), checked_at = values(checked_at), changed_at = values(changed_at)");
	return query(NULL);
}

/* Says when it begins to fail and every minute after that, and when it goes again. */
static void note_outcome(int rc)
{
	static time_t said;
	time_t now = time(NULL);

	if (rc == 0 && said)
		LM_NOTICE("what is known of NATs is written again\n");
	if (rc == 0) {
		said = 0;
	} else if (!said || now - said >= COMPLAIN_S) {
		LM_ERR("what is known of NATs cannot be written to the table %.*s; it is kept for now\n", aeta_params.nat_table.len,
				aeta_params.nat_table.s);
		said = now;
	}
}

static void prune_sometimes(void)
{
	static time_t next;
	time_t now = time(NULL);

	if (now < next)
		return;
	next = now + PRUNE_S;
	used = 0;
	put("delete from %.*s where changed_at < utc_timestamp() - interval %d day limit %d", aeta_params.nat_table.len,
			aeta_params.nat_table.s, KEPT_DAYS, PRUNE_ROWS);
	query(NULL);
}

void aeta_nat_write(void)
{
	static struct aeta_nat_row rows[BATCH];
	size_t n;
	int rc;

	if (!aeta_params.nat_table.len)
		return;
	while ((n = aeta_nat_take_dirty(rows, BATCH)) > 0) {
		rc = write_rows(rows, n);
		note_outcome(rc);
		if (rc == 0)
			continue;
		for (size_t i = 0; i < n; i++)
			aeta_nat_give_back(&rows[i]);
		return;
	}
	prune_sometimes();
}

/* ---- reading ---- */

static enum aeta_stun stun_of(const str *s)
{
	return s->len == 3 && memcmp(s->s, "yes", 3) == 0 ? AETA_STUN_YES
		   : s->len == 2 && memcmp(s->s, "no", 2) == 0 ? AETA_STUN_NO
													   : AETA_STUN_UNKNOWN;
}

/* account, address, evidence, stun, binding, checked, changed. The class follows from the evidence. */
static void read_row(const db_val_t *v)
{
	str account, address, stun;
	long long evidence, binding, when = 0;
	struct aeta_nat_known known;
	struct aeta_address at;

	if (aeta_value_text(&v[0], &account) < 0 || aeta_value_text(&v[1], &address) < 0 || aeta_value_int(&v[2], &evidence) < 0 ||
			aeta_value_text(&v[3], &stun) < 0 || aeta_value_int(&v[4], &binding) < 0)
		return;
	known = (struct aeta_nat_known){.evidence = (uint32_t)evidence, .stun = (uint8_t)stun_of(&stun), .binding = (uint64_t)binding};
	known.probed = aeta_value_int(&v[5], &when) == 0;
	known.when = when;
	known.cls = (uint8_t)aeta_nat_classify(known.evidence);
	at = aeta_address_parse(address.s, (size_t)address.len, 0);
	aeta_nat_put(aeta_number_parse(account.s, (size_t)account.len), &at, &known);
}

static int64_t read_up_to; /* changed_at of the newest row that was read, seconds since 1970 */

/* Rows changed since then, the newest ones where there are too many. 0 or -EIO. */
static int read_since(int64_t since)
{
	db1_res_t *res = NULL;

	used = 0;
	/* the bits of `binding` as a signed number: the driver knows no other */
	put("select account, address, evidence, stun, cast(binding as signed), timestampdiff(second, '1970-01-01', checked_at), "
		"timestampdiff(second, '1970-01-01', changed_at) from %.*s where changed_at >= '1970-01-01' + interval %" PRId64 " second "
		"order by changed_at desc limit %d", aeta_params.nat_table.len, aeta_params.nat_table.s, since, aeta_params.nat_known);
	if (query(&res) < 0)
		return -EIO;
	for (int i = 0; res && i < RES_ROW_N(res); i++) {
		const db_val_t *v = ROW_VALUES(&RES_ROWS(res)[i]);
		long long changed;

		read_row(v);
		if (aeta_value_int(&v[6], &changed) == 0 && changed > read_up_to)
			read_up_to = changed;
	}
	if (res)
		aeta_dbf.free_result(handle, res);
	return 0;
}

void aeta_nat_load(void)
{
	if (!aeta_params.nat_table.len)
		return;
	if (read_since(0) < 0)
		LM_ERR("what was known of NATs cannot be read from the table %.*s: agents are asked again\n", aeta_params.nat_table.len,
				aeta_params.nat_table.s);
	aeta_nat_db_disconnect(); /* not to be shared with the processes that are forked */
}

/* A failure is said where it is written; what was not read is read the next time. */
void aeta_nat_follow(void)
{
	static time_t next;
	time_t now = time(NULL);

	if (!aeta_params.nat_table.len || now < next)
		return;
	next = now + FOLLOW_S;
	read_since(read_up_to - COMMIT_S);
}

int aeta_nat_may_probe(const char *account)
{
	db1_res_t *res = NULL;
	int may;

	if (!aeta_params.nat_off_table.len)
		return 1;
	used = 0;
	put("select 1 from %.*s where account = '%s'", aeta_params.nat_off_table.len, aeta_params.nat_off_table.s, account);
	if (query(&res) < 0 || !res)
		return -EIO;
	may = RES_ROW_N(res) == 0;
	aeta_dbf.free_result(handle, res);
	return may;
}
