/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An m-line and the lines that belong to it, written again. */
#include <stdio.h>

#include "sdp_write.h"

/* What of the section in hand has been written, so that the rest is added behind. */
struct section {
	const struct sdp_media *m;
	const struct sdp_media_edit *e;
	unsigned index;
	uint64_t removed[2];       /* payload types */
	uint8_t rank[128];         /* of those that stay */
	bool chosen;               /* some are removed */
	char connection[16 + ADDRESS_TEXT_MAX];
	struct text address;       /* the c= value that this m-line has to have; empty: it does not matter */
	bool connection_written, direction_written, rtcp_written, mux_written, added;
	const char *end;           /* behind the last line that is not empty */
};

/* ---- m= ---- */

/* Those of one rank. */
static void write_ranked(struct sdp_writer *w, const struct section *s, unsigned rank, bool *first)
{
	struct text rest = s->m->formats, word;
	uint64_t type;

	while ((word = text_word(&rest)).n) {
		bool known = text_number(word, 127, &type);

		if ((known ? s->rank[type] : 0) != rank || (known && sdp_type_has(s->removed, (uint8_t)type)))
			continue;
		if (!*first)
			out_char(w->to, ' ');
		out_add(w->to, word);
		*first = false;
	}
}

static void write_formats(struct sdp_writer *w, const struct section *s)
{
	bool first = true;

	if (!s->chosen)
		out_add(w->to, s->m->formats);
	for (unsigned rank = 0; s->chosen && rank <= NG_TEXTS_MAX; rank++)
		write_ranked(w, s, rank, &first);
}

static void write_port(struct sdp_writer *w, const struct sdp_media_edit *e)
{
	out_number(w->to, e->port);
	if (e->ports > 1) {
		out_char(w->to, '/');
		out_number(w->to, e->ports);
	}
}

static void write_media_line(struct sdp_writer *w, const struct section *s, const struct sdp_line *l)
{
	const struct sdp_media *m = s->m;
	const struct sdp_media_edit *e = s->e;
	const char *end = m->port_text.s + m->port_text.n;

	if (!e->relay && !s->chosen) {
		sdp_write_line(w, l);
		return;
	}
	out_add(w->to, (struct text){l->whole.s, (size_t)(m->port_text.s - l->whole.s)});
	if (!e->relay || (e->port == m->rtp.port && e->ports == m->ports))
		out_add(w->to, m->port_text);
	else
		write_port(w, e);
	out_add(w->to, (struct text){end, (size_t)(m->proto.s - end)});
	out_add(w->to, e->relay && e->proto.n ? e->proto : m->proto);
	end = m->proto.s + m->proto.n;
	if (m->formats.n)
		out_add(w->to, (struct text){end, (size_t)(m->formats.s - end)});
	write_formats(w, s);
	end = m->formats.n ? m->formats.s + m->formats.n : end;
	out_add(w->to, (struct text){end, (size_t)(l->whole.s + l->whole.n - end)});
	w->ended = l->ended;
}

/* ---- c= ---- */

/* What this m-line's c= has to say. */
static void settle_address(struct section *s, const struct sdp *in)
{
	if (s->e->relay && s->e->address.family)
		s->address = sdp_connection(s->connection, &s->e->address, s->e->hold_zero);
	else if (!s->m->connection.n)
		s->address = in->connection;
}

/* Of several (layers of a multicast, RFC 8866 5.7) one is left where the address is another one. */
static void write_connection(struct sdp_writer *w, struct section *s, const struct sdp_line *l)
{
	if (!s->e->relay || !s->e->address.family)
		sdp_write_line(w, l);
	else if (!s->connection_written)
		sdp_write_value(w, l, s->address);
	s->connection_written = true;
}

/* Where it has none of its own, and the session's does not say the same: one behind m= and i=. */
static void add_connection(struct sdp_writer *w, struct section *s)
{
	bool rejected = s->m->rejected || (s->e->relay && !s->e->port);

	if (s->connection_written || s->m->connection.n || !s->address.n || text_equal(s->address, w->connection))
		return;
	s->connection_written = true;
	if (!rejected || !w->connection.n)
		sdp_write_own(w, "c=", s->address);
}

/* ---- a=rtcp, rtcp-mux, direction ---- */

static bool has_rtcp(const struct sdp_media *m)
{
	return m->transport == SDP_RTP || m->transport == SDP_SRTP;
}

/* The line that came says it already. */
static bool rtcp_as_it_came(const struct sdp_writer *w, const struct section *s)
{
	const struct sdp_media *m = s->m;

	return m->rtcp_said && m->rtcp.port == s->e->rtcp_port && w->edit->rtcp_attribute != SDP_RTCP_NONE &&
			(address_equal(&m->rtcp.address, &s->e->address) || !s->e->address.family);
}

static void write_rtcp(struct sdp_writer *w, struct section *s, const struct sdp_line *l)
{
	char line[24 + 16 + ADDRESS_TEXT_MAX] = "rtcp:";
	size_t n = strlen("rtcp:");

	if (s->rtcp_written || !s->e->rtcp_port || w->edit->rtcp_attribute == SDP_RTCP_NONE)
		return;
	s->rtcp_written = true;
	if (l && rtcp_as_it_came(w, s)) {
		sdp_write_attribute(w, l, l->value);
		return;
	}
	n += text_write_number(line + n, s->e->rtcp_port);
	if (w->edit->rtcp_attribute == SDP_RTCP_FULL && s->e->address.family) {
		line[n++] = ' ';
		n += sdp_connection(line + n, &s->e->address, false).n;
	}
	sdp_write_attribute(w, l, (struct text){line, n});
}

