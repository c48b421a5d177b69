/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rows.h"

#include "db.h"
#include "scope.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What is not UTF-8 (agents write what they like) is shown with '?' for its bytes. */
static json_t *json_bytes(char *cell)
{
	json_t *text = json_string(cell);

	if (text)
		return text;
	for (char *s = cell; *s; s++)
		if ((unsigned char)*s >= 0x80)
			*s = '?';
	return json_string(cell);
}

static json_t *json_cell(const struct db_rows *rows, size_t row, size_t column)
{
	char *cell = rows->cells[row * rows->columns + column];

	if (!cell)
		return json_null();
	switch (rows->types[column]) {
	case DB_IS_BOOL:
		return json_boolean(strcmp(cell, "0") != 0);
	case DB_IS_INT:
		return json_integer(strtoll(cell, NULL, 10));
	default:
		return json_bytes(cell);
	}
}

json_t *json_row(const struct db_rows *rows, size_t row)
{
	json_t *object = json_object();

	for (size_t i = 0; i < rows->columns; i++)
		json_object_set_new(object, rows->names[i], json_cell(rows, row, i));
	return object;
}

int db_json(struct db *db, json_t **list, const char *sql, const struct db_value *values, size_t count)
{
	struct db_rows rows;
	int rc = db_query(db, &rows, sql, values, count);

	*list = json_array();
	for (size_t i = 0; i < rows.rows; i++)
		json_array_append_new(*list, json_row(&rows, i));
	db_rows_free(&rows);
	return rc;
}

int db_json_with(struct db *db, const struct scope *s, unsigned by, json_t **list, const char *sql, const struct db_value *values, size_t count)
{
	if (scope_may(s, by))
		return db_json(db, list, sql, values, count);
	*list = json_array();
	db_refuse(db, "there is no such list");
	return -ENOENT;
}

int db_json_for(struct db *db, const struct scope *s, unsigned by, json_t **list, const char *sql)
{
	return db_json_with(db, s, by, list, sql, DB_NOTHING);
}

const char *json_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}
