/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RPC commands aeta.*: what an operator, or aetactl, asks a running Kamailio. */
#include "rpc.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "attempt.h"
#include "core/str.h"
#include "generation.h"
#include "guard_rpc.h"
#include "load.h"
#include "location.h"
#include "media_call.h"
#include "nat_rpc.h"
#include "policy/verdict.h"
#include "redial.h"
#include "route.h"
#include "stats.h"
#include "store.h"

static const char *const action_names[] = {[AETA_REFUSE] = "refuse", [AETA_ROUTE] = "route", [AETA_HUNT] = "hunt"};

static const char *reload_doc[] = {"Reads groups and exceptions again; keeps the old ones if the new are bad", NULL};
static const char *explain_doc[] = {"CALLER DIALLED: the verdict on such a call, its rule and its reason", NULL};
static const char *explain_media_doc[] = {"CALLER CALLEE: would the media of such a call be relayed, and why", NULL};
static const char *group_doc[] = {"PREFIX: a group and its options as they are in force", NULL};
static const char *attempts_doc[] = {"The history of the accounts on its way to the database", NULL};
static const char *bans_doc[] = {"The bans in force (F1)", NULL};
static const char *unban_doc[] = {"SOURCE [USER]: lifts the ban of a user at a source, or all of a source", NULL};
static const char *nat_doc[] = {"NUMBER: what its agent was found to be behind, at each address", NULL};
static const char *nat_probe_doc[] = {"NUMBER [in-call]: asks its agent now; in-call: also during a call", NULL};
static const char *redial_lift_doc[] = {"NUMBER NUMBER: calls between these two are judged anew, whatever was dialled again", NULL};
static const char *accounts_doc[] = {"Accounts or credentials have changed: what is kept of them in memory counts no more", NULL};
static const char *stats_doc[] = {"The directory in force and all counters", NULL};

static void rpc_reload(rpc_t *rpc, void *ctx)
{
	struct aeta_loaded r;
	void *h;

	if (aeta_load(&r) < 0) {
		rpc->fault(ctx, 500, "%s; the old directory stays", r.error);
		return;
	}
	aeta_generation_end();
	if (rpc->add(ctx, "{", &h) < 0)
		return;
	rpc->struct_add(h, "ddddd", "generation", (int)r.generation, "groups", (int)r.groups, "exceptions", (int)r.exceptions,
			"domains", (int)r.domains, "bytes", (int)r.bytes);
}

/* Facts of both parties: the number as text, its kind and state. */
static void add_account(rpc_t *rpc, void *h, const char *number, const char *kind, const char *state,
		const struct aeta_account *a)
{
	char digits[AETA_NUMBER_MAX + 1];

	aeta_number_format(a->number, digits);
	rpc->struct_add(h, "sss", (char *)number, digits, (char *)kind, aeta_kind_name(a->kind), (char *)state,
			aeta_state_name(a->state));
}

static int registered(aeta_number_t n)
{
	char digits[AETA_NUMBER_MAX + 1];
	str user = {digits, (int)aeta_number_format(n, digits)}, domain = {NULL, 0};
	struct aeta_binding b;

	return n && aeta_locate(&user, &domain, 0, &b) == 1;
}

static int members_registered(unsigned prefix)
{
	int n = 0;

	for (unsigned seq = AETA_SEQ_HUNT + 1; seq <= AETA_SEQ_HUNT + AETA_SERIES_MAX; seq++)
		n += registered(aeta_number_compose(prefix, seq));
	return n;
}

static void add_verdict(rpc_t *rpc, void *h, const struct aeta_judged *j, const str *dialled)
{
	const struct aeta_verdict *v = &j->verdict;
	char reason[128], digits[AETA_NUMBER_MAX + 1], group[8] = "";

	aeta_reason(v->rule, reason, sizeof(reason));
	aeta_number_format(v->number, digits);
	if (v->group)
		snprintf(group, sizeof(group), "%u", v->group);
	rpc->struct_add(h, "SsssdsSs", "dialled", dialled, "verdict", action_names[v->action], "rule", aeta_rule_name(v->rule),
			"promise", aeta_rule_promise(v->rule), "code", (int)v->code, "reason", reason, "final",
			&(str){digits, (int)strlen(digits)}, "group", group);
	if (v->action == AETA_ROUTE)
		rpc->struct_add(h, "d", "registered", registered(v->number));
	if (v->action == AETA_HUNT)
		rpc->struct_add(h, "d", "members_registered", members_registered(j->group.prefix));
}

