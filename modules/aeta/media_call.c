/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media_call.h"

#include <errno.h>
#include <string.h>

#include "call.h"
#include "core/dprint.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_uri.h"
#include "facts.h"
#include "guard.h"
#include "location.h"
#include "media_nat.h"
#include "message_facts.h"
#include "redial.h"
#include "relay_set.h"
#include "stats.h"
#include "store.h"

enum { RELAY = 1, DIRECT = 2, REFUSED = -1 };

const char *aeta_media_flags(enum aeta_family family)
{
	return family == AETA_FAMILY_IP6 ? "address-family=IP6" : family == AETA_FAMILY_IP4 ? "address-family=IP4" : "";
}

/* The media policies of an account and of its group. 0 or -EIO; then always: such a call is heard whatever they are. */
static int read_policies(const str *number, struct aeta_media_side *out)
{
	const struct aeta_directory *d;
	const struct aeta_group *g;
	struct aeta_account a;

	out->account = AETA_MEDIA_ALWAYS;
	if (aeta_facts(aeta_number_parse(number->s, (size_t)number->len), &a) < 0 || !(d = aeta_store_acquire()))
		return -EIO;
	g = aeta_member_of(d, &a);
	out->account = a.media;
	out->group = g ? g->media : AETA_MEDIA_GROUP;
	aeta_store_release();
	return 0;
}

/* Where a number is registered; false: nowhere, and nothing is known of it. */
static bool find(const str *number, const str *domain, struct aeta_whereabouts *out)
{
	memset(out, 0, sizeof(*out));
	return aeta_binding_with(number, domain, aeta_binding_whereabouts, out) == 1;
}

/* C5: the domain of the latest REGISTER, then the host of From, else the default; never the R-URI. */
static unsigned relay_set_for(const struct aeta_whereabouts *caller, const str *from_host)
{
	struct aeta_noted noted = aeta_noted_of(caller->cflags);
	int set = noted.noted ? (int)noted.relay_set : aeta_relay_set_of(from_host);

	return set > 0 ? (unsigned)set : 0;
}

static str from_host_of(sip_msg_t *msg)
{
	struct sip_uri *from = parse_from_uri(msg);
	str none = {NULL, 0};

	return from ? from->host : none;
}

/*
 * The caller, once a call: the routes that come later with it, when members of a hunt have answered, need not read the message
 * again. It is behind a proxy if the door was told so, or if it is registered by that very proxy.
 */
static void place_caller(sip_msg_t *msg, struct aeta_call *c)
{
	str number = {c->caller, (int)strlen(c->caller)}, host = from_host_of(msg);
	struct aeta_whereabouts registered;

	find(&number, &host, &registered);
	aeta_message_origin(msg, &c->side);
	c->side.contact = aeta_message_contact(msg);
	aeta_message_sdp(msg, &c->side.sdp);
	c->side.proxied = aeta_guard_is_trusted(msg) ||
					  (registered.side.proxied && aeta_address_same(&registered.side.source, &c->side.source));
	aeta_media_nat(&number, &registered.side, &c->side);
	aeta_media_learn(&number, &c->side);
	c->relay_set = (uint8_t)relay_set_for(&registered, &host);
	c->placed = 1;
}

static void log_media(const struct aeta_call *c, const struct aeta_media_side *callee)
{
	char reasons[AETA_REASONS_TEXT];

	aeta_reasons_format(c->media.reasons, reasons, sizeof(reasons));
	LM_INFO("media=%s caller=%s final=%s policy=%s relay_set=%u stun=%d caller_nat=%s callee_nat=%s callee_stun=%s reasons=%s\n",
			aeta_path_name(c->media.path), c->caller, c->final, aeta_media_policy_name(c->media.policy), c->relay_set,
			aeta_media_uses_stun(&c->side), aeta_nat_class_name(c->side.nat.cls), aeta_nat_class_name(callee->nat.cls),
			aeta_stun_name(aeta_media_stun(callee)), reasons);
}

int aeta_media(sip_msg_t *msg)
{
	struct aeta_call *c = aeta_call_get();
	struct aeta_whereabouts callee = {.cflags = 0};
	struct aeta_media_setting setting = aeta_media_setting();
	str caller, final, domain = {NULL, 0};

	if (!c && !(c = aeta_call_have()))
		return RELAY;
	caller = (str){c->caller, (int)strlen(c->caller)};
	final = (str){c->final, (int)strlen(c->final)};
	if (!final.len)
		LM_ERR("aeta_media(): nobody is called yet, call it after aeta_route()\n");
	if (!c->placed)
		place_caller(msg, c);
	if (parse_sip_msg_uri(msg) >= 0)
		domain = msg->parsed_uri.host;
	find(&final, &domain, &callee);
	aeta_media_nat(&final, &callee.side, &callee.side);
	setting.redialled = aeta_redialled(&caller, &c->side.source, &final, &callee.side.source, false);
	read_policies(&caller, &c->side);
	read_policies(&final, &callee.side);
	c->media = aeta_media_decide(&c->side, &callee.side, &setting);
	aeta_stats_media(&c->media);
	log_media(c, &callee.side);
	return c->media.path == AETA_PATH_RELAYED ? RELAY : c->media.path == AETA_PATH_DIRECT ? DIRECT : REFUSED;
}

int aeta_media_explain(const str *caller, const str *callee, struct aeta_media_explained *out)
{
	struct aeta_media_setting setting = aeta_media_setting();
	struct aeta_whereabouts from, to;
	str none = {NULL, 0};
	int rc;

	memset(out, 0, sizeof(*out));
	out->caller_registered = find(caller, &none, &from);
	out->callee_registered = find(callee, &none, &to);
	out->caller = from.side;
	out->callee = to.side;
	aeta_media_nat(caller, &from.side, &out->caller);
	aeta_media_nat(callee, &to.side, &out->callee);
	out->relay_set = relay_set_for(&from, &none);
	setting.redialled = aeta_redialled(caller, &out->caller.source, callee, &out->callee.source, true);
	rc = read_policies(caller, &out->caller);
	if (rc == 0)
		rc = read_policies(callee, &out->callee);
	if (rc == 0)
		out->verdict = aeta_media_decide(&out->caller, &out->callee, &setting);
	return rc;
}
