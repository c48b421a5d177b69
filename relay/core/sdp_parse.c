/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading an SDP into views (RFC 8866). */
#include "sdp.h"

#include <errno.h>

#include "sdp_line.h"

/* ---- pieces of lines ---- */

/* "IN IP4 192.0.2.1/127": the address; family 0 for a host name or another network. */
static struct address connection_of(struct text value)
{
	struct address a = {0};
	struct text net = text_word(&value), type = text_word(&value), host = text_word(&value);

	if (!text_is_nocase(net, "IN") || !(text_is_nocase(type, "IP4") || text_is_nocase(type, "IP6")))
		return a;
	host = text_until(&host, '/');
	address_parse(host, &a);
	return a;
}

static bool direction_of(struct text attribute, enum sdp_direction *out)
{
	static const char *const names[] = {[SDP_SENDRECV] = "sendrecv", [SDP_SENDONLY] = "sendonly",
			[SDP_RECVONLY] = "recvonly", [SDP_INACTIVE] = "inactive"};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (text_is(attribute, names[i])) {
			*out = (enum sdp_direction)i;
			return true;
		}
	}
	return false;
}

static enum sdp_transport transport_of(struct text proto)
{
	static const struct {
		const char *name;
		enum sdp_transport transport;
	} known[] = {{"RTP/AVP", SDP_RTP}, {"RTP/AVPF", SDP_RTP}, {"RTP/SAVP", SDP_SRTP}, {"RTP/SAVPF", SDP_SRTP},
			{"UDP/TLS/RTP/SAVP", SDP_SRTP}, {"UDP/TLS/RTP/SAVPF", SDP_SRTP}, {"udptl", SDP_UDP}, {"udp", SDP_UDP}};

	for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (text_is_nocase(proto, known[i].name))
			return known[i].transport;
	return proto.n > 4 && text_is_nocase((struct text){proto.s, 4}, "UDP/") ? SDP_UDP : SDP_OTHER;
}

static bool ice_attribute(struct text name)
{
	return text_is(name, "candidate") || text_is(name, "ice-ufrag");
}

static void type_add(uint64_t types[2], int type)
{
	types[type / 64] |= 1ull << type % 64;
}

/* ---- the session ---- */

/* Off the end of `rest`. */
static struct text last_word(struct text *rest)
{
	struct text all = text_trimmed(*rest);
	size_t n = all.n;

	while (n && all.s[n - 1] != ' ' && all.s[n - 1] != '\t')
		n--;
	*rest = text_trimmed((struct text){all.s, n});
	return text_from(all, n);
}

/* From its end, since there are user names with blanks in them. */
static void read_origin(struct sdp *s, struct text value)
{
	struct text rest = value, address = last_word(&rest), version, id;

	s->origin = value;
	last_word(&rest); /* IP4 */
	last_word(&rest); /* IN */
	version = last_word(&rest);
	id = last_word(&rest);
	if (!rest.n)
		return;
	s->origin_username = rest;
	s->origin_id = id;
	s->origin_version = version;
	s->origin_address = address;
}

static void read_session_attribute(struct sdp *s, const struct sdp_line *l)
{
	if (direction_of(l->value, &s->direction))
		s->direction_said = true;
	else if (ice_attribute(l->name))
		s->ice = true;
	else if (text_is(l->name, "ice-lite"))
		s->ice_lite = true;
	else if (text_is(l->name, "fingerprint"))
		s->dtls = true;
	else if (text_is(l->name, "group") && text_starts(l->rest, TEXT("BUNDLE")))
		s->bundle = true;
}

static void read_session_line(struct sdp *s, const struct sdp_line *l)
{
	switch (l->type) {
	case 'o':
		if (!s->origin.n)
			read_origin(s, l->value);
		break;
	case 's':
		s->session_name = l->value;
		break;
	case 'c':
		if (!s->connection.n) {
			s->connection = l->value;
			s->connection_address = connection_of(l->value);
		}
		break;
	case 'a':
		read_session_attribute(s, l);
		break;
	default:
		break;
	}
}

