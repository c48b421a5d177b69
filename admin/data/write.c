/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing: one row, its version checked, and its row of the audit, in one transaction. */
#include "audit.h"
#include "data.h"
#include "statement.h"

#include <jansson.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OURS 2 /* cells before those of the columns: key, version */

/* What is to be written; a value is as column_check() made it. */
struct write {
	const struct scope *s;
	const struct table *t;
	const char *key, *version;
	const struct column *columns[COLUMNS_MAX];
	char values[COLUMNS_MAX][CELL_TEXT_MAX + 1];
	size_t count;
	char *made; /* of a new row: its key */
};

/* ---- what may be written, and what is right ---- */

static void add_problem(struct data_problems *p, const struct column *c, const char *text)
{
	struct data_problem *problem = &p->list[p->count];

	if (p->count == COLUMNS_MAX)
		return;
	problem->column = c;
	snprintf(problem->text, sizeof(problem->text), "%s", text);
	p->count++;
}

static bool is_written(const struct write *w, const struct column *c)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->columns[i] == c)
			return true;
	return false;
}

static void take_value(struct write *w, const struct column *c, const char *value, struct data_problems *problems)
{
	char why[PROBLEM_SIZE];

	if (column_check(c, value, w->values[w->count], why) != 0)
		add_problem(problems, c, why);
	w->columns[w->count++] = c;
}

static int take_change(struct db *db, struct write *w, const struct data_change *change, bool inserting, struct data_problems *problems)
{
	const struct column *c = column_find(w->t, change->column);
	unsigned seen = c ? c->show | c->list | c->edit | c->insert : BY_NOBODY;

	if (!c || !scope_may(w->s, seen) || !change->value)
		return st_no_column(db, w->t, change->column, "write");
	if (is_written(w, c))
		return REFUSED(-EINVAL, db, "%s is there twice", c->name);
	if (!c->store || !scope_may(w->s, inserting ? c->insert : c->edit))
		return REFUSED(-EACCES, db, "%s is not yours to change", c->label);
	take_value(w, c, change->value, problems);
	return 0;
}

/* A new row has what the form begins with where nothing else is said. */
static void take_initial(struct write *w, struct data_problems *problems)
{
	for (const struct column *c = w->t->columns; c->name; c++)
		if (c->store && scope_may(w->s, c->insert) && !is_written(w, c))
			take_value(w, c, c->initial ? c->initial : "", problems);
}

static int say_problems(struct db *db, const struct data_problems *problems)
{
	const struct data_problem *first = &problems->list[0];

	if (problems->count == 0)
		return 0;
	return REFUSED(-EINVAL, db, "%s %s", first->column->label, first->text);
}

static int take_changes(struct db *db, struct write *w, const struct data_change *changes, size_t count, bool inserting,
		struct data_problems *problems)
{
	int rc = 0;

	problems->count = 0;
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = take_change(db, w, &changes[i], inserting, problems);
	if (rc == 0 && inserting)
		take_initial(w, problems);
	return rc ? rc : say_problems(db, problems);
}

/* ---- the row ---- */

static int lock_row(struct db *db, const struct write *w)
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

/* Key, version, and the columns of `w`; -ENOENT where the scope does not have it. */
static int read_row(struct db *db, const struct write *w, const char *key, struct db_rows *rows)
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

