/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "calls.h"

#include "statement.h"

#include <errno.h>
#include <stdio.h>

#define SINCE "DATE_FORMAT(since, '%Y-%m-%d %H:%i:%s') AS since, TIMESTAMPDIFF(SECOND, since, UTC_TIMESTAMP()) AS seconds, "

int calls_list(struct db *db, const struct scope *s, const char *number, long limit, json_t **list)
{
	return db_json_with(db, s, BY_OPERATORS, list,
			"SELECT id, caller, dialled, callee AS answered_by, " SINCE "path, path_reason, relay FROM aeta_call "
			"WHERE ? IS NULL OR caller = ? OR callee = ? ORDER BY aeta_call.since DESC, id LIMIT ?",
			DB_VALUES(DB_TEXT(number), DB_TEXT(number), DB_TEXT(number), DB_INT(limit)));
}

int calls_answered(struct db *db, const struct scope *s, const char *callee, json_t **list)
{
	return db_json_with(db, s, BY_OPERATORS, list, "SELECT id, caller, " SINCE "path FROM aeta_call WHERE callee = ? ORDER BY aeta_call.since, id",
			DB_VALUES(DB_TEXT(callee)));
}

static int no_call(struct db *db, const char *id)
{
	return REFUSED(-ENOENT, db, "there is no call %s (any more)", id);
}

int calls_parties(struct db *db, const struct scope *s, const char *id, const char *callee, char *out, size_t size)
{
	struct db_rows rows;
	int rc;

	if (!scope_may(s, BY_OPERATORS))
		return no_call(db, id);
	rc = db_query(db, &rows, "SELECT caller, callee FROM aeta_call WHERE id = ? AND (? IS NULL OR callee = ?)",
			DB_VALUES(DB_TEXT(id), DB_TEXT(callee), DB_TEXT(callee)));
	if (rc == 0 && rows.rows == 0)
		rc = no_call(db, id);
	if (rc == 0)
		snprintf(out, size, "%s to %s", db_cell(&rows, 0, 0), db_cell(&rows, 0, 1));
	db_rows_free(&rows);
	return rc;
}

int redial_pairs(struct db *db, const struct scope *s, const char *number, json_t **list)
{
	return db_json_with(db, s, BY_OPERATORS, list,
			"SELECT low AS number, high AS other, low_address AS address, high_address AS other_address, "
			"DATE_FORMAT('1970-01-01' + INTERVAL relayed_until SECOND, '%Y-%m-%d %H:%i:%s') AS relayed_until FROM aeta_redial r "
			"WHERE r.relayed_until > UNIX_TIMESTAMP() AND (? IS NULL OR low = ? OR high = ?) ORDER BY r.relayed_until DESC, low, high",
			DB_VALUES(DB_TEXT(number), DB_TEXT(number), DB_TEXT(number)));
}
