/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "retention.h"

#include "audit.h"
#include "statement.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int none_such(struct db *db, const char *subject)
{
	return REFUSED(-ENOENT, db, "there is no retention \"%s\": see aetactl retention list", subject);
}

static void take(struct retention *r, const struct db_rows *rows, size_t row)
{
	snprintf(r->subject, sizeof(r->subject), "%s", db_cell(rows, row, 0));
	r->months = strtol(db_cell(rows, row, 1), NULL, 10);
	r->least = strtol(db_cell(rows, row, 2), NULL, 10);
	snprintf(r->since, sizeof(r->since), "%s", db_cell(rows, row, 3));
	r->due = strtoull(db_cell(rows, row, 4), NULL, 10);
}

int retention_list(struct db *db, const struct scope *s, struct retention out[RETENTIONS_MAX], size_t *count)
{
	struct db_rows rows;
	int rc;

	*count = 0;
	if (!scope_may(s, BY_OPERATORS))
		return none_such(db, "");
	rc = db_query(db, &rows,
			"SELECT subject, months, least, since, CASE subject "
			"WHEN 'cdr' THEN (SELECT COUNT(*) FROM acc_cdrs c WHERE c.end_time < k.since) "
			"WHEN 'audit' THEN (SELECT COUNT(*) FROM aeta_audit a WHERE a.at < k.since) "
			"WHEN 'mail' THEN (SELECT COUNT(*) FROM aeta_mail m WHERE m.created_at < k.since AND m.state IN ('sent', 'given-up')) END "
			"FROM aeta_kept k ORDER BY subject",
			DB_NOTHING);
	for (; rc == 0 && *count < rows.rows && *count < RETENTIONS_MAX; (*count)++)
		take(&out[*count], &rows, *count);
	db_rows_free(&rows);
	return rc;
}

/* ---- changes ---- */

struct change {
	const struct scope *scope;
	const char *subject;
	long months;
};

static int set_months(struct db *db, void *arg)
{
	const struct change *c = arg;
	long before = 0;
	struct db_rows rows;
	int rc = db_query(db, &rows, "SELECT months FROM aeta_retention WHERE subject = ? FOR UPDATE", DB_VALUES(DB_TEXT(c->subject)));

	if (rc == 0 && rows.rows == 0)
		rc = none_such(db, c->subject);
	if (rc == 0) {
		before = strtol(db_cell(&rows, 0, 0), NULL, 10);
		rc = db_exec(db, "UPDATE aeta_retention SET months = ? WHERE subject = ?", DB_VALUES(DB_INT(c->months), DB_TEXT(c->subject)));
	}
	if (rc == 0 && before != c->months)
		rc = audit_change(db, c->scope, "retention set", c->subject, json_pack("{s:I}", "months", (json_int_t)before),
				json_pack("{s:I}", "months", (json_int_t)c->months));
	db_rows_free(&rows);
	return rc;
}

int retention_set(struct db *db, const struct scope *s, const char *subject, long months)
{
	if (!scope_may(s, BY_ADMIN))
		return none_such(db, subject);
	return db_transaction(db, set_months, &(struct change){.scope = s, .subject = subject, .months = months});
}

/* ---- pruning ---- */

static int prune_batch(struct db *db, const char *subject, unsigned long long *deleted)
{
	struct db_rows rows = {0};
	int rc = db_exec(db, "CALL aeta_prune(?, ?, @aeta_pruned)", DB_VALUES(DB_TEXT(subject), DB_INT(RETENTION_BATCH)));

	*deleted = 0;
	if (rc == 0)
		rc = db_query(db, &rows, "SELECT @aeta_pruned", DB_NOTHING);
	if (rc == 0)
		*deleted = strtoull(db_cell(&rows, 0, 0), NULL, 10);
	db_rows_free(&rows);
	return rc;
}

static int note_pruned(struct db *db, const struct scope *s, const char *subject, unsigned long long deleted)
{
	char detail[48];

	snprintf(detail, sizeof(detail), "%llu rows", deleted);
	return audit_act(db, s, "prune", subject, detail);
}

int retention_prune(struct db *db, const struct scope *s, const char *subject, unsigned batches, unsigned long long *deleted)
{
	unsigned long long of_batch = RETENTION_BATCH;
	int rc = 0, noted = 0;

	*deleted = 0;
	if (!scope_may(s, BY_ADMIN))
		return none_such(db, subject);
	for (unsigned i = 0; rc == 0 && of_batch == RETENTION_BATCH && (batches == 0 || i < batches); i++) {
		rc = prune_batch(db, subject, &of_batch);
		*deleted += of_batch;
	}
	if (*deleted)
		noted = note_pruned(db, s, subject, *deleted);
	return rc ? rc : noted;
}
