/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guard against a naive one that forgets nothing, on random mornings at the door. With room enough both say the same;
 * where the memory is so small that entries are pushed out, it may ban fewer, but none without as many failures, and nothing is
 * dropped but while a ban lasts.
 */
#include "suites.h"

#include "policy/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MORNINGS 60
#define EVENTS 6000
#define SOURCES 24
#define USERS 16
#define FLOWS 20
#define FAILURES 3
#define WINDOW 20000000u /* µs */

static const struct aeta_guard_limits limits = {.ban_s = 20, .failures = FAILURES, .users = 4, .flood_rate = 100000};

static uint64_t seed;

static unsigned rnd(unsigned below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % below;
}

/* ---- the reference: everything that ever failed, and levels that sink ---- */

struct level {
	uint64_t us, at; /* how much is in it, when */
};

/* Every flow that was seen, in order. */
struct flows {
	unsigned n, flow[EVENTS];
};

struct trials {
	struct level any, fresh, owner;
	struct flows seen;
};

struct who {
	unsigned flow; /* 0: not known */
	bool owner;
};

struct naive_pair {
	unsigned counted; /* since it was forgotten; the newest are kept */
	unsigned response[EVENTS];
	uint64_t at[EVENTS], until;
	struct trials wrong;
};

struct naive_source {
	uint64_t failed_at[USERS], until, spared; /* 0: never */
	struct trials wrong, challenges;
};

struct naive {
	bool exact; /* keeps no more users of a source than the guard does */
	struct naive_pair pairs[SOURCES][USERS];
	struct naive_source sources[SOURCES];
};

static void sink(struct level *l, uint64_t now)
{
	uint64_t gone = now - l->at;

	l->us = l->us > gone ? l->us - gone : 0;
	l->at = now;
}

static bool has_room(struct level *l, uint64_t each, unsigned burst, uint64_t now)
{
	sink(l, now);
	return l->us <= each * (burst - 1);
}

static void pour(struct level *l, uint64_t each, unsigned burst, uint64_t now)
{
	sink(l, now);
	l->us = l->us + each > each * burst ? each * burst : l->us + each;
}

/* Is it one of the last `kept` different ones? */
static bool was_seen(const struct flows *f, unsigned flow, unsigned kept)
{
	for (unsigned i = f->n > kept ? f->n - kept : 0; i < f->n; i++)
		if (f->flow[i] == flow)
			return true;
	return false;
}

static struct level *let_in(struct trials *t, const struct who *w, const unsigned any[2], unsigned kept, uint64_t now)
{
	if (has_room(&t->any, any[0], any[1], now))
		return &t->any;
	if (w->flow && !was_seen(&t->seen, w->flow, kept) && has_room(&t->fresh, 100000, 10, now))
		return &t->fresh;
	return w->owner && has_room(&t->owner, 100000, 10, now) ? &t->owner : NULL;
}

static void see(struct trials *t, unsigned flow, unsigned kept)
{
	if (flow && !was_seen(&t->seen, flow, kept))
		t->seen.flow[t->seen.n++] = flow;
}

static void happened(struct trials *t, const struct who *w, const unsigned any[2], unsigned kept, uint64_t now)
{
	struct level *l = let_in(t, w, any, kept, now);

	if (l)
		pour(l, l == &t->any ? any[0] : 100000, l == &t->any ? any[1] : 10, now);
	see(t, w->flow, kept);
}

static const unsigned of_pair[2] = {WINDOW / 300, 5}, of_source[2] = {WINDOW / 1500, 5}, challenges[2] = {100000, 10};

static bool naive_passes(struct naive *n, unsigned s, unsigned u, bool credentials, const struct who *w, uint64_t now)
{
	struct naive_source *source = &n->sources[s];
	struct naive_pair *pair = &n->pairs[s][u];
	bool room;

	if (now < source->until && !credentials) {
		room = let_in(&source->challenges, w, challenges, 16, now) != NULL;
		if (room)
			happened(&source->challenges, w, challenges, 16, now);
		return room;
	}
	if (now < source->until && !let_in(&source->wrong, w, of_source, 16, now))
		return false;
	return !credentials || now >= pair->until || let_in(&pair->wrong, w, of_pair, 8, now);
}

