/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guard's entries, and what its files share. Nobody else includes this. */
#ifndef AETA_POLICY_GUARD_ENTRIES_H
#define AETA_POLICY_GUARD_ENTRIES_H

#include "guard.h"

/* What was seen and when: the last of some different things. */
struct seen {
	uint64_t what; /* keyed hash; 0 = empty */
	aeta_usec_t at;
};

/* What is still let through while a ban lasts (guard_trials.c). */
struct trials {
	aeta_usec_t any, fresh, owner; /* buckets: of anybody, of flows that were not seen yet, of the device that owns the number */
	unsigned next;                 /* of the flows seen: which place is written next */
};

struct pair {
	struct aeta_slot slot;
	struct aeta_source source;
	uint64_t source_key;
	struct seen responses[AETA_BAN_FAILURES_MAX];
	aeta_usec_t from, until; /* of the ban */
	struct trials wrong;     /* what proved wrong during the ban, and over which flows */
	uint64_t failed[AETA_BANNED_FLOWS_PAIR];
	char user[AETA_GUARD_NAME];
	uint8_t user_len;
};

struct source {
	struct aeta_slot slot;
	struct aeta_source source;
	struct seen users[AETA_BAN_USERS_MAX];
	aeta_usec_t from, until;
	aeta_usec_t spared;              /* last time that it was not banned for what it holds */
	struct trials wrong, challenges; /* during the ban, and over which flows */
	uint64_t failed[AETA_BANNED_FLOWS_SOURCE], asked[AETA_BANNED_FLOWS_SOURCE];
};

struct flood {
	struct aeta_slot slot;
	aeta_usec_t requests, strays; /* buckets */
};

/* A flow in a call, or a call. */
struct dialog {
	struct aeta_slot slot;
	aeta_usec_t requests; /* bucket */
	bool over;            /* too many came, and the bucket has not been empty since */
};

struct known {
	struct aeta_slot slot;
	aeta_usec_t until;
};

aeta_usec_t aeta_guard_s(unsigned seconds);
/* Within which time the different failing users of a source count. */
aeta_usec_t aeta_guard_users_window(const struct aeta_guard *g);

uint64_t aeta_guard_source_key(const struct aeta_guard *g, struct aeta_source s);
uint64_t aeta_guard_user_key(const struct aeta_guard *g, const struct aeta_knock *k);
uint64_t aeta_guard_pair_key(const struct aeta_guard *g, const struct aeta_knock *k);

/* The lock of a key's set, and by its number that of any set. */
void aeta_guard_lock(const struct aeta_guard *g, const struct aeta_table *t, uint64_t key);
void aeta_guard_unlock(const struct aeta_guard *g, const struct aeta_table *t, uint64_t key);
unsigned aeta_guard_lock_number(const struct aeta_guard *g, const struct aeta_table *t, unsigned set);

/* How many of `seen` are not longer ago than `window`. */
unsigned aeta_seen_count(const struct seen *seen, unsigned n, aeta_usec_t window, aeta_usec_t now);

/* Trials, the flows that go with them, and how many anybody has. Of an entry, under its lock. */
struct trial_view {
	struct trials *t;
	uint64_t *flows; /* 0 = empty */
	unsigned n;
	struct aeta_rate any;
};

struct trial_view aeta_guard_wrong_of_pair(const struct aeta_guard *g, struct pair *p);
struct trial_view aeta_guard_wrong_of_source(const struct aeta_guard *g, struct source *s);
struct trial_view aeta_guard_challenges_of_source(struct source *s);
/* A ban begins: nothing was tried yet. */
void aeta_trials_clear(struct trial_view v);
/* Is there room for this one? */
bool aeta_trials_room(struct trial_view v, const struct aeta_knock *k, aeta_usec_t now);
/* It was one: charges what aeta_trials_room() let it in by, and remembers its flow. */
void aeta_trials_charge(struct trial_view v, const struct aeta_knock *k, aeta_usec_t now);
/* Remembers its flow alone. */
void aeta_trials_note(struct trial_view v, uint64_t flow);

/* Forgets a pair; 1 if it was banned. */
unsigned aeta_guard_forget_pair(struct aeta_guard *g, uint64_t key, aeta_usec_t now);
/* Ends a source's ban and forgets who failed there, under its lock; 1 if it was banned. */
unsigned aeta_guard_acquit_source(struct source *s, aeta_usec_t now);

#endif
