/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of a media packet: whose it is, whether and where it goes on. Nothing is allocated, no payload is looked at. */
#include "rtp.h"
#include "sdp.h"
#include "state.h"

#include <stdio.h>

enum { LEVEL_NOTICE = 5, LEVEL_INFO = 6 }; /* syslog's */

static bool carries_rtp(const struct stream *s)
{
	return s->transport == SDP_RTP || s->transport == SDP_SRTP;
}

/* ---- loops ---- */

static bool is_component(const struct component *c, uint16_t port)
{
	return c->open && c->port == port;
}

/* An address of ours, and a port of this very call: what we sent ourselves. */
static bool is_loop(const struct component *at, const struct endpoint *source)
{
	const struct call *call = at->stream->party->call;

	for (const struct party *p = call->parties; p; p = p->next)
		for (unsigned i = 0; i < p->stream_count; i++) {
			const struct stream *s = p->streams[i];

			if (!is_component(&s->rtp, source->port) && !is_component(&s->rtcp, source->port))
				continue;
			if (address_equal(&source->address, &s->interface->is.address) ||
					address_equal(&source->address, interface_shown(s->interface)))
				return true;
		}
	return false;
}

/*
 * From another call of ours to yet another one (or back). Media may pass two of our calls, where a party of one is a party of the
 * other as well; but in a circle of calls whose SDPs name our ports, a packet would go round for ever. None of a circle's calls
 * gets it from anywhere but us, and sends it anywhere but to us.
 */
static bool goes_round(const struct relay *r, const struct endpoint *source, const struct endpoint *to)
{
	return ports_own(&r->ports, to) && ports_own(&r->ports, source);
}

static bool is_locked_source(const struct component *at, const struct endpoint *source)
{
	return at->learning.state == LEARN_LOCKED && endpoint_equal(&at->learning.source, source);
}

/* ---- learning ---- */

static void say(struct relay *r, struct component *at, const struct endpoint *source, enum learn_event event)
{
	static const char *const what[] = {
		[LEARN_LOCKS] = "learned from outside", [LEARN_FILLS] = "", [LEARN_MOVES] = "moved to",
		[LEARN_TAKEN_BACK] = "taken back by"
	};
	const struct party *party = at->stream->party;
	char line[256], where[ENDPOINT_TEXT_MAX];
	int tag = party->tag.n < 64 ? (int)party->tag.n : 64;

	endpoint_format(source, where);
	snprintf(line, sizeof(line), "port %u of party %.*s: the %s source was %s %s (rank %u)", at->port, tag,
			tag ? party->tag.s : "", at->kind == COMPONENT_RTCP ? "RTCP" : "media", what[event], where, learn_rank(at, source));
	r->shell.log(r->shell.context, event == LEARN_LOCKS ? LEVEL_NOTICE : LEVEL_INFO, party->call, line);
}

static void learned(struct relay *r, struct component *at, const struct endpoint *source, enum learn_event event)
{
	if (event == LEARN_LOCKS)
		r->totals.rank_locked[at->learning.rank]++;
	if (event == LEARN_MOVES || event == LEARN_TAKEN_BACK)
		r->totals.lock_moved++;
	if (event == LEARN_MOVES || event == LEARN_TAKEN_BACK || (event == LEARN_LOCKS && at->learning.rank == 4))
		say(r, at, source, event);
	call_touch(at->stream->party->call);
	r->shell.changed(r->shell.context, at->stream);
}

static enum refusal belongs(struct relay *r, struct component *at, const struct packet *p, const struct rtp_header *h,
		uint64_t now)
{
	const struct learning *own = &at->stream->rtcp.learning;
	bool known = own->ssrc_known;
	struct learn_result result;

	if (h->kind == RTP_MALFORMED || (at->kind == COMPONENT_RTCP && h->kind == RTP_MEDIA))
		return REFUSED_MALFORMED;
	if (!is_locked_source(at, &p->source) && is_loop(at, &p->source))
		return REFUSED_LOOP;
	result = learn_packet(at, h, &p->source, now);
	if (result.event != LEARN_SAME)
		learned(r, at, &p->source, result.event);
	if (known != own->ssrc_known)
		call_touch(at->stream->party->call);
	if (result.taken)
		return REFUSED_NOT;
	return result.wrong_ssrc ? REFUSED_SSRC : REFUSED_SOURCE;
}

/* ---- whether and where to ---- */

static bool is_dtmf(const struct stream *s, const struct rtp_header *h)
{
	return h->kind == RTP_MEDIA && rtp_type_in(s->dtmf_types, h->type);
}

/* What keeps a session and a pinhole alive passes a hold: RTCP (RFC 3264 5.1), STUN, the handshakes of DTLS and ZRTP. */
static bool is_heard(const struct stream *peer, const struct rtp_header *h)
{
	if (h->kind != RTP_MEDIA && carries_rtp(peer))
		return true;
	return !(peer->direction & SDP_SENDONLY) && !peer->held;
}

