/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing: one row, its version checked, and its row of the audit, in one transaction. */
#include "write.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- update ---- */

/* Leaves in `w` what is another value than it was. */
static void leave_changes(struct write *w, struct db_rows *before)
{
	size_t n = 0;

	for (size_t i = 0; i < w->count; i++) {
		const char *was = before->cells[WRITE_OURS + i], *is = write_stored(w, i);

		if (was && is ? strcmp(was, is) == 0 : !was && !is)
			continue;
		if (n != i) {
			char *cell = before->cells[WRITE_OURS + n];

			memcpy(w->values[n], w->values[i], sizeof(w->values[n]));
			w->columns[n] = w->columns[i];
			before->cells[WRITE_OURS + n] = before->cells[WRITE_OURS + i];
			before->cells[WRITE_OURS + i] = cell;
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
		st_condition(&st, " = ?", write_stored(w, i));
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
	int rc = write_lock_row(db, &w, &before);

	if (rc == 0)
		leave_changes(&w, &before);
	if (rc == 0 && w.count) {
		rc = write_changes(db, &w);
		if (rc == 0)
			rc = write_read_row(db, &w, w.key, &after);
		if (rc == 0)
			rc = write_note(db, &w, "set", &before, &after);
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
		rc = write_take(db, &w, changes, count, false, problems);
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
		st_condition(&st, i ? ", ?" : ") VALUES (?", write_stored(w, i));
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
		rc = write_read_row(db, w, w->made, &after);
	}
	if (rc == 0) {
		snprintf(w->made, CELL_TEXT_MAX + 1, "%s", db_cell(&after, 0, 0));
		rc = write_note(db, w, "add", &before, &after);
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
		rc = write_take(db, &w, changes, count, true, problems);
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
	int rc = write_lock_row(db, w, &before);

	if (rc == 0)
		rc = remove_row(db, w);
	if (rc == 0)
		rc = write_note(db, w, "delete", &before, &after);
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
