/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is let through while a ban lasts: a little of anybody; where that is used up, a little of flows that were not seen in
 * this ban, so that who fails on and on over one flow keeps nobody else out; and a little of the device that owns the number.
 */
#include "guard_entries.h"

#include <string.h>

static const struct aeta_rate fresh = {1000000u / AETA_BANNED_FRESH, AETA_BANNED_FRESH};

static struct aeta_rate evenly(const struct aeta_guard *g, unsigned so_many)
{
	return (struct aeta_rate){aeta_guard_s(g->limits.ban_s) / so_many, AETA_BANNED_BURST};
}

struct trial_view aeta_guard_wrong_of_pair(const struct aeta_guard *g, struct pair *p)
{
	return (struct trial_view){&p->wrong, p->failed, AETA_BANNED_FLOWS_PAIR, evenly(g, AETA_BANNED_PAIR)};
}

struct trial_view aeta_guard_wrong_of_source(const struct aeta_guard *g, struct source *s)
{
	return (struct trial_view){&s->wrong, s->failed, AETA_BANNED_FLOWS_SOURCE, evenly(g, AETA_BANNED_SOURCE)};
}

struct trial_view aeta_guard_challenges_of_source(struct source *s)
{
	const struct aeta_rate any = {1000000u / AETA_BANNED_CHALLENGES, AETA_BANNED_CHALLENGES};

	return (struct trial_view){&s->challenges, s->asked, AETA_BANNED_FLOWS_SOURCE, any};
}

void aeta_trials_clear(struct trial_view v)
{
	*v.t = (struct trials){0};
	memset(v.flows, 0, v.n * sizeof(*v.flows));
}

static bool was_seen(struct trial_view v, uint64_t flow)
{
	for (unsigned i = 0; i < v.n; i++)
		if (v.flows[i] == flow)
			return true;
	return false;
}

void aeta_trials_note(struct trial_view v, uint64_t flow)
{
	if (!flow || was_seen(v, flow))
		return;
	v.flows[v.t->next] = flow;
	v.t->next = (v.t->next + 1) % v.n;
}

/* The bucket that has room for it, and its rate; NULL: none has. */
static aeta_usec_t *bucket_for(struct trial_view v, const struct aeta_knock *k, aeta_usec_t now, struct aeta_rate *rate)
{
	*rate = v.any;
	if (aeta_bucket_room(v.t->any, v.any, now))
		return &v.t->any;
	*rate = fresh;
	if (k->flow && !was_seen(v, k->flow) && aeta_bucket_room(v.t->fresh, fresh, now))
		return &v.t->fresh;
	return k->owner && aeta_bucket_room(v.t->owner, fresh, now) ? &v.t->owner : NULL;
}

bool aeta_trials_room(struct trial_view v, const struct aeta_knock *k, aeta_usec_t now)
{
	struct aeta_rate rate;

	return bucket_for(v, k, now, &rate) != NULL;
}

/* Where others took the last room meanwhile, or it was let in for another reason, there is nothing left to charge. */
void aeta_trials_charge(struct trial_view v, const struct aeta_knock *k, aeta_usec_t now)
{
	struct aeta_rate rate;
	aeta_usec_t *bucket = bucket_for(v, k, now, &rate);

	if (bucket)
		aeta_bucket_fill(bucket, rate, now);
	aeta_trials_note(v, k->flow);
}
