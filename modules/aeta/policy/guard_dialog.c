/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much is too much of those who have an account: inside a call, and outside. */
#include "guard_entries.h"

#define SECONDS_AT_ONCE 3

/* What a word of a key stands for, beside it. */
enum { OF_CALL = 0, OF_CALL_ENDS = 1, OF_ACCOUNT = 2 };

/* One more into the bucket of this key, if there is room. */
static enum aeta_dialog_verdict charge(struct aeta_guard *g, uint64_t key, unsigned per_second, aeta_usec_t now)
{
	struct aeta_rate r = aeta_rate(per_second, per_second * SECONDS_AT_ONCE);
	enum aeta_dialog_verdict v = AETA_DIALOG_PASS;
	struct dialog *d;

	aeta_guard_lock(g, &g->dialogs, key);
	d = aeta_table_take(&g->dialogs, key, now);
	if (d->requests <= now)
		d->over = false;
	if (aeta_bucket_room(d->requests, r, now)) {
		aeta_bucket_fill(&d->requests, r, now);
	} else {
		v = d->over ? AETA_DIALOG_GOES_ON : AETA_DIALOG_BEGINS;
		d->over = true;
	}
	aeta_guard_unlock(g, &g->dialogs, key);
	return v;
}

/* The flow first: what is too much of it is taken from nobody else. */
enum aeta_dialog_verdict aeta_guard_dialog(struct aeta_guard *g, const struct aeta_inside *r, aeta_usec_t now)
{
	uint64_t call[2] = {aeta_keyed_hash(g->key, r->call_id, r->len), r->ends ? OF_CALL_ENDS : OF_CALL};
	uint64_t flow[3] = {call[0], call[1], r->flow};
	enum aeta_dialog_verdict v = charge(g, aeta_keyed_hash(g->key, flow, sizeof(flow)), g->limits.dialog_rate, now);

	if (v != AETA_DIALOG_PASS)
		return v;
	return charge(g, aeta_keyed_hash(g->key, call, sizeof(call)), 2 * g->limits.dialog_rate, now);
}

enum aeta_dialog_verdict aeta_guard_account(struct aeta_guard *g, const char *user, size_t len, aeta_usec_t now)
{
	uint64_t words[2] = {aeta_keyed_hash(g->key, user, len), OF_ACCOUNT};

	return charge(g, aeta_keyed_hash(g->key, words, sizeof(words)), g->limits.account_rate, now);
}
