/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happened to an account: its attempts to register and to call, each with its cause (B10), on their way to the
 * database. A fixed table in memory that the caller gives; the clock is an argument, the lock is the caller's.
 *
 *      add() ─► [ pending ] ─► take() ─► the database
 *                   ▲              │
 *                   └── [ known ] ◄┘        known: written, but remembered until its place is needed
 *
 * The same attempt (account, kind, what was dialled and rung, cause, source address) within a bucket of ten minutes is
 * one line whose `times` rises: an agent that tries every 15 s with a wrong password makes one line, not forty.
 *
 * What nobody has proven, anybody can make up. So there is an end to new lines in a bucket:
 *
 *      trust     who                                  lines for one account / source     in all
 *      ACCOUNT   valid credentials                    100 an account                      -
 *      SOURCE    answered a challenge, wrongly        10 a source                         100
 *      NONE      anything else                        5 a source                          20
 *
 * So strangers, however many, make at most 120 lines a bucket, 17,280 a day; in 30 days half a million, some 150 MB. A
 * source is an IPv4 address or an IPv6 /64. The counts of an account or a source are kept by a hash of it: now and then
 * two share one, which only makes the limit stricter.
 */
#ifndef AETA_POLICY_ATTEMPT_H
#define AETA_POLICY_ATTEMPT_H

#include <stddef.h>
#include <stdint.h>

#include "number.h"

#define AETA_ATTEMPT_BUCKET_S 600u /* also in sql/0008-attempts.sql */
#define AETA_WORD_SIZE 33 /* of dialled and cause, with the NUL */

enum aeta_trust { AETA_TRUST_NONE = 0, AETA_TRUST_SOURCE, AETA_TRUST_ACCOUNT, AETA_TRUSTS };

/* New lines in a bucket: of one account (ACCOUNT) or one source (the others), and of all; 0 = no end. */
#define AETA_ATTEMPT_LIMITS \
	[AETA_TRUST_NONE] = {5, 20}, [AETA_TRUST_SOURCE] = {10, 100}, [AETA_TRUST_ACCOUNT] = {100, 0}

/* Texts end with a NUL; what an agent wrote may be any bytes before it. Fill with zeroes first. */
struct aeta_attempt {
	uint32_t first, last; /* seconds since 1970 */
	uint32_t times;
	uint16_t code; /* SIP status, 0 = none */
	uint8_t trust; /* enum aeta_trust */
	char kind[10]; /* call, register, message ... */
	char account[AETA_NUMBER_MAX + 1];
	char dialled[AETA_WORD_SIZE]; /* as it came */
	char peer[AETA_NUMBER_MAX + 1];  /* the number that it means; "" = none */
	char final[AETA_NUMBER_MAX + 1]; /* of a hunt: the member in hand */
	char cause[AETA_WORD_SIZE];
	char address[46]; /* of the source */
	char source[64];  /* proto:address:port */
	char user_agent[65];
	char reason[49]; /* what an agent answered, in its words */
	char callid[129];
};

/*
 * Reads how it ended, `len` bytes, into cause, code and reason:
 *      "wrong-password"                            a word
 *      "403 Foreign domain (A1 foreign-domain)"    a refusal of the service: code, and the rule as the cause
 *      "answer 486 Busy Here"                      an agent's answer: code, reason, the cause that the code stands for
 * 0, or -EINVAL where it is none of these (the cause then is "other").
 */
int aeta_attempt_outcome(struct aeta_attempt *a, const char *s, size_t len);

/* The bucket that a moment is in: its first second since 1970. */
static inline uint32_t aeta_attempt_bucket(uint32_t at)
{
	return at - at % AETA_ATTEMPT_BUCKET_S;
}

struct aeta_attempts;

/* A table of so many lines, in memory of aeta_attempts_size() bytes, aligned as malloc() does. */
size_t aeta_attempts_size(size_t lines);
struct aeta_attempts *aeta_attempts_init(void *mem, size_t lines);

enum aeta_attempts_added {
	AETA_ATTEMPT_NEW,     /* a line of its own */
	AETA_ATTEMPT_AGAIN,   /* counted with one that is known */
	AETA_ATTEMPT_BOUNDED, /* not kept: its account or source, or all of its trust, have had theirs in this bucket */
	AETA_ATTEMPT_LOST     /* not kept: every line waits to be written */
};

/* Adds one attempt at `now` (seconds since 1970); first, last and times of `a` do not matter. */
enum aeta_attempts_added aeta_attempts_add(struct aeta_attempts *t, const struct aeta_attempt *a, uint32_t now);

/* Hands out at most `room` lines that wait, oldest first, with what came since they were last taken. How many. */
size_t aeta_attempts_take(struct aeta_attempts *t, struct aeta_attempt *out, size_t room);

/* How many wait, and for how many there is room. */
size_t aeta_attempts_waiting(const struct aeta_attempts *t);
size_t aeta_attempts_room(const struct aeta_attempts *t);

#endif
