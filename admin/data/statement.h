/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SQL text and its values, put together from the descriptions; private to the data layer. Text comes from constants only,
 * values are bound. What goes wrong on the way is remembered, and said when the statement is run.
 */
#ifndef AETA_ADMIN_STATEMENT_H
#define AETA_ADMIN_STATEMENT_H

#include "data.h"
#include "db.h"

#define STATEMENT_MAX 16384

struct statement {
	char text[STATEMENT_MAX];
	size_t length;
	struct db_value values[DB_VALUES_MAX];
	char *kept[DB_VALUES_MAX]; /* texts of the values */
	size_t count;
	int failed; /* 0 or -errno */
};

/* A refusal with its sentence, which has the value `rc`. */
#define REFUSED(rc, db, ...) (db_refuse(db, __VA_ARGS__), (rc))

void st_begin(struct statement *st);
void st_end(struct statement *st);

void st_put(struct statement *st, const char *constant);
/* The condition with a copy of `value` for each of its question marks; NULL is SQL's. */
void st_condition(struct statement *st, const char *constant, const char *value);

/* The condition that keeps a scope to its rows; for operators one that is always true, for nobody one that never is. */
void st_scope(struct statement *st, const struct scope *s, const struct table *t);
/* "… WHERE" the row of that key, in the scope or not. */
void st_row(struct statement *st, const struct table *t, const char *key);

/* There is no column of that name to `verb`: -EINVAL, with a sentence that says where the names are. */
int st_no_column(struct db *db, const struct table *t, const char *name, const char *verb);

/* There is no such number, or it is not in the scope: -ENOENT with a sentence. */
int st_no_number(struct db *db, const char *number);

int st_exec(struct db *db, struct statement *st);
int st_query(struct db *db, struct statement *st, struct db_rows *rows);

#endif
