/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "contact_logins.h"

#include "login_act.h"
#include "statement.h"
#include "totp.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LOGIN_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789._@+-"

struct found {
	long long id;
	bool has_login;
	char email[CELL_TEXT_MAX + 1], login[SESSION_WHO_SIZE], version[24];
};

static int no_contact(struct db *db)
{
	return REFUSED(-ENOENT, db, "there is no such contact: see aetactl contact list");
}

/* The contact, whom nobody else changes before this transaction ends. */
static int find_contact(struct db *db, const char *key, struct found *c)
{
	struct db_rows rows;
	int rc;

	if (!*key || strlen(key) > 10 || key[strspn(key, "0123456789")])
		return no_contact(db);
	rc = db_query(db, &rows,
			"SELECT k.id, k.email, w.login, w.version, w.contact_id IS NOT NULL FROM aeta_contact k "
			"LEFT JOIN aeta_contact_login w ON w.contact_id = k.id WHERE k.id = ? FOR UPDATE",
			DB_VALUES(DB_TEXT(key)));
	if (rc == 0 && rows.rows == 0)
		rc = no_contact(db);
	if (rc == 0) {
		c->id = strtoll(db_cell(&rows, 0, 0), NULL, 10);
		snprintf(c->email, sizeof(c->email), "%s", db_cell(&rows, 0, 1));
		snprintf(c->login, sizeof(c->login), "%s", db_cell(&rows, 0, 2));
		snprintf(c->version, sizeof(c->version), "%s", db_cell(&rows, 0, 3));
		c->has_login = db_cell(&rows, 0, 4)[0] == '1';
	}
	db_rows_free(&rows);
	return rc;
}

/* ---- what a login is called ---- */

static bool is_login(const char *login)
{
	size_t n = strlen(login);

	return n && n < SESSION_WHO_SIZE && strspn(login, LOGIN_CHARACTERS) == n && !strchr("._@+-", login[0]) &&
		   strspn(login, "0123456789") < n;
}

/* `asked`, or the one that there is, or the address. */
static int choose_login(struct db *db, const struct found *c, const char *asked, char out[SESSION_WHO_SIZE])
{
	const char *from = asked && *asked ? asked : c->has_login ? c->login : c->email;
	size_t n = 0;

	for (; from[n] && n < SESSION_WHO_SIZE - 1; n++)
		out[n] = (char)tolower((unsigned char)from[n]);
	out[n] = '\0';
	if (!from[n] && is_login(out))
		return 0;
	if (from == c->email)
		return db_refuse(db, "%s cannot be a login as it is: give the contact another one", c->email);
	return db_refuse(db, "a contact's login is 1 to %d of a-z 0-9 . _ @ + - and not digits alone; it begins with a letter or a digit",
			SESSION_WHO_SIZE - 1);
}

/* ---- what operators do ---- */

/* For the audit; NULL: there is no login. */
static json_t *describe(struct db *db, const struct found *c)
{
	return login_act_row(db, "SELECT login, enabled, totp FROM aeta_contact_login WHERE contact_id = ?", DB_VALUES(DB_INT(c->id)));
}

static int store(struct db *db, const struct found *c, const struct contact_access *a, const char *login, const char *hash)
{
	int rc;

	if (c->has_login)
		rc = db_exec(db,
				"UPDATE aeta_contact_login SET login = ?, password = ?, password_at = UTC_TIMESTAMP(), enabled = 1 WHERE contact_id = ?",
				DB_VALUES(DB_TEXT(login), DB_TEXT(hash), DB_INT(c->id)));
	else
		rc = db_exec(db, "INSERT INTO aeta_contact_login (contact_id, login, password) VALUES (?, ?, ?)",
				DB_VALUES(DB_INT(c->id), DB_TEXT(login), DB_TEXT(hash)));
	if (rc == -EEXIST)
		rc = REFUSED(-EEXIST, db, "the login \"%s\" is that of another contact: give this one another login", login);
	if (rc == 0 && a->drop_totp)
		rc = db_exec(db, "UPDATE aeta_contact_login SET totp_secret = NULL WHERE contact_id = ?", DB_VALUES(DB_INT(c->id)));
	return rc ? rc : session_end_others(db, SESSION_CONTACT, c->id, NULL, 0);
}

struct giving {
	const struct contact_access *access;
	char *login;
};

static int give(struct db *db, struct login_act *act)
{
	const struct giving *g = act->change;
	char hash[PASSWORDS_HASH_SIZE];
	struct found c = {0};
	int rc = find_contact(db, act->object, &c);

	if (rc == 0 && g->access->version && strcmp(g->access->version, c.version) != 0)
		rc = REFUSED(-ESTALE, db, "somebody else has changed the contact's login meanwhile: look at it again");
	if (rc == 0)
		rc = choose_login(db, &c, g->access->login, g->login);
	if (rc == 0)
		rc = login_act_hash(db, g->access->password, g->login, hash);
	if (rc)
		return rc;
	act->was = describe(db, &c);
	rc = store(db, &c, g->access, g->login, hash);
	act->is = describe(db, &c);
	return rc;
}

