/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "message_facts.h"

#include "core/parser/contact/parse_contact.h"
#include "core/parser/parse_body.h"
#include "core/parser/parse_content.h"
#include "core/parser/parse_uri.h"

struct aeta_address aeta_ip_address(const struct ip_addr *ip, unsigned port)
{
	return aeta_address_of(ip->u.addr, ip->len, port);
}

static struct aeta_address host_address(const str *host, unsigned port, bool tls)
{
	return aeta_address_parse(host->s, host->len > 0 ? (size_t)host->len : 0, port ? port : tls ? SIPS_PORT : SIP_PORT);
}

struct aeta_address aeta_uri_address(const str *uri)
{
	struct aeta_address none = {.family = AETA_FAMILY_NONE};
	struct sip_uri u;

	if (uri->len <= 0 || parse_uri(uri->s, uri->len, &u) < 0)
		return none;
	return host_address(&u.host, u.port_no, u.type == SIPS_URI_T || u.proto == PROTO_TLS);
}

void aeta_message_origin(sip_msg_t *msg, struct aeta_media_side *out)
{
	const struct via_body *via = msg->via1;

	out->source = aeta_ip_address(&msg->rcv.src_ip, msg->rcv.src_port);
	out->stream = msg->rcv.proto != PROTO_UDP;
	if (via)
		out->via = host_address(&via->host, via->port, via->proto == PROTO_TLS);
}

bool aeta_message_via_differs(const struct aeta_media_side *side)
{
	if (side->via.family == AETA_FAMILY_NONE)
		return false;
	return !aeta_address_same(&side->via, &side->source) || (!side->stream && side->via.port != side->source.port);
}

struct aeta_address aeta_message_contact(sip_msg_t *msg)
{
	struct aeta_address none = {.family = AETA_FAMILY_NONE};
	const contact_t *c;

	if (parse_headers(msg, HDR_CONTACT_F, 0) < 0 || !msg->contact ||
			(!msg->contact->parsed && parse_contact(msg->contact) < 0))
		return none;
	c = ((contact_body_t *)msg->contact->parsed)->contacts;
	return c ? aeta_uri_address(&c->uri) : none;
}

void aeta_message_sdp(sip_msg_t *msg, struct aeta_sdp *out)
{
	int len = 0;
	const char *body = NULL;

	if (parse_headers(msg, HDR_EOH_F, 0) >= 0 && msg->content_type)
		body = get_body_part(msg, TYPE_APPLICATION, SUBTYPE_SDP, &len);
	aeta_sdp_read(body, body && len > 0 ? (size_t)len : 0, out);
}
