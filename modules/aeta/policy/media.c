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

/* ---- one predicate a sign ---- */

/* A party as its predicates see it. */
struct view {
	const struct aeta_media_side *side;
	bool one_machine; /* both parties are on it */
	bool sip_tells;   /* its SIP addresses are its own, and there could be a NAT between it and us */
};

/* Loopback is no place to send media to, but on the machine itself. */
static bool is_private(const struct view *v, const struct aeta_address *a)
{
	enum aeta_scope scope = aeta_address_scope(a);

	return scope == AETA_SCOPE_PRIVATE || (scope == AETA_SCOPE_LOOPBACK && !v->one_machine);
}

static bool sign_unknown(const struct view *v)
{
	return !aeta_address_is_ip(&v->side->source) && !aeta_address_is_ip(&v->side->contact) && !v->side->sdp.present;
}

/* Behind a proxy the Contact counts as long as no SDP says more. */
static bool contact_tells(const struct view *v)
{
	return v->sip_tells || (v->side->proxied && !v->side->sdp.present && !v->one_machine);
}

static bool sign_contact_private(const struct view *v)
{
	return contact_tells(v) && is_private(v, &v->side->contact);
}

static bool sign_contact_name(const struct view *v)
{
	return contact_tells(v) && v->side->contact.family == AETA_FAMILY_NAME;
}

/* A private Contact has been told already. */
static bool sign_contact_mismatch(const struct view *v)
{
	const struct aeta_media_side *s = v->side;

	return v->sip_tells && aeta_address_is_ip(&s->contact) && !is_private(v, &s->contact) && aeta_address_is_ip(&s->source) &&
		   !aeta_address_same(&s->contact, &s->source);
}

static bool sign_via_mismatch(const struct view *v)
{
	const struct aeta_media_side *s = v->side;

	if (!v->sip_tells)
		return false;
	return s->via_mismatch || (s->via.family != AETA_FAMILY_NONE && !aeta_address_same(&s->via, &s->source));
}

static bool other_port(const struct aeta_address *said, const struct aeta_address *source)
{
	return said->family != AETA_FAMILY_NONE && said->port && source->port && said->port != source->port;
}

static bool sign_source_port(const struct view *v)
{
	const struct aeta_media_side *s = v->side;

	return v->sip_tells && !s->stream && (other_port(&s->contact, &s->source) || other_port(&s->via, &s->source));
}

static bool sign_not_udp(const struct view *v)
{
	return v->sip_tells && v->side->stream;
}

static bool has_private_place(const struct view *v, bool own)
{
	const struct aeta_sdp *sdp = &v->side->sdp;

	for (unsigned i = 0; i < sdp->count; i++)
		if (sdp->places[i].own == own && is_private(v, &sdp->places[i].address))
			return true;
	return false;
}

static bool sign_sdp_private(const struct view *v)
{
	return has_private_place(v, false);
}

static bool sign_sdp_media_private(const struct view *v)
{
	return has_private_place(v, true);
}

/* Public ones only: the rest is told by other signs, and an unspecified one is a stream on hold. */
static bool sign_sdp_not_source(const struct view *v)
{
	const struct aeta_sdp *sdp = &v->side->sdp;

	if (!v->sip_tells || !aeta_address_is_ip(&v->side->source))
		return false;
	for (unsigned i = 0; i < sdp->count; i++) {
		const struct aeta_address *a = &sdp->places[i].address;

		if (aeta_address_scope(a) == AETA_SCOPE_PUBLIC && !aeta_address_same(a, &v->side->source))
			return true;
	}
	return false;
}

static bool sign_sdp_name(const struct view *v)
{
	const struct aeta_sdp *sdp = &v->side->sdp;

	for (unsigned i = 0; i < sdp->count; i++)
		if (sdp->places[i].address.family == AETA_FAMILY_NAME)
			return true;
	return false;
}

static bool sign_sdp_unreadable(const struct view *v)
{
	return v->side->sdp.unreadable;
}

static bool (*const predicates[AETA_SIGNS])(const struct view *v) = {
	[AETA_SIGN_UNKNOWN] = sign_unknown,
	[AETA_SIGN_CONTACT_PRIVATE] = sign_contact_private,
	[AETA_SIGN_CONTACT_NAME] = sign_contact_name,
	[AETA_SIGN_CONTACT_MISMATCH] = sign_contact_mismatch,
	[AETA_SIGN_VIA_MISMATCH] = sign_via_mismatch,
	[AETA_SIGN_SOURCE_PORT] = sign_source_port,
	[AETA_SIGN_NOT_UDP] = sign_not_udp,
	[AETA_SIGN_SDP_PRIVATE] = sign_sdp_private,
	[AETA_SIGN_SDP_MEDIA_PRIVATE] = sign_sdp_media_private,
	[AETA_SIGN_SDP_NOT_SOURCE] = sign_sdp_not_source,
	[AETA_SIGN_SDP_NAME] = sign_sdp_name,
	[AETA_SIGN_SDP_UNREADABLE] = sign_sdp_unreadable,
};

static bool is_loopback(const struct aeta_media_side *s)
{
	return aeta_address_scope(&s->source) == AETA_SCOPE_LOOPBACK;
}

uint32_t aeta_media_signs(const struct aeta_media_side *side, const struct aeta_media_side *other)
{
	struct view v = {.side = side, .one_machine = is_loopback(side) && is_loopback(other)};
	uint32_t signs = 0;

	v.sip_tells = !side->proxied && !v.one_machine;
	for (unsigned i = 0; i < AETA_SIGNS; i++)
		if (predicates[i](&v))
			signs |= (uint32_t)1 << i;
	return signs;
}

bool aeta_media_uses_stun(const struct aeta_media_side *side)
{
	const struct aeta_sdp *sdp = &side->sdp;
	enum aeta_scope session = aeta_address_scope(&sdp->session);

	if (session != AETA_SCOPE_PRIVATE && session != AETA_SCOPE_LOOPBACK)
		return false;
	for (unsigned i = 0; i < sdp->count; i++)
		if (sdp->places[i].own && aeta_address_scope(&sdp->places[i].address) == AETA_SCOPE_PUBLIC)
			return true;
	return false;
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

/* ---- the policy, and the verdict ---- */

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

static enum aeta_path path_of(const struct aeta_media_verdict *v)
{
	switch (v->policy) {
	case AETA_MEDIA_ALWAYS:
		return AETA_PATH_RELAYED;
	case AETA_MEDIA_NEVER:
		return v->reasons & AETA_REASON_CAUSE(AETA_CAUSE_FAMILIES_DIFFER) ? AETA_PATH_REFUSED : AETA_PATH_DIRECT;
	default:
		return v->reasons ? AETA_PATH_RELAYED : AETA_PATH_DIRECT;
	}
}

struct aeta_media_verdict aeta_media_decide(const struct aeta_media_side *caller, const struct aeta_media_side *callee)
{
	struct aeta_media_verdict v = {.policy = (uint8_t)policy_between(caller, callee), .rule = AETA_RULE_NONE};

	v.reasons = (aeta_reasons_t)aeta_media_signs(caller, callee) << CALLER_BIT |
				(aeta_reasons_t)aeta_media_signs(callee, caller) << CALLEE_BIT;
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
