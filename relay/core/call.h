/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls by their Call-ID, in the order of their age. */
#ifndef RELAY_CORE_CALL_H
#define RELAY_CORE_CALL_H

#include "state.h"

/* 0 or -ENOMEM */
int calls_init(struct relay *r);
void calls_free(struct relay *r); /* of the table; the calls have ended before */

struct call *call_find(const struct relay *r, struct text id); /* NULL: there is none */
struct call *call_new(struct relay *r, struct text id, uint64_t now); /* NULL: no memory */

/* Puts it into the list's order, after c->created was set. */
void call_by_age(struct call *c);

/* Gives everything back, silently: a call that never came to be. */
void call_discard(struct call *c);
/* The same, and the shell is told why. */
void call_end(struct call *c, enum relay_end why);

/* Sums up what is blocked, silenced and dropped by call and party into each stream, and tells the shell of the streams that changed. */
void call_sum_up(struct call *c);

/* The call's answered pair: the party that called first and whom it speaks to; NULL where nobody has answered. */
struct party *call_answered_caller(const struct call *c);

/* Keeps `metadata` (what the client wants to see again). 0 or -ENOMEM. */
int call_metadata(struct call *c, struct text metadata);

/* Before its counters are read. */
void call_refresh(struct call *c);

/* Starts or stops writing the call's packets. 0 or -errno of the shell. */
int call_record(struct call *c, struct text file, struct text directory, struct text pattern);
void call_record_stop(struct call *c, bool discard);

#endif