static void rpc_explain(rpc_t *rpc, void *ctx)
{
	struct aeta_judged j;
	str caller, dialled;
	void *h;

	if (rpc->scan(ctx, ".S.S", &caller, &dialled) < 2) {
		rpc->fault(ctx, 400, "Two parameters are needed: CALLER DIALLED");
		return;
	}
	if (aeta_judge(&caller, &dialled, &j) < 0) {
		rpc->fault(ctx, 500, "The account table cannot be read");
		return;
	}
	if (rpc->add(ctx, "{", &h) < 0)
		return;
	add_account(rpc, h, "caller", "caller_kind", "caller_state", &j.caller);
	add_verdict(rpc, h, &j, &dialled);
	add_account(rpc, h, "callee", "callee_kind", "callee_state", &j.callee);
}

static char *address_text(const struct aeta_address *a, char buf[IP_ADDR_MAX_STRZ_SIZE + 8])
{
	struct ip_addr ip = {.af = a->family == AETA_FAMILY_IP6 ? AF_INET6 : AF_INET, .len = a->family == AETA_FAMILY_IP6 ? 16 : 4};

	if (!aeta_address_is_ip(a))
		return a->family == AETA_FAMILY_NAME ? "a host name" : "";
	memcpy(ip.u.addr, a->bytes, ip.len);
	snprintf(buf, IP_ADDR_MAX_STRZ_SIZE + 8, ip.af == AF_INET6 ? "[%s]:%u" : "%s:%u", ip_addr2a(&ip), a->port);
	return buf;
}

/* One party of a call that is explained: an object of that name. */
static void add_side(rpc_t *rpc, void *h, char *name, const struct aeta_media_side *s, bool registered)
{
	char source[IP_ADDR_MAX_STRZ_SIZE + 8], contact[IP_ADDR_MAX_STRZ_SIZE + 8];
	void *side;

	if (rpc->struct_add(h, "{", name, &side) < 0)
		return;
	rpc->struct_add(side, "dssddssss", "registered", registered, "source", address_text(&s->source, source), "contact",
			address_text(&s->contact, contact), "proxied", s->proxied, "stream", s->stream, "account_media",
			aeta_media_policy_name(s->account), "group_media", aeta_media_policy_name(s->group), "nat",
			aeta_nat_class_name(s->nat.cls), "stun", aeta_stun_name(aeta_media_stun(s)));
}

static void rpc_explain_media(rpc_t *rpc, void *ctx)
{
	struct aeta_media_explained x;
	char reasons[AETA_REASONS_TEXT];
	str caller, callee;
	void *h;

	if (rpc->scan(ctx, ".S.S", &caller, &callee) < 2) {
		rpc->fault(ctx, 400, "Two parameters are needed: CALLER CALLEE, both whole numbers");
		return;
	}
	if (aeta_media_explain(&caller, &callee, &x) < 0) {
		rpc->fault(ctx, 500, "The account table cannot be read");
		return;
	}
	if (rpc->add(ctx, "{", &h) < 0)
		return;
	aeta_reasons_format(x.verdict.reasons, reasons, sizeof(reasons));
	rpc->struct_add(h, "ssssd", "path", aeta_path_name(x.verdict.path), "path_reason", reasons, "policy",
			aeta_media_policy_name(x.verdict.policy), "refusal", x.verdict.rule ? aeta_rule_phrase(x.verdict.rule) : "",
			"relay_set", (int)x.relay_set);
	add_side(rpc, h, "caller", &x.caller, x.caller_registered);
	add_side(rpc, h, "callee", &x.callee, x.callee_registered);
}

static void add_group(rpc_t *rpc, void *h, const struct aeta_group *g)
{
	static const struct {
		const char *name;
		uint16_t bit;
		bool inverted;
	} options[] = {
		{"block_incoming", AETA_BLOCK_INCOMING, false}, {"block_outgoing", AETA_BLOCK_OUTGOING, false},
		{"hunting", AETA_HUNTING, false}, {"hunt_direct", AETA_HUNT_NO_DIRECT, true},
		{"hunt_busy_603", AETA_HUNT_BUSY_603, false}, {"hunt_busy_in_call", AETA_HUNT_BUSY_IN_CALL, false},
		{"hunt_next_488", AETA_HUNT_NEXT_488, false},
	};

	rpc->struct_add(h, "d", "prefix", (int)g->prefix);
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		rpc->struct_add(h, "d", options[i].name, !!(g->options & options[i].bit) != options[i].inverted);
	rpc->struct_add(h, "dds", "no_answer_s", (int)g->no_answer_s, "hunt_max_s", (int)g->hunt_max_s, "media",
			aeta_media_policy_name(aeta_media_policy(AETA_MEDIA_GROUP, g->media)));
}