int contact_login_give(struct db *db, const struct scope *s, const char *contact, const struct contact_access *a,
		char login[SESSION_WHO_SIZE])
{
	const struct giving g = {a, login};
	struct login_act act = {.s = s, .action = "contact password", .object = contact, .body = give, .change = &g};

	login[0] = '\0';
	return login_act_run(db, &act, scope_may(s, BY_STAFF));
}

static int find_login(struct db *db, const char *key, struct found *c)
{
	int rc = find_contact(db, key, c);

	if (rc == 0 && !c->has_login)
		rc = REFUSED(-ENOENT, db, "%s has no login: aetactl contact password gives one", c->email);
	return rc;
}

static int disable(struct db *db, struct login_act *act)
{
	struct found c = {0};
	int rc = find_login(db, act->object, &c);

	if (rc)
		return rc;
	act->was = describe(db, &c);
	rc = db_exec(db, "UPDATE aeta_contact_login SET enabled = 0 WHERE contact_id = ?", DB_VALUES(DB_INT(c.id)));
	act->is = describe(db, &c);
	return rc ? rc : session_end_others(db, SESSION_CONTACT, c.id, NULL, 0);
}

int contact_login_disable(struct db *db, const struct scope *s, const char *contact)
{
	struct login_act act = {.s = s, .action = "contact disable", .object = contact, .body = disable};

	return login_act_run(db, &act, scope_may(s, BY_STAFF));
}

/* The sessions go with it: sql/0024. */
static int delete(struct db *db, struct login_act *act)
{
	struct found c = {0};
	int rc = find_login(db, act->object, &c);

	if (rc)
		return rc;
	act->was = describe(db, &c);
	return db_exec(db, "DELETE FROM aeta_contact_login WHERE contact_id = ?", DB_VALUES(DB_INT(c.id)));
}

int contact_login_delete(struct db *db, const struct scope *s, const char *contact)
{
	struct login_act act = {.s = s, .action = "contact login delete", .object = contact, .body = delete};

	return login_act_run(db, &act, scope_may(s, BY_STAFF));
}

int contact_login_version(struct db *db, const struct scope *s, const char *contact, char out[CONTACT_LOGIN_VERSION])
{
	struct db_rows rows = {0};
	int rc = scope_may(s, BY_OPERATORS) ? 0 : no_contact(db);

	if (rc == 0)
		rc = db_query(db, &rows, "SELECT version FROM aeta_contact_login WHERE contact_id = ?", DB_VALUES(DB_TEXT(contact)));
	snprintf(out, CONTACT_LOGIN_VERSION, "%s", rc == 0 && rows.rows ? db_cell(&rows, 0, 0) : "");
	db_rows_free(&rows);
	return rc;
}

/* ---- what a contact does itself ---- */

/* What a change of the own row came to: it is there as long as its session is. */
static int finish_own(struct db *db, const struct login_act *act, int rc)
{
	if (rc == 0 && db_affected(db) == 0)
		rc = no_contact(db);
	return rc ? rc : session_end_others(db, SESSION_CONTACT, act->s->contact, NULL, act->keep);
}

static int set_own_password(struct db *db, struct login_act *act)
{
	char hash[PASSWORDS_HASH_SIZE];
	int rc = login_act_hash(db, act->password, act->s->who, hash);

	if (rc)
		return rc;
	rc = db_exec(db, "UPDATE aeta_contact_login SET password = ?, password_at = UTC_TIMESTAMP() WHERE contact_id = ?",
			DB_VALUES(DB_TEXT(hash), DB_INT(act->s->contact)));
	return finish_own(db, act, rc);
}

static int set_own_totp(struct db *db, struct login_act *act)
{
	unsigned long long step = totp_step(act->secret, act->code, time(NULL));
	int rc;

	if (!step)
		return REFUSED(-EACCES, db, "the code is wrong");
	rc = db_exec(db, "UPDATE aeta_contact_login SET totp_secret = ?, totp_step = ? WHERE contact_id = ?",
			DB_VALUES(DB_TEXT(act->secret), DB_INT((long long)step), DB_INT(act->s->contact)));
	return finish_own(db, act, rc);
}

int contact_login_password(struct db *db, const struct scope *s, const char *password, unsigned long long keep)
{
	char key[24];
	struct login_act act = {.s = s, .action = "contact password", .object = key, .body = set_own_password, .detail = "own",
			.password = password, .keep = keep};

	snprintf(key, sizeof(key), "%lld", s->contact);
	return login_act_run(db, &act, scope_may(s, BY_CONTACT));
}

int contact_login_totp(struct db *db, const struct scope *s, const char *secret, const char *code, unsigned long long keep)
{
	char key[24];
	struct login_act act = {.s = s, .action = "contact second factor", .object = key, .body = set_own_totp, .detail = "own",
			.secret = secret, .code = code, .keep = keep};

	snprintf(key, sizeof(key), "%lld", s->contact);
	return login_act_run(db, &act, scope_may(s, BY_CONTACT));
}
