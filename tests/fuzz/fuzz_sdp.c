/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as an SDP, and any edit of it (the first 32 bytes choose it). What can be read is the same bytes again where nothing is
 * changed; edited, it can be read again and has the edit's ports, addresses and directions, and no c= of a relayed m-line tells
 * where it came from.
 */
#include "../unit/sdp_edits.h"
#include "core/request.h"

#include <errno.h>
#include <stdlib.h>

#define CHOICES 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sdp sdp, again;
static struct sdp_edit edit;
static struct ng_request request;
static struct out once = {.max = 1 << 20}, twice = {.max = 1 << 20};

static void must(int condition)
{
	if (!condition)
		abort();
}

static bool within(struct text part, struct text whole)
{
	return part.n == 0 || (part.s >= whole.s && part.s + part.n <= whole.s + whole.n);
}

static void check_views(const struct sdp *s)
{
	const struct text session[] = {s->session, s->origin, s->origin_username, s->origin_id, s->origin_version, s->origin_address,
			s->session_name, s->connection, s->loop_mark};

	for (size_t i = 0; i < sizeof(session) / sizeof(session[0]); i++)
		must(within(session[i], s->whole));
	for (unsigned i = 0; i < s->count; i++) {
		const struct sdp_media *m = &s->media[i];

		must(within(m->section, s->whole) && within(m->line, m->section) && within(m->type, m->line) && within(m->proto, m->line));
		must(within(m->formats, m->line) && within(m->connection, m->section) && within(m->mid, m->section));
		must(m->rejected == (m->rtp.port == 0) && m->direction <= SDP_INACTIVE && (!m->held || (m->direction & SDP_SENDONLY)));
		must(m->rtcp.port == 0 || m->transport == SDP_RTP || m->transport == SDP_SRTP);
	}
}

/* ---- any edit ---- */

static void choose_media(struct sdp_media_edit *e, const struct sdp_media *m, unsigned i, uint8_t c)
{
	*e = (struct sdp_media_edit){.relay = m->transport != SDP_OTHER && c % 7 != 0, .ports = 1};
	e->address = standard_address(c & 1 ? 6 : 4);
	if (m->rejected || c % 5 == 0)
		return;
	e->port = (uint16_t)(STANDARD_PORT + 4 * i);
	e->rtcp_port = c & 2 ? (uint16_t)(e->port + 1) : 0;
	e->fec_port = c & 4 ? (uint16_t)(STANDARD_FEC_PORT + 4 * i) : 0;
	e->hold_zero = m->held && (c & 8);
	e->mux = c & 16;
	e->mux_attribute_keep = c & 32;
	e->direction = (enum sdp_direction)(c >> 6);
	e->write_direction = true;
}

static void choose(const uint8_t c[CHOICES])
{
	sdp_edit_init(&edit, &sdp);
	edit.replace = c[0] & 127;
	edit.address = standard_address(c[1] & 1 ? 6 : 4);
	edit.origin_version = c[1];
	edit.origin_username = TEXT("user");
	edit.session_name = TEXT("name");
	edit.ice_remove = c[2] & 1;
	edit.bundle_remove = c[2] & 2;
	edit.strip_extmap = c[2] & 4;
	edit.rtcp_attribute = c[2] >> 3 & 1 ? SDP_RTCP_FULL : SDP_RTCP_PORT;
	edit.loop_mark = c[2] & 16 ? TEXT("mark") : (struct text){0};
	for (unsigned i = 0; i < sdp.count; i++)
		choose_media(&edit.media[i], &sdp.media[i], i, c[4 + i % (CHOICES - 4)]);
	memset(&request, 0, sizeof(request));
	request.command = NG_OFFER;
	request.flags = c[3] & 1 ? NG_BIT(GENERATE_MID) : 0;
	request.codec_strip.n = c[3] >> 1 & 3;
	request.codec_strip.at[0] = c[3] & 8 ? TEXT("all") : TEXT("opus");
	request.codec_strip.at[1] = TEXT("L16/48000");
	request.codec_strip.at[2] = TEXT("G722/8000/1");
	request.codec_offer.n = c[3] >> 4 & 3;
	request.codec_offer.at[0] = TEXT("PCMA");
	request.codec_offer.at[1] = TEXT("opus/48000/2");
	request.codec_offer.at[2] = TEXT("PCMU");
	request.attributes_audio.remove.n = c[3] >> 6 & 1;
	request.attributes_audio.remove.at[0] = TEXT("ptime");
	edit.request = &request;
}

/* ---- what came of it ---- */

static struct text connection_of(const struct sdp *s, const struct sdp_media *m)
{
	return m->connection.n ? m->connection : s->connection;
}

static void check_media(const struct sdp_media *was, const struct sdp_media *is, const struct sdp_media_edit *e)
{
	must(text_equal(was->type, is->type) && text_equal(was->proto, is->proto));
	if (!e->relay) {
		must(text_equal(was->port_text, is->port_text));
		must(was->rejected || text_equal(connection_of(&sdp, was), connection_of(&again, is)));
		return;
	}
	must(is->rtp.port == e->port && is->ports == (e->port || was->ports == 1 || was->rtp.port ? 1 : is->ports));
	if (e->port == 0)
		return; /* it may go without a c= of its own where the session has one */
	must(is->held == e->hold_zero);
	must(e->hold_zero || address_equal(&is->rtp.address, &e->address));
	must(is->direction == (e->direction | (e->hold_zero ? SDP_SENDONLY : 0)));
	if (was->transport == SDP_UDP)
		return;
	must(is->rtcp_said == (e->rtcp_port != 0));
	must(e->mux_attribute_keep || (is->rtcp_mux == e->mux && !is->rtcp_mux_only));
}

static bool has_connection(const struct sdp *s)
{
	for (unsigned i = 0; i < s->count; i++)
		if (edit.media[i].relay && edit.media[i].port && s->media[i].unusable)
			return false;
	return true;
}

static void try_edit(void)
{
	out_clear(&once);
	must(sdp_rewrite(&sdp, &edit, &once) == 0);
	must(sdp_parse(out_text(&once), &again) == 0 || once.n > SDP_MAX);
	if (once.n > SDP_MAX)
		return;
	check_views(&again);
	must(again.count == sdp.count && has_connection(&again));
	for (unsigned i = 0; i < sdp.count; i++)
		check_media(&sdp.media[i], &again.media[i], &edit.media[i]);
	must(sdp_stays(&again, &twice));
	must(!edit.loop_mark.n || sdp_has_mark(&again, edit.loop_mark));
	must(!edit.bundle_remove || !again.bundle);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text body;
	int error;

	if (size <= CHOICES)
		return 0;
	body = (struct text){(const char *)data + CHOICES, size - CHOICES};
	error = sdp_parse(body, &sdp);
	must(error == 0 || error == -EINVAL || error == -ENODATA || error == -E2BIG);
	if (error)
		return 0;
	check_views(&sdp);
	must(sdp_stays(&sdp, &once));
	choose(data);
	try_edit();
	return 0;
}
