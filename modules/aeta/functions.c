/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a script can call: the same functions for the native language and for KEMI; here only parameters are unpacked. */
#include "functions.h"

#include <stdbool.h>

#include "attempt.h"
#include "auth.h"
#include "authenticated.h"
#include "core/mod_fix.h"
#include "core/pvar.h"
#include "flow.h"
#include "guard.h"
#include "hunting.h"
#include "media_call.h"
#include "media_heard.h"
#include "media_nat.h"
#include "redial.h"
#include "refresh.h"
#include "register.h"
#include "route.h"
#include "spare.h"
#include "trace.h"

#define ERROR (-2)
#define ROUTES (REQUEST_ROUTE | FAILURE_ROUTE | BRANCH_ROUTE | ONREPLY_ROUTE | LOCAL_ROUTE)
#define HUNT_ROUTES (REQUEST_ROUTE | FAILURE_ROUTE)

/* A parameter that is one variable and nothing else is taken as it is: printing it costs as much as the decision. */
static bool plain_variable(sip_msg_t *msg, const fparam_t *p, str *out)
{
	const pv_elem_t *e = p->type == FPARAM_PVE ? p->v.pve : NULL;
	pv_value_t v;

	if (!e || e->next || e->text.len || !e->spec || pv_get_spec_value(msg, e->spec, &v) < 0)
		return false;
	if ((v.flags & (PV_VAL_STR | PV_VAL_INT | PV_VAL_NULL | PV_VAL_PKG | PV_VAL_SHM)) != PV_VAL_STR)
		return false;
	*out = v.rs;
	return true;
}

static int text(sip_msg_t *msg, char *param, str *out)
{
	return plain_variable(msg, (fparam_t *)param, out) ? 0 : get_str_fparam(out, msg, (fparam_t *)param);
}

/* Two at once. Some variables give their value in a buffer that they share: then both are copied after all. */
static int two_texts(sip_msg_t *msg, char *p1, char *p2, str *a, str *b)
{
	if (text(msg, p1, a) < 0 || text(msg, p2, b) < 0)
		return -1;
	if (a->s != b->s)
		return 0;
	return get_str_fparam(a, msg, (fparam_t *)p1) < 0 || get_str_fparam(b, msg, (fparam_t *)p2) < 0 ? -1 : 0;
}

static int w_route0(sip_msg_t *msg, char *p1, char *p2)
{
	(void)p1;
	(void)p2;
	return aeta_route(msg, NULL, NULL);
}

static int w_route1(sip_msg_t *msg, char *caller, char *p2)
{
	str c;

	(void)p2;
	return text(msg, caller, &c) < 0 ? ERROR : aeta_route(msg, &c, NULL);
}

static int w_route2(sip_msg_t *msg, char *caller, char *dialled)
{
	str c, d;

	return two_texts(msg, caller, dialled, &c, &d) < 0 ? ERROR : aeta_route(msg, &c, &d);
}

static int w_hunt_next(sip_msg_t *msg, char *p1, char *p2)
{
	(void)p1;
	(void)p2;
	return aeta_hunt_next(msg);
}

static int w_hunt_skip(sip_msg_t *msg, char *why, char *p2)
{
	str w;

	(void)p2;
	return text(msg, why, &w) < 0 ? ERROR : aeta_hunt_pass(msg, &w);
}

static int w_hunt_answer(sip_msg_t *msg, char *code, char *timeout, char *provisional)
{
	int c, t, p;

	if (get_int_fparam(&c, msg, (fparam_t *)code) < 0 || get_int_fparam(&t, msg, (fparam_t *)timeout) < 0 ||
			get_int_fparam(&p, msg, (fparam_t *)provisional) < 0)
		return ERROR;
	return aeta_hunt_reply(msg, c, t, p);
}

/* A function of an optional user: w_NAME0 asks for the authenticated one, w_NAME1 for the one given. */
#define OF_USER(name, function) \
	static int w_##name##0(sip_msg_t *msg, char *p1, char *p2) \
	{ \
		(void)p1; \
		(void)p2; \
		return function(msg, NULL); \
	} \
	static int w_##name##1(sip_msg_t *msg, char *user, char *p2) \
	{ \
		str u; \
		(void)p2; \
		return text(msg, user, &u) < 0 ? ERROR : function(msg, &u); \
	} \
	static int ki_##name(sip_msg_t *msg) \
	{ \
		return function(msg, NULL); \
	}

