/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "relay.h"

#include <stdio.h>
#include <stdlib.h>

#include "call.h"
#include "command.h"

/* What loop-protect writes: the same for all SDPs of this relay, and of nobody else. */
static void make_mark(struct relay *r)
{
	snprintf(r->mark, sizeof(r->mark), "%016llx", (unsigned long long)text_hash(TEXT("loop"), r->config.key));
}

struct relay *relay_new(const struct relay_config *config, const struct relay_shell *shell, uint64_t now)
{
	struct relay *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->config = *config;
	r->shell = *shell;
	r->now = r->started = r->retried = r->rated = now;
	make_mark(r);
	out_init(&r->sdp, OUT_MAX);
	r->decoder = ng_decoder_new();
	if (!r->decoder)
		goto no_decoder;
	if (ports_init(&r->ports, config) < 0)
		goto no_ports;
	if (calls_init(r) < 0)
		goto no_calls;
	r->cookies = cookies_new(COOKIE_BUDGET, config->key);
	if (!r->cookies)
		goto no_cookies;
	return r;
no_cookies:
	calls_free(r);
no_calls:
	ports_free(&r->ports);
no_ports:
	ng_decoder_free(r->decoder);
no_decoder:
	free(r);
	return NULL;
}

static void give_back(struct relay *r)
{
	cookies_free(r->cookies);
	calls_free(r);
	ports_free(&r->ports);
	ng_decoder_free(r->decoder);
	out_free(&r->sdp);
	free(r);
}

void relay_free(struct relay *r)
{
	while (r->calls.oldest)
		call_end(r->calls.oldest, RELAY_SHUTDOWN);
	give_back(r);
}

void relay_leave(struct relay *r)
{
	while (r->calls.oldest) {
		call_record_stop(r->calls.oldest, false);
		call_discard(r->calls.oldest);
	}
	give_back(r);
}

void relay_ng_plain(struct relay *r, struct text dict, const struct endpoint *source, uint64_t now, struct out *reply)
{
	command_run(r, dict, source, now, reply->max, reply);
}

void relay_ng(struct relay *r, struct text datagram, const struct endpoint *source, uint64_t now, struct out *reply)
{
	struct text cookie, dict, kept;
	size_t limit = reply->max < REPLY_DATAGRAM_MAX ? reply->max : REPLY_DATAGRAM_MAX;

	out_clear(reply);
	if (!ng_split(datagram, &cookie, &dict))
		return;
	if (cookies_find(r->cookies, cookie, source, now, &kept)) {
		r->totals.cookie_hits++;
		out_add(reply, kept);
		return;
	}
	out_add(reply, cookie);
	out_char(reply, ' ');
	command_run(r, dict, source, now, limit, reply);
	if (reply->failed)
		out_clear(reply); /* nothing rather than half a reply: the client asks again */
	else
		cookies_store(r->cookies, cookie, source, now, out_text(reply));
}

void relay_drain(struct relay *r)
{
	r->draining = true;
}

unsigned relay_calls(const struct relay *r)
{
	return r->calls.count;
}

struct call *relay_first(struct relay *r)
{
	return r->calls.oldest;
}

struct call *relay_next(struct call *c)
{
	return c->newer;
}
