/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guard_entries.h"

#include <string.h>

/* ---- what was seen ---- */

/* Is it among them already? Else it takes the place of the oldest. */
static struct seen *note(struct seen *seen, unsigned n, uint64_t what, bool *before)
{
	struct seen *oldest = &seen[0];

	for (unsigned i = 0; i < n; i++) {
		*before = seen[i].what == what;
		if (*before)
			return &seen[i];
		if (seen[i].at < oldest->at)
			oldest = &seen[i];
	}
	oldest->what = what;
	return oldest;
}

/* ---- at the door ---- */

static bool charge(struct aeta_guard *g, struct aeta_source s, bool stray, aeta_usec_t now)
{
	unsigned rate = g->limits.flood_rate * (aeta_guard_is_known(g, s, now) ? AETA_KNOWN_FACTOR : 1);
	struct aeta_rate r = aeta_rate(rate, rate * 10);
	uint64_t key = aeta_guard_source_key(g, s);
	aeta_usec_t *bucket;
	struct flood *f;
	bool room;

	aeta_guard_lock(g, &g->floods, key);
	f = aeta_table_take(&g->floods, key, now);
	bucket = stray ? &f->strays : &f->requests;
	room = aeta_bucket_room(*bucket, r, now);
	if (room)
		aeta_bucket_fill(bucket, r, now);
	aeta_guard_unlock(g, &g->floods, key);
	return room;
}

static bool source_may(struct aeta_guard *g, const struct aeta_knock *k, aeta_usec_t now)
{
	uint64_t key = aeta_guard_source_key(g, k->source);
	struct source *s;
	bool may = true;

	aeta_guard_lock(g, &g->sources, key);
	s = aeta_table_find(&g->sources, key);
	if (s && now < s->until && k->user) {
		may = aeta_trials_room(aeta_guard_wrong_of_source(g, s), k, now);
	} else if (s && now < s->until) {
		may = aeta_trials_room(aeta_guard_challenges_of_source(s), k, now);
		if (may)
			aeta_trials_charge(aeta_guard_challenges_of_source(s), k, now);
	}
	aeta_guard_unlock(g, &g->sources, key);
	return may;
}

static bool pair_may(struct aeta_guard *g, const struct aeta_knock *k, aeta_usec_t now)
{
	uint64_t key = aeta_guard_pair_key(g, k);
	struct pair *p;
	bool may;

	aeta_guard_lock(g, &g->pairs, key);
	p = aeta_table_find(&g->pairs, key);
	may = !p || now >= p->until || aeta_trials_room(aeta_guard_wrong_of_pair(g, p), k, now);
	aeta_guard_unlock(g, &g->pairs, key);
	return may;
}

enum aeta_knock_verdict aeta_guard_verifies(struct aeta_guard *g, const struct aeta_knock *k, aeta_usec_t now)
{
	if (!source_may(g, k, now))
		return AETA_KNOCK_BANNED_SOURCE;
	if (k->user && !pair_may(g, k, now))
		return AETA_KNOCK_BANNED_PAIR;
	return AETA_KNOCK_PASS;
}

enum aeta_knock_verdict aeta_guard_knock(struct aeta_guard *g, const struct aeta_knock *k, aeta_usec_t now)
{
	return charge(g, k->source, false, now) ? aeta_guard_verifies(g, k, now) : AETA_KNOCK_FLOOD;
}

bool aeta_guard_stray(struct aeta_guard *g, struct aeta_source s, aeta_usec_t now)
{
	return charge(g, s, true, now);
}

/* ---- how it ended ---- */

static void remember_names(const struct aeta_guard *g, struct pair *p, const struct aeta_knock *k)
{
	p->source = k->source;
	p->source_key = aeta_guard_source_key(g, k->source);
	p->user_len = (uint8_t)(k->user_len < sizeof(p->user) ? k->user_len : sizeof(p->user));
	memcpy(p->user, k->user, p->user_len);
}

