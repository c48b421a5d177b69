/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- the reasons as data ---- */

#define CALLER_BIT 16u
#define CALLEE_BIT 40u

_Static_assert((unsigned)AETA_CAUSES <= CALLER_BIT && (unsigned)AETA_SIGNS <= CALLEE_BIT - CALLER_BIT, "bits of a mask");

struct words {
	const char *name, *text;
};

static const struct words sign_words[AETA_SIGNS] = {
#define X(id, name, text) {name, text},
	AETA_MEDIA_SIGNS(X)
#undef X
};

static const struct words cause_words[AETA_CAUSES] = {
#define X(id, name, text) {name, text},
	AETA_MEDIA_CAUSES(X)
#undef X
};

bool aeta_reason_words(unsigned bit, struct aeta_reason_words *out)
{
	bool callee = bit >= CALLEE_BIT;
	unsigned sign = bit - (callee ? CALLEE_BIT : CALLER_BIT);

	if (bit < CALLER_BIT) {
		if (bit >= AETA_CAUSES)
			return false;
		*out = (struct aeta_reason_words){"", cause_words[bit].name, cause_words[bit].text};
		return true;
	}
	if (sign >= AETA_SIGNS)
		return false;
	*out = (struct aeta_reason_words){callee ? "callee" : "caller", sign_words[sign].name, sign_words[sign].text};
	return true;
}

size_t aeta_reasons_format(aeta_reasons_t reasons, char *out, size_t size)
{
	struct aeta_reason_words w;
	size_t n = 0;
	int len;

	if (size == 0)
		return 0;
	out[0] = '\0';
	for (unsigned bit = 0; bit < AETA_REASON_BITS; bit++) {
		if (!(reasons >> bit & 1) || !aeta_reason_words(bit, &w))
			continue;
		len = snprintf(out + n, size - n, "%s%s%s%s", n ? "," : "", w.who, w.who[0] ? "-" : "", w.name);
		if (len < 0 || (size_t)len >= size - n) {
			out[n] = '\0';
			return n;
		}
		n += (size_t)len;
	}
	if (n == 0 && size > strlen("no-sign"))
		n = strlen(strcpy(out, "no-sign"));
	return n;
}

static const char *const policy_names[AETA_MEDIA_POLICIES] = {"group", "auto", "always", "never"};

const char *aeta_media_policy_name(enum aeta_media_policy p)
{
	return (unsigned)p < AETA_MEDIA_POLICIES ? policy_names[p] : "?";
}

enum aeta_media_policy aeta_media_policy_parse(const char *s, size_t len)
{
	unsigned i = 0;

	while (i < AETA_MEDIA_POLICIES && (strlen(policy_names[i]) != len || strncasecmp(policy_names[i], s, len) != 0))
		i++;
	return (enum aeta_media_policy)i;
}

const char *aeta_path_name(enum aeta_path p)
{
	static const char *const names[] = {"", "direct", "relayed", "refused"};

	return (unsigned)p < sizeof(names) / sizeof(names[0]) ? names[p] : "";
}

/* ---- families ---- */

#define FAMILY_MIXED 0xff

/* Of the SDP where it says one, else of where SIP comes from; behind a proxy of the agent's own Contact. */
static uint8_t family_of(const struct aeta_media_side *s)
{
	const struct aeta_address *first = s->proxied ? &s->contact : &s->source;
	uint8_t family = AETA_FAMILY_NONE;

	for (unsigned i = 0; i < s->sdp.count; i++) {
		const struct aeta_address *a = &s->sdp.places[i].address;

		if (!aeta_address_is_ip(a))
			continue;
		if (family != AETA_FAMILY_NONE && family != a->family)
			return FAMILY_MIXED;
		family = a->family;
	}
	if (family != AETA_FAMILY_NONE)
		return family;
	if (aeta_address_is_ip(first))
		return first->family;
	first = s->proxied ? &s->source : &s->contact;
	return aeta_address_is_ip(first) ? first->family : AETA_FAMILY_NONE;
}

/* Sets what the relay has to offer and to answer; true if the families differ, or one of a mixed SDP does. */
static bool families_differ(const struct aeta_media_side *caller, const struct aeta_media_side *callee,
		struct aeta_media_verdict *v)
{
	uint8_t from = family_of(caller), to = family_of(callee);

	if (from == to || from == AETA_FAMILY_NONE || to == AETA_FAMILY_NONE)
		return false;
	v->offer_family = to == FAMILY_MIXED ? AETA_FAMILY_NONE : to;
	v->answer_family = from == FAMILY_MIXED ? AETA_FAMILY_NONE : from;
	return true;
}

/* ---- the policy ---- */

enum aeta_media_policy aeta_media_policy(unsigned account, unsigned group)
{
	unsigned p = account != AETA_MEDIA_GROUP ? account : group;

	if (p == AETA_MEDIA_GROUP)
		return AETA_MEDIA_AUTO;
	return p < AETA_MEDIA_POLICIES ? (enum aeta_media_policy)p : AETA_MEDIA_ALWAYS;
}

/* C3: always beats never, never beats auto. */
static enum aeta_media_policy policy_between(const struct aeta_media_side *a, const struct aeta_media_side *b)
{
	enum aeta_media_policy p = aeta_media_policy(a->account, a->group), q = aeta_media_policy(b->account, b->group);

