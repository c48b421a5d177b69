/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of a call, for `query` and `delete`: the keys that the clients read, and a leg's quality beside them. */
#include "command.h"

#include <stdio.h>

#include "call.h"
#include "party.h"
#include "profile.h"
#include "sdp.h"

/* How much is told; a reply that grows too long for a datagram is written again with less. */
enum detail { TELL_ALL = 0, TELL_NO_SSRC, TELL_NO_QUALITY, TELL_NO_STREAMS, TELL_TOTALS, DETAILS };

struct telling {
	struct request *m;
	struct reply *w;
	const struct call *call;
	enum detail detail;
	struct {
		uint64_t packets, bytes, errors;
	} totals[2]; /* by enum component_kind */
};

static int64_t seconds(const struct telling *t, uint64_t at)
{
	return at ? (int64_t)((at + t->m->relay->config.epoch_offset) / 1000000) : 0;
}

static void put_counts(struct reply *w, const char *key, uint64_t packets, uint64_t bytes, uint64_t errors)
{
	reply_open_dict(w, key);
	reply_put_integer(w, "packets", (int64_t)packets);
	reply_put_integer(w, "bytes", (int64_t)bytes);
	reply_put_integer(w, "errors", (int64_t)errors);
	reply_close(w);
}

static void put_address(struct reply *w, const char *key, const struct address *a)
{
	char text[ADDRESS_TEXT_MAX];

	address_format(a, text);
	reply_put_string(w, key, text_of(text));
}

static struct text family_name(const struct address *a)
{
	return a->family == 6 ? TEXT("IPv6") : TEXT("IPv4");
}

static void put_endpoint(struct reply *w, const char *key, const struct endpoint *e)
{
	reply_open_dict(w, key);
	if (e->port && e->address.family) {
		reply_put_string(w, "family", family_name(&e->address));
		put_address(w, "address", &e->address);
		reply_put_integer(w, "port", e->port);
	}
	reply_close(w);
}

/* ---- one stream ---- */

static void put_stream_flags(struct reply *w, const struct component *c)
{
	const struct stream *s = c->stream;

	reply_open_list(w, "flags");
	reply_string(w, c->kind == COMPONENT_RTP ? TEXT("RTP") : TEXT("RTCP"));
	if (c->kind == COMPONENT_RTP && s->muxed)
		reply_string(w, TEXT("RTCP"));
	if (c->signalled.port)
		reply_string(w, TEXT("filled"));
	if (c->learning.state == LEARN_LOCKED)
		reply_string(w, TEXT("confirmed"));
	if (s->strict)
		reply_string(w, TEXT("strict source address"));
	if (s->handover)
		reply_string(w, TEXT("media handover"));
	reply_close(w);
}

/* Of a port to which nothing came there is none. It is more than a third of what is said of a port, and costs a fragment of the reply. */
static bool has_quality(const struct component *c)
{
	uint64_t came = c->in.packets + c->in.keepalives;

	for (unsigned i = 1; i < REFUSALS_COUNT; i++)
		came += c->in.refused[i];
	return came > 0;
}

static void put_quality(struct telling *t, const struct component *c)
{
	const struct leg_statistics *in = &c->in;
	struct reply *w = t->w;

	reply_open_dict(w, "quality");
	if (in->first)
		reply_put_integer(w, "first packet us", (int64_t)(in->first - t->call->created));
	reply_put_integer(w, "largest gap us", in->largest_gap_us);
	reply_put_integer(w, "expected", (int64_t)in->expected);
	reply_put_integer(w, "lost", in->lost);
	reply_put_integer(w, "duplicates", in->duplicates);
	reply_put_integer(w, "reordered", in->reordered);
	reply_put_integer(w, "restarts", in->restarts);
	reply_put_integer(w, "jitter us", statistics_jitter_us(in));
	reply_put_integer(w, "SSRC changes", in->ssrc_changes);
	reply_put_integer(w, "payload type changes", in->type_changes);
	reply_put_integer(w, "keepalives", in->keepalives);
	reply_open_dict(w, "refused");
	for (unsigned i = 1; i < REFUSALS_COUNT; i++)
		if (in->refused[i])
			reply_put_integer(w, refusal_name((enum refusal)i), in->refused[i]);
	reply_close(w);
	reply_close(w);
}

static uint64_t errors_of(const struct component *c)
{
	return c->out_errors + c->in.refused[REFUSED_MALFORMED];
}