OF_USER(originate, aeta_originate)
OF_USER(register, aeta_register)
OF_USER(device, aeta_device_check)
OF_USER(owner, aeta_owner_check)

static int w_flow1(sip_msg_t *msg, char *user, char *p2)
{
	str u;

	(void)p2;
	return text(msg, user, &u) < 0 ? -1 : aeta_flow(msg, &u, NULL);
}

static int w_flow2(sip_msg_t *msg, char *user, char *device)
{
	str u, d;

	return two_texts(msg, user, device, &u, &d) < 0 ? -1 : aeta_flow(msg, &u, &d);
}

static int w_verdict(sip_msg_t *msg, char *rule, char *p2)
{
	str r;

	(void)p2;
	return text(msg, rule, &r) < 0 ? ERROR : aeta_verdict(msg, &r);
}

/* A function without parameters. */
#define OF_NOTHING(name, function) \
	static int w_##name(sip_msg_t *msg, char *p1, char *p2) \
	{ \
		(void)p1; \
		(void)p2; \
		return function(msg); \
	}

OF_NOTHING(auth_check, aeta_auth_check)
OF_NOTHING(authenticated, aeta_authenticated)
OF_NOTHING(media, aeta_media)
OF_NOTHING(media_answer, aeta_media_answer)
/* A function of five texts. Each is to be one variable, where it may be longer than Kamailio prints. */
#define OF_FIVE(name, function) \
	static int w_##name(sip_msg_t *msg, char *p1, char *p2, char *p3, char *p4, char *p5) \
	{ \
		char *given[5] = {p1, p2, p3, p4, p5}; \
		str s[5]; \
		for (int i = 0; i < 5; i++) \
			if (text(msg, given[i], &s[i]) < 0) \
				return ERROR; \
		return function(msg, &s[0], &s[1], &s[2], &s[3], &s[4]); \
	}

OF_FIVE(media_ended, aeta_media_ended)
OF_FIVE(media_heard, aeta_media_heard)

OF_NOTHING(spare_worker, aeta_spare_worker)
OF_NOTHING(database_hangs, aeta_database_hangs)

static int w_trace(sip_msg_t *msg, char *from, char *to)
{
	str f, t;

	return !aeta_tracing() || two_texts(msg, from, to, &f, &t) < 0 ? -1 : aeta_trace(msg, &f, &t);
}

static int w_trace_follow(sip_msg_t *msg, char *number, char *p2)
{
	str n;

	(void)p2;
	return !aeta_tracing() || text(msg, number, &n) < 0 ? 1 : aeta_trace_follow(msg, &n);
}

static int tracing(sip_msg_t *msg)
{
	(void)msg;
	return aeta_tracing() ? 1 : -1;
}

OF_NOTHING(tracing, tracing)
static int w_attempt1(sip_msg_t *msg, char *cause, char *p2)
{
	str c;

	(void)p2;
	return text(msg, cause, &c) < 0 ? ERROR : aeta_attempt(msg, &c, NULL);
}

static int w_attempt2(sip_msg_t *msg, char *cause, char *final)
{
	str c, f;

	return two_texts(msg, cause, final, &c, &f) < 0 ? ERROR : aeta_attempt(msg, &c, &f);
}

static int ki_attempt(sip_msg_t *msg, str *cause)
{
	return aeta_attempt(msg, cause, NULL);
}


static int w_save(sip_msg_t *msg, char *flags, char *p2)
{
	int f;

	(void)p2;
	return get_int_fparam(&f, msg, (fparam_t *)flags) < 0 ? ERROR : aeta_save(msg, f);
}

/* A function of one number. */
#define OF_NUMBER(name, function) \
	static int w_##name(sip_msg_t *msg, char *number, char *p2) \
	{ \
		int n; \
		(void)p2; \
		return get_int_fparam(&n, msg, (fparam_t *)number) < 0 ? -1 : function(msg, n); \
	}

static int ki_guard_result(sip_msg_t *msg, int result)
{
	return aeta_guard_outcome(msg, result, 0);
}

OF_NUMBER(guard, aeta_guard_request)
OF_NUMBER(guard_stray, aeta_guard_unmatched)
OF_NUMBER(guard_inside, aeta_guard_inside)
OF_NUMBER(guard_result1, ki_guard_result)

