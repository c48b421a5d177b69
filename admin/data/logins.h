/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logging in to the web administration. Whoever is named, the same work is done: the throttle, one question to the database, one
 * argon2id. What an answer says is the same for a wrong password, an unknown name, and somebody who may not log in now.
 */
#ifndef AETA_DATA_LOGINS_H
#define AETA_DATA_LOGINS_H

#include "sessions.h"

#include <stdatomic.h>

#define LOGINS_AT_A_TIME 8 /* of all that come in from outside */
#define SECOND_FACTOR_S 300 /* how long a session waits for its second factor */

/* What came with a form, and from where. */
struct login_try {
	const char *name, *password;
	struct session_place at;
	struct session_limits limits;
	atomic_ulong *now; /* how many are looked at at this moment; NULL: it is no stranger's, and not bounded */
};

/*
 * An operator's: `*s` and its token, s->whole false where the second factor is still to come. 0; -EACCES: no; -EBUSY: too many tries,
 * or too many at this moment, with the seconds to wait in *wait_s; or as db_exec().
 */
int login_operator(struct db *db, const struct login_try *t, struct session *s, char token[SESSION_TOKEN_SIZE], unsigned *wait_s);

/*
 * A subscriber's. Digits are the number of an account, which must be active, and its group have self-management. Anything else is the
 * login of a technical contact in lower case, which must be enabled, and its customer have an active account, or none yet (sql/0024). As
 * login_operator(); an account has no second factor.
 */
int login_subscriber(struct db *db, const struct login_try *t, struct session *s, char token[SESSION_TOKEN_SIZE], unsigned *wait_s);

/*
 * The second factor of a session that waits for it (t->password: the code). `*s` is the session, and becomes a whole one with another
 * token; a code is good once. As login_operator().
 */
int login_second(struct db *db, const struct login_try *t, struct session *s, char token[SESSION_TOKEN_SIZE], unsigned *wait_s);

/* Is that the password of whoever has the session? (Asked again before something grave.) 0, -EACCES, -EBUSY, or as db_query(). */
int login_confirm(struct db *db, const struct login_try *t, const struct session *s, unsigned *wait_s);

#endif
