/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an offer needs: streams with ports on both sides. Opened beside what is there, so that a failure leaves a call as it was. */
#include "exchange.h"

#include <errno.h>
#include <stdio.h>

#include "call.h"
#include "party.h"

static void say_why(struct exchange *x, const char *what, const struct interface *on)
{
	char line[160], address[ADDRESS_TEXT_MAX] = "";

	if (on)
		address_format(&on->is.address, address);
	snprintf(line, sizeof(line), "no media ports: %s%s%s", what, on ? " on " : "", address);
	x->relay->shell.log(x->relay->shell.context, 4, x->call, line);
}

static const char *plan_failed(struct exchange *x, const struct side *side, int error)
{
	if (error == -ENOMEM)
		return ERROR_MEMORY;
	say_why(x, error == -ENOSPC ? "the range is used up" : strerror(-error), side->on);
	return ERROR_PORTS;
}

/* RTCP has its own port unless it is settled that it comes with RTP. */
static bool wants_rtcp(const struct exchange *x, const struct side *side, unsigned k)
{
	const struct said *s = &x->said[k];
	const struct party *p = side->party;
	bool muxed = k < p->stream_count && p->streams[k]->muxed;

	if (s->no_rtcp)
		return false;
	if (side == &x->from)
		return !(muxed && s->mux);
	return !(muxed && !(x->q->rtcp_mux & NG_MUX_DEMUX)) && !(x->q->rtcp_mux & NG_MUX_REQUIRE);
}

static int plan_stream(struct exchange *x, struct side *side, unsigned k)
{
	struct party *p = side->party;
	struct stream *s = k < p->stream_count ? p->streams[k] : NULL;
	bool open;
	int error;

	if (s && s->interface != side->on && !s->rtp.open)
		s->interface = side->on;
	if (!s || s->interface != side->on)
		s = stream_new(p, side->on);
	if (!s)
		return -ENOMEM;
	open = s->rtp.open;
	error = stream_open(s, wants_rtcp(x, side, k));
	side->streams[k] = s;
	if (!open)
		x->opened[x->opened_count++] = s;
	return error;
}

static const char *plan_side(struct exchange *x, struct side *side)
{
	int error = party_room(side->party, x->stream_count, x->number[x->sdp.count - 1] + 1u);

	memset(side->streams, 0, x->stream_count * sizeof(side->streams[0]));
	side->planned = x->stream_count;
	for (unsigned k = 0; k < x->stream_count && !error; k++) {
		if (x->said[k].live)
			error = plan_stream(x, side, k);
		else if (k < side->party->stream_count)
			side->streams[k] = side->party->streams[k];
		else
			error = (side->streams[k] = stream_new(side->party, side->on)) ? 0 : -ENOMEM;
	}
	return error ? plan_failed(x, side, error) : NULL;
}

/* The family that the sender is to be given addresses of: that of its own. */
static uint8_t family_of(const struct exchange *x)
{
	for (unsigned k = 0; k < x->stream_count; k++)
		if (x->said[k].live && x->said[k].rtp.address.family)
			return x->said[k].rtp.address.family;
	if (x->from.party->interface)
		return 0;
	for (unsigned i = 0; i < x->sdp.count; i++)
		if (x->sdp.media[i].rtp.address.family)
			return x->sdp.media[i].rtp.address.family;
	return x->q->received_from.family;
}

/* The family that the receiver is to be given addresses of; 0: as the name of its interface, or its streams, have it. */
static uint8_t family_to(const struct exchange *x)
{
	struct text name = x->q->direction[1];
	bool names_family = (text_is(name, "internal") || text_is(name, "external")) && !ports_named(&x->relay->ports, name);

	if (x->q->address_family || names_family || x->to.party->interface || !x->from.on)
		return x->q->address_family;
	return x->from.on->is.address.family;
}

const char *exchange_plan(struct exchange *x)
{
	const struct ng_request *q = x->q;
	const char *error;

	x->from.on = party_interface(x->from.party, q->direction[0], family_of(x));
	x->to.on = party_interface(x->to.party, q->direction[1], family_to(x));
	if (!x->from.on || !x->to.on) {
		say_why(x, "there is no address of the family", NULL);
		return ERROR_PORTS;
	}
	error = plan_side(x, &x->from);
	return error ? error : plan_side(x, &x->to);
}

static void commit_side(struct exchange *x, struct side *side)
{
	struct party *p = side->party;

	for (unsigned k = 0; k < x->stream_count; k++) {
		struct stream *old = k < p->stream_count ? p->streams[k] : NULL, *s = side->streams[k];

		if (old && old != s) {
			stream_drop(old); /* first: what the kernel has forwarded counts only now */
			s->rtp.in = old->rtp.in;
			s->rtcp.in = old->rtcp.in;
		}
		p->streams[k] = s;
		s->in_use = s->rtp.open;
	}
	if (x->stream_count > p->stream_count)
		p->stream_count = (uint16_t)x->stream_count;
	for (unsigned i = 0; i < x->sdp.count; i++) {
		p->media_stream[x->number[i]] = x->map[i];
		p->media_fec[x->number[i]] = x->fec_map[i];
	}
	if (x->number[x->sdp.count - 1] >= p->media_count)
		p->media_count = (uint16_t)(x->number[x->sdp.count - 1] + 1);
	p->interface = side->on;
	p->family = side->on->is.address.family;
}

void exchange_commit_streams(struct exchange *x)
{
	commit_side(x, &x->from);
	commit_side(x, &x->to);
	x->to.party->hidden = x->hidden;
	x->to.party->hidden_lines = x->hidden_lines;
}

/* ---- undone ---- */

static bool is_of(const struct party *p, const struct stream *s)
{
	for (unsigned k = 0; k < p->stream_count; k++)
		if (p->streams[k] == s)
			return true;
	return false;
}

/* What was opened in a stream of the party is closed; what stands beside is dropped. */
static void abandon_side(struct side *side)
{
	for (unsigned k = 0; k < side->planned; k++)
		if (side->streams[k] && !is_of(side->party, side->streams[k]))
			stream_drop(side->streams[k]);
}

static void abandon_streams(struct exchange *x)
{
	for (unsigned i = 0; i < x->opened_count; i++)
		if (is_of(x->opened[i]->party, x->opened[i]))
			stream_close(x->opened[i]);
	abandon_side(&x->from);
	abandon_side(&x->to);
}

void exchange_abandon(struct exchange *x)
{
	abandon_streams(x);
	if (x->fresh_call) {
		call_discard(x->call);
		return;
	}
	if (x->to.fresh)
		party_free(x->to.party);
	if (x->from.fresh)
		party_free(x->from.party);
	call_touch(x->call); /* a party may have got its tag */
}
