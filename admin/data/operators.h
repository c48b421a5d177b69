/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Those who run the service, and subscribers' web logins: made, changed, deleted. Passwords come in clear and are stored as argon2id. */
#ifndef AETA_DATA_OPERATORS_H
#define AETA_DATA_OPERATORS_H

#include "scope.h"
#include "sessions.h"

#include <jansson.h>

/* What of an operator to set; NULL or negative: leave it. */
struct operator_change {
	const char *name;
	enum role role; /* ROLE_NONE: leave it */
	int enabled;
	bool drop_totp; /* the second factor is lost: log in without, and set up a new one */
	const char *version; /* as it was shown to whoever asks; NULL: whatever it is now */
};

/*
 * Each is one transaction with its row of the audit, in which no secret is. All return as db_exec(), and -EPERM with a sentence in
 * db_error() for what cannot be: a login of other characters than a-z 0-9 . _ @ -, a password that is too simple. -ENOENT: there is no
 * such operator, or no such account in a group with self-management. -ESTALE: of another version by now. -EACCES: not the scope's to
 * change; administrators change all, an operator its own password and second factor, support and the account itself a web password. Who
 * changes a password, a role, `enabled` or a second factor ends the sessions of the one that it is about, but for `keep` (0: all).
 */
int operator_add(struct db *db, const struct scope *s, const char *login, const char *name, enum role role, const char *password);
int operator_set(struct db *db, const struct scope *s, const char *login, const struct operator_change *c, unsigned long long keep);
/* `version`: of the row as it was shown to whoever asks; NULL: whatever it is now. */
int operator_password(struct db *db, const struct scope *s, const char *login, const char *version, const char *password,
		unsigned long long keep);
int operator_delete(struct db *db, const struct scope *s, const char *login, const char *version);

/*
 * A new second factor of the scope's own, after a code of it has shown that it works. Its other sessions, which were begun without, end.
 * -EACCES: the code is wrong.
 */
int operator_totp(struct db *db, const struct scope *s, const char *secret, const char *code, unsigned long long keep);

/* The web password of an account, new or another. */
int web_login_password(struct db *db, const struct scope *s, const char *account, const char *password, unsigned long long keep);
int web_login_delete(struct db *db, const struct scope *s, const char *account);

/* The same for the data layer alone: in the transaction of what it is a part of, audited there. */
int web_login_store(struct db *db, const char *account, const char *password, unsigned long long keep);

/* Arrays of objects, the caller's to decref, empty after an error. Administrators; -ENOENT for others, else as db_query(). */
int operators_list(struct db *db, const struct scope *s, json_t **list);
int web_logins_list(struct db *db, const struct scope *s, json_t **list);
int sessions_list(struct db *db, const struct scope *s, json_t **list);

#endif
