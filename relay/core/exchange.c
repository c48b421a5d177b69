/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading an SDP: which of its m-lines are which streams, and what it says of each. */
#include "exchange.h"

#include <errno.h>

#include "party.h"

/* A host name, and no SIP source beside it: that would be a call to nowhere. */
static bool nowhere(const struct exchange *x)
{
	for (unsigned i = 0; i < x->sdp.count; i++)
		if (x->sdp.media[i].unusable && !x->sdp.media[i].rejected && x->sdp.media[i].transport != SDP_OTHER)
			return !x->q->received_from.family;
	return false;
}

const char *exchange_read(struct exchange *x, struct request *m, bool *looped)
{
	x->m = m;
	x->relay = m->relay;
	x->q = m->q;
	x->now = m->now;
	x->call = NULL;
	x->from.party = x->to.party = NULL;
	x->from.fresh = x->to.fresh = x->fresh_call = false;
	x->from.planned = x->to.planned = x->stream_count = x->opened_count = 0;
	*looped = false;
	switch (sdp_parse(m->q->sdp, &x->sdp)) {
	case 0:
		break;
	case -ENODATA:
		return ERROR_REWRITE;
	default:
		return "Failed to parse SDP";
	}
	*looped = ng_has(m->q, NG_BIT(LOOP_PROTECT)) && sdp_has_mark(&x->sdp, text_of(m->relay->mark));
	return nowhere(x) ? "Failed to parse SDP" : NULL;
}

/* ---- which stream ---- */

static bool relayable(const struct sdp_media *m)
{
	return m->transport != SDP_OTHER;
}

static unsigned known_stream(const struct party *p, unsigned i)
{
	return i < p->media_count ? p->media_stream[i] : NO_STREAM;
}

static unsigned known_fec(const struct party *p, unsigned i)
{
	return i < p->media_count ? p->media_fec[i] : NO_STREAM;
}

/* An m-line before `i` that is on the same port, so that both are one stream. */
static unsigned sharer_of(const struct exchange *x, unsigned i)
{
	const struct sdp_media *m = &x->sdp.media[i];

	for (unsigned k = 0; k < i; k++) {
		const struct sdp_media *other = &x->sdp.media[k];

		if (x->map[k] == NO_STREAM || other->rejected || (other->transport == SDP_UDP) != (m->transport == SDP_UDP))
			continue;
		if (m->bundle_only ? x->sdp.bundle : !m->rejected && endpoint_equal(&other->rtp, &m->rtp))
			return k;
	}
	return SDP_MEDIA_MAX;
}

/* Is stream `k` an earlier m-line's, which is on another port now? */
static bool parted(const struct exchange *x, unsigned i, unsigned k)
{
	for (unsigned j = 0; j < i; j++)
		if (x->map[j] == k)
			return !x->sdp.media[j].rejected && !endpoint_equal(&x->sdp.media[j].rtp, &x->sdp.media[i].rtp);
	return false;
}

static bool taken(const struct exchange *x, unsigned i, unsigned k)
{
	const struct party *both[2] = {x->from.party, x->to.party};

	for (unsigned j = 0; j < i; j++)
		if (x->map[j] == k || x->fec_map[j] == k)
			return true;
	for (unsigned j = 0; j < SDP_MEDIA_MAX; j++)
		for (unsigned p = 0; p < 2; p++)
			if (known_stream(both[p], j) == k || known_fec(both[p], j) == k)
				return true;
	return false;
}

static unsigned new_stream(const struct exchange *x, unsigned i)
{
	unsigned k = 0;

	while (k < SDP_MEDIA_MAX && taken(x, i, k))
		k++;
	return k < SDP_MEDIA_MAX ? k : NO_STREAM;
}

static unsigned stream_for(const struct exchange *x, unsigned i)
{
	const struct sdp_media *m = &x->sdp.media[i];
	unsigned known = known_stream(x->from.party, x->number[i]), sharer;

	if (!relayable(m))
		return NO_STREAM;
	if (known == NO_STREAM)
		known = known_stream(x->to.party, x->number[i]);
	if (m->rejected && !m->bundle_only)
		return known;
	if (known != NO_STREAM && !parted(x, i, known))
		return known;
	sharer = sharer_of(x, i);
	if (sharer < i)
		return x->map[sharer];
	return m->rejected ? NO_STREAM : new_stream(x, i);
}

/* Parity FEC on a port of its own is a stream beside its m-line's (not where two m-lines name the same port for it). */
static unsigned fec_for(struct exchange *x, unsigned i)
{
	const struct sdp_media *m = &x->sdp.media[i];
	unsigned known = known_fec(x->from.party, x->number[i]);

	if (known == NO_STREAM)
		known = known_fec(x->to.party, x->number[i]);
	if (known != NO_STREAM || x->map[i] == NO_STREAM || m->rejected || m->fec.port == 0 || m->transport == SDP_UDP)
		return known;
	x->fec_map[i] = NO_STREAM;
	return new_stream(x, i + 1);
}