static void put_component(struct telling *t, const struct component *c)
{
	const struct endpoint *to = learn_destination(c);
	static const struct endpoint nowhere;
	struct reply *w = t->w;

	reply_dict(w);
	reply_put_integer(w, "local port", c->port);
	put_address(w, "local address", &c->stream->interface->is.address);
	reply_put_string(w, "family", family_name(&c->stream->interface->is.address));
	put_endpoint(w, "endpoint", to ? to : &nowhere);
	put_endpoint(w, "advertised endpoint", &c->signalled);
	reply_put_integer(w, "last packet", seconds(t, c->in.last));
	reply_put_integer(w, "last kernel packet", seconds(t, c->last_elsewhere));
	reply_put_integer(w, "last user packet", seconds(t, c->last_here));
	if (c->in.started)
		reply_put_integer(w, "SSRC", c->in.ssrc);
	put_stream_flags(w, c);
	put_counts(w, "stats", c->in.packets, c->in.bytes, errors_of(c));
	put_counts(w, "stats_out", c->out_packets, c->out_bytes, c->out_errors);
	if (t->detail < TELL_NO_QUALITY && has_quality(c))
		put_quality(t, c);
	reply_close(w);
}

/* ---- one m-line ---- */

static void put_media_flags(struct reply *w, const struct stream *s)
{
	reply_open_list(w, "flags");
	reply_string(w, TEXT("initialized"));
	if (s->asymmetric)
		reply_string(w, TEXT("asymmetric"));
	if (!(s->direction & SDP_SENDONLY)) /* the party receives: we send */
		reply_string(w, TEXT("send"));
	if (!(s->direction & SDP_RECVONLY))
		reply_string(w, TEXT("recv"));
	if (s->muxed)
		reply_string(w, TEXT("rtcp-mux"));
	if (s->blocked)
		reply_string(w, TEXT("blocked"));
	if (s->silenced)
		reply_string(w, TEXT("silenced"));
	reply_close(w);
}

static void put_ssrc(struct reply *w, const char *key, const struct leg_statistics *in)
{
	reply_open_list(w, key);
	if (in && in->started) {
		reply_dict(w);
		reply_put_integer(w, "SSRC", in->ssrc);
		reply_put_integer(w, "bytes", (int64_t)in->bytes);
		reply_put_integer(w, "packets", (int64_t)in->packets);
		reply_put_integer(w, "last RTP timestamp", in->last_timestamp);
		reply_put_integer(w, "last RTP seq", in->highest_sequence);
		reply_put_integer(w, "cumulative loss", in->lost);
		reply_close(w);
	}
	reply_close(w);
}

/* Two m-lines on one port are one stream, told of with the first of them. */
static bool told_before(const struct party *p, unsigned i)
{
	for (unsigned k = 0; k < i; k++)
		if (p->media_stream[k] == p->media_stream[i])
			return true;
	return false;
}

static void put_media(struct telling *t, const struct party *p, unsigned i)
{
	const struct stream *s = party_media(p, i);
	struct reply *w = t->w;

	reply_dict(w);
	reply_put_integer(w, "index", (int64_t)i + 1);
	reply_put_string(w, "type", text_of(media_type_name(s ? s->media_type : 0)));
	reply_put_string(w, "protocol", text_of(profile_name(s ? s->profile : 0)));
	reply_open_list(w, "streams");
	if (s && !told_before(p, i)) {
		if (s->rtp.port)
			put_component(t, &s->rtp);
		if (s->rtcp.port)
			put_component(t, &s->rtcp);
	}
	reply_close(w);
	if (s) {
		put_media_flags(w, s);
		if (t->detail < TELL_NO_SSRC) {
			put_ssrc(w, "ingress SSRCs", &s->rtp.in);
			put_ssrc(w, "egress SSRCs", s->peer ? &s->peer->rtp.in : NULL);
		}
	}
	reply_close(w);
}

/* ---- one party ---- */

/* Whom the party hears; before an answer, whoever may become that: of a branch the caller, of the caller every branch. */
static bool hears(const struct party *p, const struct party *other)
{
	if (p->peer || other->peer)
		return p->peer == other;
	return p->of == other || other->of == p;
}

static void put_peers(struct reply *w, const char *key, const struct party *p)
{
	reply_open_list(w, key);
	for (const struct party *other = p->call->parties; other; other = other->next) {
		if (!hears(p, other))
			continue;
		reply_dict(w);
		reply_put_string(w, "tag", other->tag);
		reply_put_string(w, "type", TEXT("offer/answer"));
		reply_close(w);
	}
	reply_close(w);
}

static void add_totals(struct telling *t, const struct party *p)
{
	for (unsigned i = 0; i < p->stream_count; i++) {
		const struct component *of[2] = {&p->streams[i]->rtp, &p->streams[i]->rtcp};

		for (unsigned k = 0; k < 2; k++) {
			t->totals[k].packets += of[k]->in.packets;
			t->totals[k].bytes += of[k]->in.bytes;
			t->totals[k].errors += errors_of(of[k]);
		}
	}
}

