/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Digest authentication of a request (A1, RFC 2617): Kamailio's module auth judges nonce and response, the account and its
 * HA1 come from memory (accounts.h), else from the database, in one question.
 */
#ifndef AETA_AUTH_H
#define AETA_AUTH_H

#include "core/parser/msg_parser.h"

#define AETA_AUTH_NOT_ASKED (-9) /* beside auth_cfg_result_t */
#define AETA_AUTH_BUSY	    (-10)

/* mod_init(): binds the module auth if it is loaded. 0 or -1. */
int aeta_auth_init(void);

/*
 * The script's aeta_auth_check(): as auth_check(realm, table, "0") of auth_db, with the same results, the realm of the
 * parameter guard_realm and a user that must be a number; AETA_AUTH_NOT_ASKED: the database did not answer; AETA_AUTH_BUSY:
 * aeta_spare_worker() says -1, drop the request. What memory says only ever lets somebody in: who is not let in by it is judged
 * by the database; while that is away, a REGISTER is judged by what memory held before (parameter accounts_grace).
 */
int aeta_auth_check(sip_msg_t *msg);

#endif
