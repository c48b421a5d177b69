/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An act on somebody's login, with its row of the audit in one transaction; private to the data layer. */
#ifndef AETA_DATA_LOGIN_ACT_H
#define AETA_DATA_LOGIN_ACT_H

#include "passwords.h"
#include "scope.h"
#include "sessions.h"

#include <jansson.h>

struct db;
struct db_value;

struct login_act {
	const struct scope *s;
	const char *action, *object; /* as the audit has them */
	int (*body)(struct db *db, struct login_act *act);
	const char *detail;
	const char *name, *password, *secret, *code; /* what the body takes */
	enum role role;
	const char *version;     /* of the row as it was shown; NULL: whatever it is by now */
	const void *change;      /* more of that */
	unsigned long long keep; /* the session that does not end; 0: all do */
	json_t *was, *is;        /* the body's, for the audit: without secrets, freed here; NULL: nothing that may be seen, and `detail` counts */
};

/* Carries it out. -EACCES, with a sentence, unless `may`; or as db_transaction(). */
int login_act_run(struct db *db, struct login_act *act, bool may);

/* Checks a new password of `login`, and hashes it. -EPERM with a sentence, or -ENOMEM. */
int login_act_hash(struct db *db, const char *password, const char *login, char hash[PASSWORDS_HASH_SIZE]);

/* The first row of a question the caller's to decref; NULL where it cannot be read. */
json_t *login_act_row(struct db *db, const char *sql, const struct db_value *values, size_t count);

#endif
