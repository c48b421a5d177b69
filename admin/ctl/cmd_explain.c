/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain CALLER DIALLED (B10): the verdict of the very policy library that Kamailio's module runs, on the facts in the
 * database, with where each fact came from; then what the running Kamailio adds: who is registered, and whether it says
 * the same (it does not if groups were changed and not reloaded).
 */
#include "changes.h"
#include "data/facts.h"
#include "explain.h"
#include "live/rpc.h"

#include <stdlib.h>
#include <string.h>

/* ---- the verdict ---- */

static int judge(struct explanation *x, const char *caller, const char *dialled)
{
	char number[AETA_NUMBER_MAX + 1];
	int rc = explain_account(x, "caller", caller, &x->caller);

	if (rc)
		return rc;
	explain_group(x, "caller", &x->caller);
	x->target = aeta_target(x->dir, &x->caller, dialled, strlen(dialled));
	if (x->target.number) {
		aeta_number_format(x->target.number, number);
		if (x->target.expanded)
			explain_fact(x, "short number means", number, "B3");
		rc = explain_account(x, "callee", number, &x->callee);
		if (rc)
			return rc;
		explain_group(x, "callee", &x->callee);
		explain_exception(x);
	}
	x->verdict = aeta_decide(x->dir, &x->caller, &x->target, &x->callee);
	return CTL_OK;
}

static void say_verdict(struct explanation *x, const char *caller, const char *dialled)
{
	static const char *const actions[] = {[AETA_REFUSE] = "refuse", [AETA_ROUTE] = "route", [AETA_HUNT] = "hunt"};
	const struct aeta_verdict *v = &x->verdict;
	char reason[128], number[AETA_NUMBER_MAX + 1] = "";
	struct ctl *ctl = x->ctl;

	aeta_reason(v->rule, reason, sizeof(reason));
	aeta_number_format(v->number, number);
	ctl_say(ctl, "caller", json_string(caller));
	ctl_say(ctl, "dialled", json_string(dialled));
	ctl_say(ctl, "final", number[0] ? json_string(number) : json_null());
	ctl_say(ctl, "verdict", json_string(actions[v->action]));
	ctl_say(ctl, "code", v->code ? json_integer(v->code) : json_null());
	ctl_say(ctl, "reason", json_string(reason));
	ctl_say(ctl, "rule", json_string(aeta_rule_name(v->rule)));
	ctl_say(ctl, "promise", json_string(aeta_rule_promise(v->rule)));
	ctl_say(ctl, "group", v->group ? json_integer(v->group) : json_null());
}

/* ---- what only the running Kamailio knows ---- */

/* Registered or not settles a routed call; `registered` is null where Kamailio was not asked. */
static void add_location(struct explanation *x)
{
	char number[AETA_NUMBER_MAX + 1], why[512], fact[64];
	json_t *binding;

	aeta_number_format(x->verdict.number, number);
	snprintf(fact, sizeof(fact), "registration of %s", number);
	binding = find_binding(x->ctl, number, why, sizeof(why));
	if (json_is_null(binding))
		explain_fact(x, fact, "not asked", why);
	else
		explain_fact(x, fact, json_is_false(binding) ? "none" : "yes", "Kamailio, ul.lookup");
	ctl_say(x->ctl, "registered", json_is_null(binding) ? json_null() : json_boolean(!json_is_false(binding)));
	if (json_is_false(binding))
		x->verdict = aeta_verdict_of(AETA_RULE_NOT_REGISTERED, x->verdict.group, x->verdict.number);
	json_decref(binding);
}

/* The series in hunting order. */
static int add_members(struct explanation *x)
{
	char why[512] = "";
	json_t *members, *member, *binding;
	bool asked = true;
	size_t i;
	int rc = facts_series(x->ctl->db, &x->ctl->scope, x->verdict.group, &members);

	rc = ctl_listed(x->ctl, "members", members, rc);
	json_array_foreach(members, i, member)
	{
		binding = asked ? find_binding(x->ctl, json_string_value(json_object_get(member, "number")), why, sizeof(why))
						: json_null();
		asked = !json_is_null(binding); /* one silence is enough */
		json_object_set_new(member, "registered", asked ? json_boolean(!json_is_false(binding)) : json_null());
		json_decref(binding);
	}
	explain_fact(x, "hunting series", asked ? "as listed, from the first" : "registrations not asked",
			asked ? "aeta_account, Kamailio" : why);
	return rc;
}

/* Says so if Kamailio itself would decide otherwise. */
static void compare_running(struct explanation *x, const char *caller, const char *dialled, const char *rule)
{
	char error[512];
	const char *running;
	json_t *answer;

	if (rpc_call(x->ctl->config.rpc_socket, "aeta.explain", json_pack("[s, s]", caller, dialled), &answer, error,
				sizeof(error)) != 0) {
		explain_fact(x, "verdict of the running Kamailio", "not asked", error);
		return;
	}
	running = json_string_value(json_object_get(answer, "rule"));
	if (running) {
		explain_fact(x, "verdict of the running Kamailio", running, "Kamailio, aeta.explain");
		if (strcmp(running, rule) != 0)
			note("the running Kamailio says %s: groups or exceptions were changed since it loaded them; aetactl reload",
					running);
	}
	json_decref(answer);
}

static int explain_call(struct explanation *x, const char *caller, const char *dialled)
{
	int rc = explain_directory(x);
	const char *rule;

	if (rc == CTL_OK)
		rc = judge(x, caller, dialled);
	if (rc)
		return rc;
	rule = aeta_rule_name(x->verdict.rule);
	say_verdict(x, caller, dialled);
	if (x->verdict.action == AETA_ROUTE)
		add_location(x);
	else if (x->verdict.action == AETA_HUNT)
		rc = add_members(x);
	compare_running(x, caller, dialled, rule);
	say_verdict(x, caller, dialled); /* the location may have settled it otherwise */
	return rc;
}

static int explain_the_media(struct explanation *x, const char *caller)
{
	char number[AETA_NUMBER_MAX + 1];

	aeta_number_format(x->verdict.number, number);
	if (x->verdict.action == AETA_HUNT)
		explain_media_members(x->ctl, caller);
	else if (x->verdict.action == AETA_ROUTE)
		return explain_media(x->ctl, x->facts, caller, number);
	return CTL_OK;
}

static int command_explain(struct ctl *ctl, const struct args *args)
{
	const char *caller = arg_text(args, "CALLER"), *dialled = arg_text(args, "DIALLED");
	struct explanation x = {.ctl = ctl, .facts = json_array()};
	int rc = explain_call(&x, caller, dialled);

	if (rc == CTL_OK && arg_given(args, "--media"))
		rc = explain_the_media(&x, caller);
	if (rc == CTL_OK)
		ctl_say(ctl, "facts", json_incref(x.facts));
	json_decref(x.facts);
	free(x.block);
	return rc;
}

static const struct arg explain_args[] = {{.name = "CALLER", .required = true, .help = "the number that calls"},
		{.name = "DIALLED", .required = true, .help = "what it dials, short or whole"},
		{.name = "--media", .type = ARG_FLAG, .help = "also: would its media be relayed, why, and by which relay"}, {0}};

const struct command explain_commands[] = {
		{"explain", NULL, explain_args, command_explain, true,
				"would this call be routed, where to, and by which rule"},
		{0},
};
