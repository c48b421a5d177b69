/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of a query as JSON. */
#ifndef AETA_ADMIN_ROWS_H
#define AETA_ADMIN_ROWS_H

#include <jansson.h>
#include <stddef.h>

struct db;
struct db_rows;
struct db_value;
struct scope;

/* An object whose keys are the column names; NULL cells are null, TINYINTs booleans. What is not UTF-8 gets '?' for its bytes. */
json_t *json_row(const struct db_rows *rows, size_t row);

/* Queries; *list is an array of such objects, the caller's to decref, empty after an error. Returns as db_query(). */
int db_json(struct db *db, json_t **list, const char *sql, const struct db_value *values, size_t count);

/* The same for those whose scope is in the mask `by`; to others there is no such list (-ENOENT). */
int db_json_with(struct db *db, const struct scope *s, unsigned by, json_t **list, const char *sql, const struct db_value *values, size_t count);
/* ... of a question without values. */
int db_json_for(struct db *db, const struct scope *s, unsigned by, json_t **list, const char *sql);

/* A member that is text; "" where there is none. */
const char *json_text(const json_t *object, const char *key);

#endif
