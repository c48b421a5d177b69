/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "db.h"

#include <errno.h>
#include <mysql.h>
#include <mysqld_error.h>
#include <errmsg.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIES             3
#define CONNECT_TIMEOUT_S 10
#define VALUES_MAX        DB_VALUES_MAX

struct db {
	MYSQL *my;
	unsigned long long affected, insert_id;
	bool in_transaction;
	char error[512];
};

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

static int connection_failed(struct db *db)
{
	return failed(db->error, sizeof(db->error), mysql_errno(db->my), mysql_sqlstate(db->my), mysql_error(db->my));
}

static int statement_failed(struct db *db, MYSQL_STMT *st)
{
	return failed(db->error, sizeof(db->error), mysql_stmt_errno(st), mysql_stmt_sqlstate(st), mysql_stmt_error(st));
}

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
		return connection_failed(db);
	if (mysql_query(db->my, setup_old) != 0 && mysql_query(db->my, setup) != 0)
		return connection_failed(db);
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

/* Prepares, binds, executes; `*out` is closed by the caller, NULL after an error. */
static int run(struct db *db, MYSQL_STMT **out, const char *sql, const struct db_value *values, size_t count)
{
	MYSQL_BIND binds[VALUES_MAX];
	MYSQL_STMT *st = mysql_stmt_init(db->my);
	bool lengths = true;
	int rc;

	*out = NULL;
	if (!st || count > VALUES_MAX) {
		snprintf(db->error, sizeof(db->error), "out of memory");
		rc = -ENOMEM;
		goto fail;
	}
	for (size_t i = 0; i < count; i++)
		bind_value(&binds[i], &values[i]);
	mysql_stmt_attr_set(st, STMT_ATTR_UPDATE_MAX_LENGTH, &lengths);
	if (mysql_stmt_prepare(st, sql, strlen(sql)) != 0 || mysql_stmt_param_count(st) != count ||
			(count && mysql_stmt_bind_param(st, binds) != 0) || mysql_stmt_execute(st) != 0) {
		rc = statement_failed(db, st);
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
		rc = run(db, &st, sql, values, count);
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

static enum db_type type_of(const MYSQL_FIELD *f)
{
	switch (f->type) {
	case MYSQL_TYPE_TINY:
		return DB_IS_BOOL;
	case MYSQL_TYPE_SHORT:
	case MYSQL_TYPE_INT24:
	case MYSQL_TYPE_LONG:
	case MYSQL_TYPE_LONGLONG:
		return DB_IS_INT;
	default:
		return DB_IS_TEXT;
	}
}

/* Room for the rows, and the names and types of the columns. */
static int make_rows(struct db_rows *rows, MYSQL_STMT *st, const MYSQL_RES *meta)
{
	const MYSQL_FIELD *fields = mysql_fetch_fields((MYSQL_RES *)(size_t)meta);

	rows->columns = mysql_stmt_field_count(st);
	rows->cells = calloc(mysql_stmt_num_rows(st) * rows->columns + 1, sizeof(*rows->cells));
	rows->names = calloc(rows->columns + 1, sizeof(*rows->names));
	rows->types = calloc(rows->columns + 1, sizeof(*rows->types));
	if (!rows->cells || !rows->names || !rows->types)
		return -ENOMEM;
	for (size_t i = 0; i < rows->columns; i++) {
		rows->types[i] = type_of(&fields[i]);
		rows->names[i] = strdup(fields[i].name);
		if (!rows->names[i])
			return -ENOMEM;
	}
	return 0;
}

/* One column of the current row as text, in memory of its own. */
static int fetch_cell(MYSQL_STMT *st, unsigned column, char **cell)
{
	unsigned long length = 0;
	char none[1];
	my_bool null = 0;
	MYSQL_BIND b = {.buffer_type = MYSQL_TYPE_STRING, .buffer = none, .length = &length, .is_null = &null};

	*cell = NULL;
	if (mysql_stmt_fetch_column(st, &b, column, 0) != 0)
		return -EIO;
	if (null)
		return 0;
	*cell = calloc(1, length + 1);
	if (!*cell)
		return -ENOMEM;
	b.buffer = *cell;
	b.buffer_length = length + 1;
	return mysql_stmt_fetch_column(st, &b, column, 0) == 0 ? 0 : -EIO;
}

static int fetch_rows(struct db_rows *rows, MYSQL_STMT *st)
{
	int rc = 0, fetched;

	while ((fetched = mysql_stmt_fetch(st)) == 0 || fetched == MYSQL_DATA_TRUNCATED) {
		rows->rows++;
		for (size_t i = 0; rc == 0 && i < rows->columns; i++)
			rc = fetch_cell(st, (unsigned)i, &rows->cells[(rows->rows - 1) * rows->columns + i]);
		if (rc)
			return rc;
	}
	return fetched == MYSQL_NO_DATA ? 0 : -EIO;
}

/* Lets the library fetch rows without writing any cell: each is asked for on its own, when its length is known. */
static int bind_nothing(MYSQL_STMT *st)
{
	size_t columns = mysql_stmt_field_count(st);
	MYSQL_BIND *b = calloc(columns + 1, sizeof(*b));
	int rc;

	if (!b)
		return -ENOMEM;
	for (size_t i = 0; i < columns; i++)
		b[i].buffer_type = MYSQL_TYPE_STRING;
	rc = mysql_stmt_bind_result(st, b) == 0 ? 0 : -EIO; /* copies the array */
	free(b);
	return rc;
}

int db_query(struct db *db, struct db_rows *rows, const char *sql, const struct db_value *values, size_t count)
{
	MYSQL_STMT *st;
	MYSQL_RES *meta = NULL;
	int rc;

	memset(rows, 0, sizeof(*rows));
	rc = run(db, &st, sql, values, count);
	if (rc)
		return rc;
	meta = mysql_stmt_result_metadata(st);
	if (!meta || bind_nothing(st) != 0 || mysql_stmt_store_result(st) != 0) {
		rc = statement_failed(db, st);
		goto out;
	}
	rc = make_rows(rows, st, meta);
	if (rc == 0)
		rc = fetch_rows(rows, st);
	if (rc)
		snprintf(db->error, sizeof(db->error), "database: cannot read the answer (%s)", strerror(-rc));
out:
	if (rc)
		db_rows_free(rows);
	if (meta)
		mysql_free_result(meta);
	mysql_stmt_close(st);
	return rc;
}

/* Fetches one row after the other, each into the same array; stops where `each` does. */
static int fetch_each(MYSQL_STMT *st, char **cells, size_t columns, int (*each)(void *arg, char **cells), void *arg)
{
	int rc = 0, fetched = 0;

	while (rc == 0 && ((fetched = mysql_stmt_fetch(st)) == 0 || fetched == MYSQL_DATA_TRUNCATED)) {
		for (size_t i = 0; rc == 0 && i < columns; i++)
			rc = fetch_cell(st, (unsigned)i, &cells[i]);
		if (rc == 0)
			rc = each(arg, cells);
		for (size_t i = 0; i < columns; i++) {
			free(cells[i]);
			cells[i] = NULL;
		}
	}
	return rc ? rc : fetched == MYSQL_NO_DATA ? 0 : -EIO;
}

int db_each(struct db *db, const char *sql, const struct db_value *values, size_t count,
		int (*each)(void *arg, char **cells), void *arg)
{
	MYSQL_STMT *st;
	char **cells = NULL;
	int rc = run(db, &st, sql, values, count);

	if (rc)
		return rc;
	cells = calloc(mysql_stmt_field_count(st) + 1, sizeof(*cells));
	rc = cells ? bind_nothing(st) : -ENOMEM;
	if (rc == 0)
		rc = fetch_each(st, cells, mysql_stmt_field_count(st), each, arg);
	if (rc)
		snprintf(db->error, sizeof(db->error), "database: cannot read the answer (%s)", strerror(-rc));
	free(cells);
	mysql_stmt_close(st); /* what was not fetched is thrown away */
	return rc;
}

const char *db_cell(const struct db_rows *rows, size_t row, size_t column)
{
	const char *cell = rows->cells[row * rows->columns + column];

	return cell ? cell : "";
}

void db_rows_free(struct db_rows *rows)
{
	for (size_t i = 0; rows->cells && i < rows->rows * rows->columns; i++)
		free(rows->cells[i]);
	for (size_t i = 0; rows->names && i < rows->columns; i++)
		free(rows->names[i]);
	free(rows->cells);
	free(rows->names);
	free(rows->types);
	memset(rows, 0, sizeof(*rows));
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
	int rc = mysql_query(db->my, "START TRANSACTION") ? connection_failed(db) : 0;

	db->in_transaction = true;
	if (rc == 0)
		rc = body(db, arg);
	if (rc == 0 && mysql_query(db->my, "COMMIT") != 0)
		rc = connection_failed(db);
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
	return mysql_query(db->my, "START TRANSACTION READ ONLY") ? connection_failed(db) : 0;
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
