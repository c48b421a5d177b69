/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The history of the accounts: aeta_attempt() puts a line into a table in shared memory (policy/attempt.h), a process of
 * the module's own writes it to the database (attempt_db.h). A worker never waits for the database here, and never longer
 * for another process than it takes to copy a line.
 */
#ifndef AETA_ATTEMPT_H
#define AETA_ATTEMPT_H

#include "attempt_db.h"
#include "call.h"
#include "core/parser/msg_parser.h"
#include "policy/attempt.h"

/* Any more are refused by the parameter attempts: a place takes some 700 bytes. */
#define AETA_ATTEMPTS_MAX 100000

/* mod_init(), child_init(PROC_MAIN), destroy(): 0 or -1. All do nothing where the parameter attempts is 0. */
int aeta_attempt_init(void);
int aeta_attempt_start(void);
void aeta_attempt_destroy(void);

/*
 * The script's aeta_attempt(): what came of the request in hand, of which `final` (may be NULL) was rung; in an event route of
 * the dialog module of the INVITE whose answer runs it. 1; or -1 where it is nobody's attempt: not of a number, a request inside
 * a dialog, an event that no transaction of ours runs.
 */
int aeta_attempt(sip_msg_t *msg, str *cause, str *final);

/* Notes in `c` what a reply does not say any more of its request: who, proven or not, from where, with what. */
void aeta_attempt_origin(sip_msg_t *msg, struct aeta_call *c);

/* For the writer: fills an empty batch with lines that wait, as many as it has room for. */
void aeta_attempt_take(struct aeta_batch *b);

struct aeta_attempt_state {
	unsigned room, waiting;
	unsigned failing_s; /* for so long the database has refused, or not answered; 0 = all is well */
};

void aeta_attempt_state(struct aeta_attempt_state *out);

#endif
