/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is let to the door (SERVICE.md F1).
 *
 * A pair is a source and a user. Wrong responses are counted, of a pair to ban it, and of a source the different users that
 * failed, to ban the whole of it; challenges never are. A ban ends by itself, is never prolonged, and does not keep the right
 * password out: what comes while it lasts is still verified, as long as little of it proves wrong; and a neighbour behind the
 * same address who fails on and on uses up only its own part of that (see AETA_BANNED_FRESH). Beside that stands
 * flood control, a bucket for each source, in a table of its own: sources of floods can be forged, those of responses to a
 * challenge cannot, and must not be pushed out of memory by them.
 *
 * Pure: memory, clock, key and locks are the caller's. Every function may be called by several processes at once that share
 * memory and locks; each holds one lock at a time, for as long as it looks at one set of a table.
 */
#ifndef AETA_POLICY_GUARD_H
#define AETA_POLICY_GUARD_H

#include "guard_table.h"

#define AETA_BAN_MAX_S        300u /* F1: a ban lasts at most 5 min */
#define AETA_BAN_FAILURES_MAX 10u
#define AETA_BAN_USERS_MAX    20u
#define AETA_FLOOD_RATE_MAX   100000u
#define AETA_DIALOG_RATE_MAX  10000u
#define AETA_ACCOUNT_RATE_MAX 10000u
#define AETA_GUARD_NAME       32 /* bytes kept of a user's name, for the list of bans */

/* An IPv4 address or the first 64 bits of an IPv6 address: what one household or studio has. */
struct aeta_source {
	uint64_t bits;  /* highest first */
	uint8_t family; /* 4 or 6 */
};

/* From 4 or 16 bytes in network order; an IPv4 address mapped into IPv6 is that IPv4 address. */
struct aeta_source aeta_source(const unsigned char *address, size_t len);

struct aeta_guard_limits {
	unsigned ban_s;      /* 1..AETA_BAN_MAX_S: how long a ban lasts, and how long a wrong response counts */
	unsigned failures;   /* 1..AETA_BAN_FAILURES_MAX different wrong responses ban a pair */
	unsigned users;      /* 1..AETA_BAN_USERS_MAX different failing users within a fifth of ban_s ban a source */
	unsigned flood_rate; /* 1..AETA_FLOOD_RATE_MAX requests a second, and ten seconds' worth of them at once */
	unsigned dialog_rate; /* 1..AETA_DIALOG_RATE_MAX requests a second inside one call, and three seconds' worth at once */
	unsigned account_rate; /* 1..AETA_ACCOUNT_RATE_MAX requests a second outside calls of one user, and three seconds' worth at once */
};

/*
 * While a ban lasts, so much wrong is verified of anybody: five at once, and then 300 of a pair, 1500 of a source, evenly over
 * it. With the usual 300 s that is one and five a second.
 */
#define AETA_BANNED_BURST  5u
#define AETA_BANNED_PAIR   300u
#define AETA_BANNED_SOURCE 1500u
/*
 * Where that is used up, a flow that has not failed in this ban is judged by a bucket of its own kind, and so is the device
 * that registered the number last: so many a second that prove wrong, and as many at once. The flows that failed last are
 * remembered, so many of a pair and of a source.
 *
 * The worst, with the usual 300 s: who changes its port for every guess has 1 + 10 a second of a pair and 5 + 10 of a source
 * verified, and who also knows the identity of that device 1 + 20 and 5 + 20: 6,300 guesses of one number in 300 s, from one
 * source. While somebody does that from behind the same address, a flow that is new has to try until it finds room.
 */
#define AETA_BANNED_FRESH        10u
#define AETA_BANNED_FLOWS_PAIR   8u
#define AETA_BANNED_FLOWS_SOURCE 16u
/* Challenges a second to a banned source; and as many to flows of it that asked for none yet, the last 16 remembered. */
#define AETA_BANNED_CHALLENGES   10u
#define AETA_KNOWN_FACTOR        10u /* a source that holds a registration may send so many times more */

#define AETA_GUARD_LOCKS 256u

struct aeta_guard {
	struct aeta_guard_limits limits;
	uint64_t key[2];
	struct aeta_table pairs, sources, floods, known, dialogs;
	void (*lock)(unsigned n); /* 0..AETA_GUARD_LOCKS - 1; NULL: nobody else is there */
	void (*unlock)(unsigned n);
};

/* Bytes for a guard that remembers `size` failing sources, twice as many pairs, and eight times as many others. */
size_t aeta_guard_bytes(unsigned size);

/* `memory` is zeroed, aligned for any type and of aeta_guard_bytes(size); `key` random and unknown outside; limits in range. */
void aeta_guard_init(struct aeta_guard *g, void *memory, unsigned size, const struct aeta_guard_limits *limits,
		const uint64_t key[2]);

/* A request outside a dialog, and who it says to be. */
struct aeta_knock {
	struct aeta_source source;
	const char *user; /* of the credentials for our realm; NULL: it has none */
	size_t user_len;
	uint64_t flow; /* aeta_guard_flow(); 0: not known, which never counts as one that has not failed */
	bool owner;    /* it comes from the device that registered `user` last */
};

