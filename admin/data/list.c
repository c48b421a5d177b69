/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading: lists, single rows and CSV, all from the descriptions. */
#include "csv.h"
#include "data.h"
#include "statement.h"
#include "utf8.h"
#include "when.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define END_MIN 4 /* digits of the end of a number that find it: a short number */
#define OURS 2 /* cells before those of the columns: key, version */

enum purpose { LISTED, SHOWN };

int data_open(struct db **db, const struct config *c, char *error, size_t size)
{
	return db_open(db, c, error, size);
}

void data_close(struct db *db)
{
	db_close(db);
}

int data_ping(struct db *db)
{
	return db_ping(db);
}

const char *data_error(const struct db *db)
{
	return db_error(db);
}

int data_refuse(struct db *db, const char *format, ...)
{
	char sentence[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(sentence, sizeof(sentence), format, ap);
	va_end(ap);
	return db_refuse(db, "%s", sentence);
}

int data_begin_reading(struct db *db)
{
	return db_begin_reading(db);
}

void data_end_reading(struct db *db)
{
	db_end_reading(db);
}

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

/* A column that may be searched by this scope; another one is none. */
static const struct column *searched(const struct scope *s, const struct table *t, const char *name)
{
	const struct column *c = column_find(t, name);

	return c && scope_may(s, c->search) ? c : NULL;
}

/* `out`: %value%, or value%, where what means something to LIKE is only itself. */
static void make_pattern(char *out, size_t size, const char *value, bool anywhere)
{
	size_t n = 0;

	if (anywhere)
		out[n++] = '%';
	for (; *value && n + 3 < size; value++) {
		if (strchr("%_\\", *value))
			out[n++] = '\\';
		out[n++] = *value;
	}
	out[n++] = '%';
	out[n] = '\0';
}

/* People write long numbers in groups: "4711 5002". */
static void drop_blanks(char *text)
{
	char *to = text;

	for (; *text; text++)
		if (*text != ' ')
			*to++ = *text;
	*to = '\0';
}

static void put_like(struct statement *st, const struct column *c, const char *value, bool anywhere)
{
	char pattern[2 * CELL_TEXT_MAX + 8];
	bool text = anywhere && c->type == TYPE_BYTES;

	make_pattern(pattern, sizeof(pattern), value, anywhere);
	st_put(st, text ? "CONVERT(" : "");
	st_put(st, c->sql);
	st_put(st, text ? " USING utf8mb4)" : "");
	st_condition(st, " LIKE ?", pattern);
}

/* ---- filters ---- */

/* Words are checked as those that are written, times by what a date alone means here; the rest are texts to compare. */
static int take_value(struct db *db, const struct column *c, const struct data_filter *f, char *out)
{
	char why[PROBLEM_SIZE];
	struct column asked = *c;

	if (strlen(f->value) > CELL_TEXT_MAX)
		return REFUSED(-EINVAL, db, "%s is too long", c->label);
	if (c->type == TYPE_TIME) {
		if (!when_parse(f->value, f->op == FILTER_UNTIL ? WHEN_END_OF_DAY : WHEN_BEGIN_OF_DAY, out))
			return REFUSED(-EINVAL, db, "%s is a date, or a date and a time, in UTC", c->label);
		return 0;
	}
	if (c->type == TYPE_NUMBER && asked.max == 0)
		asked.max = 4294967295;
	if (c->type != TYPE_SWITCH && c->type != TYPE_WORD && c->type != TYPE_NUMBER) {
		strcpy(out, f->value);
		utf8_mend(out);
		if (c->type == TYPE_DIGITS)
			drop_blanks(out);
		return 0;
	}
	if (column_check(&asked, f->value, out, why) != 0)
		return REFUSED(-EINVAL, db, "%s %s", c->label, why);
	return 0;
}

static int put_filter(struct db *db, struct statement *st, const struct scope *s, const struct table *t, const struct data_filter *f)
{
	const struct column *c = searched(s, t, f->column);
	char value[CELL_TEXT_MAX + 1];
	bool compared = f->op == FILTER_IS || f->op == FILTER_FROM || f->op == FILTER_UNTIL;
	int rc = 0;

	if (!c)
		return st_no_column(db, t, f->column, "search by");
	st_put(st, " AND ");
	if (f->op == FILTER_IS && !*f->value) {
		st_put(st, "COALESCE(");
		st_put(st, c->sql);
		st_put(st, ", '') = ''");
	} else if (compared) {
		rc = take_value(db, c, f, value);
		st_put(st, c->sql);
		st_condition(st, f->op == FILTER_IS ? " = ?" : f->op == FILTER_FROM ? " >= ?" : " <= ?", rc ? "" : value);
	} else {
		snprintf(value, sizeof(value), "%s", f->value);
		utf8_mend(value);
		if (c->type == TYPE_DIGITS)
			drop_blanks(value);
		put_like(st, c, value, f->op == FILTER_HAS);
	}
	return rc;
}

/* ---- the search in all columns ---- */

/* Digits, perhaps in groups. */
static bool is_number(const char *text)
{
	return text[strspn(text, "0123456789 ")] == '\0';
}

static bool takes_search(const struct column *c, const struct scope *s, const char *text)
{
	bool digits = is_number(text);

	if (!scope_may(s, c->search) || c->only_filter || c->type == TYPE_TIME || c->type == TYPE_SWITCH)
		return false;
	return digits || (c->type != TYPE_DIGITS && c->type != TYPE_NUMBER);
}

static void put_searched(struct statement *st, const struct column *c, const char *text)
{
	char number[CELL_TEXT_MAX + 1];

	if (c->type == TYPE_TEXT || c->type == TYPE_EMAIL || c->type == TYPE_BYTES) {
		put_like(st, c, text, true);
		return;
	}
	snprintf(number, sizeof(number), "%s", text);
	if (c->type == TYPE_DIGITS || c->type == TYPE_NUMBER)
		drop_blanks(number);
	put_like(st, c, number, false);
	if (!c->by_end || strlen(number) < END_MIN)
		return;
	st_put(st, " OR ");
	st_put(st, c->sql);
	st_condition(st, " LIKE CONCAT('%', ?)", number); /* digits only */
}

static void put_search(struct statement *st, const struct scope *s, const struct table *t, const char *asked)
{
	char text[CELL_TEXT_MAX + 1];
	size_t found = 0;

	asked += strspn(asked, " ");
	snprintf(text, sizeof(text), "%s", asked);
	utf8_mend(text);
	for (size_t n = strlen(text); n && text[n - 1] == ' '; n--)
		text[n - 1] = '\0';
	if (!*text)
		return;
	st_put(st, " AND (");
	for (const struct column *c = t->columns; c->name; c++) {
		if (!takes_search(c, s, text))
			continue;
		st_put(st, found++ ? " OR " : "");
		put_searched(st, c, text);
	}
	st_put(st, found ? ")" : "FALSE)");
}

static int put_where(struct db *db, struct statement *st, const struct scope *s, const struct table *t, const struct data_query *q)
{
	int rc = 0;

	st_put(st, " WHERE ");
	st_scope(st, s, t);
	if (q->filter_count > DATA_FILTERS_MAX)
		return REFUSED(-EINVAL, db, "there are too many filters");
	for (size_t i = 0; rc == 0 && i < q->filter_count; i++)
		rc = put_filter(db, st, s, t, &q->filters[i]);
	if (rc == 0 && q->search)
		put_search(st, s, t, q->search);
	return rc;
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
	rc = put_where(db, &st, s, out->table, q);
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
		rc = put_where(db, &st, s, t, q);
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

/* ---- cells ---- */

const char *data_cell(const struct data_rows *r, size_t row, size_t column)
{
	return r->cells[row * (r->column_count + OURS) + OURS + column];
}

const char *data_named(const struct data_rows *r, size_t row, const char *column)
{
	for (size_t i = 0; i < r->column_count; i++)
		if (strcmp(r->columns[i]->name, column) == 0)
			return data_cell(r, row, i);
	return NULL;
}

const char *data_key(const struct data_rows *r, size_t row)
{
	const char *key = r->cells[row * (r->column_count + OURS)];

	return key ? key : "";
}

const char *data_version(const struct data_rows *r, size_t row)
{
	const char *version = r->cells[row * (r->column_count + OURS) + 1];

	return version ? version : "";
}

void data_rows_free(struct data_rows *r)
{
	for (size_t i = 0; r->cells && i < r->count * (r->column_count + OURS); i++)
		free(r->cells[i]);
	free(r->cells);
	r->cells = NULL;
	r->count = 0;
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
		if (cells[OURS + i])
			utf8_mend(cells[OURS + i]);
	csv_write(out->f, (const char *const *)(cells + OURS), out->columns);
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
		rc = put_where(db, &st, s, t, q);
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