/* RTCP leaves from the port where the peer has it, multiplexed or not, wherever it came in (RFC 5761 5.1.1). */
static struct component *way_out(struct stream *peer, const struct component *at, const struct rtp_header *h)
{
	bool control = h->kind == RTP_CONTROL || at->kind == COMPONENT_RTCP;

	if (!control || peer->muxed)
		return peer->rtp.open ? &peer->rtp : NULL;
	return peer->rtcp.open ? &peer->rtcp : NULL;
}

static enum refusal goes_on(struct relay *r, struct component *at, const struct packet *p, const struct rtp_header *h,
		struct packet_verdict *v)
{
	struct stream *s = at->stream, *peer = s->peer;
	const struct endpoint *to;

	if (s->blocked || s->party->call->dropping || (s->dtmf_blocked && is_dtmf(s, h)))
		return REFUSED_BLOCKED;
	if (!peer || !peer->in_use)
		return REFUSED_NO_PEER;
	if (!is_heard(peer, h))
		return REFUSED_DIRECTION;
	v->from = way_out(peer, at, h);
	to = v->from ? learn_destination(v->from) : NULL;
	if (!to)
		return REFUSED_NO_PEER;
	if (goes_round(r, &p->source, to))
		return REFUSED_LOOP;
	v->to = *to;
	v->forward = true;
	return REFUSED_NOT;
}

/* Silence of the codecs in which it is one byte over and over. Under SRTP the bytes are sealed. */
static void silence(const struct stream *s, const struct rtp_header *h, struct packet_verdict *v)
{
	if (!s->silenced || s->transport != SDP_RTP || h->kind != RTP_MEDIA)
		return;
	if (h->type != 0 && h->type != 8 && h->type != 9)
		return;
	v->silence = h->type == 0 ? 0xff : h->type == 8 ? 0xd5 : 0xfa;
	v->silence_from = (uint16_t)h->payload;
}

static void refuse(struct relay *r, struct component *at, enum refusal why, struct packet_verdict *v)
{
	v->refusal = (uint8_t)why;
	if (why == REFUSED_NOT)
		return;
	v->from = NULL;
	statistics_refused(&at->in, why);
	r->totals.refused[why]++;
}

static void count(struct relay *r, struct component *at, const struct rtp_header *h, size_t length, uint64_t now)
{
	struct stream *s = at->stream;
	/* Multiplexed RTCP is counted where all RTCP is. */
	struct component *counted = h->kind == RTP_CONTROL ? &s->rtcp : at;

	statistics_packet(&counted->in, h, length, now);
	counted->last_here = now;
	s->party->call->last_media = now;
	r->totals.packets++;
	r->totals.bytes += length;
}

void relay_packet(struct relay *r, struct component *at, const struct packet *p, uint64_t now, struct packet_verdict *v)
{
	struct stream *s = at->stream;
	struct rtp_header h = carries_rtp(s) ? rtp_read(p->bytes, p->length, s->payload_types) : rtp_read_datagram(p->length);
	enum refusal why = belongs(r, at, p, &h, now);

	*v = (struct packet_verdict){.tos = p->tos};
	if (why == REFUSED_NOT) {
		count(r, at, &h, p->length, now);
		v->record = s->party->call->recording;
		if (h.kind != RTP_KEEPALIVE)
			why = goes_on(r, at, p, &h, v);
	}
	if (v->forward) {
		v->tos = v->from->stream->tos >= 0 ? (uint8_t)v->from->stream->tos : p->tos;
		silence(s, &h, v);
	}
	refuse(r, at, why, v);
}

/* ---- what needs not come here ---- */

static bool is_settled(const struct component *c, uint64_t now)
{
	const struct learning *l = &c->learning;

	return l->state == LEARN_LOCKED && l->ssrc_known && (l->rank < 4 || now - l->since >= LEARN_TAKE_BACK);
}

bool relay_flow(struct relay *r, struct component *at, uint64_t now, struct media_flow *f)
{
	const struct stream *s = at->stream;
	const struct packet p = {.source = at->learning.source};
	const struct rtp_header h = {.kind = RTP_MEDIA};
	struct packet_verdict v = {0};

	if (at->kind != COMPONENT_RTP || !at->open || !carries_rtp(s) || !is_settled(at, now))
		return false;
	if (s->silenced || s->dtmf_blocked || s->party->call->recording || s->party->call->delete_at)
		return false;
	if (goes_on(r, at, &p, &h, &v) != REFUSED_NOT || !is_settled(v.from, now))
		return false;
	*f = (struct media_flow){.from = v.from, .source = p.source, .to = v.to, .ssrc = at->learning.ssrc, .tos = v.from->stream->tos};
	return true;
}

void relay_flowed(struct relay *r, struct component *at, struct component *from, uint64_t packets, uint64_t bytes, uint64_t last)
{
	struct call *c = at->stream->party->call;

	if (packets == 0)
		return;
	from->out_packets += packets;
	from->out_bytes += bytes;
	r->totals.packets += packets;
	r->totals.bytes += bytes;
	at->last_elsewhere = last;
	if (at->learning.last < last)
		at->learning.last = last;
	if (c->last_media < last)
		c->last_media = last;
}
