/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every row of tests/policy.tbl, asked of the pure core. */
#include "suites.h"
#include "table.h"

#include "policy/hunt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW 1000u /* any clock */

static aeta_number_t number_of(const char *s)
{
	return aeta_number_parse(s, strlen(s));
}

static void expect(const struct table_case *c, enum aeta_rule rule, unsigned code, aeta_number_t final)
{
	char got[AETA_NUMBER_MAX + 1];

	aeta_number_format(final, got);
	ck_assert_msg(code == c->code, "%s: code %u, expected %u (rule %s)", c->id, code, c->code, aeta_rule_name(rule));
	if (strcmp(c->rule, "-") != 0)
		ck_assert_msg(strcmp(aeta_rule_name(rule), c->rule) == 0, "%s: rule %s, expected %s", c->id,
				aeta_rule_name(rule), c->rule);
	if (c->final[0])
		ck_assert_msg(strcmp(got, c->final) == 0, "%s: reaches %s, expected %s", c->id, got, c->final);
}

static struct aeta_verdict decide(const struct table *t, const struct table_case *c)
{
	struct aeta_account caller = table_facts(t, number_of(c->caller));
	struct aeta_target target = aeta_target(t->directory, &caller, c->dialled, strlen(c->dialled));
	struct aeta_account callee = table_facts(t, target.number);

	return aeta_decide(t->directory, &caller, &target, &callee);
}

static void check_call(const struct table *t, const struct table_case *c)
{
	struct aeta_verdict v = decide(t, c);

	if (v.action == AETA_ROUTE && table_absent(t, v.number))
		v = aeta_verdict_of(AETA_RULE_NOT_REGISTERED, v.group, v.number);
	expect(c, v.rule, v.action == AETA_ROUTE ? 200 : v.code, v.number);
}

static void check_register(const struct table *t, const struct table_case *c)
{
	struct aeta_account a = table_facts(t, number_of(c->caller));
	enum aeta_rule r = aeta_may_register(t->directory, &a);

	expect(c, r, r == AETA_RULE_OPEN ? 200 : 403, a.number);
}

/* The behaviour of place `seq` as the row writes it; "absent" where it names none. */
static void behaviour(const struct table_case *c, unsigned seq, char out[TABLE_WORD])
{
	char members[TABLE_WORD], *save = NULL;
	unsigned first, last;

	strcpy(members, c->members);
	strcpy(out, "absent");
	for (char *m = strtok_r(members, ",", &save); m; m = strtok_r(NULL, ",", &save)) {
		int n = sscanf(m, "%u-%u=%95s", &first, &last, out) == 3 ? 3 : sscanf(m, "%u=%95s", &first, out);

		ck_assert_msg(n >= 2, "%s: cannot read member %s", c->id, m);
		if (seq >= first && seq <= (n == 3 ? last : first))
			return;
		strcpy(out, "absent");
	}
}

/* What a rung member does, as the answer the SIP server would see; ringing takes time off the hunt. */
static struct aeta_answer ring(const char *b, const struct aeta_hunt *h, const struct aeta_group *g, uint32_t *now)
{
	if (strcmp(b, "silent") == 0) {
		*now += 5;
		return (struct aeta_answer){.code = 408, .timeout = true};
	}
	if (strcmp(b, "ring") == 0) {
		*now += aeta_hunt_ring_s(h, g, *now);
		return (struct aeta_answer){.code = 408, .timeout = true, .provisional = true};
	}
	return (struct aeta_answer){.code = (uint16_t)atoi(b), .provisional = true};
}

static bool skipped(const char *b)
{
	return strcmp(b, "absent") == 0 || strcmp(b, "locked") == 0 || strcmp(b, "self") == 0;
}

struct hunt_end {
	enum aeta_rule rule;
	unsigned code;
	unsigned seq; /* of the member that answered */
};

/* The loop a SIP server runs, with the row's behaviours for agents. */
static struct hunt_end hunt(const struct table_case *c, const struct aeta_group *g)
{
	struct aeta_hunt h;
	uint32_t now = NOW;
	unsigned seq;

	aeta_hunt_start(&h, g, now);
	while ((seq = aeta_hunt_candidate(&h)) != 0) {
		char b[TABLE_WORD];
		struct aeta_answer a;
		enum aeta_rule bound;
		enum aeta_hunt_step step;

		behaviour(c, seq, b);
		if (skipped(b) || (strcmp(b, "in-call") == 0 && (g->options & AETA_HUNT_BUSY_IN_CALL))) {
			aeta_hunt_skip(&h, strcmp(b, "in-call") == 0);
			continue;
		}
		bound = aeta_hunt_bound(&h, now);
		if (bound != AETA_RULE_NONE)
			return (struct hunt_end){bound, aeta_rule_code(bound), 0};
		aeta_hunt_rung(&h);
		if (strcmp(b, "answer") == 0)
			return (struct hunt_end){AETA_RULE_HUNT, 200, seq};
		a = ring(b, &h, g, &now);
		step = aeta_hunt_answer(&h, g, &a, now);
		if (step == AETA_HUNT_STOP)
			return (struct hunt_end){AETA_RULE_HUNT, a.code, 0};
		if (step == AETA_HUNT_OVER) {
			bound = aeta_hunt_bound(&h, now);
			return (struct hunt_end){bound, aeta_rule_code(bound), 0};
		}
	}
	return (struct hunt_end){aeta_hunt_end(&h), aeta_rule_code(aeta_hunt_end(&h)), 0};
}

static void check_hunt(const struct table *t, const struct table_case *c)
{
	struct aeta_verdict v = decide(t, c);
	struct hunt_end e;

	ck_assert_msg(v.action == AETA_HUNT, "%s: no hunt but %s", c->id, aeta_rule_name(v.rule));
	e = hunt(c, aeta_directory_group(t->directory, aeta_number_prefix(v.number)));
	expect(c, e.rule, e.code, e.seq ? aeta_number_compose(aeta_number_prefix(v.number), e.seq) : 0);
}

START_TEST(every_row)
{
	struct table *t = table_read(POLICY_TABLE);

	ck_assert_uint_ge(t->case_count, 100);
	for (size_t i = 0; i < t->case_count; i++) {
		const struct table_case *c = &t->cases[i];

		if (c->kind == TABLE_HUNT)
			check_hunt(t, c);
		else if (c->kind == TABLE_REGISTER)
			check_register(t, c);
		else
			check_call(t, c);
	}
	table_free(t);
}
END_TEST

Suite *table_suite(void)
{
	const TTest *const tests[] = {every_row, NULL};

	return suite_of("policy table", tests);
}
