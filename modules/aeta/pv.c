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

enum value { VERDICT, RULE, PROMISE, REASON, CODE, GROUP, DIALLED, CALLER, FINAL, RING_S, HUNT, BUSY_IN_CALL, DEVICE, SOURCE, USER, VALUES };

static const char *const names[VALUES] = {
	[VERDICT] = "verdict", [RULE] = "rule", [PROMISE] = "promise", [REASON] = "reason", [CODE] = "code", [GROUP] = "group",
	[DIALLED] = "dialled", [CALLER] = "caller", [FINAL] = "final", [RING_S] = "ring_s", [HUNT] = "hunt",
	[BUSY_IN_CALL] = "busy_in_call", [DEVICE] = "device", [SOURCE] = "source", [USER] = "user",
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
	default:
		return get_text(msg, param, res, text_of(c, which));
	}
}
