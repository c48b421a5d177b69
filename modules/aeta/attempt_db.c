/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attempt_db.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "attempt.h"
#include "core/dprint.h"
#include "db.h"
#include "facts.h"
#include "params.h"
#include "stats.h"

#define PRUNE_LINES 1000
#define COMPLAIN_S 60u
#define LINE_SQL_MAX 1600 /* every text of a line in hexadecimal, and its numbers */

static db1_con_t *handle;
static char sql[AETA_BATCH_LINES * LINE_SQL_MAX + 2048];
static size_t used;

/* ---- the statement ---- */

__attribute__((format(printf, 1, 2))) static void put(const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(sql + used, sizeof(sql) - used, format, ap);
	va_end(ap);
	used += n > 0 ? (size_t)n : 0;
}

/* A text as x'...': whatever bytes an agent wrote, there is nothing in it to be taken for SQL. */
static void put_text(const char *s)
{
	static const char digits[] = "0123456789abcdef";

	put("x'");
	for (; *s && used + 3 < sizeof(sql); s++) {
		sql[used++] = digits[(unsigned char)*s >> 4];
		sql[used++] = digits[(unsigned char)*s & 15];
	}
	put("',");
}

static void put_line(const struct aeta_attempt *a, uint64_t batch)
{
	put("(");
	put_text(a->account);
	put_text(a->kind);
	put_text(a->dialled);
	put_text(a->peer);
	put_text(a->final);
	put_text(a->cause);
	put_text(a->address);
	put_text(a->source);
	put_text(a->user_agent);
	put_text(a->reason);
	put_text(a->callid);
	put("%u,%u,%u,%u,'1970-01-01' + interval %u second,'1970-01-01' + interval %u second,%llu)", (unsigned)a->trust,
			aeta_attempt_bucket(a->last), (unsigned)a->code, a->times, a->first, a->last, (unsigned long long)batch);
}

/*
 * One statement, so all of the batch is written or nothing. The server may have done it although its answer was lost,
 * and gets it again: then `batch` is that of the line already. (Assignments are done from left to right; it comes last.)
 */
static void put_batch(const struct aeta_batch *b)
{
	used = 0;
	put("insert into %.*s (account, kind, dialled, peer, final, cause, address, source, user_agent, reason, callid, trust, "
		"bucket, code, times, first_at, last_at, batch) values ",
			aeta_params.attempt_table.len, aeta_params.attempt_table.s);
	for (size_t i = 0; i < b->lines; i++) {
		put("%s", i ? "," : "");
		put_line(&b->line[i], b->number);
	}
	put(" on duplicate key update times = if(batch = values(batch), times, times + values(times)), "
		"last_at = greatest(last_at, values(last_at)), source = values(source), user_agent = values(user_agent), "
		"reason = values(reason), callid = values(callid), code = values(code), batch = values(batch)");
}

static int query(void)
{
	str text = {sql, (int)used};

	if (used >= sizeof(sql) - 1)
		return -E2BIG;
	if (!handle)
		handle = aeta_db_connect();
	if (!handle || aeta_dbf.raw_query(handle, &text, NULL) < 0)
		return -EIO;
	return 0;
}

/* ---- a batch ---- */

static void drop_line(struct aeta_batch *b, size_t i)
{
	b->lines--;
	memmove(&b->line[i], &b->line[i + 1], (b->lines - i) * sizeof(b->line[0]));
}

/* What a stranger says of a number that is none is not kept: nobody will ever ask for it. */
static int check_accounts(struct aeta_batch *b)
{
	struct aeta_account account;
	const struct aeta_attempt *a;

	while (b->checked < b->lines) {
		a = &b->line[b->checked];
		account.kind = AETA_KIND_UNKNOWN;
		if (a->trust == AETA_TRUST_NONE && aeta_facts(aeta_number_parse(a->account, strlen(a->account)), &account) < 0)
			return -EIO;
		if (account.kind == AETA_KIND_NONE)
			drop_line(b, b->checked);
		else
			b->checked++;
	}
	return 0;
}

/* Numbers of batches rise, over a restart too. */
static void fill(struct aeta_batch *b)
{
	uint64_t now = (uint64_t)time(NULL) << 20;

	b->number = b->number + 1 > now ? b->number + 1 : now;
	b->checked = 0;
	aeta_attempt_take(b);
}

static int write_batch(struct aeta_batch *b)
{
	int rc = check_accounts(b);

	if (rc == 0 && b->lines) {
		put_batch(b);
		rc = query();
	}
	if (rc == 0) {
		aeta_count_add(AETA_COUNT_ATTEMPTS_WRITTEN, (long)b->lines);
		b->lines = 0;
	}
	return rc;
}

/* Says when it begins to fail and every minute after that, and when it goes again. */
static void note_outcome(struct aeta_batch *b, int rc)
{
	static uint32_t said;
	uint32_t now = (uint32_t)time(NULL);

	if (rc == 0 && b->failing_since)
		LM_NOTICE("the history of the accounts is written again\n");
	if (rc == 0) {
		b->failing_since = said = 0;
		return;
	}
	if (!b->failing_since)
		b->failing_since = now;
	if (!said || now - said >= COMPLAIN_S) {
		LM_ERR("the history of the accounts cannot be written to the table %.*s; it is kept for now\n",
				aeta_params.attempt_table.len, aeta_params.attempt_table.s);
		said = now;
	}
}

int aeta_attempt_write(struct aeta_batch *b)
{
	int rc = 0;

	do {
		if (!b->lines)
			fill(b);
		if (b->lines)
			rc = write_batch(b);
		else
			break;
	} while (rc == 0);
	if (rc || b->failing_since)
		note_outcome(b, rc);
	return rc;
}

/* ---- what is too old ---- */

int aeta_attempt_prune(void)
{
	int rc;

	used = 0;
	put("delete from %.*s where last_at < utc_timestamp() - interval %d day order by last_at limit %d",
			aeta_params.attempt_table.len, aeta_params.attempt_table.s, aeta_params.attempt_days, PRUNE_LINES);
	rc = query();
	if (rc)
		return rc;
	rc = DB_CAPABILITY(aeta_dbf, DB_CAP_AFFECTED_ROWS) ? aeta_dbf.affected_rows(handle) : 0;
	if (rc > 0)
		aeta_count_add(AETA_COUNT_ATTEMPTS_PRUNED, rc);
	return rc;
}

void aeta_attempt_disconnect(void)
{
	aeta_db_disconnect(handle);
	handle = NULL;
}
