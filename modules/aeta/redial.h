/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The safety net under direct calls (policy/redial.h): in shared memory for all processes, and in a table over a restart. */
#ifndef AETA_REDIAL_H
#define AETA_REDIAL_H

#include <stdbool.h>

#include "core/parser/msg_parser.h"
#include "core/str.h"
#include "policy/address.h"

/* mod_init(), with the database bound: takes up what the table has. 0 or -1. Nothing where the parameter redial_s is 0. */
int aeta_redial_start(void);
void aeta_redial_stop(void);

/*
 * Is a call between these two to be relayed, since a direct one ended soon and was dialled again? From now on it is, if this is
 * that call; with `asks_only` nothing is changed. Addresses: where SIP of each comes from.
 */
bool aeta_redialled(const str *caller, const struct aeta_address *from, const str *callee, const struct aeta_address *to, bool asks_only);

/*
 * Function of the script: a direct call ended, so many seconds after it was answered; numbers and IP addresses of its parties.
 * 1 if that was soon, so that the same call again will be relayed; else -1.
 */
int aeta_media_ended(sip_msg_t *msg, str *caller, str *from, str *callee, str *to, str *seconds);

enum aeta_redial_lifted {
	AETA_LIFTED_NONE,    /* such a pair was not relayed */
	AETA_LIFTED,
	AETA_LIFTED_NOT_KEPT /* it was, and is no more; but the table still has it, so it will be again after a restart */
};

/* Has a pair of numbers, in any order, judged anew, as if nothing had been dialled again. */
enum aeta_redial_lifted aeta_redial_lift(const str *one, const str *other);

#endif
