/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The signs of one party, and what its SDP shows of STUN: the part of media.h that knows one party only. */
#include "media.h"

/* ---- one predicate a sign ---- */

/* A party as its predicates see it. */
struct view {
	const struct aeta_media_side *side;
	bool one_machine; /* both parties are on it */
	bool sip_own;     /* its SIP addresses are its own, and there could be a NAT between it and us */
	bool probing;     /* as in struct aeta_media_setting */
	uint8_t cls;      /* enum aeta_nat_class, of the agent as it is registered now */
};

/* It was found out that what is between can be crossed, so that there is a NAT, as its SIP may show, proves nothing. */
static bool is_crossed(const struct view *v)
{
	return v->probing && (v->cls == AETA_NAT_OPEN || v->cls == AETA_NAT_EIM);
}

static bool sip_tells(const struct view *v)
{
	return v->sip_own && !is_crossed(v);
}

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
	return sip_tells(v) || (v->side->proxied && !v->side->sdp.present && !v->one_machine);
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

	return sip_tells(v) && aeta_address_is_ip(&s->contact) && !is_private(v, &s->contact) && aeta_address_is_ip(&s->source) &&
		   !aeta_address_same(&s->contact, &s->source);
}

static bool sign_via_mismatch(const struct view *v)
{
	const struct aeta_media_side *s = v->side;

	if (!sip_tells(v))
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

	return sip_tells(v) && !s->stream && (other_port(&s->contact, &s->source) || other_port(&s->via, &s->source));
}

static bool sign_not_udp(const struct view *v)
{
	return v->sip_own && v->side->stream;
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

	if (!v->sip_own || !aeta_address_is_ip(&v->side->source))
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

/* ---- what probing has found out (C7) ---- */

static bool sign_nat_unknown(const struct view *v)
{
	return v->probing && v->sip_own && !v->side->stream && v->cls == AETA_NAT_UNKNOWN;
}

static bool sign_nat_changed(const struct view *v)
{
	return v->cls == AETA_NAT_CHANGED;
}

static bool sign_nat_walled(const struct view *v)
{
	return v->cls == AETA_NAT_WALLED;
}

static bool sign_nat_leaky(const struct view *v)
{
	return v->cls == AETA_NAT_LEAKY;
}

/* An SDP that is not there yet is predicted from those that were. */
static bool sign_no_stun(const struct view *v)
{
	return is_crossed(v) && !v->side->sdp.present && aeta_media_stun(v->side) == AETA_STUN_NO;
}

/* Many an agent learns from the answer to its first REGISTER what its public address is and writes that into its Contact: not its SDP. */
static bool has_nat(const struct view *v)
{
	return v->cls == AETA_NAT_EIM || v->side->nat.evidence & AETA_EVIDENCE_NATTED;
}

static bool sign_stun_unknown(const struct view *v)
{
	return is_crossed(v) && has_nat(v) && !v->side->sdp.present && aeta_media_stun(v->side) == AETA_STUN_UNKNOWN;
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
	[AETA_SIGN_NAT_UNKNOWN] = sign_nat_unknown,
	[AETA_SIGN_NAT_CHANGED] = sign_nat_changed,
	[AETA_SIGN_NAT_WALLED] = sign_nat_walled,
	[AETA_SIGN_NAT_LEAKY] = sign_nat_leaky,
	[AETA_SIGN_NO_STUN] = sign_no_stun,
	[AETA_SIGN_STUN_UNKNOWN] = sign_stun_unknown,
};

static bool is_loopback(const struct aeta_media_side *s)
{
	return aeta_address_scope(&s->source) == AETA_SCOPE_LOOPBACK;
}

bool aeta_media_is_open(const struct aeta_media_side *side)
{
	return aeta_address_same(&side->contact, &side->source) && side->contact.port == side->source.port;
}

/*
 * A class that was found where the agent had no NAT says nothing of it behind one, and the other way round: one address may be a
 * codec's today and a router's tomorrow. What speaks for the relay is believed without that.
 */
static uint8_t class_now(const struct aeta_media_side *s)
{
	bool was_open = s->nat.evidence & AETA_EVIDENCE_NO_NAT;

	if (s->nat.cls != AETA_NAT_OPEN && s->nat.cls != AETA_NAT_EIM)
		return s->nat.cls;
	return was_open == aeta_media_is_open(s) ? s->nat.cls : (uint8_t)AETA_NAT_UNKNOWN;
}

uint32_t aeta_media_signs(const struct aeta_media_side *side, const struct aeta_media_side *other,
		const struct aeta_media_setting *setting)
{
	struct view v = {.side = side, .one_machine = is_loopback(side) && is_loopback(other), .probing = setting->probing};
	uint32_t signs = 0;

	v.sip_own = !side->proxied && !v.one_machine;
	v.cls = v.sip_own ? class_now(side) : (uint8_t)AETA_NAT_UNKNOWN;
	for (unsigned i = 0; i < AETA_SIGNS; i++)
		if (predicates[i](&v))
			signs |= (uint32_t)1 << i;
	return signs;
}

/* ---- STUN ---- */

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

enum aeta_stun aeta_media_stun(const struct aeta_media_side *side)
{
	return side->binding && side->binding == side->nat.binding ? (enum aeta_stun)side->nat.stun : AETA_STUN_UNKNOWN;
}

enum aeta_stun aeta_media_stun_shown(const struct aeta_media_side *side)
{
	enum aeta_stun shown = AETA_STUN_UNKNOWN;

	if (side->sdp.unreadable)
		return AETA_STUN_NO;
	for (unsigned i = 0; i < side->sdp.count; i++) {
		const struct aeta_address *a = &side->sdp.places[i].address;

		if (aeta_address_scope(a) == AETA_SCOPE_UNSPECIFIED)
			continue;
		if (aeta_address_scope(a) != AETA_SCOPE_PUBLIC || !aeta_address_same(a, &side->source))
			return AETA_STUN_NO;
		shown = AETA_STUN_YES;
	}
	return shown;
}

uint32_t aeta_media_evidence(const struct aeta_address *source, const struct aeta_address *offered, const struct aeta_address *heard)
{
	if (aeta_address_scope(offered) != AETA_SCOPE_PUBLIC || !aeta_address_same(offered, source) || !aeta_address_is_ip(heard))
		return 0;
	return aeta_address_same(offered, heard) && offered->port == heard->port ? AETA_EVIDENCE_MEDIA : AETA_EVIDENCE_MEDIA_MOVED;
}
