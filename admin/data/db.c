/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections, statements without an answer, transactions. */
#include "db_private.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIES             3
#define CONNECT_TIMEOUT_S 10

/* UTC whatever the server's zone, refusal of bent values, and no file of ours for a server that asks for one. */
static int connect_to(struct db *db, const struct config *c)
{
	static const char setup[] = "SET time_zone = '+00:00', sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION', "
								"transaction_isolation = 'REPEATABLE-READ'";
	static const char setup_old[] =
			"SET time_zone = '+00:00', sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION', "
			"tx_isolation = 'REPEATABLE-READ'"; /* MariaDB before 11.1 */
	unsigned timeout = CONNECT_TIMEOUT_S, infile = 0;
	const char *socket = c->db_socket[0] ? c->db_socket : NULL, *host = c->db_host[0] ? c->db_host : NULL;

	mysql_options(db->my, MYSQL_OPT_CONNECT_TIMEOUT, &timeout);
	mysql_options(db->my, MYSQL_OPT_LOCAL_INFILE, &infile);
	mysql_options(db->my, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	if (!mysql_real_connect(db->my, socket ? NULL : host, c->db_user, c->db_password, c->db_name,
				(unsigned)strtoul(c->db_port, NULL, 10), socket, CLIENT_FOUND_ROWS))
		return db_connection_failed(db);
	if (mysql_query(db->my, setup_old) != 0 && mysql_query(db->my, setup) != 0)
		return db_connection_failed(db);
	return 0;
}

int db_open(struct db **out, const struct config *c, char *error, size_t size)
{
	struct db *db = calloc(1, sizeof(*db));
	int rc = -ENOMEM;

	*out = NULL;
	snprintf(error, size, "out of memory");
	if (!db)
		return rc;
	db->my = mysql_init(NULL);
	if (!db->my)
		goto out;
	rc = connect_to(db, c);
	if (rc == 0) {
		*out = db;
		return 0;
	}
	snprintf(error, size, "%s", db->error);
out:
	db_close(db);
	return rc;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	if (db->my)
		mysql_close(db->my);
	free(db);
}

static void bind_value(MYSQL_BIND *b, const struct db_value *v)
{
	memset(b, 0, sizeof(*b));
	switch (v->type) {
	case DB_IS_TEXT:
		b->buffer_type = MYSQL_TYPE_STRING;
		b->buffer = (void *)(size_t)v->text; /* the library only reads it */
		b->buffer_length = strlen(v->text);
		break;
	case DB_IS_INT:
	case DB_IS_BOOL:
		b->buffer_type = MYSQL_TYPE_LONGLONG;
		b->buffer = (void *)(size_t)&v->number;
		break;
	case DB_IS_NULL:
		b->buffer_type = MYSQL_TYPE_NULL;
		break;
	}
}

int db_run(struct db *db, MYSQL_STMT **out, const char *sql, const struct db_value *values, size_t count)
{
	MYSQL_BIND binds[DB_VALUES_MAX];
	MYSQL_STMT *st = mysql_stmt_init(db->my);
	bool lengths = true;
	int rc;

	*out = NULL;
	if (!st || count > DB_VALUES_MAX) {
		snprintf(db->error, sizeof(db->error), "out of memory");
		rc = -ENOMEM;
		goto fail;
	}
	for (size_t i = 0; i < count; i++)
		bind_value(&binds[i], &values[i]);
	mysql_stmt_attr_set(st, STMT_ATTR_UPDATE_MAX_LENGTH, &lengths);
	if (mysql_stmt_prepare(st, sql, strlen(sql)) != 0 || mysql_stmt_param_count(st) != count ||
			(count && mysql_stmt_bind_param(st, binds) != 0) || mysql_stmt_execute(st) != 0) {
		rc = db_statement_failed(db, st);
		goto fail;
	}
	*out = st;
	return 0;
fail:
	if (st)
		mysql_stmt_close(st);
	return rc;
}

int db_exec(struct db *db, const char *sql, const struct db_value *values, size_t count)
{
	MYSQL_STMT *st;
	int rc = -EAGAIN;

	for (int i = 0; i < TRIES && rc == -EAGAIN; i++) {
		rc = db_run(db, &st, sql, values, count);
		if (db->in_transaction)
			break; /* then the whole of it has to be tried again */
	}
	if (rc)
		return rc;
	db->affected = mysql_stmt_affected_rows(st);
	db->insert_id = mysql_stmt_insert_id(st);
	mysql_stmt_close(st);
	return 0;
}

unsigned long long db_affected(const struct db *db)
{
	return db->affected;
}

unsigned long long db_insert_id(const struct db *db)
{
	return db->insert_id;
}

const char *db_error(const struct db *db)
{
	return db->error;
}

int db_refuse(struct db *db, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(db->error, sizeof(db->error), format, ap);
	va_end(ap);
	return -EPERM;
}

static int try_once(struct db *db, int (*body)(struct db *db, void *arg), void *arg)
{
	int rc = mysql_query(db->my, "START TRANSACTION") ? db_connection_failed(db) : 0;

	db->in_transaction = true;
	if (rc == 0)
		rc = body(db, arg);
	if (rc == 0 && mysql_query(db->my, "COMMIT") != 0)
		rc = db_connection_failed(db);
	if (rc)
		mysql_query(db->my, "ROLLBACK"); /* its failure means a lost connection, which rolls back too */
	db->in_transaction = false;
	return rc;
}

int db_transaction(struct db *db, int (*body)(struct db *db, void *arg), void *arg)
{
	int rc = -EAGAIN;

	if (db->in_transaction)
		return body(db, arg); /* a part of the whole, which is tried again as such */
	for (int i = 0; i < TRIES && rc == -EAGAIN; i++)
		rc = try_once(db, body, arg);
	return rc;
}

int db_begin_reading(struct db *db)
{
	db->in_transaction = true; /* none in it is tried again alone */
	return mysql_query(db->my, "START TRANSACTION READ ONLY") ? db_connection_failed(db) : 0;
}

void db_end_reading(struct db *db)
{
	mysql_query(db->my, "COMMIT"); /* its failure means a lost connection, which the next statement says */
	db->in_transaction = false;
}

int db_ping(struct db *db)
{
	return db_exec(db, "DO 1", DB_NOTHING);
}

/* Nothing is to be read between two statements, but the end of the connection or the server's last words. */
bool db_alive(struct db *db)
{
	struct pollfd fd = {.fd = mysql_get_socket(db->my), .events = POLLIN};

	return poll(&fd, 1, 0) == 0;
}
