/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a failure of the database is, of the kinds that db.h names. */
#include "db_private.h"

#include <errmsg.h>
#include <errno.h>
#include <mysqld_error.h>
#include <stdio.h>
#include <string.h>

static const struct {
	unsigned code;
	int rc;
} codes[] = {
		{ER_DUP_ENTRY, -EEXIST},
		{ER_LOCK_DEADLOCK, -EAGAIN},
		{ER_LOCK_WAIT_TIMEOUT, -EAGAIN},
		{CR_CONNECTION_ERROR, -EHOSTUNREACH},
		{CR_CONN_HOST_ERROR, -EHOSTUNREACH},
		{CR_UNKNOWN_HOST, -EHOSTUNREACH},
		{CR_SERVER_GONE_ERROR, -EHOSTUNREACH},
		{CR_SERVER_LOST, -EHOSTUNREACH},
		{ER_SERVER_SHUTDOWN, -EHOSTUNREACH},
		{ER_CONNECTION_KILLED, -EHOSTUNREACH},
		{ER_ACCESS_DENIED_ERROR, -EHOSTUNREACH},
		{ER_DBACCESS_DENIED_ERROR, -EHOSTUNREACH},
		{ER_BAD_DB_ERROR, -EHOSTUNREACH},
		{ER_CON_COUNT_ERROR, -EHOSTUNREACH},
		{ER_HOST_NOT_PRIVILEGED, -EHOSTUNREACH},
		{ER_HOST_IS_BLOCKED, -EHOSTUNREACH},
		{WARN_DATA_TRUNCATED, -EINVAL},
		{ER_CANT_AGGREGATE_2COLLATIONS, -EINVAL},
		{ER_INVALID_CHARACTER_STRING, -EINVAL},
		{ER_NO_DEFAULT_FOR_FIELD, -EINVAL},
};

/* Classes of SQLSTATE: a value that no column takes, or that a key or a CHECK refuses. All that is left is the server's fault, or ours. */
static int of_state(const char *state)
{
	return strncmp(state, "22", 2) == 0 || strncmp(state, "23", 2) == 0 ? -EINVAL : -EIO;
}

/* Keeps the sentence, says what kind of failure it is. */
static int failed(char *error, size_t size, unsigned code, const char *state, const char *text)
{
	if (strcmp(state, "45000") == 0) {
		snprintf(error, size, "%s", text);
		return -EPERM;
	}
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (codes[i].code != code)
			continue;
		snprintf(error, size, "%s: %s", codes[i].rc == -EHOSTUNREACH ? "cannot reach the database" : "database", text);
		return codes[i].rc;
	}
	snprintf(error, size, "database: %s", text);
	return of_state(state);
}

int db_connection_failed(struct db *db)
{
	return failed(db->error, sizeof(db->error), mysql_errno(db->my), mysql_sqlstate(db->my), mysql_error(db->my));
}

int db_statement_failed(struct db *db, MYSQL_STMT *st)
{
	return failed(db->error, sizeof(db->error), mysql_stmt_errno(st), mysql_stmt_sqlstate(st), mysql_stmt_error(st));
}