static void rpc_group(rpc_t *rpc, void *ctx)
{
	const struct aeta_directory *d;
	const struct aeta_group *found;
	struct aeta_group g;
	str prefix;
	void *h;

	if (rpc->scan(ctx, ".S", &prefix) < 1) {
		rpc->fault(ctx, 400, "One parameter is needed: PREFIX");
		return;
	}
	d = aeta_store_acquire();
	found = d && prefix.len == 4 && aeta_all_digits(prefix.s, 4)
			? aeta_directory_group(d, (unsigned)(aeta_number_parse(prefix.s, 4) % 10000))
			: NULL;
	if (found)
		g = *found;
	if (d)
		aeta_store_release();
	if (!found) {
		rpc->fault(ctx, 404, "No group has the prefix %.*s", prefix.len, prefix.s);
		return;
	}
	if (rpc->add(ctx, "{", &h) == 0)
		add_group(rpc, h, &g);
}

static void rpc_attempts(rpc_t *rpc, void *ctx)
{
	struct aeta_attempt_state s;
	void *h;

	aeta_attempt_state(&s);
	if (rpc->add(ctx, "{", &h) == 0)
		rpc->struct_add(h, "ddd", "room", (int)s.room, "waiting", (int)s.waiting, "failing_s", (int)s.failing_s);
}

struct walk {
	rpc_t *rpc;
	void *h;
};

static void add_counter(void *p, const char *name, long value)
{
	struct walk *w = p;

	w->rpc->struct_add(w->h, "d", name, (int)value);
}

static void rpc_stats(rpc_t *rpc, void *ctx)
{
	char when[32] = "";
	struct walk w = {.rpc = rpc};
	time_t at = 0;
	unsigned generation = aeta_store_generation(&at);
	struct tm tm;

	if (rpc->add(ctx, "{", &w.h) < 0)
		return;
	if (at && gmtime_r(&at, &tm))
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	rpc->struct_add(w.h, "dsd", "generation", (int)generation, "loaded_at", when, "accounts_believed", aeta_generation() != 0);
	aeta_stats_walk(add_counter, &w);
}

static void rpc_accounts_changed(rpc_t *rpc, void *ctx)
{
	(void)rpc;
	(void)ctx;
	aeta_generation_end();
}

static void rpc_redial_lift(rpc_t *rpc, void *ctx)
{
	str one, other;

	if (rpc->scan(ctx, ".S.S", &one, &other) < 2) {
		rpc->fault(ctx, 400, "Two parameters are needed: NUMBER NUMBER");
		return;
	}
	switch (aeta_redial_lift(&one, &other)) {
	case AETA_LIFTED:
		break;
	case AETA_LIFTED_NONE:
		rpc->fault(ctx, 404, "No such pair is relayed for having been dialled again");
		break;
	case AETA_LIFTED_NOT_KEPT:
		rpc->fault(ctx, 500, "Lifted until Kamailio starts again: the database does not answer");
		break;
	}
}

rpc_export_t aeta_rpc[] = {
	{"aeta.reload", rpc_reload, reload_doc, 0},
	{"aeta.accounts_changed", rpc_accounts_changed, accounts_doc, 0},
	{"aeta.explain", rpc_explain, explain_doc, 0},
	{"aeta.explain_media", rpc_explain_media, explain_media_doc, 0},
	{"aeta.group", rpc_group, group_doc, 0},
	{"aeta.attempts", rpc_attempts, attempts_doc, 0},
	{"aeta.stats", rpc_stats, stats_doc, 0},
	{"aeta.bans", aeta_rpc_bans, bans_doc, 0},
	{"aeta.unban", aeta_rpc_unban, unban_doc, 0},
	{"aeta.nat", aeta_rpc_nat, nat_doc, 0},
	{"aeta.nat_probe", aeta_rpc_nat_probe, nat_probe_doc, 0},
	{"aeta.redial_lift", rpc_redial_lift, redial_lift_doc, 0},
	{NULL, NULL, NULL, 0},
};
