/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to data_insert(), data_update() and data_delete(): what is to be written, and the row that it is written to. */
#ifndef AETA_ADMIN_WRITE_H
#define AETA_ADMIN_WRITE_H

#include "data.h"
#include "statement.h"

#define WRITE_OURS 2 /* cells of a row before those of the columns: key, version */

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

/* ---- write_values.c ---- */

/* Checks what is asked for; a new row also has what the form begins with. Returns as data_update(). */
int write_take(struct db *db, struct write *w, const struct data_change *changes, size_t count, bool inserting,
		struct data_problems *problems);

/* The i-th value as the column stores it; NULL is SQL's. */
const char *write_stored(const struct write *w, size_t i);

/* ---- write_row.c ---- */

/* Key, version, and the columns of `w`; -ENOENT where the scope does not have it. Free `rows` also after an error. */
int write_read_row(struct db *db, const struct write *w, const char *key, struct db_rows *rows);

/* The same, locked; -ESTALE where it is not the version that was shown. */
int write_lock_row(struct db *db, const struct write *w, struct db_rows *rows);

/* The row of the audit; `before` of a new row and `after` of a removed one have no rows. */
int write_note(struct db *db, const struct write *w, const char *verb, const struct db_rows *before, const struct db_rows *after);

#endif
