/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "logins.h"

#include "db.h"
#include "passwords.h"
#include "throttle.h"
#include "totp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Kinds of logins: what the throttle calls them, and where their passwords are. Each question has the same columns. */
static const struct kind {
	const char *name;
	const char *question;
	const char *note;              /* of a login */
	const char *secret, *take_step; /* of the second factor; NULL: has none */
	const char *code;              /* what the throttle calls it */
	const char *renew;             /* the hash of a password, in place of the one that it was compared with */
} kinds[] = {
		[SESSION_OPERATOR] = {"operator",
				"SELECT id, login, password, role, totp, 0 FROM aeta_operator WHERE login = CONVERT(? USING ascii) AND enabled",
				"UPDATE aeta_operator SET last_login_at = UTC_TIMESTAMP() WHERE login = ?",
				"SELECT totp_secret FROM aeta_operator WHERE id = ? AND enabled AND totp_secret IS NOT NULL",
				"UPDATE aeta_operator SET totp_step = ?, last_login_at = UTC_TIMESTAMP() WHERE id = ? AND totp_step < ?", "code",
				"UPDATE aeta_operator SET password = ? WHERE login = ? AND password = ?"},
		[SESSION_CONTACT] = {"contact",
				"SELECT w.contact_id, w.login, w.password, '', w.totp, c.customer_id FROM aeta_contact_login w "
				"JOIN aeta_contact_open c ON c.contact_id = w.contact_id WHERE w.login = CONVERT(? USING ascii)",
				"UPDATE aeta_contact_login SET last_login_at = UTC_TIMESTAMP() WHERE login = ?",
				"SELECT totp_secret FROM aeta_contact_login WHERE contact_id = ? AND enabled AND totp_secret IS NOT NULL",
				"UPDATE aeta_contact_login SET totp_step = ?, last_login_at = UTC_TIMESTAMP() WHERE contact_id = ? AND totp_step < ?",
				"contact's code", "UPDATE aeta_contact_login SET password = ? WHERE login = ? AND password = ?"},
		[SESSION_ACCOUNT] = {"subscriber",
				"SELECT 0, w.account, w.password, '', 0, 0 FROM aeta_web_login w JOIN aeta_account a ON a.number = w.account "
				"JOIN aeta_group g ON g.prefix = a.prefix AND g.self_management "
				"WHERE w.account = ? AND a.state = 'active' AND (a.valid_until IS NULL OR a.valid_until > UTC_TIMESTAMP())",
				"UPDATE aeta_web_login SET last_login_at = UTC_TIMESTAMP() WHERE account = ?", NULL, NULL, NULL,
				"UPDATE aeta_web_login SET password = ? WHERE account = ? AND password = ?"},
};

/* What the throttle counts: the name as typed, with its kind; upper and lower case are one. */
static void subject_of(const struct kind *k, const char *name, char out[128])
{
	snprintf(out, 128, "%s %.100s", k->name, name);
	for (char *s = out; *s; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s - 'A' + 'a');
}

/*
 * Each waits for argon2id with a connection to the database: more than a few at a time would leave none for everybody else's pages.
 * Asked after the throttle, so that who has to wait takes nobody's turn.
 */
static bool begin_turn(const struct login_try *t)
{
	if (!t->now || atomic_fetch_add(t->now, 1) < LOGINS_AT_A_TIME)
		return true;
	atomic_fetch_sub(t->now, 1);
	return false;
}

static void end_turn(const struct login_try *t)
{
	if (t->now)
		atomic_fetch_sub(t->now, 1);
}

/* Throttle, question, password; `*s` is who it is, and `hash` what is stored of the password. */
static int check(struct db *db, enum session_kind kind, const struct login_try *t, struct session *s, char hash[PASSWORDS_HASH_SIZE],
		unsigned *wait_s)
{
	const struct kind *k = &kinds[kind];
	char subject[128];
	struct db_rows rows;
	bool known;
	int rc;

	memset(s, 0, sizeof(*s));
	s->kind = kind;
	subject_of(k, t->name, subject);
	rc = throttle_take(db, subject, t->at.address, wait_s);
	if (rc)
		return rc;
	rc = db_query(db, &rows, k->question, DB_VALUES(DB_TEXT(t->name)));
	if (rc)
		return rc;
	if (!begin_turn(t)) {
		db_rows_free(&rows);
		*wait_s = 1;
		rc = throttle_undo(db, subject, t->at.address);
		return rc ? rc : -EBUSY;
	}
	/* Exactly that name: the database takes some for equal ("anna "), which the throttle would count apart. */
	known = rows.rows && strcmp(db_cell(&rows, 0, 1), t->name) == 0;
	known = passwords_match(known ? db_cell(&rows, 0, 2) : NULL, t->password);
	end_turn(t);
	if (known) {
		s->person = strtoll(db_cell(&rows, 0, 0), NULL, 10);
		snprintf(s->who, sizeof(s->who), "%s", db_cell(&rows, 0, 1));
		s->role = role_of(db_cell(&rows, 0, 3));
		s->has_totp = db_cell(&rows, 0, 4)[0] == '1';
		s->customer = strtoll(db_cell(&rows, 0, 5), NULL, 10);
		snprintf(hash, PASSWORDS_HASH_SIZE, "%s", db_cell(&rows, 0, 2));
	}
	db_rows_free(&rows);
	return known ? throttle_forget(db, subject, t->at.address) : -EACCES;
}

