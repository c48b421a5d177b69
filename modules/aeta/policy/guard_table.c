/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guard_table.h"

#include <string.h>

/* ---- keyed hash (SipHash-2-4, Aumasson and Bernstein 2012) ---- */

struct sip {
	uint64_t a, b, c, d;
};

static uint64_t turn(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static void rounds(struct sip *v, int n)
{
	while (n--) {
		v->a += v->b;
		v->c += v->d;
		v->b = turn(v->b, 13) ^ v->a;
		v->d = turn(v->d, 16) ^ v->c;
		v->a = turn(v->a, 32) + v->d;
		v->c += v->b;
		v->d = turn(v->d, 21) ^ v->a;
		v->b = turn(v->b, 17) ^ v->c;
		v->c = turn(v->c, 32);
	}
}

static void word(struct sip *v, uint64_t w)
{
	v->d ^= w;
	rounds(v, 2);
	v->a ^= w;
}

/* Up to eight bytes, the first the lowest. */
static uint64_t little(const unsigned char *p, size_t n)
{
	uint64_t w = 0;

	for (size_t i = 0; i < n; i++)
		w |= (uint64_t)p[i] << (8 * i);
	return w;
}

uint64_t aeta_keyed_hash(const uint64_t key[2], const void *bytes, size_t len)
{
	struct sip v = {key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du, key[0] ^ 0x6c7967656e657261u,
			key[1] ^ 0x7465646279746573u};
	const unsigned char *p = bytes;
	size_t left = len;
	uint64_t h;

	for (; left >= 8; left -= 8, p += 8)
		word(&v, little(p, 8));
	word(&v, little(p, left) | (uint64_t)len << 56);
	v.c ^= 0xff;
	rounds(&v, 4);
	h = v.a ^ v.b ^ v.c ^ v.d;
	return h ? h : 1;
}

/* ---- tables ---- */

size_t aeta_table_bytes(size_t entry, unsigned entries, unsigned *sets)
{
	*sets = entries ? (entries - 1) / AETA_TABLE_WAYS + 1 : 1;
	return (size_t)*sets * AETA_TABLE_WAYS * entry;
}

unsigned aeta_table_set(const struct aeta_table *t, uint64_t key)
{
	return (unsigned)((key >> 32) % t->sets);
}

static struct aeta_slot *slot_at(const struct aeta_table *t, unsigned set, unsigned way)
{
	return (void *)(t->memory + ((size_t)set * AETA_TABLE_WAYS + way) * t->entry);
}

void *aeta_table_find(const struct aeta_table *t, uint64_t key)
{
	unsigned set = aeta_table_set(t, key);

	for (unsigned way = 0; way < AETA_TABLE_WAYS; way++) {
		struct aeta_slot *s = slot_at(t, set, way);

		if (s->key == key)
			return s;
	}
	return NULL;
}

/* May `s` go before `than`? */
static bool goes_first(const struct aeta_table *t, const struct aeta_slot *s, const struct aeta_slot *than, aeta_usec_t now)
{
	bool mine, theirs;

	if (!s->key || !than->key)
		return !s->key && than->key;
	mine = t->precious(s, now);
	theirs = t->precious(than, now);
	return mine == theirs ? s->seen < than->seen : theirs;
}

static struct aeta_slot *victim(const struct aeta_table *t, unsigned set, aeta_usec_t now)
{
	struct aeta_slot *out = slot_at(t, set, 0);

	for (unsigned way = 1; way < AETA_TABLE_WAYS; way++) {
		struct aeta_slot *s = slot_at(t, set, way);

		if (goes_first(t, s, out, now))
			out = s;
	}
	return out;
}

void *aeta_table_take(const struct aeta_table *t, uint64_t key, aeta_usec_t now)
{
	struct aeta_slot *s = aeta_table_find(t, key);

	if (!s) {
		s = victim(t, aeta_table_set(t, key), now);
		memset(s, 0, t->entry);
		s->key = key;
	}
	s->seen = now;
	return s;
}

/* ---- buckets ---- */

struct aeta_rate aeta_rate(unsigned per_second, unsigned burst)
{
	return (struct aeta_rate){.each = 1000000u / (per_second ? per_second : 1), .burst = burst ? burst : 1};
}

/* A bucket is the time at which it will be empty. */
bool aeta_bucket_room(aeta_usec_t bucket, struct aeta_rate r, aeta_usec_t now)
{
	return bucket <= now + r.each * (r.burst - 1);
}

void aeta_bucket_fill(aeta_usec_t *bucket, struct aeta_rate r, aeta_usec_t now)
{
	aeta_usec_t full = now + r.each * r.burst;

	if (*bucket < now)
		*bucket = now;
	*bucket += r.each;
	if (*bucket > full)
		*bucket = full;
}
