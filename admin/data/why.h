/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was tried with a number lately, and what came of it, in words (B10). */
#ifndef AETA_ADMIN_WHY_H
#define AETA_ADMIN_WHY_H

#include "rows.h"
#include "scope.h"

/*
 * Attempts by a number and of others with it, newest first, `limit` at most: objects {last_at, first_at, times, kind, account, dialled,
 * peer, final, cause, code, reason, address, source, user_agent, callid, trust, with, outcome, command}; the last three are for people.
 * *list is the caller's to decref, empty after an error. -ENOENT where the scope is no operator's and the number not its own, else as
 * db_query().
 */
int why_attempts(struct db *db, const struct scope *s, const char *number, long limit, json_t **list);

/*
 * The account with its group, {kind, state, valid_until, prefix, block_incoming, block_outgoing, hunting, has_password}; json null: there
 * is none. *account is the caller's to decref, NULL after an error. Returns likewise.
 */
int why_account(struct db *db, const struct scope *s, const char *number, json_t **account);

#define WHY_SINCE 20
/* When the registration that holds was made, which usrloc does not know; "" where nobody does. Returns likewise. */
int why_registered_since(struct db *db, const struct scope *s, const char *number, char out[WHY_SINCE]);

#endif