static bool counted_before(const struct naive_pair *p, unsigned response)
{
	for (unsigned i = p->counted > FAILURES ? p->counted - FAILURES : 0; i < p->counted; i++)
		if (p->response[i] == response)
			return true;
	return false;
}

static void naive_pair_failed(struct naive_pair *p, const struct who *w, unsigned response, uint64_t now,
		struct aeta_failure *out)
{
	out->counted = !counted_before(p, response);
	if (out->counted) {
		p->response[p->counted] = response;
		p->at[p->counted++] = now;
	}
	for (unsigned i = p->counted > FAILURES ? p->counted - FAILURES : 0; i < p->counted; i++)
		out->failures += p->at[i] + WINDOW >= now;
	if (now < p->until) {
		happened(&p->wrong, w, of_pair, 8, now);
	} else if (out->counted && out->failures == FAILURES) {
		out->pair_begins = true;
		p->until = now + WINDOW;
		memset(&p->wrong, 0, sizeof(p->wrong));
		see(&p->wrong, w->flow, 8);
	}
	out->banned = now < p->until;
}

/* Of more than limits.users users the one that failed longest ago is forgotten. */
static void forget_oldest(struct naive_source *source)
{
	unsigned oldest = USERS, n = 0;

	for (unsigned i = 0; i < USERS; i++) {
		if (!source->failed_at[i])
			continue;
		n++;
		if (oldest == USERS || source->failed_at[i] < source->failed_at[oldest])
			oldest = i;
	}
	if (n > limits.users)
		source->failed_at[oldest] = 0;
}

static struct aeta_failure naive_failed(struct naive *n, unsigned s, unsigned u, const struct who *w, unsigned response,
		uint64_t now)
{
	struct naive_source *source = &n->sources[s];
	struct aeta_failure out = {0};

	naive_pair_failed(&n->pairs[s][u], w, response, now, &out);
	if (out.counted)
		source->failed_at[u] = now;
	if (n->exact)
		forget_oldest(source);
	for (unsigned i = 0; i < USERS; i++)
		out.users += source->failed_at[i] && source->failed_at[i] + WINDOW / 5 >= now;
	if (now < source->until) {
		out.banned = true;
		happened(&source->wrong, w, of_source, 16, now);
	} else {
		out.source_due = out.counted && out.users >= limits.users &&
				(!source->spared || now > source->spared + WINDOW / 5);
	}
	return out;
}

static void naive_succeeded(struct naive *n, unsigned s, unsigned u, uint64_t now)
{
	n->pairs[s][u].counted = 0;
	n->pairs[s][u].until = 0;
	n->sources[s].failed_at[u] = 0;
	if (n->exact && now < n->sources[s].until) {
		n->sources[s].until = 0;
		memset(n->sources[s].failed_at, 0, sizeof(n->sources[s].failed_at));
	}
}

/* ---- a morning ---- */

struct morning {
	struct aeta_guard g;
	struct naive *naive;
	void *memory;
	uint64_t now, pair_begins[SOURCES][USERS], source_begins[SOURCES]; /* of the guard's bans; 0: none yet */
	unsigned event, bans, drops;
};

static void check_failure(struct morning *m, unsigned s, unsigned u, const struct aeta_failure *is,
		const struct aeta_failure *should)
{
	if (m->naive->exact)
		HOT_ASSERT(memcmp(is, should, sizeof(*is)) == 0, "failures %u %u, users %u %u, due %d %d, banned %d %d", is->failures,
				should->failures, is->users, should->users, is->source_due, should->source_due, is->banned,
				should->banned);
	HOT_ASSERT(is->failures <= should->failures && is->users <= should->users, "more than ever happened");
	HOT_ASSERT(!is->pair_begins || is->failures == FAILURES, "a ban without a cause");
	HOT_ASSERT(!is->source_due || is->users == limits.users, "a source without a cause");
	m->bans += is->pair_begins;
	if (is->pair_begins)
		m->pair_begins[s][u] = m->now;
}

