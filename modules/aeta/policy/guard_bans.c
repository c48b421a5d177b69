/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guard as an operator sees it: which bans there are, and lifting them. */
#include "guard_entries.h"

#include <string.h>

/* Each entry in use of a table, copied; `each` is called without a lock and may ask for the next entry by true. */
static void walk(struct aeta_guard *g, const struct aeta_table *t, bool (*each)(void *p, const void *entry), void *p)
{
	union {
		struct aeta_slot slot;
		struct pair pair;
		struct source source;
	} copy;

	for (unsigned i = 0; i < t->sets * AETA_TABLE_WAYS; i++) {
		unsigned n = aeta_guard_lock_number(g, t, i / AETA_TABLE_WAYS);

		if (g->lock)
			g->lock(n);
		memcpy(&copy, t->memory + i * t->entry, t->entry);
		if (g->unlock)
			g->unlock(n);
		if (copy.slot.key && !each(p, &copy))
			return;
	}
}

struct lifting {
	struct aeta_guard *g;
	uint64_t source_key;
	aeta_usec_t now;
	struct aeta_lifted *out;
};

static bool lift_if_of_source(void *p, const void *entry)
{
	struct lifting *l = p;
	const struct pair *pair = entry;

	if (pair->source_key == l->source_key)
		l->out->pairs += aeta_guard_forget_pair(l->g, pair->slot.key, l->now);
	return true;
}

struct aeta_lifted aeta_guard_lift(struct aeta_guard *g, const struct aeta_knock *k, aeta_usec_t now)
{
	struct aeta_lifted out = {0};
	struct lifting l = {g, aeta_guard_source_key(g, k->source), now, &out};
	struct source *s;

	if (k->user) {
		out.pairs = aeta_guard_forget_pair(g, aeta_guard_pair_key(g, k), now);
		return out;
	}
	aeta_guard_lock(g, &g->sources, l.source_key);
	s = aeta_table_find(&g->sources, l.source_key);
	if (s)
		out.sources = aeta_guard_acquit_source(s, now);
	aeta_guard_unlock(g, &g->sources, l.source_key);
	walk(g, &g->pairs, lift_if_of_source, &l);
	return out;
}

struct listing {
	struct aeta_guard *g;
	aeta_usec_t now;
	bool (*each)(void *p, const struct aeta_ban *b);
	void *p;
	bool more;
};

static bool list_pair(void *p, const void *entry)
{
	struct listing *l = p;
	const struct pair *e = entry;
	struct aeta_ban b = {.source = e->source, .from = e->from, .until = e->until};

	if (l->now >= e->until)
		return true;
	b.failures = aeta_seen_count(e->responses, l->g->limits.failures, aeta_guard_s(l->g->limits.ban_s), l->now);
	memcpy(b.user, e->user, e->user_len);
	return l->more = l->each(l->p, &b);
}

static bool list_source(void *p, const void *entry)
{
	struct listing *l = p;
	const struct source *e = entry;
	struct aeta_ban b = {.source = e->source, .whole = true, .from = e->from, .until = e->until};

	if (l->now >= e->until)
		return true;
	b.users = aeta_seen_count(e->users, l->g->limits.users, aeta_guard_users_window(l->g), l->now);
	return l->more = l->each(l->p, &b);
}

void aeta_guard_bans(struct aeta_guard *g, aeta_usec_t now, bool (*each)(void *p, const struct aeta_ban *b), void *p)
{
	struct listing l = {g, now, each, p, true};

	walk(g, &g->sources, list_source, &l);
	if (l.more)
		walk(g, &g->pairs, list_pair, &l);
}
