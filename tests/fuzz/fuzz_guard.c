/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guard led by any bytes, its memory so small that everything is pushed out sooner or later: nobody is dropped but by a
 * flood or during a ban, no ban is longer than it may be, and what is listed can be lifted.
 */
#include "policy/guard.h"

#include <stdlib.h>
#include <string.h>

#define SIZE 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
	if (!condition)
		abort();
}

struct walk {
	struct aeta_guard *g;
	aeta_usec_t now;
	unsigned n;
	struct aeta_ban last;
};

static bool look(void *p, const struct aeta_ban *b)
{
	struct walk *w = p;

	must(b->from <= w->now && w->now < b->until);
	must(b->until - b->from == w->g->limits.ban_s * (aeta_usec_t)1000000);
	must(b->failures <= w->g->limits.failures && b->users <= w->g->limits.users);
	w->last = *b;
	w->n++;
	return true;
}

/* Lifts the source of the last ban, whose bans are gone then. */
static void lift(struct aeta_guard *g, aeta_usec_t now)
{
	struct walk before = {g, now, 0, {{0}, "", false, 0, 0, 0, 0}}, after = before;
	struct aeta_knock k = {0};
	struct aeta_lifted l;

	aeta_guard_bans(g, now, look, &before);
	if (!before.n)
		return;
	k.source = before.last.source;
	l = aeta_guard_lift(g, &k, now);
	must(l.pairs + l.sources >= 1);
	aeta_guard_bans(g, now, look, &after);
	must(after.n + l.pairs + l.sources == before.n);
}

static void knock(struct aeta_guard *g, const struct aeta_knock *k, aeta_usec_t now)
{
	struct walk w = {g, now, 0, {{0}, "", false, 0, 0, 0, 0}};
	enum aeta_knock_verdict v = aeta_guard_knock(g, k, now);

	aeta_guard_bans(g, now, look, &w);
	must((v != AETA_KNOCK_BANNED_PAIR && v != AETA_KNOCK_BANNED_SOURCE) || w.n);
}

/* What bans alone say is what was said for them; and the owner is never kept out where others are let in. */
static void verifies(struct aeta_guard *g, struct aeta_knock k, aeta_usec_t now)
{
	enum aeta_knock_verdict v;

	if (!k.user)
		return;
	k.owner = false;
	v = aeta_guard_verifies(g, &k, now);
	must(v == aeta_guard_verifies(g, &k, now) && v != AETA_KNOCK_FLOOD);
	k.owner = true;
	must(v != AETA_KNOCK_PASS || aeta_guard_verifies(g, &k, now) == AETA_KNOCK_PASS);
}

static void failed(struct aeta_guard *g, const struct aeta_knock *k, const uint8_t *response, aeta_usec_t now)
{
	struct aeta_failure f;

	if (!k->user)
		return;
	f = aeta_guard_failed(g, k, (const char *)response, 1, now);
	must(!f.pair_begins || (f.banned && f.counted && f.failures == g->limits.failures));
	must(f.counted || !aeta_guard_failed(g, k, (const char *)response, 1, now).pair_begins);
	if (f.source_due && response[0] & 1)
		must(aeta_guard_ban_source(g, k->source, now));
	else if (f.source_due)
		aeta_guard_spare_source(g, k->source, now);
}

/* Four bytes: what happens, who and where, with which response, how much later. */
static void event(struct aeta_guard *g, const uint8_t d[4], aeta_usec_t *now)
{
	const unsigned char address[4] = {192, 0, 2, d[1] & 15};
	char user = (char)(d[1] >> 4);
	struct aeta_knock k = {aeta_source(address, 4), d[0] & 8 ? &user : NULL, 1, d[0] >> 5, d[0] & 16};

	*now += (aeta_usec_t)d[3] * d[3] * 1000u;
	switch (d[0] & 7) {
	case 0:
	case 1:
	case 2:
		failed(g, &k, &d[2], *now);
		break;
	case 3:
		if (k.user)
			aeta_guard_succeeded(g, &k, *now);
		break;
	case 4:
		aeta_guard_known_until(g, k.source, *now + d[2] * 1000000u, *now);
		break;
	case 5:
		lift(g, *now);
		break;
	case 6:
		aeta_guard_stray(g, k.source, *now);
		aeta_guard_account(g, (const char *)&d[1], 1, *now);
		aeta_guard_dialog(g, &(struct aeta_inside){d[2], (const char *)&d[1], 1, d[0] >> 7}, *now);
		break;
	default:
		verifies(g, k, *now);
		knock(g, &k, *now);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint64_t key[2] = {1, 2};
	struct aeta_guard_limits limits = {.ban_s = 1, .failures = 1, .users = 1, .flood_rate = 1};
	aeta_usec_t now = 1000000;
	struct aeta_guard g;
	void *memory;

	aeta_guard_injects((const char *)data, size);
	if (size < 4)
		return 0;
	limits.ban_s += data[0] % AETA_BAN_MAX_S;
	limits.failures += data[1] % AETA_BAN_FAILURES_MAX;
	limits.users += data[2] % AETA_BAN_USERS_MAX;
	limits.flood_rate += data[3];
	limits.dialog_rate = 1 + data[3] % 30;
	limits.account_rate = 1 + data[3] % 20;
	memory = calloc(1, aeta_guard_bytes(SIZE));
	must(memory != NULL);
	aeta_guard_init(&g, memory, SIZE, &limits, key);
	for (size_t i = 4; i + 4 <= size; i += 4)
		event(&g, data + i, &now);
	free(memory);
	return 0;
}