static void check_knock(struct morning *m, unsigned s, unsigned u, bool passes, bool should)
{
	uint64_t pair = m->pair_begins[s][u], source = m->source_begins[s];

	if (m->naive->exact)
		HOT_ASSERT(passes == should, "source %u user %u passes: %d", s, u, passes);
	HOT_ASSERT(passes || (pair && m->now < pair + WINDOW) || (source && m->now < source + WINDOW), "dropped without a ban");
	m->drops += !passes;
}

/* Both do what the guard's caller does with a source that is due. */
static void settle(struct morning *m, unsigned s, struct aeta_source source, bool guards, bool naives)
{
	bool spare = s % 3 == 0;

	if (guards && spare)
		aeta_guard_spare_source(&m->g, source, m->now);
	else if (guards)
		HOT_ASSERT(aeta_guard_ban_source(&m->g, source, m->now), "it was banned");
	if (guards && !spare)
		m->source_begins[s] = m->now;
	if ((guards || naives) && spare)
		m->naive->sources[s].spared = m->now;
	else if (guards || naives) {
		m->naive->sources[s].until = m->now + WINDOW;
		memset(&m->naive->sources[s].wrong, 0, sizeof(struct trials));
		memset(&m->naive->sources[s].challenges, 0, sizeof(struct trials));
	}
}

static void one_event(struct morning *m)
{
	unsigned s = rnd(rnd(SOURCES) + 1), u = rnd(rnd(USERS) + 1), response = m->naive->exact ? rnd(12) : m->event;
	struct aeta_source source = {.bits = s, .family = s % 2 ? 4 : 6};
	char user[16];
	struct who w = {.flow = rnd(FLOWS), .owner = rnd(6) == 0};
	struct aeta_knock k = {.source = source, .user = user, .flow = w.flow, .owner = w.owner};
	bool credentials = rnd(4), passes, should = naive_passes(m->naive, s, u, credentials, &w, m->now);
	struct aeta_failure is, expected;

	k.user_len = (size_t)snprintf(user, sizeof(user), "%u", 4567000 + u);
	if (!credentials)
		k.user = NULL;
	passes = aeta_guard_knock(&m->g, &k, m->now) == AETA_KNOCK_PASS;
	check_knock(m, s, u, passes, should);
	if (!passes || !credentials)
		return;
	if (rnd(40) == 0) {
		aeta_guard_succeeded(&m->g, &k, m->now);
		naive_succeeded(m->naive, s, u, m->now);
		return;
	}
	is = aeta_guard_failed(&m->g, &k, (const char *)&response, sizeof(response), m->now);
	expected = naive_failed(m->naive, s, u, &w, response, m->now);
	check_failure(m, s, u, &is, &expected);
	settle(m, s, source, is.source_due, expected.source_due);
}

static void run_morning(unsigned size, bool roomy, unsigned *bans, unsigned *drops)
{
	const uint64_t key[2] = {seed, ~seed};
	struct morning m = {.memory = calloc(1, aeta_guard_bytes(size)), .naive = calloc(1, sizeof(*m.naive)), .now = 1000000};
	unsigned pace = 1000u << rnd(11);

	aeta_guard_init(&m.g, m.memory, size, &limits, key);
	m.naive->exact = roomy;
	for (; m.event < EVENTS; m.event++, m.now += 1 + rnd(pace))
		one_event(&m);
	*bans += m.bans;
	*drops += m.drops;
	free(m.memory);
	free(m.naive);
}

START_TEST(as_the_naive_guard)
{
	unsigned bans = 0, drops = 0;

	for (seed = 1; seed <= MORNINGS; seed++) {
		uint64_t before = seed;

		run_morning(2048, true, &bans, &drops);
		seed = before;
	}
	ck_assert_msg(bans > 1000 && drops > 1000, "%u bans and %u drops prove little", bans, drops);
}
END_TEST

START_TEST(forgetful_but_never_harsher)
{
	unsigned bans = 0, drops = 0;

	for (seed = 1; seed <= MORNINGS; seed++) {
		uint64_t before = seed;

		run_morning(2, false, &bans, &drops);
		seed = before;
	}
	ck_assert_msg(bans > 100, "%u bans prove little", bans);
}
END_TEST

Suite *guard_property_suite(void)
{
	const TTest *const tests[] = {as_the_naive_guard, forgetful_but_never_harsher, NULL};

	return suite_of("guard against a naive one", tests);
}
