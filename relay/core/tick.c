/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What time brings: calls that nobody speaks in, or answers, end; ports that nobody can use any more are given back. */
#include "call.h"
#include "command.h"
#include "party.h"
#include "sdp.h"

#define SECOND 1000000ull
#define RETRY_PAIRS (60 * SECOND)  /* pairs that the system refused get another chance */
#define SETTLED (300 * SECOND)     /* since the last signalling: no INVITE that rings so long is still answered (timer C, B7) */

static bool passed(uint64_t since, unsigned seconds, uint64_t now)
{
	return seconds && now >= since + seconds * SECOND;
}

/* On hold: nobody need be heard. */
static bool on_hold(const struct party *p)
{
	for (unsigned i = 0; i < p->stream_count; i++)
		if (p->streams[i]->in_use && p->streams[i]->direction != SDP_SENDRECV)
			return true;
	return false;
}

static bool speaks(const struct party *p)
{
	return p->peer && p->peer->peer == p;
}

/* Nobody is heard any more; on hold that may last longer. True: it has ended. */
static bool end_if_silent(struct call *c, const struct party *caller, uint64_t now)
{
	const struct relay_config *config = &c->relay->config;
	uint64_t sign = c->last_media > c->last_signal ? c->last_media : c->last_signal;
	bool hold = on_hold(caller) || on_hold(caller->peer);

	if (!passed(sign, hold ? config->silent_timeout_s : config->timeout_s, now))
		return false;
	call_end(c, hold ? RELAY_SILENT : RELAY_TIMEOUT);
	return true;
}

/* True: it has ended. */
static bool end_if_due(struct call *c, uint64_t now)
{
	const struct relay_config *config = &c->relay->config;
	const struct party *caller = call_answered_caller(c);
	bool due = true;

	if (c->delete_at && now >= c->delete_at)
		call_end(c, RELAY_DELETED);
	else if (passed(c->created, config->final_timeout_s, now))
		call_end(c, RELAY_FINAL_TIMEOUT);
	else if (!caller && passed(c->last_signal, config->offer_timeout_s, now))
		call_end(c, RELAY_OFFER_TIMEOUT);
	else
		due = caller && end_if_silent(c, caller, now);
	return due;
}

/* Streams that the other side has rejected: kept as long as another branch could have taken them. */
static void close_lonely(struct party *p)
{
	for (unsigned i = 0; i < p->stream_count; i++)
		if (p->streams[i]->in_use && !p->streams[i]->peer)
			stream_close(p->streams[i]);
}

/* An answered call, long after: the branches that were passed over have ended unseen. */
static void settle(struct call *c)
{
	struct party *next;

	call_touch(c);
	for (struct party *p = c->parties; p; p = next) {
		next = p->next;
		if (speaks(p))
			close_lonely(p);
		else
			party_free(p);
	}
}

static bool settled(const struct call *c)
{
	for (const struct party *p = c->parties; p; p = p->next) {
		if (!speaks(p))
			return false;
		for (unsigned i = 0; i < p->stream_count; i++)
			if (p->streams[i]->in_use && !p->streams[i]->peer)
				return false;
	}
	return true;
}

void relay_tick(struct relay *r, uint64_t now)
{
	struct call *next;

	r->now = now;
	for (struct call *c = r->calls.oldest; c; c = next) {
		next = c->newer;
		if (!end_if_due(c, now) && now >= c->last_signal + SETTLED && call_answered_caller(c) && !settled(c))
			settle(c);
	}
	totals_rate(r, now);
	cookies_age(r->cookies, now);
	if (now >= r->retried + RETRY_PAIRS) {
		r->retried = now;
		ports_retry(&r->ports);
	}
}
