/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The safety net under the verdict on media (C7): two people who hear nothing hang up soon and call again. So a pair whose direct
 * call ended within AETA_REDIAL_SHORT_S, and which is dialled again soon after, by either of them, is relayed from then on, for
 * AETA_REDIAL_DAYS or until one of them has another address. One row a pair, in a table of a fixed size in memory that the caller
 * gives; a full set gives up the row used longest ago, of a pair that is not relayed first. The locks, one for some sets, are the
 * caller's, and so is the clock.
 */
#ifndef AETA_POLICY_REDIAL_H
#define AETA_POLICY_REDIAL_H

#include "address.h"
#include "guard_table.h"
#include "number.h"

#define AETA_REDIAL_SHORT_S 60
#define AETA_REDIAL_DAYS    30

struct aeta_redial_party {
	aeta_number_t number;
	struct aeta_address address; /* public, where its SIP comes from; the port does not matter */
};

struct aeta_redial_row {
	struct aeta_slot slot; /* of the table: do not touch */
	struct aeta_redial_party party[2]; /* the lower number first */
	int64_t ended;         /* their direct call ended soon then, seconds since 1970; 0 = none did */
	int64_t until;         /* relayed until then; 0 = not */
};

struct aeta_redial_table {
	struct aeta_table table;
	uint64_t key[2];
};

size_t aeta_redial_bytes(unsigned rows);

/* `memory`: so many bytes, all zero at first, aligned as malloc() does; `key` random, the same for all who share it. */
void aeta_redial_init(struct aeta_redial_table *t, void *memory, unsigned rows, const uint64_t key[2]);

/* The key of a pair, whichever is first; 0: a party without number or IP address, or both one number: such a pair has none. */
uint64_t aeta_redial_key(const struct aeta_redial_table *t, const struct aeta_redial_party *a, const struct aeta_redial_party *b);

/* The set of a key, below t->table.sets: hold its lock for what follows. */
static inline unsigned aeta_redial_set(const struct aeta_redial_table *t, uint64_t key)
{
	return aeta_table_set(&t->table, key);
}

/* A direct call of a pair that has a key ended at `now`, `lasted_s` after it was answered. True if that is soon. */
bool aeta_redial_ended(const struct aeta_redial_table *t, const struct aeta_redial_party *a, const struct aeta_redial_party *b,
		int64_t now, int64_t lasted_s);

enum aeta_redial_answer {
	AETA_REDIAL_NO = 0,
	AETA_REDIAL_RELAY,  /* as it has been said before */
	AETA_REDIAL_BEGINS, /* relayed from now on: *row is to be remembered */
};

/*
 * Is a call of a pair that has a key to be relayed at `now`? `within_s`: how soon is soon after, > 0. `asks_only`: nothing is
 * changed, as for a call that is not made; then BEGINS tells that it would.
 */
enum aeta_redial_answer aeta_redial_asked(const struct aeta_redial_table *t, const struct aeta_redial_party *a,
		const struct aeta_redial_party *b, int64_t now, int64_t within_s, bool asks_only, struct aeta_redial_row *row);

/* The key of a pair by its numbers alone, wherever they are; 0: a number is missing, or both are one. */
uint64_t aeta_redial_pair(const struct aeta_redial_table *t, aeta_number_t a, aeta_number_t b);

/* Forgets a pair, by its key. True if it was relayed at `now`. */
bool aeta_redial_forget(const struct aeta_redial_table *t, uint64_t key, int64_t now);

/* Takes up what was remembered. False: it has no key. */
bool aeta_redial_restore(const struct aeta_redial_table *t, const struct aeta_redial_party *a, const struct aeta_redial_party *b,
		int64_t until);

#endif
