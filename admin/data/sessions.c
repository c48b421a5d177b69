/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sessions.h"

#include "audit.h"
#include "db.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGEST_SIZE (2 * crypto_hash_sha256_BYTES + 1)
#define TOKEN_BYTES 32
#define RENEW_S     60 /* seen_at is written so often at most */

static const char *const roles[] = {"", "viewer", "support", "admin"};

enum role role_of(const char *word)
{
	for (int i = ROLE_VIEWER; i <= ROLE_ADMIN; i++)
		if (strcmp(roles[i], word) == 0)
			return (enum role)i;
	return ROLE_NONE;
}

const char *role_word(enum role role)
{
	return roles[role];
}

static void encode(const unsigned char bytes[TOKEN_BYTES], char out[SESSION_TOKEN_SIZE])
{
	_Static_assert(sodium_base64_ENCODED_LEN(TOKEN_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == SESSION_TOKEN_SIZE, "fits");
	sodium_bin2base64(out, SESSION_TOKEN_SIZE, bytes, TOKEN_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static void digest_of(const char *token, char out[DIGEST_SIZE])
{
	unsigned char digest[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(digest, (const unsigned char *)token, strlen(token));
	sodium_bin2hex(out, DIGEST_SIZE, digest, sizeof(digest));
}

/* A digest of the token under another name than the stored one: neither leads to the other, or to the token. */
void session_csrf(const char *token, char out[SESSION_TOKEN_SIZE])
{
	static const unsigned char name[] = "aeta-admin: token of a form";
	unsigned char digest[TOKEN_BYTES];

	crypto_generichash(digest, sizeof(digest), (const unsigned char *)token, strlen(token), name, sizeof(name) - 1);
	encode(digest, out);
}

/* Printable, and short enough for its column. */
static void plain(const char *s, char *out, size_t size)
{
	size_t n = 0;

	for (; s && *s && n + 1 < size; s++)
		out[n++] = *s >= ' ' && *s <= '~' ? *s : '?';
	out[n] = '\0';
}

#define BEGIN_FROM(whose) \
	"INSERT INTO aeta_web_session (token_hash, whole, ends_at, address, user_agent, operator_id, contact_id, account) " \
	"SELECT ?, ?, UTC_TIMESTAMP() + INTERVAL ? SECOND, ?, ?, " whose " LOCK IN SHARE MODE"

/* Whose a new session is, and whether the proof holds: `half` of the session that it follows, `whole` of a password. */
static const struct beginning {
	const char *half, *whole;
} beginnings[] = {
		[SESSION_OPERATOR] = {BEGIN_FROM("operator_id, NULL, NULL FROM aeta_web_session WHERE id = ? AND operator_id = ? AND NOT whole"),
				BEGIN_FROM("id, NULL, NULL FROM aeta_operator WHERE id = ? AND password = ? AND totp = ? AND enabled")},
		[SESSION_CONTACT] = {BEGIN_FROM("NULL, contact_id, NULL FROM aeta_web_session WHERE id = ? AND contact_id = ? AND NOT whole"),
				BEGIN_FROM("NULL, contact_id, NULL FROM aeta_contact_login WHERE contact_id = ? AND password = ? AND totp = ? AND enabled")},
		[SESSION_ACCOUNT] = {NULL, BEGIN_FROM("NULL, NULL, account FROM aeta_web_login WHERE account = ? AND password = ?")},
};

/*
 * `row`: the values of a session but whose it is. Locked is the row that the proof is about, so whoever changes it has done so, or ends
 * this session with the others.
 */
static int insert_proved(struct db *db, const struct session *s, const struct session_proof *proof, const struct db_value row[5])
{
	const struct beginning *b = &beginnings[s->kind];
	int rc;

	if (proof->half)
		rc = db_exec(db, b->half,
				DB_VALUES(row[0], row[1], row[2], row[3], row[4], DB_INT((long long)proof->half), DB_INT(s->person)));
	else if (s->kind != SESSION_ACCOUNT)
		rc = db_exec(db, b->whole,
				DB_VALUES(row[0], row[1], row[2], row[3], row[4], DB_INT(s->person), DB_TEXT(proof->hash), DB_INT(s->has_totp)));
	else
		rc = db_exec(db, b->whole, DB_VALUES(row[0], row[1], row[2], row[3], row[4], DB_TEXT(s->who), DB_TEXT(proof->hash)));
	return rc == 0 && db_affected(db) == 0 ? -EACCES : rc;
}

int session_begin(struct db *db, struct session *s, const struct session_proof *proof, const struct session_place *at,
		const struct session_limits *l, char token[SESSION_TOKEN_SIZE])
{
	char digest[DIGEST_SIZE], address[46], user_agent[129];
	unsigned char bytes[TOKEN_BYTES];
	int rc;

	randombytes_buf(bytes, sizeof(bytes));
	encode(bytes, token);
	digest_of(token, digest);
	plain(at->address, address, sizeof(address));
	plain(at->user_agent, user_agent, sizeof(user_agent));
	rc = insert_proved(db, s, proof,
			(struct db_value[]){DB_TEXT(digest), DB_INT(s->whole), DB_INT(l->long_s), DB_TEXT(address), DB_TEXT(user_agent)});
	if (rc == 0)
		s->id = db_insert_id(db);
	session_csrf(token, s->csrf);
	return rc;
}

/* What is true of the person now, not when the session began. */
static const char find_session[] =
		"SELECT s.id, s.whole, COALESCE(o.id, c.contact_id, 0), o.role, COALESCE(o.totp, k.totp, 0), COALESCE(o.login, k.login, l.number), "
		"COALESCE(c.customer_id, 0), TIMESTAMPDIFF(SECOND, s.seen_at, UTC_TIMESTAMP()) >= ? "
		"FROM aeta_web_session s LEFT JOIN aeta_operator o ON o.id = s.operator_id AND o.enabled "
		"LEFT JOIN (aeta_contact_open c JOIN aeta_contact_login k ON k.contact_id = c.contact_id) ON c.contact_id = s.contact_id "
		"LEFT JOIN (aeta_account l JOIN aeta_group g ON g.prefix = l.prefix AND g.self_management) ON l.number = s.account "
		"AND l.state = 'active' AND (l.valid_until IS NULL OR l.valid_until > UTC_TIMESTAMP()) "
		"WHERE s.token_hash = ? AND s.ends_at > UTC_TIMESTAMP() AND s.seen_at > UTC_TIMESTAMP() - INTERVAL ? SECOND "
		"AND (o.id IS NOT NULL OR c.contact_id IS NOT NULL OR l.number IS NOT NULL)";

static void take_row(struct session *s, const struct db_rows *rows)
{
	s->id = strtoull(db_cell(rows, 0, 0), NULL, 10);
	s->whole = db_cell(rows, 0, 1)[0] == '1';
	s->person = strtoll(db_cell(rows, 0, 2), NULL, 10);
	s->role = role_of(db_cell(rows, 0, 3));
	s->has_totp = db_cell(rows, 0, 4)[0] == '1';
	snprintf(s->who, sizeof(s->who), "%s", db_cell(rows, 0, 5));
	s->customer = strtoll(db_cell(rows, 0, 6), NULL, 10);
	s->kind = s->role != ROLE_NONE ? SESSION_OPERATOR : s->customer ? SESSION_CONTACT : SESSION_ACCOUNT;
}

int session_find(struct db *db, const char *token, const struct session_limits *l, struct session *s)
{
	char digest[DIGEST_SIZE];
	struct db_rows rows;
	int rc;

	memset(s, 0, sizeof(*s));
	if (strlen(token) != SESSION_TOKEN_SIZE - 1)
		return -ENOENT;
	digest_of(token, digest);
	rc = db_query(db, &rows, find_session, DB_VALUES(DB_INT(RENEW_S), DB_TEXT(digest), DB_INT(l->idle_s)));
	if (rc == 0 && rows.rows == 0)
		rc = -ENOENT;
	if (rc == 0) {
		take_row(s, &rows);
		session_csrf(token, s->csrf);
		if (db_cell(&rows, 0, 7)[0] == '1' && !l->watching)
			rc = db_exec(db, "UPDATE aeta_web_session SET seen_at = UTC_TIMESTAMP() WHERE id = ?", DB_VALUES(DB_INT((long long)s->id)));
	}
	db_rows_free(&rows);
	return rc;
}

int session_end(struct db *db, unsigned long long id)
{
	return db_exec(db, "DELETE FROM aeta_web_session WHERE id = ?", DB_VALUES(DB_INT((long long)id)));
}

int session_end_others(struct db *db, enum session_kind kind, long long person, const char *account, unsigned long long keep)
{
	static const char *const sql[] = {
			[SESSION_OPERATOR] = "DELETE FROM aeta_web_session WHERE operator_id = ? AND id <> ?",
			[SESSION_CONTACT] = "DELETE FROM aeta_web_session WHERE contact_id = ? AND id <> ?",
			[SESSION_ACCOUNT] = "DELETE FROM aeta_web_session WHERE account = ? AND id <> ?",
	};

	return db_exec(db, sql[kind], DB_VALUES(kind == SESSION_ACCOUNT ? DB_TEXT(account) : DB_INT(person), DB_INT((long long)keep)));
}

/* A person's own sessions, and one of them. */
struct own {
	const struct scope *s;
	const struct session *mine;
};

static int logout(struct db *db, void *arg)
{
	const struct own *own = arg;
	static const char here[] = "logged out";
	int rc = session_end(db, own->mine->id);

	return rc || db_affected(db) == 0 ? rc : audit_act(db, own->s, "session end", own->mine->who, here);
}

int session_logout(struct db *db, const struct scope *s, const struct session *mine)
{
	struct own own = {s, mine};

	return mine->whole ? db_transaction(db, logout, &own) : session_end(db, mine->id);
}

static int logout_elsewhere(struct db *db, void *arg)
{
	const struct own *own = arg;
	char detail[48];
	int rc = session_end_others(db, own->mine->kind, own->mine->person, own->mine->who, own->mine->id);
	long long n = rc ? 0 : (long long)db_affected(db);

	if (n == 0)
		return rc;
	snprintf(detail, sizeof(detail), "logged out elsewhere, %lld session%s", n, n == 1 ? "" : "s");
	return audit_act(db, own->s, "session end", own->mine->who, detail);
}

int session_logout_elsewhere(struct db *db, const struct scope *s, const struct session *mine)
{
	struct own own = {s, mine};

	return db_transaction(db, logout_elsewhere, &own);
}

int session_tidy(struct db *db, const struct session_limits *l)
{
	return db_exec(db,
			"DELETE FROM aeta_web_session WHERE ends_at < UTC_TIMESTAMP() OR seen_at < UTC_TIMESTAMP() - INTERVAL ? SECOND LIMIT 500",
			DB_VALUES(DB_INT(l->idle_s)));
}
