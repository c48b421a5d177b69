/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to db*.c, the only files that know the client library. */
#ifndef AETA_ADMIN_DB_PRIVATE_H
#define AETA_ADMIN_DB_PRIVATE_H

#include "db.h"

#include <mysql.h>

struct db {
	MYSQL *my;
	unsigned long long affected, insert_id;
	bool in_transaction;
	char error[512];
};

/* Keep the sentence of the library, and say what kind of failure it is. */
int db_connection_failed(struct db *db);
int db_statement_failed(struct db *db, MYSQL_STMT *st);

/* Prepares, binds, executes; `*out` is the caller's to close, NULL after an error. */
int db_run(struct db *db, MYSQL_STMT **out, const char *sql, const struct db_value *values, size_t count);

#endif
