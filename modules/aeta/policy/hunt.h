/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hunting (SERVICE.md B7, B8): which member next, and what an answer means for the hunt. The state is six small
 * integers that the SIP server keeps with the transaction; the order is always 6001, 6002, ... from the first.
 *
 *      aeta_hunt_start(&h, group, now)
 *      while ((seq = aeta_hunt_candidate(&h)) != 0)    // next place in the series, to be skipped or rung
 *              skip: not registered, locked, the caller's own device -> aeta_hunt_skip(&h, false)
 *                    in a call where that counts as busy             -> aeta_hunt_skip(&h, true)
 *              ring: -> aeta_hunt_rung(&h); wait for its final answer
 *                    switch (aeta_hunt_answer(&h, group, &answer)) NEXT: go on   STOP: pass the answer on
 *      aeta_hunt_end(&h, why) -> the rule of the final answer
 */
#ifndef AETA_POLICY_HUNT_H
#define AETA_POLICY_HUNT_H

#include "verdict.h"

/* tm refuses a 31st branch in one transaction; 28 leaves room for what else may add one (B7). */
#define AETA_HUNT_TRIES_MAX 28

struct aeta_hunt {
	uint16_t prefix;  /* of the group */
	uint16_t next;    /* place in the series to look at next, 1..999; 1000 = the series is through */
	uint16_t rung;    /* members really rung so far */
	uint16_t busy;    /* 1 if any member was busy */
	uint32_t until_s; /* the caller's clock, in seconds, at which the hunt ends */
};

struct aeta_answer {
	uint16_t code;    /* final SIP status, 300..699 (a 2xx ends the hunt before it gets here) */
	bool timeout;     /* the status was made here because nothing final came in time */
	bool provisional; /* a 1xx other than 100 had come */
};

enum aeta_hunt_step { AETA_HUNT_NEXT = 0, AETA_HUNT_STOP, AETA_HUNT_OVER };

/* `now_s` is any clock in seconds that the server keeps using for this hunt. */
void aeta_hunt_start(struct aeta_hunt *h, const struct aeta_group *g, uint32_t now_s);

/* Sequence to look at now, 6001..6999, or 0 when the series is through. */
unsigned aeta_hunt_candidate(const struct aeta_hunt *h);

/* Passes the candidate over; `busy` if it counts as busy. */
void aeta_hunt_skip(struct aeta_hunt *h, bool busy);

/* The candidate is being rung. Only rung members count against AETA_HUNT_TRIES_MAX. */
void aeta_hunt_rung(struct aeta_hunt *h);

/*
 * NEXT: absent (404/410/480/408/5xx, or nothing provisional in 5 s) or busy (486/600, 603 by option): go on.
 * STOP: pass this final answer on to the caller (403, 488 unless the option, 606, ...).
 * OVER: it rang to the bound of the whole hunt, or rang without answer and the group sets no no_answer_s: aeta_hunt_bound()
 *       now names the rule of the final answer.
 */
enum aeta_hunt_step aeta_hunt_answer(struct aeta_hunt *h, const struct aeta_group *g, const struct aeta_answer *a, uint32_t now_s);

/* NONE while another member may be rung, else HUNT_LIMIT(_BUSY) or HUNT_TIMEOUT(_BUSY). Ask before ringing a candidate. */
enum aeta_rule aeta_hunt_bound(const struct aeta_hunt *h, uint32_t now_s);

/* The rule of the final answer when the series is through: HUNT_BUSY (486) if any was busy, else HUNT_ABSENT (480). */
enum aeta_rule aeta_hunt_end(const struct aeta_hunt *h);

/* How long the member about to be rung may ring, in seconds (>= 1): no_answer_s, or what is left of the hunt if less. */
uint32_t aeta_hunt_ring_s(const struct aeta_hunt *h, const struct aeta_group *g, uint32_t now_s);

/* Text form "prefix,next,rung,busy,until", for a SIP server that keeps strings; returns the length, 0 if it does not fit. */
size_t aeta_hunt_format(const struct aeta_hunt *h, char *out, size_t size);
/* The inverse; false, and *h untouched, for anything that aeta_hunt_format() cannot have written. */
bool aeta_hunt_parse(struct aeta_hunt *h, const char *s, size_t len);

#endif
