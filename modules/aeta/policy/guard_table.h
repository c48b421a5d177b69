/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the guard (guard.h) keeps its memory in: tables of a fixed size, sets of AETA_TABLE_WAYS entries found by a keyed
 * hash, so that nobody outside can tell which keys share a set; and buckets that say how much is enough. Pure C: memory,
 * clock and key are the caller's.
 */
#ifndef AETA_POLICY_GUARD_TABLE_H
#define AETA_POLICY_GUARD_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t aeta_usec_t; /* microseconds of a steady clock; 0 is before everything */

/* SipHash-2-4 of `len` bytes; never 0. */
uint64_t aeta_keyed_hash(const uint64_t key[2], const void *bytes, size_t len);

/* ---- tables ---- */

#define AETA_TABLE_WAYS 8

/* The first member of every entry. */
struct aeta_slot {
	uint64_t key;     /* keyed hash of what the entry is about; 0 = free */
	aeta_usec_t seen; /* when it was last taken */
};

struct aeta_table {
	unsigned char *memory; /* sets * AETA_TABLE_WAYS entries, zeroed; aligned for any type */
	size_t entry;          /* bytes of one entry, its aeta_slot included */
	unsigned sets;
	/* Must this entry outlive those of which it is not said? Such a one is only taken where a whole set is such. */
	bool (*precious)(const void *entry, aeta_usec_t now);
};

/* Bytes for at least `entries`, and how many sets they are. */
size_t aeta_table_bytes(size_t entry, unsigned entries, unsigned *sets);

unsigned aeta_table_set(const struct aeta_table *t, uint64_t key);

/* The entry of `key`, or NULL. The pointer is good until the next aeta_table_take() in the same set. */
void *aeta_table_find(const struct aeta_table *t, uint64_t key);

/*
 * The same, made where there is none: zeroed but for its slot, in the place of a free one, else of the one not precious
 * that was taken longest ago. Never NULL. `now` is noted in it.
 */
void *aeta_table_take(const struct aeta_table *t, uint64_t key, aeta_usec_t now);

/* ---- buckets ---- */

/* So much every second for ever, and `burst` at once. A bucket itself is a time; 0 = empty. */
struct aeta_rate {
	aeta_usec_t each;  /* microseconds that one takes; > 0 */
	unsigned burst; /* >= 1 */
};

struct aeta_rate aeta_rate(unsigned per_second, unsigned burst);

/* Is there room for one more? */
bool aeta_bucket_room(aeta_usec_t bucket, struct aeta_rate r, aeta_usec_t now);
/* Puts one in, room or not; beyond the burst nothing is added, so the bucket is never fuller than full. */
void aeta_bucket_fill(aeta_usec_t *bucket, struct aeta_rate r, aeta_usec_t now);

#endif
