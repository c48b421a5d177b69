/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers: rows in memory, or one after the other. */
#include "db_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum db_type type_of(const MYSQL_FIELD *f)
{
	switch (f->type) {
	case MYSQL_TYPE_TINY:
		return DB_IS_BOOL;
	case MYSQL_TYPE_SHORT:
	case MYSQL_TYPE_INT24:
	case MYSQL_TYPE_LONG:
	case MYSQL_TYPE_LONGLONG:
		return DB_IS_INT;
	default:
		return DB_IS_TEXT;
	}
}

/* Room for the rows, and the names and types of the columns. */
static int make_rows(struct db_rows *rows, MYSQL_STMT *st, const MYSQL_RES *meta)
{
	const MYSQL_FIELD *fields = mysql_fetch_fields((MYSQL_RES *)(size_t)meta);

	rows->columns = mysql_stmt_field_count(st);
	rows->cells = calloc(mysql_stmt_num_rows(st) * rows->columns + 1, sizeof(*rows->cells));
	rows->names = calloc(rows->columns + 1, sizeof(*rows->names));
	rows->types = calloc(rows->columns + 1, sizeof(*rows->types));
	if (!rows->cells || !rows->names || !rows->types)
		return -ENOMEM;
	for (size_t i = 0; i < rows->columns; i++) {
		rows->types[i] = type_of(&fields[i]);
		rows->names[i] = strdup(fields[i].name);
		if (!rows->names[i])
			return -ENOMEM;
	}
	return 0;
}

/* One column of the current row as text, in memory of its own. */
static int fetch_cell(MYSQL_STMT *st, unsigned column, char **cell)
{
	unsigned long length = 0;
	char none[1];
	my_bool null = 0;
	MYSQL_BIND b = {.buffer_type = MYSQL_TYPE_STRING, .buffer = none, .length = &length, .is_null = &null};

	*cell = NULL;
	if (mysql_stmt_fetch_column(st, &b, column, 0) != 0)
		return -EIO;
	if (null)
		return 0;
	*cell = calloc(1, length + 1);
	if (!*cell)
		return -ENOMEM;
	b.buffer = *cell;
	b.buffer_length = length + 1;
	return mysql_stmt_fetch_column(st, &b, column, 0) == 0 ? 0 : -EIO;
}

static int fetch_rows(struct db_rows *rows, MYSQL_STMT *st)
{
	int rc = 0, fetched;

	while ((fetched = mysql_stmt_fetch(st)) == 0 || fetched == MYSQL_DATA_TRUNCATED) {
		rows->rows++;
		for (size_t i = 0; rc == 0 && i < rows->columns; i++)
			rc = fetch_cell(st, (unsigned)i, &rows->cells[(rows->rows - 1) * rows->columns + i]);
		if (rc)
			return rc;
	}
	return fetched == MYSQL_NO_DATA ? 0 : -EIO;
}

/* Lets the library fetch rows without writing any cell: each is asked for on its own, when its length is known. */
static int bind_nothing(MYSQL_STMT *st)
{
	size_t columns = mysql_stmt_field_count(st);
	MYSQL_BIND *b = calloc(columns + 1, sizeof(*b));
	int rc;

	if (!b)
		return -ENOMEM;
	for (size_t i = 0; i < columns; i++)
		b[i].buffer_type = MYSQL_TYPE_STRING;
	rc = mysql_stmt_bind_result(st, b) == 0 ? 0 : -EIO; /* copies the array */
	free(b);
	return rc;
}

int db_query(struct db *db, struct db_rows *rows, const char *sql, const struct db_value *values, size_t count)
{
	MYSQL_STMT *st;
	MYSQL_RES *meta = NULL;
	int rc;

	memset(rows, 0, sizeof(*rows));
	rc = db_run(db, &st, sql, values, count);
	if (rc)
		return rc;
	meta = mysql_stmt_result_metadata(st);
	if (!meta || bind_nothing(st) != 0 || mysql_stmt_store_result(st) != 0) {
		rc = db_statement_failed(db, st);
		goto out;
	}
	rc = make_rows(rows, st, meta);
	if (rc == 0)
		rc = fetch_rows(rows, st);
	if (rc)
		snprintf(db->error, sizeof(db->error), "database: cannot read the answer (%s)", strerror(-rc));
out:
	if (rc)
		db_rows_free(rows);
	if (meta)
		mysql_free_result(meta);
	mysql_stmt_close(st);
	return rc;
}

/* Fetches one row after the other, each into the same array; stops where `each` does. */
static int fetch_each(MYSQL_STMT *st, char **cells, size_t columns, int (*each)(void *arg, char **cells), void *arg)
{
	int rc = 0, fetched = 0;

	while (rc == 0 && ((fetched = mysql_stmt_fetch(st)) == 0 || fetched == MYSQL_DATA_TRUNCATED)) {
		for (size_t i = 0; rc == 0 && i < columns; i++)
			rc = fetch_cell(st, (unsigned)i, &cells[i]);
		if (rc == 0)
			rc = each(arg, cells);
		for (size_t i = 0; i < columns; i++) {
			free(cells[i]);
			cells[i] = NULL;
		}
	}
	return rc ? rc : fetched == MYSQL_NO_DATA ? 0 : -EIO;
}

int db_each(struct db *db, const char *sql, const struct db_value *values, size_t count,
		int (*each)(void *arg, char **cells), void *arg)
{
	MYSQL_STMT *st;
	char **cells = NULL;
	int rc = db_run(db, &st, sql, values, count);

	if (rc)
		return rc;
	cells = calloc(mysql_stmt_field_count(st) + 1, sizeof(*cells));
	rc = cells ? bind_nothing(st) : -ENOMEM;
	if (rc == 0)
		rc = fetch_each(st, cells, mysql_stmt_field_count(st), each, arg);
	if (rc)
		snprintf(db->error, sizeof(db->error), "database: cannot read the answer (%s)", strerror(-rc));
	free(cells);
	mysql_stmt_close(st); /* what was not fetched is thrown away */
	return rc;
}

const char *db_cell(const struct db_rows *rows, size_t row, size_t column)
{
	const char *cell = rows->cells[row * rows->columns + column];

	return cell ? cell : "";
}

void db_rows_free(struct db_rows *rows)
{
	for (size_t i = 0; rows->cells && i < rows->rows * rows->columns; i++)
		free(rows->cells[i]);
	for (size_t i = 0; rows->names && i < rows->columns; i++)
		free(rows->names[i]);
	free(rows->cells);
	free(rows->names);
	free(rows->types);
	memset(rows, 0, sizeof(*rows));
}
