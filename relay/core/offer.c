/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An offer: of a new call, of another branch of it (a fork, or a hunt's next member: same from-tag, another via-branch), or in a
 * call that runs (from either side). The offerer's ports are shared by all its branches; each branch has its own.
 */
#include "exchange.h"

#include "call.h"
#include "party.h"
#include "profile.h"

/* ---- may it begin? ---- */

static const char *admit(struct request *m)
{
	struct relay *r = m->relay;
	unsigned max = r->config.max_sessions;
	const char *why = NULL;

	if (r->draining || (max && r->calls.count >= max))
		why = ERROR_SESSIONS;
	else if (r->shell.overload)
		why = r->shell.overload(r->shell.context);
	if (!why)
		return NULL;
	r->totals.calls_refused++;
	m->load_limit = why;
	return ERROR_SESSIONS;
}

static const char *take_call(struct exchange *x)
{
	const char *error;

	x->call = call_find(x->relay, x->q->call_id);
	if (x->call)
		return NULL;
	error = admit(x->m);
	if (error)
		return error;
	x->call = call_new(x->relay, x->q->call_id, x->now);
	x->fresh_call = x->call != NULL;
	return x->call ? NULL : ERROR_MEMORY;
}

/* ---- who speaks to whom? ---- */

/* The party that `of` brought in and that has not got a tag yet; the newest of several, NULL with `alone` set. */
static struct party *untagged(const struct call *c, const struct party *of, bool branchless, bool alone)
{
	struct party *found = NULL;

	for (struct party *p = c->parties; p; p = p->next) {
		if (p->of != of || !of || p->tag.n || (branchless && p->branch.n))
			continue;
		if (found && alone)
			return NULL;
		found = p;
	}
	return found;
}

static struct party *find_offerer(const struct exchange *x)
{
	struct party *p = party_by_tag(x->call, x->q->from_tag);
	const struct party *other = party_by_tag(x->call, x->q->to_tag);

	return p ? p : untagged(x->call, other, false, true);
}

static struct party *find_offered(const struct exchange *x, const struct party *from)
{
	const struct ng_request *q = x->q;
	struct party *p = party_by_tag(x->call, q->to_tag);

	if (ng_has(q, NG_BIT(NEW_BRANCH)))
		return NULL;
	if (p && p != from)
		return p;
	p = party_by_branch(x->call, q->via_branch);
	if (p && p != from && (p->of == from || from->of == p))
		return p;
	if (q->via_branch.n)
		return q->to_tag.n ? untagged(x->call, from, true, true) : NULL;
	return untagged(x->call, from, q->to_tag.n == 0, q->to_tag.n != 0);
}

static int take_party(struct exchange *x, struct side *side, struct party *found, struct text tag, struct text branch)
{
	side->party = found;
	if (found)
		return tag.n && !text_equal(tag, found->tag) ? arena_text(&found->memory, tag, &found->tag) : 0;
	side->party = party_new(x->call, tag, branch, x->sdp.count, x->sdp.count, x->now);
	side->fresh = side->party != NULL;
	return side->fresh ? 0 : -1;
}

static const char *take_parties(struct exchange *x)
{
	const struct ng_request *q = x->q;

	if (take_party(x, &x->from, find_offerer(x), q->from_tag, (struct text){0}) < 0)
		return ERROR_MEMORY;
	if (take_party(x, &x->to, find_offered(x, x->from.party), q->to_tag, q->via_branch) < 0)
		return ERROR_MEMORY;
	if (x->to.fresh)
		x->to.party->of = x->from.party;
	return NULL;
}

/* ---- multiplexing of RTCP (RFC 5761), profile ---- */

struct mux {
	bool offers;   /* the sender does */
	bool offered;  /* the receiver is offered it */
	bool required; /* and has no other port */
	uint8_t answer; /* enum mux_answer */
};

static struct mux mux_of(const struct exchange *x, unsigned k, const struct sdp_media *m)
{
	unsigned words = x->q->rtcp_mux;
	bool muxed = k < x->to.party->stream_count && x->to.party->streams[k]->muxed;
	struct mux mux = {.offers = m->rtcp_mux || m->rtcp_mux_only};

	mux.offered = mux.offers || muxed;
	if (words & NG_MUX_DEMUX)
		mux.offered = false;
	if (words & (NG_MUX_OFFER | NG_MUX_REQUIRE))
		mux.offered = true;
	mux.required = mux.offered && (muxed || (words & NG_MUX_REQUIRE));
	if (!mux.offers || (words & NG_MUX_REJECT))
		mux.answer = MUX_REFUSED;
	else if (!mux.offered || (words & NG_MUX_ACCEPT) || m->rtcp_mux_only)
		mux.answer = MUX_ACCEPTED;
	return mux;
}

/* The profile to write; false: it would need keys or a gateway. */
static bool proto_of(const struct exchange *x, const struct sdp_media *m, struct text *proto)
{
	struct text wanted = x->q->transport_protocol;

	*proto = (struct text){0};
	if (m->rejected || m->transport == SDP_UDP || wanted.n == 0 || text_equal(wanted, m->proto))
		return true;
	if (text_is(wanted, "RTP/AVP") || text_is(wanted, "RTP/AVPF")) {
		*proto = wanted;
		return m->transport == SDP_RTP;
	}
	return text_starts(wanted, TEXT("accept")) || text_starts(wanted, TEXT("transparent"));
}

/* ---- the SDP that goes out ---- */

static const char *edit_offered(struct exchange *x, unsigned i)
{
	const struct sdp_media *m = &x->sdp.media[i];
	struct stream *s = x->map[i] == NO_STREAM ? NULL : x->to.streams[x->map[i]];
	struct sdp_media_edit *e;
	struct mux mux;

	if (!s || !s->rtp.open || m->rejected) {
		edit_reject(x, i);
		return NULL;
	}
	mux = mux_of(x, x->map[i], m);
	e = edit_media(x, i, s);
	e->mux = mux.offered && m->transport != SDP_UDP;
	e->mux_attribute_keep = m->rtcp_mux_only && mux.offered;
	if (mux.required || (m->rtcp_mux_only && mux.offered))
		e->rtcp_port = 0;
	if (x->fec_map[i] != NO_STREAM && x->to.streams[x->fec_map[i]])
		e->fec_port = x->to.streams[x->fec_map[i]]->rtp.port;
	return proto_of(x, m, &e->proto) ? NULL : "unsupported: another transport-protocol";
}

static const char *write_offer(struct exchange *x)
{
	const char *error = NULL;

	exchange_edit(x);
	for (unsigned i = 0; i < x->sdp.count && !error; i++)
		error = edit_offered(x, i);
	exchange_edit_hidden(x);
	return error ? error : exchange_write(x);
}

/* ---- what it changes ---- */

/* What holds once it is answered. */
static void commit_said(struct exchange *x, unsigned k)
{
	struct stream *s = x->from.party->streams[k];

	s->offered_direction = x->said[k].direction;
	s->offered_rejected = !x->said[k].live;
	s->offered_held = x->said[k].held;
}

static void commit_media(struct exchange *x, unsigned i)
{
	const struct sdp_media *m = &x->sdp.media[i];
	unsigned k = x->map[i];
	struct stream *s, *t;
	struct mux mux;

	if (k == NO_STREAM || m->rejected)
		return;
	s = x->from.party->streams[k];
	t = x->to.party->streams[k];
	mux = mux_of(x, k, m);
	s->media_type = t->media_type = media_type_of(m->type);
	s->profile = profile_of(m->proto);
	t->profile = profile_of(x->edit.media[i].proto.n ? x->edit.media[i].proto : m->proto);
	s->offers_mux = mux.offers;
	s->mux_answer = mux.answer;
	t->offered_mux = mux.offered;
	t->mux_required = mux.required;
	s->proto = x->edit.media[i].proto.n ? text_is(m->proto, "RTP/AVPF") ? 2 : 1 : 0;
}

static void commit_offer(struct exchange *x)
{
	exchange_commit_streams(x);
	exchange_hear(x, x->from.party);
	for (unsigned k = 0; k < x->stream_count; k++)
		if (x->said[k].known)
			commit_said(x, k);
	for (unsigned i = 0; i < x->sdp.count; i++)
		commit_media(x, i);
	streams_link(x->from.party);
	streams_link(x->to.party);
	exchange_finish(x);
}

/* "m=audio 6000/2": layers, each on the next pair of ports (RFC 8866 5.14). One pair of them alone would be a wrong SDP. */
static bool has_layers(const struct sdp *sdp)
{
	for (unsigned i = 0; i < sdp->count; i++)
		if (sdp->media[i].ports > 1 && !sdp->media[i].rejected && sdp->media[i].transport != SDP_OTHER)
			return true;
	return false;
}

const char *command_offer(struct request *m)
{
	struct exchange x;
	const char *error;
	bool looped;

	if (ng_has(m->q, NG_BIT(FRAGMENT)))
		return call_find(m->relay, m->q->call_id) ? NULL : ERROR_NO_CALL; /* trickled candidates: nothing for us */
	error = exchange_read(&x, m, &looped);
	if (looped)
		reply_put_string(m->w, "sdp", m->q->sdp);
	if (error || looped)
		return error;
	if (has_layers(&x.sdp))
		return ERROR_PORT_COUNT;
	error = take_call(&x);
	if (error)
		return error;
	error = take_parties(&x);
	if (!error)
		error = exchange_number(&x);
	if (!error) {
		exchange_map_offer(&x);
		exchange_sum_up(&x);
		error = exchange_plan(&x);
	}
	if (!error)
		error = write_offer(&x);
	if (error) {
		exchange_abandon(&x);
		return error;
	}
	if (x.fresh_call)
		m->relay->totals.calls_started++;
	commit_offer(&x);
	return NULL;
}