/* The row as it is, locked, and the one that was shown. */
static int take_row(struct db *db, const struct write *w, struct db_rows *rows)
{
	int rc = lock_row(db, w);

	memset(rows, 0, sizeof(*rows));
	if (rc == 0)
		rc = read_row(db, w, w->key, rows);
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

/* An object of the columns of `w`; NULL for no row. To be freed. */
static char *json_row(const struct write *w, const struct db_rows *rows)
{
	json_t *object;
	char *text;

	if (rows->rows == 0)
		return NULL;
	object = json_object();
	for (size_t i = 0; i < w->count; i++)
		json_object_set_new(object, w->columns[i]->name, json_value(w->columns[i], rows->cells[OURS + i]));
	text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	return text;
}

static int note_it(struct db *db, const struct write *w, const char *verb, const struct db_rows *before, const struct db_rows *after)
{
	char action[65], *was = json_row(w, before), *is = json_row(w, after);
	int rc;

	snprintf(action, sizeof(action), "%s %s", w->t->noun, verb);
	rc = audit_write(db, w->s, action, before->rows ? w->key : w->made, NULL, was, is);
	free(was);
	free(is);
	return rc;
}

/* ---- update ---- */

static const char *stored(const struct write *w, size_t i)
{
	return w->columns[i]->nullable && !w->values[i][0] ? NULL : w->values[i];
}

/* Leaves in `w` what is another value than it was. */
static void leave_changes(struct write *w, struct db_rows *before)
{
	size_t n = 0;

	for (size_t i = 0; i < w->count; i++) {
		const char *was = before->cells[OURS + i], *is = stored(w, i);

		if (was && is ? strcmp(was, is) == 0 : !was && !is)
			continue;
		if (n != i) {
			char *cell = before->cells[OURS + n];

			memcpy(w->values[n], w->values[i], sizeof(w->values[n]));
			w->columns[n] = w->columns[i];
			before->cells[OURS + n] = before->cells[OURS + i];
			before->cells[OURS + i] = cell;
		}
		n++;
	}
	w->count = n;
}

static int say_twice(struct db *db, const struct table *t, int rc)
{
	return rc == -EEXIST ? REFUSED(-EEXIST, db, "there is such a one in %s already", t->label) : rc;
}

static int write_changes(struct db *db, const struct write *w)
{
	struct statement st;
	int rc;

	st_begin(&st);
	st_put(&st, "UPDATE ");
	st_put(&st, w->t->base);
	st_put(&st, " ");
	st_put(&st, w->t->alias);
	for (size_t i = 0; i < w->count; i++) {
		st_put(&st, i ? ", " : " SET ");
		st_put(&st, w->columns[i]->store);
		st_condition(&st, " = ?", stored(w, i));
	}
	st_row(&st, w->t, w->key);
	rc = say_twice(db, w->t, st_exec(db, &st));
	st_end(&st);
	return rc;
}

static int update_row(struct db *db, void *arg)
{
	struct write w = *(struct write *)arg; /* a second try begins with all of it */
	struct db_rows before, after = {0};
	int rc = take_row(db, &w, &before);

	if (rc == 0)
		leave_changes(&w, &before);
	if (rc == 0 && w.count) {
		rc = write_changes(db, &w);
		if (rc == 0)
			rc = read_row(db, &w, w.key, &after);
		if (rc == 0)
			rc = note_it(db, &w, "set", &before, &after);
	}
	db_rows_free(&before);
	db_rows_free(&after);
	return rc;
}

static int check_writable(struct db *db, const struct scope *s, const struct table *t, bool may)
{
	if (!table_visible(t, s))
		return REFUSED(-ENOENT, db, "there is no such table");
	return t->base && may ? 0 : REFUSED(-EACCES, db, "%s are not yours to change", t->label);
}

int data_update(struct db *db, const struct scope *s, const struct table *t, const char *key, const char *version,
		const struct data_change *changes, size_t count, struct data_problems *problems)
{
	struct write w = {.s = s, .t = t, .key = key, .version = version};
	int rc = check_writable(db, s, t, table_editable(t, s));

	problems->count = 0;
	if (rc == 0)
		rc = take_changes(db, &w, changes, count, false, problems);
	return rc ? rc : db_transaction(db, update_row, &w);
}

/* ---- insert ---- */

static int write_row(struct db *db, const struct write *w)
{
	struct statement st;
	int rc;

	st_begin(&st);
	st_put(&st, "INSERT INTO ");
	st_put(&st, w->t->base);
	for (size_t i = 0; i < w->count; i++) {
		st_put(&st, i ? ", " : " (");
		st_put(&st, w->columns[i]->store);
	}
	for (size_t i = 0; i < w->count; i++)
		st_condition(&st, i ? ", ?" : ") VALUES (?", stored(w, i));
	st_put(&st, ")");
	rc = say_twice(db, w->t, st_exec(db, &st));
	st_end(&st);
	return rc;
}

/* Appends the value of the column of that name to the key. */
static void add_to_key(struct write *w, const char *name, size_t n)
{
	size_t length = strlen(w->made);

	for (size_t i = 0; i < w->count; i++)
		if (strlen(w->columns[i]->name) == n && strncmp(w->columns[i]->name, name, n) == 0)
			snprintf(w->made + length, CELL_TEXT_MAX + 1 - length, "%s%s", length ? "-" : "", w->values[i]);
}

static void make_key(struct db *db, struct write *w)
{
	w->made[0] = '\0';
	if (!w->t->key_of)
		snprintf(w->made, CELL_TEXT_MAX + 1, "%llu", db_insert_id(db));
	for (const char *name = w->t->key_of; name && *name; name += name[strcspn(name, "-")] ? strcspn(name, "-") + 1 : strlen(name))
		add_to_key(w, name, strcspn(name, "-"));
}

/* Where the values make the key: a sentence for whoever fills in a form, before the schema has one for whoever writes SQL. */
static int check_new(struct db *db, struct write *w)
{
	struct statement st;
	struct db_rows rows = {0};
	int rc;

	if (!w->t->key_of)
		return 0;
	make_key(db, w);
	st_begin(&st);
	st_put(&st, "SELECT 1 FROM ");
	st_put(&st, w->t->base);
	st_put(&st, " ");
	st_put(&st, w->t->alias);
	st_row(&st, w->t, w->made);
	rc = st_query(db, &st, &rows);
	if (rc == 0 && rows.rows)
		rc = REFUSED(-EEXIST, db, "%s %s exists already: choose another one", w->t->noun, w->made);
	db_rows_free(&rows);
	st_end(&st);
	return rc;
}

static int insert_row(struct db *db, void *arg)
{
	struct write *w = arg;
	struct db_rows before = {0}, after = {0};
	int rc = check_new(db, w);

	if (rc == 0)
		rc = write_row(db, w);
	if (rc == 0) {
		make_key(db, w);
		rc = read_row(db, w, w->made, &after);
	}
	if (rc == 0) {
		snprintf(w->made, CELL_TEXT_MAX + 1, "%s", db_cell(&after, 0, 0));
		rc = note_it(db, w, "add", &before, &after);
	}
	db_rows_free(&after);
	return rc;
}

int data_insert(struct db *db, const struct scope *s, const struct table *t, const struct data_change *changes, size_t count,
		struct data_problems *problems, char key[CELL_TEXT_MAX + 1])
{
	struct write w = {.s = s, .t = t, .made = key};
	int rc = check_writable(db, s, t, scope_may(s, t->insert));

	key[0] = '\0';
	problems->count = 0;
	if (rc == 0)
		rc = take_changes(db, &w, changes, count, true, problems);
	return rc ? rc : db_transaction(db, insert_row, &w);
}

/* ---- delete ---- */

/* The columns that are the row's own. */
static void take_own(struct write *w)
{
	for (const struct column *c = w->t->columns; c->name; c++)
		if (c->store || strcmp(c->name, w->t->title) == 0)
			w->columns[w->count++] = c;
}

static int remove_row(struct db *db, const struct write *w)
{
	struct statement st;
	int rc;

	st_begin(&st);
	st_put(&st, "DELETE ");
	st_put(&st, w->t->alias);
	st_put(&st, " FROM ");
	st_put(&st, w->t->base);
	st_put(&st, " ");
	st_put(&st, w->t->alias);
	st_row(&st, w->t, w->key);
	rc = st_exec(db, &st);
	st_end(&st);
	return rc;
}

static int delete_row(struct db *db, void *arg)
{
	struct write *w = arg;
	struct db_rows before, after = {0};
	int rc = take_row(db, w, &before);

	if (rc == 0)
		rc = remove_row(db, w);
	if (rc == 0)
		rc = note_it(db, w, "delete", &before, &after);
	db_rows_free(&before);
	return rc;
}

int data_delete(struct db *db, const struct scope *s, const struct table *t, const char *key, const char *version)
{
	struct write w = {.s = s, .t = t, .key = key, .version = version};
	int rc = check_writable(db, s, t, scope_may(s, t->remove));

	if (rc)
		return rc;
	take_own(&w);
	return db_transaction(db, delete_row, &w);
}
