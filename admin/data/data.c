/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A connection, as the faces know it. */
#include "data.h"
#include "db.h"

#include <stdarg.h>
#include <stdio.h>

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
