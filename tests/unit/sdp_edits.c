/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sdp_edits.h"

#include "core/request.h"

#include <errno.h>

struct address standard_address(uint8_t family)
{
	struct address a;

	address_parse(family == 6 ? TEXT("2001:db8:9::9") : TEXT("203.0.113.9"), &a);
	return a;
}

static unsigned first_on_port(const struct sdp *in, unsigned i)
{
	for (unsigned k = 0; k < i; k++)
		if (endpoint_equal(&in->media[k].rtp, &in->media[i].rtp))
			return k;
	return i;
}

static void edit_media(struct sdp_media_edit *e, const struct sdp *in, unsigned i)
{
	const struct sdp_media *m = &in->media[i];
	bool rtcp = m->transport != SDP_UDP && !m->rtcp_mux;

	*e = (struct sdp_media_edit){.relay = m->transport != SDP_OTHER, .ports = 1, .address = standard_address(m->rtp.address.family)};
	if (m->rejected)
		return;
	e->port = (uint16_t)(STANDARD_PORT + 4 * first_on_port(in, i));
	e->rtcp_port = rtcp ? (uint16_t)(e->port + 1) : 0;
	e->fec_port = m->fec.port ? (uint16_t)(STANDARD_FEC_PORT + 4 * i) : 0;
	e->hold_zero = m->held;
	e->mux = m->rtcp_mux;
	e->direction = m->direction;
	e->write_direction = true;
}

void standard_edit(struct sdp_edit *edit, const struct sdp *in)
{
	sdp_edit_init(edit, in);
	edit->replace = NG_REPLACE_ORIGIN;
	edit->address = standard_address(in->connection_address.family);
	edit->ice_remove = edit->bundle_remove = true;
	edit->loop_mark = TEXT(STANDARD_MARK);
	for (unsigned i = 0; i < in->count; i++)
		edit_media(&edit->media[i], in, i);
}

bool sdp_stays(const struct sdp *in, struct out *to)
{
	static struct sdp_edit edit;

	out_clear(to);
	sdp_edit_init(&edit, in);
	return sdp_rewrite(in, &edit, to) == 0 && text_equal(out_text(to), in->whole);
}

int sdp_parses_or_not(struct text body, struct out *to)
{
	static struct sdp sdp;
	int error = sdp_parse(body, &sdp);

	if (error)
		return error == -EINVAL || error == -ENODATA || error == -E2BIG ? 1 : -1;
	return sdp_stays(&sdp, to) ? 0 : -1;
}
