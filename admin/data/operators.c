/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "operators.h"

#include "login_act.h"
#include "rows.h"
#include "statement.h"
#include "totp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LOGIN_MAX        32 /* characters, as its column */
#define LOGIN_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789._@-"

struct found {
	long long id;
	enum role role;
	char version[24];
};

/* The operator, whom nobody else changes before this transaction ends; -ENOENT with a sentence. */
static int find_operator(struct db *db, const char *login, struct found *o)
{
	struct db_rows rows;
	int rc = db_query(db, &rows, "SELECT id, role, version, login FROM aeta_operator WHERE login = CONVERT(? USING ascii) FOR UPDATE",
			DB_VALUES(DB_TEXT(login)));

	/* Exactly that login: the database takes "anna " for the same, and who is compared with whoever asks must be who is changed. */
	if (rc == 0 && (rows.rows == 0 || strcmp(db_cell(&rows, 0, 3), login) != 0)) {
		db_refuse(db, "there is no operator \"%s\": see aetactl operator list", login);
		rc = -ENOENT;
	}
	if (rc == 0) {
		o->id = strtoll(db_cell(&rows, 0, 0), NULL, 10);
		o->role = role_of(db_cell(&rows, 0, 1));
		snprintf(o->version, sizeof(o->version), "%s", db_cell(&rows, 0, 2));
	}
	db_rows_free(&rows);
	return rc;
}

static int check_login(struct db *db, const char *login)
{
	size_t n = strlen(login);

	if (n == 0 || n > LOGIN_MAX || strspn(login, LOGIN_CHARACTERS) != n || strchr("._@-", login[0]))
		return db_refuse(db, "a login is 1 to %d of a-z 0-9 . _ @ - and begins with a letter or a digit", LOGIN_MAX);
	return 0;
}

/* NULL is none. */
static int check_name(struct db *db, const char *name)
{
	char out[CELL_TEXT_MAX + 1], why[PROBLEM_SIZE];
	const struct column *c = column_find(table_find("operators"), "name");

	return name && column_check(c, name, out, why) ? db_refuse(db, "the name %s", why) : 0;
}

/* An administrator, or the operator itself. */
static bool may_change(const struct scope *s, const char *login)
{
	return scope_may(s, BY_ADMIN) || (scope_may(s, BY_OPERATORS) && strcmp(s->who, login) == 0);
}

static const char *whose(const struct scope *s, const char *login)
{
	return strcmp(s->who, login) == 0 ? "own" : NULL;
}

/* ---- operators ---- */

/* What of an operator can be set, as JSON; NULL where it cannot be read. */
static json_t *describe(struct db *db, long long id)
{
	return login_act_row(db, "SELECT name, CAST(role AS CHAR) AS role, enabled, totp FROM aeta_operator WHERE id = ?", DB_VALUES(DB_INT(id)));
}

static int add(struct db *db, struct login_act *act)
{
	char hash[PASSWORDS_HASH_SIZE];
	int rc = check_login(db, act->object);

	if (rc == 0)
		rc = check_name(db, act->name);
	if (rc == 0)
		rc = login_act_hash(db, act->password, act->object, hash);
	if (rc)
		return rc;
	rc = db_exec(db, "INSERT INTO aeta_operator (login, name, role, password) VALUES (?, COALESCE(?, ''), ?, ?)",
			DB_VALUES(DB_TEXT(act->object), DB_TEXT(act->name), DB_TEXT(role_word(act->role)), DB_TEXT(hash)));
	if (rc == -EEXIST)
		return db_refuse(db, "there is an operator \"%s\" already", act->object);
	if (rc == 0)
		act->is = describe(db, (long long)db_insert_id(db));
	return rc;
}

int operator_add(struct db *db, const struct scope *s, const char *login, const char *name, enum role role, const char *password)
{
	struct login_act act = {.s = s, .action = "operator add", .object = login, .body = add, .role = role, .name = name,
			.password = password};

	return login_act_run(db, &act, scope_may(s, BY_ADMIN));
}

