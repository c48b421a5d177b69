/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The row that is written: as it is, as it was, and what the audit says of it. */
#include "audit.h"
#include "write.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int lock(struct db *db, const struct write *w)
{
	struct statement st;
	struct db_rows rows;
	int rc;

	st_begin(&st);
	st_put(&st, "SELECT 1 FROM ");
	st_put(&st, w->t->base);
	st_put(&st, " ");
	st_put(&st, w->t->alias);
	st_row(&st, w->t, w->key);
	st_put(&st, " FOR UPDATE");
	rc = st_query(db, &st, &rows);
	db_rows_free(&rows);
	st_end(&st);
	return rc;
}

int write_read_row(struct db *db, const struct write *w, const char *key, struct db_rows *rows)
{
	const struct table *t = w->t;
	struct statement st;
	int rc;

	st_begin(&st);
	st_put(&st, "SELECT CAST(");
	st_put(&st, t->key);
	st_put(&st, " AS CHAR), ");
	st_put(&st, t->version ? t->version : "''");
	for (size_t i = 0; i < w->count; i++) {
		st_put(&st, ", ");
		st_put(&st, w->columns[i]->sql);
	}
	st_put(&st, " FROM ");
	st_put(&st, t->from);
	st_row(&st, t, key);
	st_put(&st, " AND ");
	st_scope(&st, w->s, t);
	rc = st_query(db, &st, rows);
	st_end(&st);
	if (rc == 0 && rows->rows == 0)
		rc = REFUSED(-ENOENT, db, "there is no such row in %s", t->label);
	return rc;
}

int write_lock_row(struct db *db, const struct write *w, struct db_rows *rows)
{
	int rc = lock(db, w);

	memset(rows, 0, sizeof(*rows));
	if (rc == 0)
		rc = write_read_row(db, w, w->key, rows);
	if (rc == 0 && w->t->version && w->version && strcmp(db_cell(rows, 0, 1), w->version) != 0)
		rc = REFUSED(-ESTALE, db, "somebody else has changed it meanwhile: look at it again");
	return rc;
}

/* ---- the audit ---- */

static json_t *json_value(const struct column *c, const char *cell)
{
	if (!cell)
		return json_null();
	if (c->type == TYPE_SWITCH)
		return json_boolean(strcmp(cell, "0") != 0);
	if (c->type == TYPE_NUMBER)
		return json_integer(strtoll(cell, NULL, 10));
	return json_string(cell);
}

/* An object of the columns of `w`; NULL for no row. */
static json_t *values_of(const struct write *w, const struct db_rows *rows)
{
	json_t *object;

	if (rows->rows == 0)
		return NULL;
	object = json_object();
	for (size_t i = 0; i < w->count; i++)
		json_object_set_new(object, w->columns[i]->name, json_value(w->columns[i], rows->cells[WRITE_OURS + i]));
	return object;
}

int write_note(struct db *db, const struct write *w, const char *verb, const struct db_rows *before, const struct db_rows *after)
{
	char action[65];

	snprintf(action, sizeof(action), "%s %s", w->t->noun, verb);
	return audit_change(db, w->s, action, before->rows ? w->key : w->made, values_of(w, before), values_of(w, after));
}