static void put_party(struct telling *t, const struct party *p, unsigned number)
{
	struct reply *w = t->w;
	char name[24] = "";

	if (!p->tag.n)
		snprintf(name, sizeof(name), "<untagged %u>", number);
	reply_key(w, p->tag.n ? p->tag : text_of(name));
	reply_dict(w);
	reply_put_string(w, "tag", p->tag);
	if (p->branch.n)
		reply_put_string(w, "via-branch", p->branch);
	if (p->label.n)
		reply_put_string(w, "label", p->label);
	reply_put_integer(w, "created", seconds(t, p->created));
	put_peers(w, "subscriptions", p);
	put_peers(w, "subscribers", p);
	reply_open_list(w, "medias");
	for (unsigned i = 0; i < p->media_count && t->detail < TELL_NO_STREAMS; i++)
		put_media(t, p, i);
	reply_close(w);
	reply_open_list(w, "VSC");
	reply_close(w);
	reply_close(w);
}

/* The party of that tag, or one that it hears; all of them where there is no tag. */
static bool concerns(const struct party *p, struct text tag)
{
	if (tag.n == 0 || text_equal(p->tag, tag))
		return true;
	for (const struct party *other = p->call->parties; other; other = other->next)
		if (text_equal(other->tag, tag) && hears(p, other))
			return true;
	return false;
}

static void put_ssrc_of(struct telling *t, const struct component *c)
{
	char name[16];

	if (!c->in.started)
		return;
	snprintf(name, sizeof(name), "%u", c->in.ssrc);
	reply_open_dict(t->w, name);
	reply_put_integer(t->w, "bytes", (int64_t)c->in.bytes);
	reply_put_integer(t->w, "packets", (int64_t)c->in.packets);
	reply_put_integer(t->w, "last RTP timestamp", c->in.last_timestamp);
	reply_put_integer(t->w, "last RTP seq", c->in.highest_sequence);
	reply_put_integer(t->w, "cumulative loss", c->in.lost);
	reply_close(t->w);
}

static void put_ssrcs(struct telling *t, struct text tag)
{
	reply_open_dict(t->w, "SSRC");
	for (const struct party *p = t->call->parties; p && t->detail < TELL_NO_SSRC; p = p->next)
		for (unsigned i = 0; i < p->stream_count; i++)
			if (concerns(p, tag))
				put_ssrc_of(t, &p->streams[i]->rtp);
	reply_close(t->w);
}

static void tell(struct telling *t, struct text tag)
{
	unsigned number = 0;

	put_ssrcs(t, tag);
	reply_open_dict(t->w, "tags");
	for (const struct party *p = t->call->parties; p; p = p->next) {
		number++;
		if (!concerns(p, tag))
			continue;
		add_totals(t, p);
		if (t->detail < TELL_TOTALS)
			put_party(t, p, number);
	}
	reply_close(t->w);
}

static void put_head(struct telling *t)
{
	const struct call *c = t->call;
	uint64_t created = c->created + t->m->relay->config.epoch_offset;

	reply_put_integer(t->w, "created", (int64_t)(created / 1000000));
	reply_put_integer(t->w, "created_us", (int64_t)(created % 1000000));
	reply_put_integer(t->w, "created_ts", (int64_t)created);
	reply_put_integer(t->w, "last signal", seconds(t, c->last_signal));
	reply_put_integer(t->w, "last redis update", 0);
}

static void put_tail(struct telling *t)
{
	reply_open_dict(t->w, "totals");
	put_counts(t->w, "RTP", t->totals[0].packets, t->totals[0].bytes, t->totals[0].errors);
	put_counts(t->w, "RTCP", t->totals[1].packets, t->totals[1].bytes, t->totals[1].errors);
	reply_close(t->w);
	if (t->call->recorded) {
		reply_open_dict(t->w, "recording");
		reply_put_integer(t->w, "call recording", 1);
		reply_put_integer(t->w, "forwarding", 0);
		reply_close(t->w);
	}
}

#define TAIL_ROOM 512 /* totals, a warning, the closing */

void report_call(struct request *m, const struct call *c, struct text tag)
{
	struct telling t = {.m = m, .w = m->w, .call = c};
	struct reply_mark mark;

	put_head(&t);
	mark = reply_mark(m->w);
	if (c->metadata.n && c->metadata.n < m->limit / 4)
		reply_put_string(m->w, "metadata", c->metadata);
	for (; t.detail < DETAILS; t.detail++) {
		memset(t.totals, 0, sizeof(t.totals));
		tell(&t, tag);
		if (request_fits(m, TAIL_ROOM))
			break;
		reply_cut(m->w, &mark);
	}
	put_tail(&t);
}

const char *command_query(struct request *m)
{
	const struct ng_request *q = m->q;
	struct call *c = call_find(m->relay, q->call_id);

	if (!c)
		return ERROR_NO_CALL;
	call_refresh(c);
	report_call(m, c, q->to_tag.n ? q->to_tag : q->from_tag);
	return NULL;
}