/* A hash of other costs than today's is made anew while the password is at hand. Where that fails the login counts all the same. */
static void renew(struct db *db, const struct kind *k, const struct login_try *t, const struct session *s, const char *hash)
{
	char made[PASSWORDS_HASH_SIZE];

	if (passwords_is_old(hash) && passwords_hash(t->password, made) == 0)
		db_exec(db, k->renew, DB_VALUES(DB_TEXT(made), DB_TEXT(s->who), DB_TEXT(hash)));
}

static int login(struct db *db, enum session_kind kind, const struct login_try *t, struct session *s, char token[SESSION_TOKEN_SIZE],
		unsigned *wait_s)
{
	struct session_limits limits = t->limits;
	char hash[PASSWORDS_HASH_SIZE];
	int rc = check(db, kind, t, s, hash, wait_s);

	if (rc)
		return rc;
	s->whole = !s->has_totp;
	if (!s->whole)
		limits.long_s = SECOND_FACTOR_S;
	rc = session_begin(db, s, &(struct session_proof){.hash = hash}, &t->at, &limits, token);
	if (rc == 0 && s->whole)
		rc = db_exec(db, kinds[kind].note, DB_VALUES(DB_TEXT(s->who)));
	if (rc == 0)
		renew(db, &kinds[kind], t, s, hash);
	return rc;
}

int login_operator(struct db *db, const struct login_try *t, struct session *s, char token[SESSION_TOKEN_SIZE], unsigned *wait_s)
{
	return login(db, SESSION_OPERATOR, t, s, token, wait_s);
}

/* Whoever has digits for a login is an account. */
static bool is_number(const char *name)
{
	return name[strspn(name, "0123456789")] == '\0';
}

int login_subscriber(struct db *db, const struct login_try *t, struct session *s, char token[SESSION_TOKEN_SIZE], unsigned *wait_s)
{
	return login(db, is_number(t->name) ? SESSION_ACCOUNT : SESSION_CONTACT, t, s, token, wait_s);
}

int login_confirm(struct db *db, const struct login_try *t, const struct session *s, unsigned *wait_s)
{
	struct login_try of_them = *t;
	char hash[PASSWORDS_HASH_SIZE];
	struct session found;

	of_them.name = s->who;
	return check(db, s->kind, &of_them, &found, hash, wait_s);
}

/* Good, and not used before: the step of the last code only rises, in one UPDATE. */
static int take_code(struct db *db, const struct session *s, const char *code)
{
	unsigned long long step = 0;
	const struct kind *k = &kinds[s->kind];
	struct db_rows rows = {0};
	int rc = k->secret ? db_query(db, &rows, k->secret, DB_VALUES(DB_INT(s->person))) : -EACCES;

	if (rc == 0 && rows.rows)
		step = totp_step(db_cell(&rows, 0, 0), code, time(NULL));
	db_rows_free(&rows);
	if (rc == 0)
		rc = db_exec(db, k->take_step, DB_VALUES(DB_INT((long long)step), DB_INT(s->person), DB_INT((long long)step)));
	if (rc)
		return rc;
	return step && db_affected(db) ? 0 : -EACCES;
}

int login_second(struct db *db, const struct login_try *t, struct session *s, char token[SESSION_TOKEN_SIZE], unsigned *wait_s)
{
	unsigned long long before = s->id;
	char subject[128];
	int rc;

	snprintf(subject, sizeof(subject), "%s %s", kinds[s->kind].code, s->who);
	rc = throttle_take(db, subject, t->at.address, wait_s);
	if (rc == 0)
		rc = take_code(db, s, t->password);
	if (rc == 0)
		rc = throttle_forget(db, subject, t->at.address);
	if (rc)
		return rc;
	s->whole = true;
	rc = session_begin(db, s, &(struct session_proof){.half = before}, &t->at, &t->limits, token);
	return rc ? rc : session_end(db, before);
}
