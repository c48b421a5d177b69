/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The data layer: the only code with SQL in it. Rows are read and written by their description (describe.h) and always within a
 * scope (scope.h). Values are bound, names come from the descriptions only.
 *
 * Functions return 0 or -errno and leave a sentence for people in data_error():
 *      -ENOENT        no such table, row or column, or it is not in the scope: nobody can tell which
 *      -EACCES        the scope may see it but not do that
 *      -EINVAL        a value, a column or a query is wrong; of a write: each value that is wrong is in `problems`
 *      -ESTALE        somebody else has changed the row meanwhile (the version is not that which was read)
 *      -EPERM         a rule of the schema refuses it
 *      -EEXIST        there is one already
 *      -EAGAIN        deadlock, three times
 *      -EHOSTUNREACH  the database cannot be reached
 *      -EIO           the database fails otherwise: the sentence is for who runs it, not for who asked
 */
#ifndef AETA_ADMIN_DATA_H
#define AETA_ADMIN_DATA_H

#include "describe.h"
#include "scope.h"

#include <stddef.h>
#include <stdio.h>

struct config;
struct db;

#define DATA_FILTERS_MAX 8
#define DATA_PER_PAGE    25
#define DATA_PER_PAGE_MAX 500
#define DATA_COUNT_MAX   10000 /* rows are counted, and paged through, up to here: a page of a million rows must not cost more */

/* One connection; not for two threads at a time. `*db` is NULL after an error, and the sentence is in `error`. */
int data_open(struct db **db, const struct config *c, char *error, size_t size);
void data_close(struct db *db); /* NULL is fine */
int data_ping(struct db *db);   /* does it answer? */
const char *data_error(const struct db *db);
/* A refusal with a sentence of one's own; returns -EPERM. For whoever is called back in the middle of a change. */
__attribute__((format(printf, 2, 3))) int data_refuse(struct db *db, const char *format, ...);

/*
 * From here to data_end_reading() nothing can be written, whatever is asked (-EIO), and all is read as it was at one moment. Returns as
 * the others.
 */
int data_begin_reading(struct db *db);
void data_end_reading(struct db *db);

/* ---- reading ---- */

enum filter_op {
	FILTER_IS,     /* equal; an empty value: empty or NULL */
	FILTER_BEGINS, /* begins with it */
	FILTER_HAS,    /* has it somewhere, in any case */
	FILTER_FROM,   /* at least; times and numbers; a date alone is its begin */
	FILTER_UNTIL   /* at most; a date alone is its end */
};

struct data_filter {
	const char *column;
	enum filter_op op;
	const char *value;
};

/* All zeros: the first page of everything, in the order of the description. */
struct data_query {
	const char *search; /* in any column that may be searched: numbers by their beginning, texts anywhere */
	struct data_filter filters[DATA_FILTERS_MAX];
	size_t filter_count;
	const char *sort; /* name of a column */
	bool descending;
	unsigned page, per_page; /* from 1; 0: the first, DATA_PER_PAGE */
};

/* Rows in memory, valid UTF-8; data_rows_free() when done, also after an error. */
struct data_rows {
	const struct table *table;
	const struct column *columns[COLUMNS_MAX]; /* those that the scope may list (or show) */
	size_t column_count, count;
	unsigned page, per_page;
	unsigned long long total; /* rows that match; at most DATA_COUNT_MAX */
	bool more;                /* there are more than `total` */
	char **cells;             /* private */
};

int data_list(struct db *db, const struct scope *s, const struct table *t, const struct data_query *q, struct data_rows *out);
/* One row, with the columns that the scope may show. */
int data_show(struct db *db, const struct scope *s, const struct table *t, const char *key, struct data_rows *out);

const char *data_cell(const struct data_rows *r, size_t row, size_t column); /* NULL is SQL's NULL */
const char *data_named(const struct data_rows *r, size_t row, const char *column); /* NULL also: no such column */
const char *data_key(const struct data_rows *r, size_t row);
const char *data_version(const struct data_rows *r, size_t row); /* "" where the table has none */
void data_rows_free(struct data_rows *r);

/*
 * Writes what the scope may list as CSV, names of the columns first, in the order of the query and without pages: all rows that
 * match, read one by one, so memory does not grow with them.
 */
int data_csv(struct db *db, const struct scope *s, const struct table *t, const struct data_query *q, FILE *f);

/* ---- writing: each in one transaction with its row of the audit ---- */

struct data_change {
	const char *column;
	const char *value; /* as a user writes it; "" is NULL where the column is nullable */
};

struct data_problem {
	const struct column *column;
	char text[PROBLEM_SIZE];
};

struct data_problems {
	struct data_problem list[COLUMNS_MAX];
	size_t count;
};

/*
 * `version` is data_version() of the row as it was shown; NULL: whatever it is by now, for who was shown none. What is in no change stays;
 * no real change is no write.
 */
int data_update(struct db *db, const struct scope *s, const struct table *t, const char *key, const char *version,
		const struct data_change *changes, size_t count, struct data_problems *problems);
/* `key` gets the new row's. */
int data_insert(struct db *db, const struct scope *s, const struct table *t, const struct data_change *changes, size_t count,
		struct data_problems *problems, char key[CELL_TEXT_MAX + 1]);
int data_delete(struct db *db, const struct scope *s, const struct table *t, const char *key, const char *version);

#endif
