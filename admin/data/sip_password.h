/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SIP password of an account: only its digests are stored, in Kamailio's table `subscriber`, and nobody reads them back. */
#ifndef AETA_ADMIN_SIP_PASSWORD_H
#define AETA_ADMIN_SIP_PASSWORD_H

#include "db.h"

/*
 * Stores the digests (secret.h: 32 hex digits) for an account that exists, new or instead of those it had. In the transaction of
 * what it is about, audited by the caller, who also sees to the scope. Returns as db_exec().
 */
int sip_password_store(struct db *db, const char *number, const char *realm, const char *ha1, const char *ha1b);

#endif