static void pair_failed(struct aeta_guard *g, const struct aeta_knock *k, uint64_t response, struct aeta_failure *out,
		aeta_usec_t now)
{
	uint64_t key = aeta_guard_pair_key(g, k);
	struct seen *s;
	struct pair *p;
	bool before;

	aeta_guard_lock(g, &g->pairs, key);
	p = aeta_table_take(&g->pairs, key, now);
	remember_names(g, p, k);
	s = note(p->responses, g->limits.failures, response, &before);
	if (!before)
		s->at = now;
	out->counted = !before;
	out->failures = aeta_seen_count(p->responses, g->limits.failures, aeta_guard_s(g->limits.ban_s), now);
	if (now < p->until) {
		out->banned = true;
		aeta_trials_charge(aeta_guard_wrong_of_pair(g, p), k, now);
	} else if (out->counted && out->failures >= g->limits.failures) {
		out->banned = out->pair_begins = true;
		p->from = now;
		p->until = now + aeta_guard_s(g->limits.ban_s);
		aeta_trials_clear(aeta_guard_wrong_of_pair(g, p));
		aeta_trials_note(aeta_guard_wrong_of_pair(g, p), k->flow);
	}
	aeta_guard_unlock(g, &g->pairs, key);
}

static void source_failed(struct aeta_guard *g, const struct aeta_knock *k, struct aeta_failure *out, aeta_usec_t now)
{
	uint64_t key = aeta_guard_source_key(g, k->source);
	struct source *s;
	bool before;

	aeta_guard_lock(g, &g->sources, key);
	s = aeta_table_take(&g->sources, key, now);
	s->source = k->source;
	if (out->counted)
		note(s->users, g->limits.users, aeta_guard_user_key(g, k), &before)->at = now;
	out->users = aeta_seen_count(s->users, g->limits.users, aeta_guard_users_window(g), now);
	if (now < s->until) {
		out->banned = true;
		aeta_trials_charge(aeta_guard_wrong_of_source(g, s), k, now);
	} else {
		out->source_due = out->counted && out->users >= g->limits.users &&
				(!s->spared || s->spared + aeta_guard_users_window(g) < now);
	}
	aeta_guard_unlock(g, &g->sources, key);
}

struct aeta_failure aeta_guard_failed(struct aeta_guard *g, const struct aeta_knock *k, const char *response, size_t len,
		aeta_usec_t now)
{
	struct aeta_failure out = {0};

	pair_failed(g, k, aeta_keyed_hash(g->key, response, len), &out, now);
	source_failed(g, k, &out, now);
	return out;
}

bool aeta_guard_ban_source(struct aeta_guard *g, struct aeta_source source, aeta_usec_t now)
{
	uint64_t key = aeta_guard_source_key(g, source);
	struct source *s;
	bool begins;

	aeta_guard_lock(g, &g->sources, key);
	s = aeta_table_take(&g->sources, key, now);
	s->source = source;
	begins = now >= s->until;
	if (begins) {
		s->from = now;
		s->until = now + aeta_guard_s(g->limits.ban_s);
		aeta_trials_clear(aeta_guard_wrong_of_source(g, s));
		aeta_trials_clear(aeta_guard_challenges_of_source(s));
	}
	aeta_guard_unlock(g, &g->sources, key);
	return begins;
}

bool aeta_guard_spare_source(struct aeta_guard *g, struct aeta_source source, aeta_usec_t now)
{
	uint64_t key = aeta_guard_source_key(g, source);
	struct source *s;
	bool worth_a_line;

	aeta_guard_lock(g, &g->sources, key);
	s = aeta_table_take(&g->sources, key, now);
	s->source = source;
	worth_a_line = !s->spared || s->spared + aeta_guard_s(g->limits.ban_s) < now;
	s->spared = now;
	aeta_guard_unlock(g, &g->sources, key);
	return worth_a_line;
}

struct aeta_lifted aeta_guard_succeeded(struct aeta_guard *g, const struct aeta_knock *k, aeta_usec_t now)
{
	uint64_t key = aeta_guard_source_key(g, k->source), user = aeta_guard_user_key(g, k);
	struct aeta_lifted out = {.pairs = aeta_guard_forget_pair(g, aeta_guard_pair_key(g, k), now)};
	struct source *s;

	aeta_guard_lock(g, &g->sources, key);
	s = aeta_table_find(&g->sources, key);
	if (s && now < s->until)
		out.sources = aeta_guard_acquit_source(s, now);
	for (unsigned i = 0; s && i < g->limits.users; i++)
		if (s->users[i].what == user)
			s->users[i] = (struct seen){0};
	aeta_guard_unlock(g, &g->sources, key);
	return out;
}