static int w_guard_result2(sip_msg_t *msg, char *result, char *live)
{
	int r, l;

	if (get_int_fparam(&r, msg, (fparam_t *)result) < 0 || get_int_fparam(&l, msg, (fparam_t *)live) < 0)
		return -1;
	return aeta_guard_outcome(msg, r, l);
}

OF_NOTHING(guard_foreign, aeta_guard_foreign)
OF_NOTHING(guard_account, aeta_guard_outside)

static int ki_route(sip_msg_t *msg)
{
	return aeta_route(msg, NULL, NULL);
}

static int ki_flow(sip_msg_t *msg, str *user)
{
	return aeta_flow(msg, user, NULL);
}

#define TEXTS fixup_spve_all, fixup_free_spve_all
#define NUMBERS fixup_igp_all, fixup_free_igp_all

cmd_export_t aeta_commands[] = {
	{"aeta_route", (cmd_function)w_route0, 0, NULL, NULL, ROUTES},
	{"aeta_route", (cmd_function)w_route1, 1, TEXTS, ROUTES},
	{"aeta_route", (cmd_function)w_route2, 2, TEXTS, ROUTES},
	{"aeta_hunt_next", (cmd_function)w_hunt_next, 0, NULL, NULL, HUNT_ROUTES},
	{"aeta_hunt_skip", (cmd_function)w_hunt_skip, 1, TEXTS, HUNT_ROUTES},
	{"aeta_hunt_answer", (cmd_function)(void (*)(void))w_hunt_answer, 3, NUMBERS, HUNT_ROUTES},
	{"aeta_may_originate", (cmd_function)w_originate0, 0, NULL, NULL, ROUTES},
	{"aeta_may_originate", (cmd_function)w_originate1, 1, TEXTS, ROUTES},
	{"aeta_may_register", (cmd_function)w_register0, 0, NULL, NULL, ROUTES},
	{"aeta_may_register", (cmd_function)w_register1, 1, TEXTS, ROUTES},
	{"aeta_device", (cmd_function)w_device0, 0, NULL, NULL, ROUTES},
	{"aeta_device", (cmd_function)w_device1, 1, TEXTS, ROUTES},
	{"aeta_owner", (cmd_function)w_owner0, 0, NULL, NULL, ROUTES},
	{"aeta_owner", (cmd_function)w_owner1, 1, TEXTS, ROUTES},
	{"aeta_flow", (cmd_function)w_flow1, 1, TEXTS, ROUTES},
	{"aeta_flow", (cmd_function)w_flow2, 2, TEXTS, ROUTES},
	{"aeta_media", (cmd_function)w_media, 0, NULL, NULL, ROUTES},
	{"aeta_media_answer", (cmd_function)w_media_answer, 0, NULL, NULL, ONREPLY_ROUTE},
	{"aeta_media_ended", (cmd_function)(void (*)(void))w_media_ended, 5, TEXTS, ANY_ROUTE},
	{"aeta_media_heard", (cmd_function)(void (*)(void))w_media_heard, 5, TEXTS, ANY_ROUTE},
	{"aeta_verdict", (cmd_function)w_verdict, 1, TEXTS, ROUTES},
	{"aeta_spare_worker", (cmd_function)w_spare_worker, 0, NULL, NULL, REQUEST_ROUTE},
	{"aeta_database_hangs", (cmd_function)w_database_hangs, 0, NULL, NULL, ANY_ROUTE},
	{"aeta_trace", (cmd_function)w_trace, 2, TEXTS, EVENT_ROUTE},
	{"aeta_trace_follow", (cmd_function)w_trace_follow, 1, TEXTS, ROUTES},
	{"aeta_tracing", (cmd_function)w_tracing, 0, NULL, NULL, ANY_ROUTE},
	{"aeta_attempt", (cmd_function)w_attempt1, 1, TEXTS, ROUTES},
	{"aeta_attempt", (cmd_function)w_attempt2, 2, TEXTS, ROUTES},
	{"aeta_auth_check", (cmd_function)w_auth_check, 0, NULL, NULL, REQUEST_ROUTE},
	{"aeta_authenticated", (cmd_function)w_authenticated, 0, NULL, NULL, REQUEST_ROUTE},
	{"aeta_save", (cmd_function)w_save, 1, NUMBERS, REQUEST_ROUTE},
	{"aeta_guard", (cmd_function)w_guard, 1, NUMBERS, REQUEST_ROUTE},
	{"aeta_guard_stray", (cmd_function)w_guard_stray, 1, NUMBERS, REQUEST_ROUTE},
	{"aeta_guard_inside", (cmd_function)w_guard_inside, 1, NUMBERS, REQUEST_ROUTE},
	{"aeta_guard_account", (cmd_function)w_guard_account, 0, NULL, NULL, REQUEST_ROUTE},
	{"aeta_guard_foreign", (cmd_function)w_guard_foreign, 0, NULL, NULL, REQUEST_ROUTE},
	{"aeta_guard_result", (cmd_function)w_guard_result1, 1, NUMBERS, REQUEST_ROUTE},
	{"aeta_guard_result", (cmd_function)w_guard_result2, 2, NUMBERS, REQUEST_ROUTE},
	{NULL, NULL, 0, NULL, NULL, 0},
};

