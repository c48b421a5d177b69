/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The database, through prepared statements only: every value is bound, SQL text is constant. the files db*.c are
 * the only ones that know the client library.
 *
 *      db_exec(db, "UPDATE t SET a = ? WHERE b = ?", DB_VALUES(DB_TEXT(a), DB_INT(b)))
 *
 * Functions return 0 or -errno and leave a sentence in db_error():
 *      -EPERM         a rule of the schema refused it (SQLSTATE 45000; the sentence is the rule's own)
 *      -EEXIST        it is there already
 *      -EAGAIN        deadlock or lock timeout, three times: a statement of its own, and a whole db_transaction(), is
 *                     tried again by itself
 *      -EHOSTUNREACH  no connection, or it was lost, or the login was refused
 *      -EINVAL        a value does not fit its column, or a key or a CHECK refuses it
 *      -EIO           anything else: a right is missing, the disk is full, the server takes no changes. Not for people's eyes
 */
#ifndef AETA_ADMIN_DB_H
#define AETA_ADMIN_DB_H

#include "config.h"

#include <stdbool.h>
#include <stddef.h>

struct db;

enum db_type { DB_IS_NULL, DB_IS_TEXT, DB_IS_INT, DB_IS_BOOL };

struct db_value {
	enum db_type type;
	const char *text;
	long long number;
};

static inline struct db_value db_text_(const char *s)
{
	return (struct db_value){.type = s ? DB_IS_TEXT : DB_IS_NULL, .text = s};
}

#define DB_TEXT(s) db_text_(s) /* NULL is SQL's NULL */
#define DB_INT(n)  ((struct db_value){.type = DB_IS_INT, .number = (n)})
#define DB_NULL    ((struct db_value){.type = DB_IS_NULL})
#define DB_VALUES(...) \
	(const struct db_value[]){__VA_ARGS__}, sizeof((const struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value)
#define DB_NOTHING NULL, 0

#define DB_VALUES_MAX 64 /* of one statement */

/* Rows in memory; db_rows_free() when done, also after an error (then it is empty). */
struct db_rows {
	size_t rows, columns;
	char **cells;        /* rows * columns; NULL is SQL's NULL */
	char **names;        /* columns */
	enum db_type *types; /* columns: TEXT, INT or BOOL (TINYINT) */
};

/* `*db` is NULL after an error, and the sentence in `error`. */
int db_open(struct db **db, const struct config *c, char *error, size_t size);
void db_close(struct db *db); /* NULL is fine */

int db_exec(struct db *db, const char *sql, const struct db_value *values, size_t count);
int db_query(struct db *db, struct db_rows *rows, const char *sql, const struct db_value *values, size_t count);
int db_ping(struct db *db); /* does it answer? */
/*
 * Has the server not ended the connection, by a restart, by its wait_timeout or by KILL? Asks nobody, so it costs nothing; a server that is
 * gone without a word is found by db_ping() alone. Between two statements only.
 */
bool db_alive(struct db *db);
/*
 * Calls `each` for one row after the other, which are not kept: memory does not grow with them. The cells are good during the
 * call. Nothing else can be asked of `db` before it returns; it does where `each` returns anything but 0, with that.
 */
int db_each(struct db *db, const char *sql, const struct db_value *values, size_t count,
		int (*each)(void *arg, char **cells), void *arg);
const char *db_cell(const struct db_rows *rows, size_t row, size_t column); /* "" for NULL */
void db_rows_free(struct db_rows *rows);

unsigned long long db_affected(const struct db *db);  /* rows that the last statement found to change */
unsigned long long db_insert_id(const struct db *db); /* AUTO_INCREMENT of the last INSERT */
const char *db_error(const struct db *db);

/* A refusal of our own, with its sentence; returns -EPERM. For the body of a transaction. */
__attribute__((format(printf, 2, 3))) int db_refuse(struct db *db, const char *format, ...);

/*
 * From here to db_end_reading() nothing can be written, whatever is asked (it is refused as -EIO), and all is read as it was at one
 * moment. Returns as db_exec().
 */
int db_begin_reading(struct db *db);
void db_end_reading(struct db *db);

/*
 * Runs `body` in a transaction; commits when it returns 0, else rolls back. After a deadlock again, 3 times in all. Inside another
 * transaction it is a part of that: whoever began the outer one has to end it with the failure.
 */
int db_transaction(struct db *db, int (*body)(struct db *db, void *arg), void *arg);

#endif
