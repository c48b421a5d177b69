/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "route.h"

#include <errno.h>
#include <string.h>

#include "attempt.h"
#include "authenticated.h"
#include "call.h"
#include "core/dprint.h"
#include "core/parser/parse_uri.h"
#include "facts.h"
#include "hunting.h"
#include "store.h"

#define INTERNAL_ERROR (-2)

static int judge_in(const struct aeta_directory *d, const str *dialled, struct aeta_judged *j)
{
	const struct aeta_group *g;
	int rc;

	j->target = aeta_target(d, &j->caller, dialled->s, (size_t)dialled->len);
	if (j->target.number == j->caller.number)
		j->callee = j->caller;
	else if ((rc = aeta_facts(j->target.number, &j->callee)) < 0)
		return rc;
	j->verdict = aeta_decide(d, &j->caller, &j->target, &j->callee);
	if (j->verdict.action == AETA_HUNT) {
		g = aeta_directory_group(d, aeta_number_prefix(j->verdict.number));
		if (!g)
			return -EIO;
		j->group = *g;
	}
	return 0;
}

int aeta_judge(const str *caller, const str *dialled, struct aeta_judged *j)
{
	const struct aeta_directory *d;
	int rc;

	memset(j, 0, sizeof(*j));
	rc = aeta_facts(aeta_number_parse(caller->s, (size_t)caller->len), &j->caller);
	if (rc < 0)
		return rc;
	d = aeta_store_acquire();
	if (!d)
		return -EIO;
	rc = judge_in(d, dialled, j);
	aeta_store_release();
	return rc;
}

/* User and host of the R-URI; the user may be empty. */
static int ruri_parts(sip_msg_t *msg, str *user, str *host)
{
	if (parse_sip_msg_uri(msg) < 0)
		return -EINVAL;
	*user = msg->parsed_uri.user;
	*host = msg->parsed_uri.host;
	return 0;
}

int aeta_route(sip_msg_t *msg, str *caller, str *dialled)
{
	struct aeta_judged j;
	struct aeta_call *c;
	str from = caller ? *caller : aeta_user(msg), user = {NULL, 0}, host = {NULL, 0};

	if (ruri_parts(msg, &user, &host) < 0 && !dialled)
		return INTERNAL_ERROR;
	if (dialled)
		user = *dialled;
	c = aeta_call_have();
	if (!c || aeta_judge(&from, &user, &j) < 0)
		return INTERNAL_ERROR;
	memset(c, 0, sizeof(*c));
	aeta_text_set(c->caller, sizeof(c->caller), from.s, (size_t)from.len);
	aeta_text_set(c->dialled, sizeof(c->dialled), user.s, (size_t)user.len);
	aeta_attempt_origin(msg, c);
	aeta_call_verdict(c, &j.verdict);
	if (j.verdict.action == AETA_HUNT)
		return aeta_hunt_begin(msg, c, &j, &from, &host) < 0 ? INTERNAL_ERROR : 2;
	return j.verdict.action == AETA_ROUTE ? 1 : -1;
}

typedef enum aeta_rule (*right)(const struct aeta_directory *d, const struct aeta_account *a);

/* Asks for a right of one account; a refusal sets $aeta(...), permission leaves it alone. `code` 0 = the rule's own. */
static int ask(sip_msg_t *msg, str *user, right has, unsigned code)
{
	str who = user ? *user : aeta_user(msg);
	const struct aeta_directory *d;
	struct aeta_account a;
	struct aeta_call *c;
	enum aeta_rule rule;

	if (aeta_facts(aeta_number_parse(who.s, (size_t)who.len), &a) < 0 || !(d = aeta_store_acquire()))
		return INTERNAL_ERROR;
	rule = has(d, &a);
	aeta_store_release();
	if (aeta_rule_code(rule) == 0)
		return 1;
	c = aeta_call_have();
	if (!c)
		return INTERNAL_ERROR;
	aeta_text_set(c->caller, sizeof(c->caller), who.s, (size_t)who.len);
	aeta_call_refuse(c, rule, code);
	return -1;
}

int aeta_originate(sip_msg_t *msg, str *user)
{
	return ask(msg, user, aeta_may_originate, 0);
}

int aeta_register(sip_msg_t *msg, str *user)
{
	return ask(msg, user, aeta_may_register, 403);
}

int aeta_verdict(sip_msg_t *msg, str *rule)
{
	struct aeta_call *c;

	(void)msg;
	for (enum aeta_rule r = AETA_RULE_NONE + 1; r < AETA_RULE_COUNT; r++) {
		const char *name = aeta_rule_name(r);

		if (rule->len != (int)strlen(name) || memcmp(rule->s, name, (size_t)rule->len) != 0 || !aeta_rule_code(r))
			continue;
		if (!(c = aeta_call_have()))
			return INTERNAL_ERROR;
		aeta_call_refuse(c, r, 0);
		return 1;
	}
	LM_ERR("aeta_verdict(): \"%.*s\" is no rule that refuses\n", rule->len, rule->s);
	return -1;
}
