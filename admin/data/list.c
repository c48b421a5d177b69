/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading: lists, single rows and CSV, all from the descriptions. */
#include "csv.h"
#include "list.h"
#include "utf8.h"
#include "where.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum purpose { LISTED, SHOWN };

/* ---- what is asked ---- */

static int check_visible(struct db *db, const struct scope *s, const struct table *t)
{
	return table_visible(t, s) ? 0 : REFUSED(-ENOENT, db, "there is no such table");
}

/* The columns that this scope may see. */
static void choose_columns(struct data_rows *r, const struct scope *s, enum purpose purpose)
{
	r->column_count = 0;
	for (const struct column *c = r->table->columns; c->name && r->column_count < COLUMNS_MAX; c++)
		if (scope_may(s, purpose == LISTED ? c->list : c->show))
			r->columns[r->column_count++] = c;
}

static void put_select(struct statement *st, const struct data_rows *r)
{
	const struct table *t = r->table;

	st_put(st, "SELECT CAST(");
	st_put(st, t->key);
	st_put(st, " AS CHAR), ");
	st_put(st, t->version ? t->version : "''");
	for (size_t i = 0; i < r->column_count; i++) {
		st_put(st, ", ");
		st_put(st, r->columns[i]->sql);
	}
	st_put(st, " FROM ");
	st_put(st, t->from);
}

/* ---- the order ---- */

/* Both in the same direction, so that one index can give it. */
static int put_order(struct db *db, struct statement *st, const struct scope *s, const struct table *t, const struct data_query *q)
{
	bool asked = q->sort && *q->sort;
	const struct column *c = column_find(t, asked ? q->sort : t->sort);
	bool descending = asked ? q->descending : t->descending;

	if (!c || (asked && (!scope_may(s, c->list) || c->unsorted)))
		return st_no_column(db, t, asked ? q->sort : t->sort, "sort by");
	st_put(st, " ORDER BY ");
	st_put(st, c->sql);
	st_put(st, descending ? " DESC, " : ", ");
	st_put(st, t->then);
	st_put(st, descending ? " DESC" : "");
	return 0;
}

/* ---- running it ---- */

/* Takes the cells over from `rows`. */
static void take_rows(struct data_rows *r, struct db_rows *rows)
{
	r->count = rows->rows;
	r->cells = rows->cells;
	for (size_t i = 0; i < rows->rows * rows->columns; i++)
		if (r->cells[i])
			utf8_mend(r->cells[i]);
	rows->cells = NULL;
	db_rows_free(rows);
}

/* How many rows match, as far as they are counted. */
static int count_rows(struct db *db, const struct scope *s, const struct data_query *q, struct data_rows *out)
{
	struct statement st;
	struct db_rows rows = {0};
	int rc;

	st_begin(&st);
	st_put(&st, "SELECT COUNT(*) FROM (SELECT 1 FROM ");
	st_put(&st, out->table->from);
	rc = where_put(db, &st, s, out->table, q);
	st_put(&st, " LIMIT 10001) counted"); /* DATA_COUNT_MAX and one */
	if (rc == 0)
		rc = st_query(db, &st, &rows);
	if (rc == 0)
		out->total = strtoull(db_cell(&rows, 0, 0), NULL, 10);
	out->more = out->total > DATA_COUNT_MAX;
	if (out->more)
		out->total = DATA_COUNT_MAX;
	db_rows_free(&rows);
	st_end(&st);
	return rc;
}

/* The page that was asked for, or the last one. */
static void choose_page(struct data_rows *r, const struct data_query *q)
{
	unsigned long long pages;

	r->per_page = q->per_page ? q->per_page : DATA_PER_PAGE;
	if (r->per_page > DATA_PER_PAGE_MAX)
		r->per_page = DATA_PER_PAGE_MAX;
	pages = (r->total + r->per_page - 1) / r->per_page;
	r->page = q->page ? q->page : 1;
	if (r->page > pages)
		r->page = pages ? (unsigned)pages : 1;
}

static void put_page(struct statement *st, const struct data_rows *r)
{
	char limit[64]; /* numbers of our own */

	snprintf(limit, sizeof(limit), " LIMIT %u OFFSET %u", r->per_page, (r->page - 1) * r->per_page);
	st_put(st, limit);
}

static void begin_rows(struct data_rows *r, const struct scope *s, const struct table *t, enum purpose purpose)
{
	memset(r, 0, sizeof(*r));
	r->table = t;
	r->page = 1;
	choose_columns(r, s, purpose);
}

int data_list(struct db *db, const struct scope *s, const struct table *t, const struct data_query *q, struct data_rows *out)
{
	struct statement st;
	struct db_rows rows = {0};
	int rc;

	begin_rows(out, s, t, LISTED);
	st_begin(&st);
	rc = check_visible(db, s, t);
	if (rc == 0)
		rc = count_rows(db, s, q, out);
	choose_page(out, q);
	put_select(&st, out);
	if (rc == 0)
		rc = where_put(db, &st, s, t, q);
	if (rc == 0)
		rc = put_order(db, &st, s, t, q);
	put_page(&st, out);
	if (rc == 0)
		rc = st_query(db, &st, &rows);
	take_rows(out, &rows);
	st_end(&st);
	return rc;
}

int data_show(struct db *db, const struct scope *s, const struct table *t, const char *key, struct data_rows *out)
{
	struct statement st;
	struct db_rows rows = {0};
	int rc;

	begin_rows(out, s, t, SHOWN);
	rc = check_visible(db, s, t);
	if (rc)
		return rc;
	st_begin(&st);
	put_select(&st, out);
	st_row(&st, t, key);
	st_put(&st, " AND ");
	st_scope(&st, s, t);
	rc = st_query(db, &st, &rows);
	take_rows(out, &rows);
	out->total = out->count;
	st_end(&st);
	if (rc == 0 && out->count == 0)
		rc = REFUSED(-ENOENT, db, "there is no such row in %s", t->label);
	return rc;
}

/* ---- CSV ---- */

struct csv_out {
	FILE *f;
	size_t columns;
};

static int write_row(void *arg, char **cells)
{
	struct csv_out *out = arg;

	for (size_t i = 0; i < out->columns; i++)
		if (cells[LIST_OURS + i])
			utf8_mend(cells[LIST_OURS + i]);
	csv_write(out->f, (const char *const *)(cells + LIST_OURS), out->columns);
	return ferror(out->f) ? -EIO : 0;
}

static void write_names(FILE *f, const struct data_rows *r)
{
	const char *names[COLUMNS_MAX];

	for (size_t i = 0; i < r->column_count; i++)
		names[i] = r->columns[i]->name;
	csv_write(f, names, r->column_count);
}

int data_csv(struct db *db, const struct scope *s, const struct table *t, const struct data_query *q, FILE *f)
{
	struct statement st;
	struct data_rows r;
	int rc;

	begin_rows(&r, s, t, LISTED);
	st_begin(&st);
	rc = check_visible(db, s, t);
	put_select(&st, &r);
	if (rc == 0)
		rc = where_put(db, &st, s, t, q);
	if (rc == 0)
		rc = put_order(db, &st, s, t, q);
	if (rc == 0 && st.failed)
		rc = REFUSED(st.failed, db, "the question is too long for the database");
	if (rc == 0) {
		write_names(f, &r);
		rc = db_each(db, st.text, st.values, st.count, write_row, &(struct csv_out){f, r.column_count});
	}
	st_end(&st);
	return rc;
}
