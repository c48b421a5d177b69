/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guard's memory: its tables, their keys and locks, and what is simply remembered there. */
#include "guard_entries.h"

#include <string.h>

aeta_usec_t aeta_guard_s(unsigned s)
{
	return (aeta_usec_t)s * 1000000u;
}

aeta_usec_t aeta_guard_users_window(const struct aeta_guard *g)
{
	return aeta_guard_s(g->limits.ban_s) / 5;
}

/* ---- memory ---- */

static bool pair_is_precious(const void *entry, aeta_usec_t now)
{
	return now < ((const struct pair *)entry)->until;
}

static bool source_is_precious(const void *entry, aeta_usec_t now)
{
	return now < ((const struct source *)entry)->until;
}

/* One that has something in its bucket: forgotten, it could begin anew. */
static bool flood_is_precious(const void *entry, aeta_usec_t now)
{
	const struct flood *f = entry;

	return f->requests > now + aeta_guard_s(1) || f->strays > now + aeta_guard_s(1);
}

static bool dialog_is_precious(const void *entry, aeta_usec_t now)
{
	return ((const struct dialog *)entry)->requests > now + aeta_guard_s(1);
}

static bool known_is_precious(const void *entry, aeta_usec_t now)
{
	return now < ((const struct known *)entry)->until;
}

/* The five tables, one behind the other; with `memory` NULL only their size. */
static size_t lay_out(struct aeta_guard *g, unsigned char *memory, unsigned size)
{
	const struct {
		struct aeta_table *table;
		size_t entry;
		unsigned entries;
		bool (*precious)(const void *, aeta_usec_t);
	} rows[] = {
			{&g->pairs, sizeof(struct pair), 2 * size, pair_is_precious},
			{&g->sources, sizeof(struct source), size, source_is_precious},
			{&g->floods, sizeof(struct flood), 8 * size, flood_is_precious},
			{&g->known, sizeof(struct known), 8 * size, known_is_precious},
			{&g->dialogs, sizeof(struct dialog), 8 * size, dialog_is_precious},
	};
	size_t bytes = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct aeta_table *t = rows[i].table;

		t->memory = memory ? memory + bytes : NULL;
		t->entry = rows[i].entry;
		t->precious = rows[i].precious;
		bytes += aeta_table_bytes(t->entry, rows[i].entries, &t->sets);
	}
	return bytes;
}

size_t aeta_guard_bytes(unsigned size)
{
	struct aeta_guard g;

	return lay_out(&g, NULL, size);
}

void aeta_guard_init(struct aeta_guard *g, void *memory, unsigned size, const struct aeta_guard_limits *limits,
		const uint64_t key[2])
{
	memset(g, 0, sizeof(*g));
	g->limits = *limits;
	g->key[0] = key[0];
	g->key[1] = key[1];
	lay_out(g, memory, size);
}

/* ---- locks: a fifth of them for each table ---- */

unsigned aeta_guard_lock_number(const struct aeta_guard *g, const struct aeta_table *t, unsigned set)
{
	const struct aeta_table *const tables[] = {&g->pairs, &g->sources, &g->floods, &g->known};
	unsigned fifth = AETA_GUARD_LOCKS / 5, n = 0;

	while (n < 4 && t != tables[n])
		n++;
	return n * fifth + set % fifth;
}

void aeta_guard_lock(const struct aeta_guard *g, const struct aeta_table *t, uint64_t key)
{
	if (g->lock)
		g->lock(aeta_guard_lock_number(g, t, aeta_table_set(t, key)));
}

void aeta_guard_unlock(const struct aeta_guard *g, const struct aeta_table *t, uint64_t key)
{
	if (g->unlock)
		g->unlock(aeta_guard_lock_number(g, t, aeta_table_set(t, key)));
}

/* ---- keys ---- */

struct aeta_source aeta_source(const unsigned char *address, size_t len)
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct aeta_source s = {.family = 6};
	size_t n = 8;

	if (len == 16 && memcmp(address, mapped, sizeof(mapped)) == 0) {
		address += 12;
		len = 4;
	}
	if (len == 4) {
		s.family = 4;
		n = 4;
	}
	for (size_t i = 0; i < n; i++)
		s.bits = s.bits << 8 | address[i];
	return s;
}

uint64_t aeta_guard_source_key(const struct aeta_guard *g, struct aeta_source s)
{
	uint64_t words[2] = {s.bits, s.family};

	return aeta_keyed_hash(g->key, words, sizeof(words));
}

uint64_t aeta_guard_user_key(const struct aeta_guard *g, const struct aeta_knock *k)
{
	return aeta_keyed_hash(g->key, k->user, k->user_len);
}

uint64_t aeta_guard_pair_key(const struct aeta_guard *g, const struct aeta_knock *k)
{
	uint64_t words[3] = {k->source.bits, k->source.family, aeta_guard_user_key(g, k)};

	return aeta_keyed_hash(g->key, words, sizeof(words));
}

uint64_t aeta_guard_flow(const struct aeta_guard *g, const unsigned char *address, size_t len, unsigned port, unsigned transport)
{
	unsigned char bytes[16] = {0};
	uint64_t words[4] = {port, transport};

	memcpy(bytes, address, len < sizeof(bytes) ? len : sizeof(bytes));
	memcpy(&words[2], bytes, sizeof(bytes));
	return aeta_keyed_hash(g->key, words, sizeof(words));
}

/* ---- what is remembered ---- */

unsigned aeta_seen_count(const struct seen *seen, unsigned n, aeta_usec_t window, aeta_usec_t now)
{
	unsigned out = 0;

	for (unsigned i = 0; i < n; i++)
		out += seen[i].what && seen[i].at + window >= now;
	return out;
}

unsigned aeta_guard_acquit_source(struct source *s, aeta_usec_t now)
{
	unsigned banned = now < s->until;

	memset(s->users, 0, sizeof(s->users));
	s->from = s->until = 0;
	return banned;
}

unsigned aeta_guard_forget_pair(struct aeta_guard *g, uint64_t key, aeta_usec_t now)
{
	unsigned banned = 0;
	struct pair *p;

	aeta_guard_lock(g, &g->pairs, key);
	p = aeta_table_find(&g->pairs, key);
	if (p) {
		banned = now < p->until;
		memset(p, 0, sizeof(*p));
	}
	aeta_guard_unlock(g, &g->pairs, key);
	return banned;
}

void aeta_guard_known_until(struct aeta_guard *g, struct aeta_source s, aeta_usec_t until, aeta_usec_t now)
{
	uint64_t key = aeta_guard_source_key(g, s);
	struct known *known;

	aeta_guard_lock(g, &g->known, key);
	known = aeta_table_take(&g->known, key, now);
	if (known->until < until)
		known->until = until;
	aeta_guard_unlock(g, &g->known, key);
}

bool aeta_guard_is_known(struct aeta_guard *g, struct aeta_source s, aeta_usec_t now)
{
	uint64_t key = aeta_guard_source_key(g, s);
	const struct known *known;
	bool is;

	aeta_guard_lock(g, &g->known, key);
	known = aeta_table_find(&g->known, key);
	is = known && now < known->until;
	aeta_guard_unlock(g, &g->known, key);
	return is;
}
