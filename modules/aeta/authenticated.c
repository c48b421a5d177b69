/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authenticated.h"

#include <string.h>

#include "call.h"
#include "core/parser/digest/digest.h"
#include "core/parser/parse_uri.h"
#include "core/route.h"
#include "params.h"

#define OTHER_NUMBER (-3)

/* The request that aeta_authenticated() was told of; ids of messages are a process' own. */
static struct {
	unsigned id;
	int pid, len;
	char user[AETA_TEXT_MAX];
} proven;

static bool is_register(const sip_msg_t *msg)
{
	return msg->first_line.type == SIP_REQUEST && msg->REQ_METHOD == METHOD_REGISTER;
}

const dig_cred_t *aeta_credentials_of(sip_msg_t *msg)
{
	hdr_types_t type = is_register(msg) ? HDR_AUTHORIZATION_T : HDR_PROXYAUTH_T;
	struct hdr_field *h = NULL;

	if (!aeta_params.guard_realm.len || find_credentials(msg, &aeta_params.guard_realm, type, &h) != 0 || !h)
		return NULL;
	return &((auth_body_t *)h->parsed)->digest;
}

/*
 * Those that an authentication function has marked. It does so before it looks at the password, so the mark alone proves
 * nothing. A script may ask for either header with any method; the one that is usual with the method is preferred.
 */
static const dig_cred_t *marked(const sip_msg_t *msg)
{
	struct hdr_field *first = msg->proxy_auth, *second = msg->authorization, *h = NULL;

	if (is_register(msg)) {
		first = msg->authorization;
		second = msg->proxy_auth;
	}
	get_authorized_cred(first, &h);
	if (!h)
		get_authorized_cred(second, &h);
	return h && h->parsed ? &((auth_body_t *)h->parsed)->digest : NULL;
}

/* Host, port and parameters may differ: agents and proxies write them as they like; and a REGISTER may name just the domain. */
static bool for_another_number(sip_msg_t *msg, const dig_cred_t *c)
{
	struct sip_uri signed_for;
	str asked;

	if (c->uri.len <= 0 || parse_uri(c->uri.s, c->uri.len, &signed_for) < 0 || parse_sip_msg_uri(msg) < 0)
		return false;
	asked = msg->parsed_uri.user;
	if (signed_for.user.len <= 0 || asked.len <= 0)
		return false;
	return signed_for.user.len != asked.len || memcmp(signed_for.user.s, asked.s, (size_t)asked.len) != 0;
}

int aeta_authenticated(sip_msg_t *msg)
{
	const dig_cred_t *c = marked(msg);
	str user;

	proven.len = 0;
	if (!c)
		return -1;
	user = c->username.whole;
	if (user.len <= 0 || user.len > (int)sizeof(proven.user))
		return -1;
	proven.id = msg->id;
	proven.pid = msg->pid;
	proven.len = user.len;
	memcpy(proven.user, user.s, (size_t)user.len);
	return for_another_number(msg, c) ? OTHER_NUMBER : 1;
}

bool aeta_is_authenticated(const sip_msg_t *msg, str *user)
{
	if (!proven.len || proven.id != msg->id || proven.pid != msg->pid || get_route_type() != REQUEST_ROUTE)
		return false;
	*user = (str){proven.user, proven.len};
	return true;
}

str aeta_user(sip_msg_t *msg)
{
	const dig_cred_t *c;
	str user = {NULL, 0};

	if (aeta_is_authenticated(msg, &user))
		return user;
	c = msg->first_line.type == SIP_REQUEST ? marked(msg) : NULL;
	return c ? c->username.whole : user;
}
