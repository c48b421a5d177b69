/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "authenticated.h"
#include "call.h"
#include "core/dprint.h"
#include "guard.h"
#include "hunting.h"
#include "media_call.h"

enum value { VERDICT, RULE, PROMISE, REASON, CODE, GROUP, DIALLED, CALLER, FINAL, RING_S, HUNT, BUSY_IN_CALL, DEVICE, SOURCE, USER,
	PATH, PATH_REASON, RELAY_SET, MEDIA_FLAGS, ANSWER_FLAGS, MEDIA_CODE, MEDIA_REFUSAL, VALUES };

static const char *const names[VALUES] = {
	[VERDICT] = "verdict", [RULE] = "rule", [PROMISE] = "promise", [REASON] = "reason", [CODE] = "code", [GROUP] = "group",
	[DIALLED] = "dialled", [CALLER] = "caller", [FINAL] = "final", [RING_S] = "ring_s", [HUNT] = "hunt",
	[BUSY_IN_CALL] = "busy_in_call", [DEVICE] = "device", [SOURCE] = "source", [USER] = "user",
	[PATH] = "path", [PATH_REASON] = "path_reason", [RELAY_SET] = "relay_set", [MEDIA_FLAGS] = "media_flags",
	[ANSWER_FLAGS] = "answer_flags", [MEDIA_CODE] = "media_code", [MEDIA_REFUSAL] = "media_refusal",
};

int aeta_pv_parse(pv_spec_p sp, str *in)
{
	for (int i = 0; i < VALUES; i++) {
		if (in->len != (int)strlen(names[i]) || memcmp(in->s, names[i], (size_t)in->len) != 0)
			continue;
		sp->pvp.pvn.type = PV_NAME_INTSTR;
		sp->pvp.pvn.u.isname.type = 0;
		sp->pvp.pvn.u.isname.name.n = i;
		return 0;
	}
	LM_ERR("$aeta(%.*s): there is no such value\n", in->len, in->s);
	return -1;
}

static int get_text(sip_msg_t *msg, pv_param_t *param, pv_value_t *res, const char *s)
{
	str text = {(char *)s, (int)strlen(s)};

	return text.len ? pv_get_strval(msg, param, res, &text) : pv_get_strempty(msg, param, res);
}

/* Texts that are made when asked for; one buffer each, since one line of script may use them together. */
static const char *group_text(const struct aeta_call *c)
{
	static char buf[8];

	snprintf(buf, sizeof(buf), "%u", c->group);
	return c->group ? buf : "";
}

static const char *hunt_text(const struct aeta_call *c)
{
	static char buf[64];

	return c->hunting && aeta_hunt_format(&c->hunt, buf, sizeof(buf)) ? buf : "";
}

static const char *device_text(const struct aeta_call *c)
{
	static char buf[20];

	snprintf(buf, sizeof(buf), "%016" PRIx64, c->device);
	return c->device ? buf : "";
}

static const char *source_text(const sip_msg_t *msg)
{
	static char buf[AETA_SOURCE_TEXT];

	return aeta_source_text(aeta_source_of(&msg->rcv.src_ip), buf);
}

static const char *reasons_text(const struct aeta_call *c)
{
	static char buf[AETA_REASONS_TEXT];

	aeta_reasons_format(c->media.reasons, buf, sizeof(buf));
	return buf;
}

/* What aeta_media() left; "" where it was not called. */
static const char *media_text(const struct aeta_call *c, enum value which)
{
	if (c->media.path == AETA_PATH_NONE)
		return "";
	switch (which) {
	case PATH:
		return aeta_path_name(c->media.path);
	case PATH_REASON:
		return reasons_text(c);
	case MEDIA_FLAGS:
		return aeta_media_flags(c->media.offer_family);
	case ANSWER_FLAGS:
		return aeta_media_flags(c->media.answer_family);
	default:
		return c->media.rule ? aeta_rule_phrase(c->media.rule) : "";
	}
}

static const char *text_of(const struct aeta_call *c, enum value which)
{
	static const char *const actions[] = {[AETA_REFUSE] = "refuse", [AETA_ROUTE] = "route", [AETA_HUNT] = "hunt"};

	switch (which) {
	case VERDICT:
		return c->rule ? actions[c->action] : "";
	case RULE:
		return c->rule ? aeta_rule_name(c->rule) : "";
	case PROMISE:
		return c->rule ? aeta_rule_promise(c->rule) : "";
	case REASON:
		return c->rule ? aeta_rule_phrase(c->rule) : "";
	case GROUP:
		return group_text(c);
	case DIALLED:
		return c->dialled;
	case CALLER:
		return c->caller;
	case FINAL:
		return c->final;
	case HUNT:
		return hunt_text(c);
	default:
		return device_text(c);
	}
}

static int get_user(sip_msg_t *msg, pv_param_t *param, pv_value_t *res)
{
	str user = aeta_user(msg);

	return user.len > 0 ? pv_get_strval(msg, param, res, &user) : pv_get_null(msg, param, res);
}

int aeta_pv_get(sip_msg_t *msg, pv_param_t *param, pv_value_t *res)
{
	enum value which = (enum value)param->pvn.u.isname.name.n;
	const struct aeta_call *c = aeta_call_get();

	if (which == SOURCE)
		return get_text(msg, param, res, source_text(msg));
	if (which == USER)
		return get_user(msg, param, res);
	if (!c)
		return pv_get_null(msg, param, res);
	switch (which) {
	case CODE:
		return pv_get_uintval(msg, param, res, c->code);
	case RING_S:
		return pv_get_uintval(msg, param, res, c->ring_s);
	case BUSY_IN_CALL:
		return pv_get_uintval(msg, param, res, aeta_hunt_busy_in_call(c));
	case RELAY_SET:
		return pv_get_uintval(msg, param, res, c->relay_set);
	case MEDIA_CODE:
		return pv_get_uintval(msg, param, res, c->media.rule ? aeta_rule_code(c->media.rule) : 0);
	case PATH:
	case PATH_REASON:
	case MEDIA_FLAGS:
	case ANSWER_FLAGS:
	case MEDIA_REFUSAL:
		return get_text(msg, param, res, media_text(c, which));
	default:
		return get_text(msg, param, res, text_of(c, which));
	}
}
