/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The database, through Kamailio's driver-independent API. Drivers differ in the type they give a column (db_mysql an
 * integer where db_text or db_sqlite gives a string): the aeta_value_*() readers take them all.
 */
#ifndef AETA_DB_H
#define AETA_DB_H

#include <time.h>
#include "lib/srdb1/db.h"

extern db_func_t aeta_dbf;

/* Binds the driver of the db_url parameter. 0, or -1 with a log line that says what is missing. */
int aeta_db_bind(void);

/* A handle for this process; several in one process share one connection. NULL (logged) if the database is out of reach. */
db1_con_t *aeta_db_connect(void);
void aeta_db_disconnect(db1_con_t *h);

/* Integer of a column. 0, -ENOENT for NULL, -EINVAL for what is none. */
int aeta_value_int(const db_val_t *v, long long *out);

/* Text of a column, pointing into the result. 0, -ENOENT for NULL, -EINVAL for a type without text. */
int aeta_value_text(const db_val_t *v, str *out);

/*
 * A date and time that the table holds in UTC, as seconds since 1970. 0, -ENOENT for NULL or an empty string, -EINVAL.
 * Takes DATETIME columns, strings "YYYY-MM-DD[ HH:MM[:SS]]" (or with a T) and integers (seconds since 1970).
 */
int aeta_value_utc(const db_val_t *v, time_t *out);

#endif