static void write_mux(struct sdp_writer *w, struct section *s, const struct sdp_line *l)
{
	if (s->mux_written || !s->e->mux)
		return;
	s->mux_written = true;
	sdp_write_attribute(w, l, TEXT("rtcp-mux"));
}

static bool is_direction(const struct sdp_line *l)
{
	return text_is(l->value, "sendrecv") || text_is(l->value, "sendonly") || text_is(l->value, "recvonly") ||
			text_is(l->value, "inactive");
}

static void write_direction(struct sdp_writer *w, struct section *s, const struct sdp_line *l)
{
	static const char *const names[] = {"sendrecv", "sendonly", "recvonly", "inactive"};

	if (s->direction_written)
		return;
	s->direction_written = true;
	sdp_write_attribute(w, l, text_of(names[s->e->direction]));
}

/* ---- attributes ---- */

static bool of_removed_type(const struct section *s, const struct sdp_line *l)
{
	struct text following;
	int type;

	if (!sdp_line_is(l, "rtpmap") && !sdp_line_is(l, "fmtp") && !sdp_line_is(l, "rtcp-fb"))
		return false;
	type = sdp_line_payload_type(l, &following);
	return type >= 0 && sdp_type_has(s->removed, (uint8_t)type);
}

/* The attributes of a relayed m-line that are ours to say. True: done. */
static bool relayed_attribute(struct sdp_writer *w, struct section *s, const struct sdp_line *l)
{
	if (!s->e->rtcp_attribute_keep && has_rtcp(s->m) && sdp_line_is(l, "rtcp")) {
		write_rtcp(w, s, l);
		return true;
	}
	if (!s->e->mux_attribute_keep && has_rtcp(s->m) && (sdp_line_is(l, "rtcp-mux") || sdp_line_is(l, "rtcp-mux-only"))) {
		write_mux(w, s, l);
		return true;
	}
	if (s->e->write_direction && is_direction(l)) {
		write_direction(w, s, l);
		return true;
	}
	return false;
}

static void write_attribute(struct sdp_writer *w, struct section *s, const struct sdp_line *l)
{
	if (of_removed_type(s, l) || (s->e->relay && relayed_attribute(w, s, l)) || sdp_attribute_done(w, l))
		return;
	if (sdp_line_is(l, "fmtp"))
		sdp_write_fmtp(w, l);
	else
		sdp_write_line(w, l);
}

/* ---- what is added ---- */

static bool mid_taken(const struct sdp *in, const char *mid)
{
	for (unsigned i = 0; i < in->count; i++)
		if (text_is(in->media[i].mid, mid))
			return true;
	return false;
}

static void add_mid(struct sdp_writer *w, const struct section *s)
{
	char mid[16];
	unsigned n = s->index + 1u; /* as rtpengine counts */

	if (!w->edit->request || !ng_has(w->edit->request, NG_BIT(GENERATE_MID)) || s->m->mid.n)
		return;
	do
		snprintf(mid, sizeof(mid), "%u", n);
	while (mid_taken(w->in, mid) && (n += SDP_MEDIA_MAX));
	sdp_write_own(w, "a=mid:", text_of(mid));
}

/* Before the empty lines that an SDP may end with, or at the section's end. */
static void add_rest(struct sdp_writer *w, struct section *s)
{
	if (s->added)
		return;
	s->added = true;
	add_connection(w, s);
	if (s->e->relay && has_rtcp(s->m)) {
		if (!s->e->rtcp_attribute_keep)
			write_rtcp(w, s, NULL);
		if (!s->e->mux_attribute_keep)
			write_mux(w, s, NULL);
	}
	if (s->e->relay && s->e->write_direction)
		write_direction(w, s, NULL);
	add_mid(w, s);
	sdp_add_attributes(w, s->m->section);
}

static const struct ng_attributes *attributes_of(const struct sdp_writer *w, const struct sdp_media *m)
{
	const struct ng_request *q = w->edit->request;

	if (q && text_is(m->type, "audio"))
		return &q->attributes_audio;
	return q && text_is(m->type, "video") ? &q->attributes_video : NULL;
}

static void write_line(struct sdp_writer *w, struct section *s, const struct sdp_line *l)
{
	if (l->whole.s == s->end)
		add_rest(w, s);
	else if (l->type && l->type != 'm' && l->type != 'i' && l->type != 'c')
		add_connection(w, s);
	if (l->type == 'm')
		write_media_line(w, s, l);
	else if (l->type == 'c')
		write_connection(w, s, l);
	else if (l->type == 'a')
		write_attribute(w, s, l);
	else
		sdp_write_line(w, l);
}

static const char *end_of_lines(struct text section)
{
	const char *end = section.s;
	struct sdp_line l;

	while (sdp_line_next(&section, &l))
		if (l.type)
			end = l.whole.s + l.whole.n;
	return end;
}

static void choose_codecs(struct sdp_writer *w, struct section *s)
{
	sdp_codecs_removed(w->edit->request, s->m, s->removed);
	s->chosen = s->removed[0] | s->removed[1];
	for (int type = 0; s->chosen && type < 128; type++)
		if (sdp_type_has(s->m->payload_types, (uint8_t)type))
			s->rank[type] = (uint8_t)sdp_codecs_rank(w->edit->request, s->m, type);
}

void sdp_write_media(struct sdp_writer *w, unsigned i)
{
	struct section s = {.m = &w->in->media[i], .e = &w->edit->media[i], .index = i, .end = end_of_lines(w->in->media[i].section)};
	struct text rest = s.m->section;
	struct sdp_line l;

	w->attributes = attributes_of(w, s.m);
	choose_codecs(w, &s);
	settle_address(&s, w->in);
	while (sdp_line_next(&rest, &l))
		write_line(w, &s, &l);
	add_rest(w, &s);
}