static void count_stream(struct exchange *x, unsigned k)
{
	if (k != NO_STREAM && k >= x->stream_count)
		x->stream_count = k + 1u;
}

void exchange_map_offer(struct exchange *x)
{
	x->stream_count = 0;
	for (unsigned i = 0; i < x->sdp.count; i++) {
		x->map[i] = (uint8_t)stream_for(x, i);
		x->fec_map[i] = (uint8_t)fec_for(x, i);
		count_stream(x, x->map[i]);
		count_stream(x, x->fec_map[i]);
	}
}

void exchange_map_answer(struct exchange *x)
{
	unsigned offerer = x->to.party->stream_count, answerer = x->from.party->stream_count;

	for (unsigned i = 0; i < x->sdp.count; i++) {
		bool relayed = relayable(&x->sdp.media[i]);

		x->map[i] = (uint8_t)(relayed ? known_stream(x->to.party, x->number[i]) : NO_STREAM);
		x->fec_map[i] = (uint8_t)(relayed ? known_fec(x->to.party, x->number[i]) : NO_STREAM);
	}
	x->stream_count = offerer > answerer ? offerer : answerer;
}

/* ---- what it says ---- */

/* Its address may be the one that SIP came from: by flag, or where the SDP gives none that can be used. */
static struct endpoint place(const struct exchange *x, const struct sdp_media *m, const struct endpoint *said)
{
	bool sip = ng_has(x->q, NG_BIT(SIP_SOURCE_ADDRESS)) && !ng_has(x->q, NG_BIT(TRUST_ADDRESS));
	struct endpoint e = *said;

	if (m->held || m->rejected || e.port == 0)
		return (struct endpoint){0};
	if (x->q->received_from.family && (sip || m->unusable || !e.address.family))
		e.address = x->q->received_from;
	return e;
}

static bool receives(unsigned direction)
{
	return !(direction & 1);
}

static void say_types(struct said *s, const struct sdp_media *m)
{
	for (unsigned i = 0; i < 2; i++) {
		s->types[i] |= m->payload_types[i];
		s->dtmf[i] |= m->dtmf_types[i];
	}
}

/* The first live m-line, or the first that receives, says where to; a second one on another port is the stream's as well. */
static void say_place(const struct exchange *x, struct said *s, const struct sdp_media *m)
{
	struct endpoint rtp = place(x, m, &m->rtp), rtcp = place(x, m, &m->rtcp);
	bool first = !s->live, better = !first && !receives(s->direction) && receives(m->direction);

	if (!first && !endpoint_equal(&rtp, &s->rtp)) {
		s->also = better ? s->rtp : rtp;
		s->also_rtcp = better ? s->rtcp : rtcp;
	}
	if (first || better) {
		s->rtp = rtp;
		s->rtcp = rtcp;
	}
}

static void say(const struct exchange *x, struct said *s, const struct sdp_media *m)
{
	s->known = true;
	say_types(s, m);
	if (m->rejected)
		return;
	say_place(x, s, m);
	if (!s->live) {
		s->transport = (uint8_t)m->transport;
		s->no_rtcp = m->transport == SDP_UDP;
		s->direction = (uint8_t)m->direction;
		s->held = m->held;
		s->mux = m->rtcp_mux || m->rtcp_mux_only;
		s->mux_only = m->rtcp_mux_only;
	}
	s->direction &= (uint8_t)m->direction;
	s->held = s->held && m->held;
	s->live = true;
}

static void say_fec(const struct exchange *x, struct said *s, const struct sdp_media *m)
{
	s->known = true;
	if (m->rejected || m->fec.port == 0)
		return;
	say_types(s, m);
	s->live = s->no_rtcp = true;
	s->transport = (uint8_t)m->transport;
	s->direction = (uint8_t)m->direction;
	s->held = m->held;
	s->rtp = place(x, m, &m->fec);
}

/* In a bundle everything may come to one port. */
static void say_bundle(struct exchange *x)
{
	for (unsigned k = 0; k < x->stream_count; k++)
		for (unsigned i = 0; i < x->sdp.count; i++)
			say_types(&x->said[k], &x->sdp.media[i]);
}

void exchange_sum_up(struct exchange *x)
{
	memset(x->said, 0, x->stream_count * sizeof(x->said[0]));
	for (unsigned i = 0; i < x->sdp.count; i++)
		if (x->map[i] != NO_STREAM)
			say(x, &x->said[x->map[i]], &x->sdp.media[i]);
	for (unsigned i = 0; i < x->sdp.count; i++)
		if (x->fec_map[i] != NO_STREAM)
			say_fec(x, &x->said[x->fec_map[i]], &x->sdp.media[i]);
	if (x->sdp.bundle)
		say_bundle(x);
}
