/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traces.h"

#include "rows.h"
#include "statement.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 512 /* of a first line, where only that is read */

enum { COLUMN_ID, COLUMN_S, COLUMN_US, COLUMN_DIRECTION, COLUMN_FROM, COLUMN_TO, COLUMN_METHOD, COLUMN_CALLID, COLUMN_HEX };

static int nibble(char c)
{
	return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* The bytes of a cell that holds hexadecimal digits, in its own place, with a NUL behind. How many. */
static size_t unhex(char *cell)
{
	size_t n = strlen(cell) / 2;

	for (size_t i = 0; i < n; i++)
		cell[i] = (char)(nibble(cell[2 * i]) << 4 | nibble(cell[2 * i + 1]));
	cell[n] = '\0';
	return n;
}

static void take_row(struct traces *t, size_t row)
{
	char **cells = &t->rows->cells[row * t->rows->columns];
	long long id = strtoll(cells[COLUMN_ID], NULL, 10);

	t->messages[row] = (struct trace_message){
			.at = {.tv_sec = strtoll(cells[COLUMN_S], NULL, 10), .tv_usec = strtol(cells[COLUMN_US], NULL, 10)},
			.from = cells[COLUMN_FROM],
			.to = cells[COLUMN_TO],
			.callid = cells[COLUMN_CALLID],
			.method = cells[COLUMN_METHOD],
			.bytes = (unsigned char *)cells[COLUMN_HEX],
			.len = unhex(cells[COLUMN_HEX]),
			.out = strcmp(cells[COLUMN_DIRECTION], "out") == 0,
	};
	if (id > t->last)
		t->last = id;
}

static int check_scope(struct db *db, const struct scope *s)
{
	return scope_may(s, BY_STAFF) ? 0 : REFUSED(-ENOENT, db, "there are no traces");
}

int traces_read(struct db *db, const struct scope *s, const char *number, long long after, bool full, struct traces *out)
{
	int rc;

	memset(out, 0, sizeof(*out));
	out->last = after;
	rc = check_scope(db, s);
	out->rows = calloc(1, sizeof(*out->rows));
	if (rc == 0 && !out->rows)
		rc = REFUSED(-ENOMEM, db, "out of memory");
	if (rc == 0)
		rc = db_query(db, out->rows,
				"SELECT id, TIMESTAMPDIFF(SECOND, '1970-01-01', time_stamp), time_us, direction, fromip, toip, method, callid, "
				"HEX(IF(?, msg, LEFT(msg, ?))) FROM sip_trace WHERE traced_user = ? AND id > ? ORDER BY time_stamp, time_us, id",
				DB_VALUES(DB_INT(full), DB_INT(LINE_MAX_BYTES), DB_TEXT(number), DB_INT(after)));
	if (rc)
		return rc;
	out->messages = calloc(out->rows->rows + 1, sizeof(*out->messages));
	if (!out->messages)
		return REFUSED(-ENOMEM, db, "out of memory");
	for (size_t i = 0; i < out->rows->rows; i++)
		take_row(out, i);
	out->count = out->rows->rows;
	return 0;
}

void traces_free(struct traces *t)
{
	free(t->messages);
	t->messages = NULL;
	t->count = 0;
	if (t->rows)
		db_rows_free(t->rows);
	free(t->rows);
	t->rows = NULL;
}

int traces_last(struct db *db, const struct scope *s, long long *id)
{
	struct db_rows rows = {0};
	int rc = check_scope(db, s);

	if (rc == 0)
		rc = db_query(db, &rows, "SELECT COALESCE(MAX(id), 0) FROM sip_trace", DB_NOTHING);
	if (rc == 0)
		*id = strtoll(db_cell(&rows, 0, 0), NULL, 10);
	db_rows_free(&rows);
	return rc;
}

int traces_list(struct db *db, const struct scope *s, json_t **list)
{
	int rc = check_scope(db, s);

	if (rc == 0)
		return db_json(db, list,
				"SELECT traced_user AS number, COUNT(*) AS messages, MIN(time_stamp) AS first, MAX(time_stamp) AS last "
				"FROM sip_trace GROUP BY traced_user ORDER BY first",
				DB_NOTHING);
	*list = json_array();
	return rc;
}