/* The operator, of the version that was shown to whoever asks. */
static int find_as_shown(struct db *db, const struct login_act *act, struct found *o)
{
	int rc = find_operator(db, act->object, o);

	if (rc == 0 && act->version && strcmp(act->version, o->version) != 0)
		return REFUSED(-ESTALE, db, "somebody else has changed it meanwhile: look at it again");
	return rc;
}

static int set(struct db *db, struct login_act *act)
{
	const struct operator_change *c = act->change;
	struct found o;
	int rc = find_as_shown(db, act, &o);

	if (rc)
		return rc;
	act->was = describe(db, o.id);
	rc = db_exec(db,
			"UPDATE aeta_operator SET name = COALESCE(?, name), role = COALESCE(?, role), enabled = COALESCE(?, enabled) WHERE id = ?",
			DB_VALUES(DB_TEXT(c->name), DB_TEXT(c->role ? role_word(c->role) : NULL), c->enabled < 0 ? DB_NULL : DB_INT(c->enabled),
					DB_INT(o.id)));
	if (rc == 0 && c->drop_totp)
		rc = db_exec(db, "UPDATE aeta_operator SET totp_secret = NULL WHERE id = ?", DB_VALUES(DB_INT(o.id)));
	act->is = describe(db, o.id);
	if (rc == 0 && ((c->role && c->role != o.role) || c->enabled >= 0 || c->drop_totp))
		rc = session_end_others(db, SESSION_OPERATOR, o.id, NULL, act->keep);
	return rc;
}

int operator_set(struct db *db, const struct scope *s, const char *login, const struct operator_change *c, unsigned long long keep)
{
	struct login_act act = {.s = s, .action = "operator set", .object = login, .body = set, .change = c, .version = c->version, .keep = keep};

	return login_act_run(db, &act, scope_may(s, BY_ADMIN));
}

static int set_password(struct db *db, struct login_act *act)
{
	char hash[PASSWORDS_HASH_SIZE];
	struct found o;
	int rc = login_act_hash(db, act->password, act->object, hash); /* first: it takes long, and nobody waits for it */

	if (rc == 0)
		rc = find_as_shown(db, act, &o);
	if (rc == 0)
		rc = db_exec(db, "UPDATE aeta_operator SET password = ?, password_at = UTC_TIMESTAMP() WHERE id = ?",
				DB_VALUES(DB_TEXT(hash), DB_INT(o.id)));
	return rc ? rc : session_end_others(db, SESSION_OPERATOR, o.id, NULL, act->keep);
}

int operator_password(struct db *db, const struct scope *s, const char *login, const char *version, const char *password,
		unsigned long long keep)
{
	struct login_act act = {.s = s, .action = "operator password", .object = login, .body = set_password, .detail = whose(s, login),
			.password = password, .version = version, .keep = keep};

	return login_act_run(db, &act, may_change(s, login));
}

static int delete(struct db *db, struct login_act *act)
{
	struct found o;
	int rc = find_as_shown(db, act, &o);

	if (rc)
		return rc;
	act->was = describe(db, o.id);
	return db_exec(db, "DELETE FROM aeta_operator WHERE id = ?", DB_VALUES(DB_INT(o.id)));
}

int operator_delete(struct db *db, const struct scope *s, const char *login, const char *version)
{
	struct login_act act = {.s = s, .action = "operator delete", .object = login, .version = version, .body = delete};

	return login_act_run(db, &act, scope_may(s, BY_ADMIN));
}

static int set_totp(struct db *db, struct login_act *act)
{
	unsigned long long step = totp_step(act->secret, act->code, time(NULL));
	struct found o;
	int rc = find_operator(db, act->object, &o);

	if (rc)
		return rc;
	if (!step)
		return REFUSED(-EACCES, db, "the code is wrong");
	rc = db_exec(db, "UPDATE aeta_operator SET totp_secret = ?, totp_step = ? WHERE id = ?",
			DB_VALUES(DB_TEXT(act->secret), DB_INT((long long)step), DB_INT(o.id)));
	return rc ? rc : session_end_others(db, SESSION_OPERATOR, o.id, NULL, act->keep);
}

