/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SDP that goes out: what offers and answers write alike. */
#include "exchange.h"

#include "party.h"

/* WebRTC's transport cannot be without ICE: there it is left, where nobody asked for its removal. */
static bool keeps_ice(const struct exchange *x)
{
	bool dtls = x->sdp.dtls;

	for (unsigned i = 0; i < x->sdp.count; i++)
		dtls = dtls || x->sdp.media[i].dtls;
	return dtls && x->q->ice == NG_ICE_UNSAID && !ng_has(x->q, NG_BIT(REJECT_ICE));
}

/*
 * In a bundle several streams share one port, whose lock would let only the first one pass (F2): each gets its own. An m-line that
 * has no port beside the bundle needs it, and browsers, whose ICE is left as well, have their own idea of it.
 */
static bool needs_bundle(const struct exchange *x)
{
	if (keeps_ice(x))
		return true;
	for (unsigned i = 0; i < x->sdp.count; i++)
		if (x->sdp.media[i].bundle_only)
			return true;
	return false;
}

static enum sdp_rtcp_attribute rtcp_attribute(const struct ng_request *q)
{
	if (ng_has(q, NG_BIT(NO_RTCP_ATTRIBUTE)))
		return SDP_RTCP_NONE;
	return ng_has(q, NG_BIT(FULL_RTCP_ATTRIBUTE)) ? SDP_RTCP_FULL : SDP_RTCP_PORT;
}

static struct address shown(const struct exchange *x, const struct interface *on)
{
	return x->q->media_address.family ? x->q->media_address : *interface_shown(on);
}

void exchange_edit(struct exchange *x)
{
	struct sdp_edit *e = &x->edit;
	const struct ng_request *q = x->q;

	sdp_edit_init(e, &x->sdp);
	e->replace = q->replace;
	e->address = shown(x, x->to.on);
	e->ice_remove = !keeps_ice(x);
	e->bundle_remove = !needs_bundle(x);
	e->strip_extmap = ng_has(q, NG_BIT(STRIP_EXTMAP));
	e->rtcp_attribute = rtcp_attribute(q);
	if (ng_has(q, NG_BIT(LOOP_PROTECT)))
		e->loop_mark = text_of(x->relay->mark);
	e->request = q;
}

void edit_reject(struct exchange *x, unsigned i)
{
	struct sdp_media_edit *e = &x->edit.media[i];

	e->relay = x->sdp.media[i].transport != SDP_OTHER;
	e->port = e->rtcp_port = e->fec_port = 0;
	e->ports = 1;
	e->address = x->edit.address;
	e->hold_zero = e->mux = e->mux_attribute_keep = e->rtcp_attribute_keep = e->write_direction = false;
}

struct sdp_media_edit *edit_media(struct exchange *x, unsigned i, const struct stream *s)
{
	const struct sdp_media *m = &x->sdp.media[i];
	struct sdp_media_edit *e = &x->edit.media[i];

	e->relay = true;
	e->port = s->rtp.port;
	e->ports = 1;
	e->rtcp_port = s->rtcp.port;
	e->fec_port = 0;
	e->address = shown(x, s->interface);
	e->hold_zero = m->held && !(x->q->replace & NG_REPLACE_ZERO_ADDRESS);
	e->mux = e->mux_attribute_keep = e->rtcp_attribute_keep = false;
	e->direction = m->direction;
	e->write_direction = !ng_has(x->q, NG_BIT(ORIGINAL_SENDRECV));
	return e;
}

/* ---- o= and s=, which stay the same for whom they are sent to ---- */

#define OWN_VERSION (NG_REPLACE_SDP_VERSION | NG_REPLACE_FORCE_SDP_VERSION | NG_REPLACE_ORIGIN_FULL)

static int keep_origin(struct party *to, const struct sdp *sdp)
{
	if (to->origin_kept)
		return 0;
	if (arena_text(&to->memory, sdp->origin_username, &to->origin_username) < 0 ||
			arena_text(&to->memory, sdp->origin_id, &to->origin_id) < 0 ||
			arena_text(&to->memory, sdp->session_name, &to->session_name) < 0)
		return -1;
	to->origin_kept = true;
	return 0;
}

static int rewrite(struct exchange *x)
{
	out_clear(&x->relay->sdp);
	return sdp_rewrite(&x->sdp, &x->edit, &x->relay->sdp);
}

/* Writes; where the version is ours, it grows with every SDP that differs from the last one. */
static int rewrite_versioned(struct exchange *x)
{
	struct party *to = x->to.party;
	uint64_t version = to->sdp_version, hash;
	bool first = to->sdp_hash == 0;

	if (first && !text_number(x->sdp.origin_version, UINT64_MAX - 1, &version))
		version = 1;
	x->edit.origin_version = version;
	if (rewrite(x) < 0)
		return -1;
	hash = text_hash(out_text(&x->relay->sdp), x->relay->config.key) | 1;
	if (!first && (hash != to->sdp_hash || x->q->replace & NG_REPLACE_FORCE_SDP_VERSION)) {
		x->edit.origin_version = version + 1;
		if (rewrite(x) < 0)
			return -1;
		hash = text_hash(out_text(&x->relay->sdp), x->relay->config.key) | 1;
	}
	to->sdp_version = x->edit.origin_version;
	to->sdp_hash = hash;
	return 0;
}

const char *exchange_write(struct exchange *x)
{
	struct party *to = x->to.party;
	int error;

	if (x->edit.replace) {
		if (keep_origin(to, &x->sdp) < 0)
			return ERROR_MEMORY;
		x->edit.origin_username = to->origin_username;
		x->edit.origin_id = to->origin_id;
		x->edit.session_name = to->session_name;
	}
	error = x->edit.replace & OWN_VERSION ? rewrite_versioned(x) : rewrite(x);
	if (error < 0)
		return ERROR_REWRITE;
	reply_put_string(x->m->w, "sdp", out_text(&x->relay->sdp));
	if (!request_fits(x->m, 16))
		return ERROR_REWRITE;
	x->relay->totals.foreign_addresses += x->edit.foreign_addresses;
	return NULL;
}