#define ONE_NUMBER {SR_KEMIP_INT, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE}
#define NOTHING {SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE}
#define ONE_TEXT {SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE}
#define TWO_TEXTS {SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE}
#define FIVE_TEXTS {SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_NONE}
#define TWO_NUMBERS {SR_KEMIP_INT, SR_KEMIP_INT, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE}
#define THREE_NUMBERS {SR_KEMIP_INT, SR_KEMIP_INT, SR_KEMIP_INT, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE}

/* KEMI finds a function by its name alone: those that take an optional parameter have a second name for it. */
#define KEMI(name, function, parameters) {str_init("aeta"), str_init(name), SR_KEMIP_INT, (void *)function, parameters}

/* clang-format off */
sr_kemi_t aeta_kemi[] = {
	KEMI("route", ki_route, NOTHING),
	KEMI("route_for", aeta_route, TWO_TEXTS),
	KEMI("hunt_next", aeta_hunt_next, NOTHING),
	KEMI("hunt_skip", aeta_hunt_pass, ONE_TEXT),
	KEMI("hunt_answer", aeta_hunt_reply, THREE_NUMBERS),
	KEMI("may_originate", ki_originate, NOTHING),
	KEMI("may_originate_for", aeta_originate, ONE_TEXT),
	KEMI("may_register", ki_register, NOTHING),
	KEMI("may_register_for", aeta_register, ONE_TEXT),
	KEMI("device", ki_device, NOTHING),
	KEMI("device_for", aeta_device_check, ONE_TEXT),
	KEMI("owner", ki_owner, NOTHING),
	KEMI("owner_for", aeta_owner_check, ONE_TEXT),
	KEMI("flow", ki_flow, ONE_TEXT),
	KEMI("flow_of", aeta_flow, TWO_TEXTS),
	KEMI("media", aeta_media, NOTHING),
	KEMI("media_answer", aeta_media_answer, NOTHING),
	KEMI("media_ended", aeta_media_ended, FIVE_TEXTS),
	KEMI("media_heard", aeta_media_heard, FIVE_TEXTS),
	KEMI("verdict", aeta_verdict, ONE_TEXT),
	KEMI("spare_worker", aeta_spare_worker, NOTHING),
	KEMI("database_hangs", aeta_database_hangs, NOTHING),
	KEMI("trace", aeta_trace, TWO_TEXTS),
	KEMI("trace_follow", aeta_trace_follow, ONE_TEXT),
	KEMI("tracing", tracing, NOTHING),
	KEMI("attempt", ki_attempt, ONE_TEXT),
	KEMI("attempt_with", aeta_attempt, TWO_TEXTS),
	KEMI("auth_check", aeta_auth_check, NOTHING),
	KEMI("authenticated", aeta_authenticated, NOTHING),
	KEMI("save", aeta_save, ONE_NUMBER),
	KEMI("guard", aeta_guard_request, ONE_NUMBER),
	KEMI("guard_stray", aeta_guard_unmatched, ONE_NUMBER),
	KEMI("guard_inside", aeta_guard_inside, ONE_NUMBER),
	KEMI("guard_account", aeta_guard_outside, NOTHING),
	KEMI("guard_foreign", aeta_guard_foreign, NOTHING),
	KEMI("guard_result", ki_guard_result, ONE_NUMBER),
	KEMI("guard_result_live", aeta_guard_outcome, TWO_NUMBERS),
	{{NULL, 0}, {NULL, 0}, 0, NULL, {0, 0, 0, 0, 0, 0}},
};
