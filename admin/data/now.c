/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "now.h"

#include "cause_list.h"
#include "statement.h"

#include <errno.h>
#include <stdlib.h>

static long long number_of(const struct db_rows *rows, size_t column)
{
	const char *cell = db_cell(rows, 0, column);

	return cell ? strtoll(cell, NULL, 10) : 0;
}

static int count_calls(struct db *db, const char *test_codec, struct now_figures *out)
{
	struct db_rows rows;
	int rc = db_query(db, &rows,
			"SELECT COUNT(*), COALESCE(SUM(path = 'direct'), 0), COALESCE(SUM(path = 'relayed'), 0), COALESCE(SUM(callee = ?), 0) "
			"FROM aeta_call",
			DB_VALUES(DB_TEXT(test_codec)));

	if (rc == 0) {
		out->calls = number_of(&rows, 0);
		out->direct = number_of(&rows, 1);
		out->relayed = number_of(&rows, 2);
		out->test_lines = number_of(&rows, 3);
	}
	db_rows_free(&rows);
	return rc;
}

static int count_numbers(struct db *db, struct now_figures *out)
{
	struct db_rows rows;
	int rc = db_query(db, &rows,
			"SELECT (SELECT COUNT(*) FROM aeta_account), (SELECT COUNT(*) FROM location WHERE expires > UTC_TIMESTAMP())", DB_NOTHING);

	if (rc == 0) {
		out->accounts = number_of(&rows, 0);
		out->registered = number_of(&rows, 1);
	}
	db_rows_free(&rows);
	return rc;
}

static int count_attempts(struct db *db, struct now_figures *out)
{
	struct db_rows rows;
	int rc = db_query(db, &rows,
			"SELECT COALESCE(SUM(IF(cause = 'wrong-password', times, 0)), 0), "
			"COUNT(DISTINCT IF(cause = 'wrong-password', account, NULL)), "
			"COALESCE(SUM(IF(kind = 'call' AND cause IN (" CAUSES_RULES(CAUSE_QUOTED) "''), times, 0)), 0) "
			"FROM aeta_attempt WHERE last_at > UTC_TIMESTAMP() - INTERVAL 1 HOUR",
			DB_NOTHING);

	if (rc == 0) {
		out->wrong_passwords = number_of(&rows, 0);
		out->numbers_tried = number_of(&rows, 1);
		out->refused = number_of(&rows, 2);
	}
	db_rows_free(&rows);
	return rc;
}

int now_figures(struct db *db, const struct scope *s, const char *test_codec, struct now_figures *out)
{
	int rc;

	*out = (struct now_figures){0};
	if (!scope_may(s, BY_OPERATORS))
		return REFUSED(-ENOENT, db, "there are no such figures");
	rc = count_calls(db, test_codec, out);
	if (rc == 0)
		rc = count_numbers(db, out);
	return rc ? rc : count_attempts(db, out);
}

int now_presence(struct db *db, const struct scope *s, struct now_presence *out)
{
	const struct table *t = table_find("accounts");
	struct statement st;
	struct db_rows rows = {0};
	int rc = table_visible(t, s) ? 0 : -ENOENT;

	*out = (struct now_presence){0};
	st_begin(&st);
	st_put(&st,
			"SELECT COUNT(*), COALESCE(SUM(w.presence = 'available'), 0), COALESCE(SUM(w.presence = 'in-call'), 0), "
			"COALESCE(SUM(w.presence = 'unreachable'), 0), COALESCE(SUM(w.presence = 'offline'), 0) FROM ");
	st_put(&st, t->from);
	st_put(&st, " WHERE ");
	st_scope(&st, s, t);
	if (rc == 0)
		rc = st_query(db, &st, &rows);
	if (rc == 0)
		*out = (struct now_presence){number_of(&rows, 0), number_of(&rows, 1), number_of(&rows, 2), number_of(&rows, 3), number_of(&rows, 4)};
	db_rows_free(&rows);
	st_end(&st);
	return rc;
}