/* Which flow something came over: address (4 or 16 bytes), port and transport, as one word that nobody outside can foretell. */
uint64_t aeta_guard_flow(const struct aeta_guard *g, const unsigned char *address, size_t len, unsigned port, unsigned transport);

enum aeta_knock_verdict {
	AETA_KNOCK_PASS = 0,
	AETA_KNOCK_FLOOD,         /* too many of this source */
	AETA_KNOCK_BANNED_SOURCE, /* banned, and enough of it was wrong, or challenged, already */
	AETA_KNOCK_BANNED_PAIR
};

/* Before anything is looked up. Charges the source's bucket, and that of challenges where a banned source asks for one. */
enum aeta_knock_verdict aeta_guard_knock(struct aeta_guard *g, const struct aeta_knock *k, aeta_usec_t now);

/* The same of credentials (`user` is not NULL), only as far as bans go: charges nothing. For asking again with `owner` known. */
enum aeta_knock_verdict aeta_guard_verifies(struct aeta_guard *g, const struct aeta_knock *k, aeta_usec_t now);

/* What claims to belong to something that we do not know: the same bucket's size, a bucket of its own. False: too many. */
bool aeta_guard_stray(struct aeta_guard *g, struct aeta_source s, aeta_usec_t now);

enum aeta_dialog_verdict {
	AETA_DIALOG_PASS = 0,
	AETA_DIALOG_BEGINS, /* too many, and the first that is too many since what was sent before has sunk */
	AETA_DIALOG_GOES_ON /* too many, as before */
};

/* A request inside a call that is known. */
struct aeta_inside {
	uint64_t flow; /* aeta_guard_flow() */
	const char *call_id;
	size_t len;
	bool ends; /* it ends or confirms something (BYE, PRACK): counted apart, so that no other request is in its way */
};

/*
 * Each flow has its own rate in each call, and the call as a whole twice as much: two parties never take it from one another,
 * and one that changes its port for every request gains nothing.
 */
enum aeta_dialog_verdict aeta_guard_dialog(struct aeta_guard *g, const struct aeta_inside *r, aeta_usec_t now);

/*
 * A request outside calls of a user whose response was right: one rate for all that this user sends, over whatever flow and from
 * whatever source.
 */
enum aeta_dialog_verdict aeta_guard_account(struct aeta_guard *g, const char *user, size_t len, aeta_usec_t now);

struct aeta_failure {
	bool counted;      /* false: the same response was counted before */
	bool banned;       /* the pair or its source is banned now */
	bool pair_begins;  /* ... and the pair is from now on */
	bool source_due;   /* so many users failed: ban_source() it, or spare_source() it */
	unsigned failures; /* of the pair that count now */
	unsigned users;    /* of the source that count now */
};

/* A response was wrong, or of nobody. `response` is the digest's, by which a retransmission is known. */
struct aeta_failure aeta_guard_failed(struct aeta_guard *g, const struct aeta_knock *k, const char *response, size_t len,
		aeta_usec_t now);

/* True if it began now, false if it had begun before. */
bool aeta_guard_ban_source(struct aeta_guard *g, struct aeta_source s, aeta_usec_t now);
/* It holds a registration or a call: not due again before a fifth of ban_s has passed. True if that is worth a line. */
bool aeta_guard_spare_source(struct aeta_guard *g, struct aeta_source s, aeta_usec_t now);

struct aeta_lifted {
	unsigned pairs, sources;
};

/* A response was right: the pair is forgotten, its source's ban lifted. Says which bans that ended early. */
struct aeta_lifted aeta_guard_succeeded(struct aeta_guard *g, const struct aeta_knock *k, aeta_usec_t now);

/* An operator lifts: one pair, or (user NULL) a source with all its pairs. What was counted is forgotten. Walks all pairs. */
struct aeta_lifted aeta_guard_lift(struct aeta_guard *g, const struct aeta_knock *k, aeta_usec_t now);

/* This source registered, and that registration is good until then. */
void aeta_guard_known_until(struct aeta_guard *g, struct aeta_source s, aeta_usec_t until, aeta_usec_t now);
bool aeta_guard_is_known(struct aeta_guard *g, struct aeta_source s, aeta_usec_t now);

struct aeta_ban {
	struct aeta_source source;
	char user[AETA_GUARD_NAME + 1]; /* as the message wrote it, cut; empty: the whole source */
	bool whole;                     /* of the source */
	unsigned failures;              /* that count now; of a source: 0 */
	unsigned users;                 /* different failing users of a source */
	aeta_usec_t from, until;
};

/* Calls `each` for every ban in force, in no order, no lock held. Ends when it returns false. */
void aeta_guard_bans(struct aeta_guard *g, aeta_usec_t now, bool (*each)(void *p, const struct aeta_ban *b), void *p);

/*
 * Does it hold what only a text for a database needs: ' " ` \ -- or the begin of a comment, also escaped as in URIs? No
 * number does, and no user of ours.
 */
bool aeta_guard_injects(const char *user, size_t len);

#endif