	if (p == AETA_MEDIA_ALWAYS || q == AETA_MEDIA_ALWAYS)
		return AETA_MEDIA_ALWAYS;
	return p == AETA_MEDIA_NEVER || q == AETA_MEDIA_NEVER ? AETA_MEDIA_NEVER : AETA_MEDIA_AUTO;
}

/* ---- parties that have one public address ---- */

static const struct aeta_media_setting no_setting;

static bool share_address(const struct aeta_media_side *a, const struct aeta_media_side *b)
{
	return !a->proxied && !b->proxied && aeta_address_same(&a->source, &b->source) &&
		   aeta_address_scope(&a->source) != AETA_SCOPE_LOOPBACK;
}

/* 100.64/10 is a carrier's: those behind it are no neighbours. */
static bool on_net(const struct aeta_address *a, const struct aeta_address *net)
{
	return a->family == AETA_FAMILY_IP4 && net->family == AETA_FAMILY_IP4 && memcmp(a->bytes, net->bytes, 3) == 0 &&
		   aeta_address_scope(a) == AETA_SCOPE_PRIVATE && a->bytes[0] != 100;
}

/* Does it offer its address on that network, or is it known to? */
static bool offers_net(const struct aeta_media_side *s, const struct aeta_address *net)
{
	if (!s->sdp.present)
		return aeta_media_stun(s) == AETA_STUN_NO;
	for (unsigned i = 0; i < s->sdp.count; i++)
		if (!on_net(&s->sdp.places[i].address, net))
			return false;
	return s->sdp.count > 0;
}

static bool share_lan(const struct aeta_media_side *a, const struct aeta_media_side *b)
{
	return share_address(a, b) && on_net(&a->contact, &b->contact) && offers_net(a, &b->contact) && offers_net(b, &a->contact);
}

#define LAN_EXPLAINS(sign) (AETA_REASON_CALLER(AETA_SIGN_##sign) | AETA_REASON_CALLEE(AETA_SIGN_##sign))

/* What is behind the router counts no more between two that are on its inside. */
static const aeta_reasons_t lan_explains = LAN_EXPLAINS(CONTACT_PRIVATE) | LAN_EXPLAINS(VIA_MISMATCH) | LAN_EXPLAINS(SOURCE_PORT) |
										   LAN_EXPLAINS(SDP_PRIVATE) | LAN_EXPLAINS(SDP_MEDIA_PRIVATE) | LAN_EXPLAINS(NAT_UNKNOWN) |
										   LAN_EXPLAINS(NAT_CHANGED) | LAN_EXPLAINS(NAT_WALLED) | LAN_EXPLAINS(NAT_LEAKY) |
										   LAN_EXPLAINS(NO_STUN) | LAN_EXPLAINS(STUN_UNKNOWN);

static void judge_neighbours(const struct aeta_media_side *a, const struct aeta_media_side *b,
		const struct aeta_media_setting *setting, struct aeta_media_verdict *v)
{
	if (setting->same_lan && share_lan(a, b)) {
		v->reasons &= ~lan_explains;
		v->reasons |= AETA_REASON_CAUSE(AETA_CAUSE_SAME_LAN);
	} else if (setting->probing && share_address(a, b)) {
		v->reasons |= AETA_REASON_CAUSE(AETA_CAUSE_SAME_NAT);
	}
}

/* ---- the verdict ---- */

static enum aeta_path path_of(const struct aeta_media_verdict *v)
{
	switch (v->policy) {
	case AETA_MEDIA_ALWAYS:
		return AETA_PATH_RELAYED;
	case AETA_MEDIA_NEVER:
		return v->reasons & AETA_REASON_CAUSE(AETA_CAUSE_FAMILIES_DIFFER) ? AETA_PATH_REFUSED : AETA_PATH_DIRECT;
	default:
		return v->reasons & ~AETA_REASON_CAUSE(AETA_CAUSE_SAME_LAN) ? AETA_PATH_RELAYED : AETA_PATH_DIRECT;
	}
}

struct aeta_media_verdict aeta_media_decide(const struct aeta_media_side *caller, const struct aeta_media_side *callee,
		const struct aeta_media_setting *setting)
{
	struct aeta_media_verdict v = {.policy = (uint8_t)policy_between(caller, callee), .rule = AETA_RULE_NONE};

	if (!setting)
		setting = &no_setting;
	v.reasons = (aeta_reasons_t)aeta_media_signs(caller, callee, setting) << CALLER_BIT |
				(aeta_reasons_t)aeta_media_signs(callee, caller, setting) << CALLEE_BIT;
	judge_neighbours(caller, callee, setting, &v);
	if (setting->redialled)
		v.reasons |= AETA_REASON_CAUSE(AETA_CAUSE_REDIALLED);
	if (families_differ(caller, callee, &v))
		v.reasons |= AETA_REASON_CAUSE(AETA_CAUSE_FAMILIES_DIFFER);
	if (v.policy == AETA_MEDIA_ALWAYS)
		v.reasons |= AETA_REASON_CAUSE(AETA_CAUSE_POLICY_ALWAYS);
	if (v.policy == AETA_MEDIA_NEVER)
		v.reasons |= AETA_REASON_CAUSE(AETA_CAUSE_POLICY_NEVER);
	v.path = (uint8_t)path_of(&v);
	if (v.path == AETA_PATH_REFUSED)
		v.rule = AETA_RULE_MEDIA_NEVER;
	if (v.path != AETA_PATH_RELAYED)
		v.offer_family = v.answer_family = AETA_FAMILY_NONE;
	return v;
}
