/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An answer: its sender becomes the peer of the party that offered (of several branches the one that answers last). What an offer
 * left open holds from now on: directions, multiplexing, m-lines that were added or rejected.
 */
#include "exchange.h"

#include "call.h"
#include "party.h"

/* ---- who answers? ---- */

/* A branch that has no tag yet: the newest of several. */
static struct party *unanswered(const struct call *c, const struct party *of)
{
	struct party *found = NULL;

	for (struct party *p = c->parties; p; p = p->next)
		if (p->of == of && p->tag.n == 0)
			found = p;
	return found;
}

/* The only party beside; a fork further down answers with several tags (RFC 3261 12.1.2). */
static struct party *only_other(const struct call *c, const struct party *than)
{
	struct party *first = c->parties;

	if (c->party_count != 2)
		return NULL;
	return first == than ? first->next : first;
}

static struct party *find_answerer(const struct exchange *x, const struct party *offerer)
{
	const struct ng_request *q = x->q;
	struct party *p = party_by_branch(x->call, q->via_branch);

	if (p && p->of == offerer)
		return p;
	p = party_by_tag(x->call, q->to_tag);
	if (p && p != offerer)
		return p;
	p = unanswered(x->call, offerer);
	return p ? p : only_other(x->call, offerer);
}

static const char *take_dialogue(struct exchange *x)
{
	const struct ng_request *q = x->q;
	struct party *offerer, *answerer;

	x->call = call_find(x->relay, q->call_id);
	if (!x->call)
		return ERROR_NO_CALL;
	offerer = party_by_tag(x->call, q->from_tag);
	answerer = offerer ? find_answerer(x, offerer) : NULL;
	if (!answerer || !offerer->stream_count || !answerer->stream_count)
		return ERROR_DIALOGUE;
	if (!text_equal(answerer->tag, q->to_tag) && arena_text(&answerer->memory, q->to_tag, &answerer->tag) < 0)
		return ERROR_MEMORY;
	x->from.party = answerer;
	x->to.party = offerer;
	x->from.on = answerer->interface;
	x->to.on = offerer->interface;
	return NULL;
}

/* ---- the SDP that goes out ---- */

/* Both sides' streams of m-line `i`; false: it is rejected. */
static bool pair_of(const struct exchange *x, unsigned k, struct stream **offerer, struct stream **answerer)
{
	if (k >= x->to.party->stream_count || k >= x->from.party->stream_count)
		return false;
	*offerer = x->to.party->streams[k];
	*answerer = x->from.party->streams[k];
	return (*offerer)->in_use && (*answerer)->in_use && !(*offerer)->offered_rejected;
}

static bool answerer_muxes(const struct stream *answerer, const struct said *w)
{
	return !w->no_rtcp && (answerer->mux_required || (answerer->offered_mux && w->mux));
}

static bool offerer_muxes(const struct stream *offerer, bool answerer)
{
	return offerer->offers_mux && (offerer->mux_answer == MUX_ACCEPTED || (offerer->mux_answer == MUX_AS_ANSWERED && answerer));
}

static void edit_answered(struct exchange *x, unsigned i)
{
	static const struct text protos[] = {{0}, {"RTP/AVP", 7}, {"RTP/AVPF", 8}};
	unsigned k = x->map[i];
	struct stream *offerer, *answerer;
	struct sdp_media_edit *e;

	if (k == NO_STREAM || x->sdp.media[i].rejected || !pair_of(x, k, &offerer, &answerer)) {
		edit_reject(x, i);
		return;
	}
	e = edit_media(x, i, offerer);
	e->mux = offerer_muxes(offerer, answerer_muxes(answerer, &x->said[k]));
	if (e->mux)
		e->rtcp_port = 0;
	e->proto = protos[offerer->proto];
	if (x->fec_map[i] != NO_STREAM && pair_of(x, x->fec_map[i], &offerer, &answerer))
		e->fec_port = offerer->rtp.port;
}

static const char *write_answer(struct exchange *x)
{
	exchange_edit(x);
	for (unsigned i = 0; i < x->sdp.count; i++)
		edit_answered(x, i);
	exchange_edit_hidden(x);
	return exchange_write(x);
}

/* ---- what it changes ---- */

static void settle_mux(struct stream *s, bool muxed)
{
	s->muxed = muxed;
	s->offered_mux = false;
	if (muxed)
		stream_close_rtcp(s);
}

/* Could another branch still answer with what this one rejects? */
static bool others_pend(const struct exchange *x)
{
	return x->call->party_count > 2 || ng_has(x->q, NG_BIT(PROVISIONAL));
}

static void settle_rejected(struct exchange *x, unsigned k)
{
	if (ng_has(x->q, NG_BIT(PROVISIONAL)))
		return;
	if (k < x->from.party->stream_count)
		stream_close(x->from.party->streams[k]);
	if (k < x->to.party->stream_count && !others_pend(x))
		stream_close(x->to.party->streams[k]);
}

static void settle_stream(struct exchange *x, unsigned k)
{
	const struct said *w = &x->said[k];
	struct stream *offerer, *answerer;
	bool muxes;

	if (!pair_of(x, k, &offerer, &answerer) || !w->live) {
		settle_rejected(x, k);
		return;
	}
	answerer->direction = answerer->offered_direction = w->direction;
	answerer->held = answerer->offered_held = w->held;
	answerer->offered_rejected = false;
	offerer->direction = offerer->offered_direction;
	offerer->held = offerer->offered_held;
	muxes = answerer_muxes(answerer, w);
	settle_mux(answerer, muxes);
	settle_mux(offerer, offerer_muxes(offerer, muxes));
}

/* A late provisional answer of a branch that was passed over must not take the caller from the one that answered for good. */
static bool takes_over(const struct exchange *x)
{
	const struct party *peer = x->to.party->peer;

	return !peer || peer == x->from.party || !peer->final || !ng_has(x->q, NG_BIT(PROVISIONAL));
}

static void tell_shell(struct relay *r, struct party *p)
{
	for (unsigned k = 0; k < p->stream_count; k++)
		r->shell.changed(r->shell.context, p->streams[k]);
}

static void commit_answer(struct exchange *x)
{
	struct party *answerer = x->from.party, *offerer = x->to.party;

	exchange_hear(x, answerer);
	answerer->answered = offerer->answered = true;
	answerer->final = answerer->final || !ng_has(x->q, NG_BIT(PROVISIONAL));
	if (takes_over(x)) {
		for (unsigned k = 0; k < x->stream_count; k++)
			settle_stream(x, k);
		parties_link(offerer, answerer);
		x->call->answered = true;
		tell_shell(x->relay, offerer);
	}
	tell_shell(x->relay, answerer);
	exchange_finish(x);
}

const char *command_answer(struct request *m)
{
	struct exchange x;
	const char *error;
	bool looped;

	if (!call_find(m->relay, m->q->call_id))
		return ERROR_NO_CALL;
	if (ng_has(m->q, NG_BIT(FRAGMENT)))
		return NULL; /* trickled candidates: nothing for us */
	error = exchange_read(&x, m, &looped);
	if (looped)
		reply_put_string(m->w, "sdp", m->q->sdp);
	if (error || looped)
		return error;
	error = take_dialogue(&x);
	if (error)
		return error;
	error = exchange_number(&x);
	if (error)
		return error;
	exchange_map_answer(&x);
	exchange_sum_up(&x);
	error = write_answer(&x);
	if (error)
		return error;
	commit_answer(&x);
	return NULL;
}
