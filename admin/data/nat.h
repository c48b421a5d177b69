/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the agent of a number is behind, as the service has found out by asking it, in plain words (C7). */
#ifndef AETA_ADMIN_NAT_H
#define AETA_ADMIN_NAT_H

#include "rows.h"
#include "scope.h"
#include "sentence.h"

struct nat {
	json_t *addresses; /* newest first: {address, class, evidence: [words], stun, asked_at, means, follows, advice, here} */
	bool off;          /* it is never asked */
};

/*
 * `here`: the address that it is registered from now, "" where that is not known. *out is to be freed with nat_free(), also after an
 * error. -ENOENT where the scope is no operator's and the number not its own, else as db_query().
 */
int nat_read(struct db *db, const struct scope *s, const char *number, const char *here, struct nat *out);
void nat_free(struct nat *nat);

/* "registered from 203.0.113.7: behind a symmetric NAT (mobile network); its calls are relayed": of a number that is registered. */
void nat_say(struct sentence *s, const struct nat *nat, const char *here);

/* Whether the agent of a number is ever asked; a change is in the audit. -ENOENT where the scope is no operator's who may change things. */
int nat_turn(struct db *db, const struct scope *s, const char *number, bool on);

#endif