int operator_totp(struct db *db, const struct scope *s, const char *secret, const char *code, unsigned long long keep)
{
	struct login_act act = {.s = s, .action = "operator second factor", .object = s->who, .body = set_totp, .detail = "own", .secret = secret,
			.code = code, .keep = keep};

	return login_act_run(db, &act, scope_may(s, BY_OPERATORS));
}

/* ---- web logins ---- */

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

int web_login_store(struct db *db, const char *account, const char *password, unsigned long long keep)
{
	char hash[PASSWORDS_HASH_SIZE];
	int rc = find_account(db, account);

	if (rc == 0)
		rc = login_act_hash(db, password, account, hash);
	if (rc == 0)
		rc = db_exec(db, "UPDATE aeta_web_login SET password = ?, password_at = UTC_TIMESTAMP() WHERE account = ?",
				DB_VALUES(DB_TEXT(hash), DB_TEXT(account)));
	if (rc == 0 && db_affected(db) == 0)
		rc = db_exec(db, "INSERT INTO aeta_web_login (account, password) VALUES (?, ?)", DB_VALUES(DB_TEXT(account), DB_TEXT(hash)));
	return rc ? rc : session_end_others(db, SESSION_ACCOUNT, 0, account, keep);
}

static int set_web_password(struct db *db, struct login_act *act)
{
	return web_login_store(db, act->object, act->password, act->keep);
}

int web_login_password(struct db *db, const struct scope *s, const char *account, const char *password, unsigned long long keep)
{
	struct login_act act = {.s = s, .action = "weblogin password", .object = account, .body = set_web_password, .detail = whose(s, account),
			.password = password, .keep = keep};

	return login_act_run(db, &act, scope_may(s, BY_STAFF) || (scope_may(s, BY_ACCOUNT) && strcmp(s->number, account) == 0));
}

static int delete_web_login(struct db *db, struct login_act *act)
{
	int rc = db_exec(db, "DELETE FROM aeta_web_login WHERE account = ?", DB_VALUES(DB_TEXT(act->object)));

	if (rc == 0 && db_affected(db) == 0)
		rc = REFUSED(-ENOENT, db, "%s has no web login: see aetactl weblogin list", act->object);
	return rc;
}

int web_login_delete(struct db *db, const struct scope *s, const char *account)
{
	struct login_act act = {.s = s, .action = "weblogin delete", .object = account, .body = delete_web_login};

	return login_act_run(db, &act, scope_may(s, BY_STAFF));
}

/* ---- lists ---- */

int operators_list(struct db *db, const struct scope *s, json_t **list)
{
	return db_json_for(db, s, BY_ADMIN, list,
			"SELECT login, name, role, enabled, totp, created_at, password_at, last_login_at FROM aeta_operator ORDER BY login");
}

int web_logins_list(struct db *db, const struct scope *s, json_t **list)
{
	return db_json_for(db, s, BY_ADMIN, list,
			"SELECT account AS number, email, created_at, password_at, last_login_at FROM aeta_web_login ORDER BY CHAR_LENGTH(account), "
			"account");
}

int sessions_list(struct db *db, const struct scope *s, json_t **list)
{
	return db_json_for(db, s, BY_ADMIN, list,
			"SELECT s.id, COALESCE(o.login, k.login, s.account) AS who, "
			"COALESCE(o.role, IF(s.contact_id IS NULL, 'subscriber', 'contact')) AS role, s.created_at, s.seen_at, s.ends_at, s.address, "
			"s.user_agent FROM aeta_web_session s LEFT JOIN aeta_operator o ON o.id = s.operator_id "
			"LEFT JOIN aeta_contact_login k ON k.contact_id = s.contact_id ORDER BY s.seen_at DESC");
}
