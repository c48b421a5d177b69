/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SIP password of an account: only its digests are stored, in Kamailio's table `subscriber`, and nobody reads them back. And
 * whether the account's agent follows a change.
 */
#ifndef AETA_ADMIN_SIP_PASSWORD_H
#define AETA_ADMIN_SIP_PASSWORD_H

#include "scope.h"

struct db;

/*
 * Stores the digests (secret.h: 32 hex digits) for an account that exists, new or instead of those it had. In the transaction of
 * what it is about, audited by the caller, who also sees to the scope. Returns as db_exec().
 */
int sip_password_store(struct db *db, const char *number, const char *realm, const char *ha1, const char *ha1b);

/* ---- as a person changes it ---- */

#define SIP_PASSWORD_MIN 10
#define SIP_PASSWORD_MAX 64

/* Why this cannot be a SIP password that somebody types, a sentence; NULL: it can. A codec's keypad has letters, digits, . - _ * and #. */
const char *sip_password_fault(const char *password);

/*
 * May the scope set it? Support, admins, the account's own login; and its customer's contact, where that login could: in a group with
 * self-management, of an account that is active. 0; -ENOENT: no such account, or out of the scope, or not the contact's to set; -EACCES: a
 * viewer; or as db_query().
 */
int sip_password_may(struct db *db, const struct scope *s, const char *number);

/*
 * Sets it, with a row of the audit. `mark`: password_mark() as it was when it was asked for; NULL: whatever it is. -ENOENT and -EACCES as
 * sip_password_may(); -EINVAL: a password that sip_password_fault() refuses; -ESTALE: another mark by now;
 * or as db_exec(). Kamailio is to be told then (live_accounts_changed()).
 */
int sip_password_set(struct db *db, const struct scope *s, const char *number, const char *realm, const char *password, const char *mark);

/* Times as "YYYY-MM-DD HH:MM:SS", UTC; "" for none. */
struct sip_password_status {
	char changed_at[20];    /* the last change that is known of */
	char registered_at[20]; /* the latest REGISTER, of those since the change */
	char failed_at[20];     /* the latest REGISTER with another password since the change, if none was right after it */
	char failed_from[64];   /* where that came from */
};

/*
 * What became of the last change. `seen`: when Kamailio says that the number registered last, seconds since 1970, or 0 (the database
 * hears of a mere refresh now and then only). Errors as sip_password_set().
 */
int sip_password_status(struct db *db, const struct scope *s, const char *number, long seen, struct sip_password_status *out);

#endif