/* ---- an m-line and what belongs to it ---- */

static int read_media_line(struct sdp_media *m, struct text value)
{
	struct text rest = value, port;
	uint64_t number, ports = 1;

	m->type = text_word(&rest);
	m->port_text = port = text_word(&rest);
	m->proto = text_word(&rest);
	m->formats = rest;
	if (!m->type.n || !m->proto.n || !text_number(text_until(&port, '/'), 65535, &number))
		return -EINVAL;
	if (m->port_text.n != 0 && memchr(m->port_text.s, '/', m->port_text.n) && !text_number(port, 255, &ports))
		return -EINVAL;
	m->ports = ports ? (unsigned)ports : 1;
	m->rtp.port = (uint16_t)number;
	m->rejected = number == 0;
	m->transport = transport_of(m->proto);
	if (m->transport != SDP_RTP && m->transport != SDP_SRTP)
		return 0;
	while (rest.n)
		if (text_number(text_word(&rest), 127, &number))
			type_add(m->payload_types, (int)number);
	return 0;
}

/* "a=rtcp:53020 IN IP4 126.16.64.4" (RFC 3605) */
static void read_rtcp(struct sdp_media *m, struct text value)
{
	uint64_t port;

	if (!text_number(text_word(&value), 65535, &port) || port == 0)
		return;
	m->rtcp_said = true;
	m->rtcp.port = (uint16_t)port;
	m->rtcp.address = value.n ? connection_of(value) : (struct address){0};
}

static void read_rtpmap(struct sdp_media *m, const struct sdp_line *l)
{
	struct text name;
	int type = sdp_line_payload_type(l, &name);

	if (type >= 0 && sdp_type_has(m->payload_types, (uint8_t)type) && text_is_nocase(text_until(&name, '/'), "telephone-event"))
		type_add(m->dtmf_types, type);
}

static void read_media_attribute(struct sdp_media *m, const struct sdp_line *l)
{
	if (direction_of(l->value, &m->direction))
		m->direction_said = true;
	else if (text_is(l->name, "rtcp"))
		read_rtcp(m, l->rest);
	else if (text_is(l->name, "rtcp-mux"))
		m->rtcp_mux = true;
	else if (text_is(l->name, "rtcp-mux-only"))
		m->rtcp_mux = m->rtcp_mux_only = true;
	else if (text_is(l->name, "mid"))
		m->mid = l->rest;
	else if (text_is(l->name, "bundle-only"))
		m->bundle_only = true;
	else if (text_is(l->name, "rtpmap"))
		read_rtpmap(m, l);
	else if (text_is(l->name, "crypto"))
		m->crypto = true;
	else if (text_is(l->name, "fingerprint"))
		m->dtls = true;
	else if (ice_attribute(l->name))
		m->ice = true;
}

static void settle_rtcp(struct sdp_media *m)
{
	if (m->rejected || (m->transport != SDP_RTP && m->transport != SDP_SRTP)) {
		m->rtcp = (struct endpoint){0};
	} else if (m->rtcp_mux_only) {
		m->rtcp = m->rtp;
	} else if (!m->held && address_is_any(&m->rtcp.address)) {
		m->rtcp = (struct endpoint){0}; /* browsers: "a=rtcp:9 IN IP4 0.0.0.0" beside a c= that is meant */
	} else {
		if (!m->rtcp_said)
			m->rtcp.port = m->rtp.port < 65535 ? (uint16_t)(m->rtp.port + 1) : 0;
		if (!m->rtcp.address.family)
			m->rtcp.address = m->rtp.address;
	}
}

