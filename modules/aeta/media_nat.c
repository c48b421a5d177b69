/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media_nat.h"

#include <string.h>

#include "call.h"
#include "core/dprint.h"
#include "location.h"
#include "message_facts.h"
#include "nat_known.h"
#include "params.h"
#include "stats.h"

struct aeta_media_setting aeta_media_setting(void)
{
	return (struct aeta_media_setting){.probing = aeta_params.probe != 0, .same_lan = aeta_params.same_lan != 0};
}

static bool is_there(const struct aeta_media_side *registered, const struct aeta_media_side *side)
{
	if (registered->proxied || registered->stream || side->proxied || side->stream)
		return false;
	return aeta_address_same(&registered->source, &side->source) && registered->source.port == side->source.port;
}

void aeta_media_nat(const str *number, const struct aeta_media_side *registered, struct aeta_media_side *side)
{
	struct aeta_nat_known noted = registered->nat;

	side->binding = is_there(registered, side) ? registered->binding : 0;
	memset(&side->nat, 0, sizeof(side->nat));
	if (!side->binding)
		return;
	aeta_nat_lookup(number, &side->source, &side->nat);
	if (!side->nat.probed && side->nat.cls == AETA_NAT_UNKNOWN) { /* another server has found it out, and the binding came from there */
		side->nat.cls = noted.cls;
		side->nat.evidence |= noted.evidence;
	}
}

void aeta_media_learn(const str *number, struct aeta_media_side *side)
{
	enum aeta_stun shown = aeta_media_stun_shown(side);

	if (!side->binding || shown == AETA_STUN_UNKNOWN || shown == aeta_media_stun(side))
		return;
	aeta_nat_set_stun(number, &side->source, shown, side->binding);
	side->nat.stun = (uint8_t)shown;
	side->nat.binding = side->binding;
	LM_INFO("account=%.*s stun=%s\n", number->len, number->s, aeta_stun_name(shown));
}

/* The party that answers, with its SDP; false if this is not the agent that is registered under the number that was called. */
static bool answering(sip_msg_t *msg, const struct aeta_call *c, struct aeta_media_side *out)
{
	str number = {(char *)c->final, (int)strlen(c->final)}, domain = {(char *)c->domain, (int)strlen(c->domain)};
	struct aeta_whereabouts callee;

	memset(out, 0, sizeof(*out));
	if (!number.len || aeta_binding_with(&number, &domain, aeta_binding_whereabouts, &callee) != 1)
		return false;
	aeta_message_origin(msg, out);
	out->via = (struct aeta_address){.family = AETA_FAMILY_NONE}; /* the answer's is ours */
	out->contact = callee.side.contact;
	out->via_mismatch = callee.side.via_mismatch;
	aeta_message_sdp(msg, &out->sdp);
	if (!out->sdp.present)
		return false;
	aeta_media_nat(&number, &callee.side, out);
	if (!out->binding)
		return false;
	aeta_media_learn(&number, out);
	return true;
}

int aeta_media_answer(sip_msg_t *msg)
{
	const struct aeta_call *c = aeta_call_get();
	struct aeta_media_setting setting = aeta_media_setting();
	struct aeta_media_side callee;
	char reasons[AETA_REASONS_TEXT];
	uint32_t signs;

	if (!c || c->media.path == AETA_PATH_NONE || !answering(msg, c, &callee))
		return 1;
	signs = aeta_media_signs(&callee, &c->side, &setting);
	if (c->media.path != AETA_PATH_DIRECT || c->media.policy != AETA_MEDIA_AUTO || c->media.reasons || !signs)
		return 1;
	aeta_reasons_format(AETA_REASON_CALLEE(0) * signs, reasons, sizeof(reasons));
	LM_WARN("caller=%s final=%s direct, but the answer says otherwise: %s; from the next call on the relay is used\n", c->caller,
			c->final, reasons);
	aeta_count(AETA_COUNT_MEDIA_CONTRADICTED);
	return -1;
}
