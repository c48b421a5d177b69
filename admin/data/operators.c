/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "operators.h"

#include "passwords.h"
#include "totp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LOGIN_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789._@-"

/* The operator's id and role; -ENOENT with a sentence. */
static int find_operator(struct db *db, const char *login, long long *id, enum role *role)
{
	struct db_rows rows;
	int rc = db_query(db, &rows, "SELECT id, role FROM aeta_operator WHERE login = ?", DB_VALUES(DB_TEXT(login)));

	if (rc == 0 && rows.rows == 0) {
		db_refuse(db, "there is no operator \"%s\": see aetactl operator list", login);
		rc = -ENOENT;
	}
	if (rc == 0) {
		*id = strtoll(db_cell(&rows, 0, 0), NULL, 10);
		*role = role_of(db_cell(&rows, 0, 1));
	}
	db_rows_free(&rows);
	return rc;
}

static int check_login(struct db *db, const char *login)
{
	size_t n = strlen(login);

	if (n == 0 || n >= SESSION_WHO_SIZE || strspn(login, LOGIN_CHARACTERS) != n || strchr("._@-", login[0]))
		return db_refuse(db, "a login is 1 to %d of a-z 0-9 . _ @ - and begins with a letter or a digit", SESSION_WHO_SIZE - 1);
	return 0;
}

/* Checks a new password and hashes it. */
static int make_hash(struct db *db, const char *password, const char *login, char hash[PASSWORDS_HASH_SIZE])
{
	const char *fault = passwords_fault(password, login);
	int rc;

	if (fault)
		return db_refuse(db, "%s", fault);
	rc = passwords_hash(password, hash);
	if (rc)
		db_refuse(db, "no memory for the password's hash: try again");
	return rc;
}

int operator_add(struct db *db, const char *login, const char *name, enum role role, const char *password)
{
	char hash[PASSWORDS_HASH_SIZE];
	int rc = check_login(db, login);

	if (rc == 0)
		rc = make_hash(db, password, login, hash);
	if (rc)
		return rc;
	rc = db_exec(db, "INSERT INTO aeta_operator (login, name, role, password) VALUES (?, COALESCE(?, ''), ?, ?)",
			DB_VALUES(DB_TEXT(login), DB_TEXT(name), DB_TEXT(role_word(role)), DB_TEXT(hash)));
	if (rc == -EEXIST)
		return db_refuse(db, "there is an operator \"%s\" already", login);
	return rc;
}

int operator_set(struct db *db, const char *login, const struct operator_change *c, unsigned long long keep)
{
	enum role role;
	long long id;
	int rc = find_operator(db, login, &id, &role);

	if (rc)
		return rc;
	rc = db_exec(db,
			"UPDATE aeta_operator SET name = COALESCE(?, name), role = COALESCE(?, role), enabled = COALESCE(?, enabled) WHERE id = ?",
			DB_VALUES(DB_TEXT(c->name), DB_TEXT(c->role ? role_word(c->role) : NULL), c->enabled < 0 ? DB_NULL : DB_INT(c->enabled),
					DB_INT(id)));
	if (rc == 0 && c->drop_totp)
		rc = db_exec(db, "UPDATE aeta_operator SET totp_secret = NULL WHERE id = ?", DB_VALUES(DB_INT(id)));
	if (rc == 0 && ((c->role && c->role != role) || c->enabled >= 0 || c->drop_totp))
		rc = session_end_others(db, id, NULL, keep);
	return rc;
}

int operator_password(struct db *db, const char *login, const char *password, unsigned long long keep)
{
	char hash[PASSWORDS_HASH_SIZE];
	enum role role;
	long long id;
	int rc = find_operator(db, login, &id, &role);

	if (rc == 0)
		rc = make_hash(db, password, login, hash);
	if (rc == 0)
		rc = db_exec(db, "UPDATE aeta_operator SET password = ?, password_at = UTC_TIMESTAMP() WHERE id = ?",
				DB_VALUES(DB_TEXT(hash), DB_INT(id)));
	return rc ? rc : session_end_others(db, id, NULL, keep);
}

int operator_delete(struct db *db, const char *login)
{
	enum role role;
	long long id;
	int rc = find_operator(db, login, &id, &role);

	return rc ? rc : db_exec(db, "DELETE FROM aeta_operator WHERE id = ?", DB_VALUES(DB_INT(id)));
}

int operator_totp(struct db *db, const char *login, const char *secret, const char *code)
{
	unsigned long long step = totp_step(secret, code, time(NULL));
	enum role role;
	long long id;
	int rc = find_operator(db, login, &id, &role);

	if (rc)
		return rc;
	if (!step)
		return -EACCES;
	return db_exec(db, "UPDATE aeta_operator SET totp_secret = ?, totp_step = ? WHERE id = ?",
			DB_VALUES(DB_TEXT(secret), DB_INT((long long)step), DB_INT(id)));
}

/* -ENOENT, with a sentence, unless the account is in a group with self-management. */
static int find_account(struct db *db, const char *account)
{
	struct db_rows rows;
	int rc = db_query(db, &rows,
			"SELECT COALESCE(g.self_management, 0) FROM aeta_account a LEFT JOIN aeta_group g ON g.prefix = a.prefix WHERE a.number = ?",
			DB_VALUES(DB_TEXT(account)));

	if (rc == 0 && (rows.rows == 0 || db_cell(&rows, 0, 0)[0] != '1')) {
		db_refuse(db, rows.rows ? "%s is in no group with self-management: aetactl group set PREFIX --self-management on"
								: "there is no account %s", account);
		rc = -ENOENT;
	}
	db_rows_free(&rows);
	return rc;
}

int web_login_password(struct db *db, const char *account, const char *password, unsigned long long keep)
{
	char hash[PASSWORDS_HASH_SIZE];
	int rc = find_account(db, account);

	if (rc == 0)
		rc = make_hash(db, password, account, hash);
	if (rc == 0)
		rc = db_exec(db, "UPDATE aeta_web_login SET password = ?, password_at = UTC_TIMESTAMP() WHERE account = ?",
				DB_VALUES(DB_TEXT(hash), DB_TEXT(account)));
	if (rc == 0 && db_affected(db) == 0)
		rc = db_exec(db, "INSERT INTO aeta_web_login (account, password) VALUES (?, ?)", DB_VALUES(DB_TEXT(account), DB_TEXT(hash)));
	return rc ? rc : session_end_others(db, 0, account, keep);
}

int web_login_delete(struct db *db, const char *account)
{
	return db_exec(db, "DELETE FROM aeta_web_login WHERE account = ?", DB_VALUES(DB_TEXT(account)));
}