/* "a=fmtp:97 5006 IN IP4 192.0.2.1": parity FEC (RFC 2733, 5109) on the m-line's own address, and not on its port */
static void settle_fec(struct sdp_media *m)
{
	struct text rest = m->section, value;
	struct sdp_line l;
	uint64_t port;

	while (!m->fec.port && sdp_line_next(&rest, &l)) {
		struct endpoint e;

		if (!sdp_line_is(&l, "fmtp") || sdp_line_payload_type(&l, &value) < 0)
			continue;
		if (!text_number(text_word(&value), 65535, &port) || port == 0)
			continue;
		e = (struct endpoint){connection_of(value), (uint16_t)port};
		if (e.address.family && address_equal(&e.address, &m->rtp.address) && e.port != m->rtp.port)
			m->fec = e;
	}
}

/* No candidate is known yet (RFC 8840 4.1.1): 0.0.0.0 and port 9 are no hold then. */
static bool trickles(const struct sdp_media *m, const struct address *a)
{
	return m->ice && m->rtp.port == 9 && address_is_any(a);
}

/* What follows from the lines: addresses, direction. */
static void settle_media(const struct sdp *s, struct sdp_media *m)
{
	struct address a = m->connection.n ? connection_of(m->connection) : s->connection_address;

	if (!m->direction_said)
		m->direction = s->direction;
	m->ice = m->ice || s->ice;
	m->dtls = m->dtls || s->dtls;
	if (trickles(m, &a))
		a = (struct address){0};
	m->held = address_is_any(&a);
	m->unusable = a.family == 0;
	if (m->held)
		m->direction |= SDP_SENDONLY;
	m->rtp.address = a;
	settle_rtcp(m);
	if (!m->rejected && a.family && !m->held)
		settle_fec(m);
}

static int add_media(struct sdp *s, const struct sdp_line *l)
{
	struct sdp_media *m;

	if (s->count == SDP_MEDIA_MAX)
		return -E2BIG;
	m = &s->media[s->count++];
	*m = (struct sdp_media){.section = l->whole, .line = {l->whole.s, l->value.n + 2}};
	return read_media_line(m, l->value);
}

/* A c= line has three words; what address they say is another matter. */
static bool connection_complete(struct text value)
{
	text_word(&value);
	text_word(&value);
	return value.n > 0;
}

static int read_line(struct sdp *s, const struct sdp_line *l)
{
	struct sdp_media *m = s->count ? &s->media[s->count - 1] : NULL;

	if (l->type == '?' || (l->type == 'c' && !connection_complete(l->value)))
		return -EINVAL;
	if (l->type == 'a' && !s->loop_mark.n && (text_is(l->name, "aeta-relay") || text_is(l->name, "rtpengine")))
		s->loop_mark = l->rest;
	if (l->type == 'm')
		return add_media(s, l);
	if (!m) {
		s->session.n += l->whole.n;
		read_session_line(s, l);
		return 0;
	}
	m->section.n += l->whole.n;
	if (l->type == 'c' && !m->connection.n)
		m->connection = l->value;
	else if (l->type == 'a')
		read_media_attribute(m, l);
	return 0;
}

int sdp_parse(struct text body, struct sdp *out)
{
	struct text rest = body;
	struct sdp_line l;
	int error;

	memset(out, 0, offsetof(struct sdp, media));
	out->whole = body;
	out->session = (struct text){body.s, 0};
	if (body.n > SDP_MAX)
		return -E2BIG;
	if (body.n < 2 || memcmp(body.s, "v=", 2) != 0)
		return -EINVAL;
	while (sdp_line_next(&rest, &l)) {
		if (l.whole.s == body.s)
			out->crlf = l.whole.n > 1 && l.ended && l.whole.s[l.whole.n - 2] == '\r';
		error = read_line(out, &l);
		if (error)
			return error;
	}
	for (unsigned i = 0; i < out->count; i++)
		settle_media(out, &out->media[i]);
	return out->count ? 0 : -ENODATA;
}

bool sdp_has_mark(const struct sdp *s, struct text mark)
{
	struct text rest = s->whole;
	struct sdp_line l;

	while (sdp_line_next(&rest, &l))
		if (sdp_line_is(&l, "aeta-relay") && text_equal(l.rest, mark))
			return true;
	return false;
}
