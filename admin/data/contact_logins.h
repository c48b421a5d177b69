/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The web logins of technical contacts (E3): given and taken by operators, kept by the contact itself. Passwords are stored as argon2id. */
#ifndef AETA_DATA_CONTACT_LOGINS_H
#define AETA_DATA_CONTACT_LOGINS_H

#include "scope.h"
#include "sessions.h"

struct db;

/* What an operator gives to a contact. */
struct contact_access {
	const char *login;    /* NULL or "": the one that it has, or else its e-mail address */
	const char *password; /* in clear */
	bool drop_totp;       /* the second factor is lost: log in without, and set up a new one */
	const char *version;  /* of the login as it was shown, "" for none; NULL: whatever it is by now */
};

/*
 * Each is one transaction with its row of the audit, in which no secret is, and with the end of the contact's sessions. `contact` is the
 * key of its row. All return as db_exec(), and with a sentence in db_error(): -EPERM for what cannot be (a login of other characters, a
 * password that is too simple), -EEXIST: another contact has that login; -ENOENT: there is no such contact, or it has no login; -ESTALE:
 * another version by now; -EACCES: not the scope's to change.
 */
/* A login with that password, new or enabled again; its name comes back in `login`. Support and admins. */
int contact_login_give(struct db *db, const struct scope *s, const char *contact, const struct contact_access *a,
		char login[SESSION_WHO_SIZE]);
/* Out at once, and no login until contact_login_give(). Support and admins. */
int contact_login_disable(struct db *db, const struct scope *s, const char *contact);
/* The same for good: name and second factor go, too. Support and admins. */
int contact_login_delete(struct db *db, const struct scope *s, const char *contact);

#define CONTACT_LOGIN_VERSION 24
/* The version of its login now, "" where it has none: for contact_access. Operators; -ENOENT for others. */
int contact_login_version(struct db *db, const struct scope *s, const char *contact, char out[CONTACT_LOGIN_VERSION]);

/* The scope's own, a contact's; its session `keep` goes on. The second factor as operator_totp(): -EACCES where the code is wrong. */
int contact_login_password(struct db *db, const struct scope *s, const char *password, unsigned long long keep);
int contact_login_totp(struct db *db, const struct scope *s, const char *secret, const char *code, unsigned long long keep);

#endif
