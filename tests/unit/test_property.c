/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The core against an independent, naive reading of SERVICE.md B2-B8 over random universes. The reference works on
 * strings and lists, the way the manual explains it to a customer; it shares no code with the core but the enums.
 */
#include "suites.h"

#include "policy/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNIVERSES 60
#define CALLS 4000
#define GROUPS 12
#define ACCOUNTS 80
#define EXCEPTIONS 6

struct naive_group {
	char prefix[5];
	bool in, out, hunting, no_direct;
};

struct naive_account {
	char number[24];
	enum aeta_kind kind;
	enum aeta_state state;
};

struct naive_exception {
	char prefix[5]; /* "" = every group */
	char number[24];
};

struct universe {
	struct naive_group groups[GROUPS];
	struct naive_account accounts[ACCOUNTS];
	struct naive_exception exceptions[EXCEPTIONS];
	size_t group_count, account_count, exception_count;
	struct aeta_directory *dir;
};

static uint64_t seed;

static unsigned rnd(unsigned below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % below;
}

/* ---- the reference ---- */

static const struct naive_account *find_account(const struct universe *u, const char *number)
{
	for (size_t i = 0; i < u->account_count; i++)
		if (strcmp(u->accounts[i].number, number) == 0)
			return &u->accounts[i];
	return NULL;
}

static const struct naive_group *group_by_digits(const struct universe *u, const char *number)
{
	if (strlen(number) != 8)
		return NULL;
	for (size_t i = 0; i < u->group_count; i++)
		if (strncmp(u->groups[i].prefix, number, 4) == 0)
			return &u->groups[i];
	return NULL;
}

static const struct naive_group *naive_group_of(const struct universe *u, const char *number)
{
	const struct naive_account *a = find_account(u, number);

	if (a && (a->kind == AETA_KIND_FACTORY || a->kind == AETA_KIND_OTHER))
		return NULL;
	return group_by_digits(u, number);
}

static bool naive_exception(const struct universe *u, const struct naive_group *g, const char *number)
{
	for (size_t i = 0; i < u->exception_count; i++)
		if (strcmp(u->exceptions[i].number, number) == 0
				&& (!u->exceptions[i].prefix[0] || strcmp(u->exceptions[i].prefix, g->prefix) == 0))
			return true;
	return false;
}

/* The SIP status that the promises give; 0 = routed, 1 = hunted. */
static unsigned reference(const struct universe *u, const struct naive_account *caller, const char *dialled)
{
	const struct naive_group *from, *to;
	const struct naive_account *callee;
	char number[96];

	if (caller->state != AETA_STATE_ACTIVE || caller->kind == AETA_KIND_HUNTING)
		return 403;
	from = naive_group_of(u, caller->number);
	if (!*dialled || strspn(dialled, "0123456789") != strlen(dialled))
		return 404;
	if (strlen(dialled) == 4 && !from)
		return 404;
	snprintf(number, sizeof(number), "%s%s", strlen(dialled) == 4 ? from->prefix : "", dialled);
	to = naive_group_of(u, number);
	if (from && from->out && from != to && !naive_exception(u, from, number))
		return 403;
	if (to && to->in && from != to)
		return 403;
	if (to && strcmp(number + 4, "6000") == 0)
		return to->hunting ? 1 : 404;
	callee = find_account(u, number);
	if (!callee)
		return 404;
	if (callee->kind == AETA_KIND_HUNTING && !to->hunting)
		return 480;
	if (callee->kind == AETA_KIND_HUNTING && to->no_direct)
		return 403;
	return callee->state == AETA_STATE_ACTIVE ? 0 : 480;
}

/* ---- random universes ---- */

static void add_account(struct universe *u, enum aeta_kind kind, const char *number)
{
	struct naive_account *a = &u->accounts[u->account_count];

	if (u->account_count == ACCOUNTS || find_account(u, number))
		return;
	snprintf(a->number, sizeof(a->number), "%s", number);
	a->kind = kind;
	a->state = rnd(6) ? AETA_STATE_ACTIVE : (enum aeta_state)(1 + rnd(3));
	u->account_count++;
}

static void add_random_account(struct universe *u)
{
	const struct naive_group *g = &u->groups[rnd((unsigned)u->group_count)];
	char number[24];

	switch (rnd(4)) {
	case 0:
		snprintf(number, sizeof(number), "%s%u", g->prefix, 5001 + rnd(6));
		add_account(u, AETA_KIND_PREMIUM, number);
		break;
	case 1:
		snprintf(number, sizeof(number), "%s%u", g->prefix, 6001 + rnd(6));
		add_account(u, AETA_KIND_HUNTING, number);
		break;
	case 2:
		snprintf(number, sizeof(number), "%u", 902080 + rnd(6));
		add_account(u, AETA_KIND_FACTORY, number);
		break;
	default:
		/* eight digits under no prefix of the universe: those begin with 1..3 */
		snprintf(number, sizeof(number), rnd(2) ? "%u" : "8000%u", 15000 + rnd(4));
		add_account(u, AETA_KIND_OTHER, number);
	}
}

static void add_random_group(struct universe *u)
{
	struct naive_group *g = &u->groups[u->group_count];
	struct aeta_group row = {0};

	snprintf(g->prefix, sizeof(g->prefix), "%u", 1000 + rnd(3000));
	row.prefix = (uint16_t)atoi(g->prefix);
	if (aeta_directory_group(u->dir, row.prefix))
		return;
	g->in = rnd(3) == 0;
	g->out = rnd(3) == 0;
	g->hunting = rnd(2) == 0;
	g->no_direct = rnd(3) == 0;
	row.options = (uint16_t)((g->in ? AETA_BLOCK_INCOMING : 0) | (g->out ? AETA_BLOCK_OUTGOING : 0)
			| (g->hunting ? AETA_HUNTING : 0) | (g->no_direct ? AETA_HUNT_NO_DIRECT : 0));
	ck_assert_int_eq(aeta_directory_add_group(u->dir, &row), AETA_DIR_OK);
	u->group_count++;
}

static void add_random_exception(struct universe *u)
{
	struct naive_exception *e = &u->exceptions[u->exception_count++];
	const struct naive_group *g = &u->groups[rnd((unsigned)u->group_count)];
	const struct naive_account *a = &u->accounts[rnd((unsigned)u->account_count)];

	if (rnd(2))
		memcpy(e->prefix, g->prefix, sizeof(e->prefix));
	memcpy(e->number, a->number, sizeof(e->number));
	ck_assert_int_eq(aeta_directory_add_exception(u->dir, (unsigned)atoi(e->prefix),
					aeta_number_parse(e->number, strlen(e->number))),
			AETA_DIR_OK);
}

static void populate(struct universe *u)
{
	size_t size = aeta_directory_size(GROUPS, EXCEPTIONS);
	unsigned groups = 1 + rnd(GROUPS - 1);

	memset(u, 0, sizeof(*u));
	u->dir = aeta_directory_init(malloc(size), size, GROUPS, EXCEPTIONS);
	for (unsigned i = 0; i < groups; i++)
		add_random_group(u);
	for (unsigned i = 0; i < 60; i++)
		add_random_account(u);
	for (unsigned i = rnd(EXCEPTIONS); i > 0; i--)
		add_random_exception(u);
	aeta_directory_seal(u->dir);
}

static void random_dialled(const struct universe *u, char *out, size_t size)
{
	const struct naive_group *g = &u->groups[rnd((unsigned)u->group_count)];

	switch (rnd(8)) {
	case 0:
		snprintf(out, size, "%u", 5000 + rnd(1010));
		return;
	case 1:
		snprintf(out, size, "%s%u", g->prefix, 5998 + rnd(6));
		return;
	case 2:
		snprintf(out, size, "%s%04u", g->prefix, rnd(10000));
		return;
	case 3:
		snprintf(out, size, "%u%u%u", rnd(1u << 30), rnd(1u << 30), rnd(1000));
		return;
	case 4:
		snprintf(out, size, "%c%u", "0+ax*"[rnd(5)], rnd(100000));
		return;
	default:
		snprintf(out, size, "%s", u->accounts[rnd((unsigned)u->account_count)].number);
	}
}

/* ---- the core's answer in the reference's terms ---- */

static struct aeta_account facts(const struct universe *u, aeta_number_t n)
{
	char number[AETA_NUMBER_MAX + 1];
	const struct naive_account *a;

	aeta_number_format(n, number);
	a = find_account(u, number);
	return (struct aeta_account){.number = n, .kind = (uint8_t)(a ? a->kind : AETA_KIND_NONE),
			.state = (uint8_t)(a ? a->state : AETA_STATE_ACTIVE)};
}

static struct aeta_verdict core(const struct universe *u, const struct naive_account *caller, const char *dialled)
{
	struct aeta_account from = facts(u, aeta_number_parse(caller->number, strlen(caller->number)));
	struct aeta_target t = aeta_target(u->dir, &from, dialled, strlen(dialled));
	struct aeta_account to = facts(u, t.number);

	return aeta_decide(u->dir, &from, &t, &to);
}

/* The promise in one sentence, asked of the universe itself: nobody outside reaches a group that blocks incoming calls. */
static void never_reaches_a_blocked_group(const struct universe *u, const struct naive_account *caller,
		const struct aeta_verdict *v)
{
	char number[AETA_NUMBER_MAX + 1];
	const struct naive_group *to;

	if (v->action == AETA_REFUSE)
		return;
	aeta_number_format(v->number, number);
	to = naive_group_of(u, number);
	HOT_ASSERT(!to || !to->in || naive_group_of(u, caller->number) == to, "%s reached %s", caller->number, number);
}

static void one_call(const struct universe *u, int universe)
{
	const struct naive_account *caller = &u->accounts[rnd((unsigned)u->account_count)];
	char dialled[64];
	struct aeta_verdict v;
	unsigned expected, got;

	random_dialled(u, dialled, sizeof(dialled));
	v = core(u, caller, dialled);
	expected = reference(u, caller, dialled);
	got = v.action == AETA_ROUTE ? 0 : v.action == AETA_HUNT ? 1 : v.code;
	HOT_ASSERT(got == expected, "universe %d: %s dials '%s': core %u (%s), reference %u", universe, caller->number,
			dialled, got, aeta_rule_name((enum aeta_rule)v.rule), expected);
	HOT_ASSERT(v.rule > AETA_RULE_NONE && v.rule < AETA_RULE_COUNT, "no rule: %u", v.rule);
	HOT_ASSERT((v.action == AETA_REFUSE) == (v.code != 0), "action %u with code %u", v.action, v.code);
	never_reaches_a_blocked_group(u, caller, &v);
}

START_TEST(agrees_with_the_reference)
{
	static struct universe u;

	for (int i = 0; i < UNIVERSES; i++) {
		seed = 0x5eed0000u + (unsigned)i;
		populate(&u);
		for (int c = 0; c < CALLS; c++)
			one_call(&u, i);
		free(u.dir);
	}
}
END_TEST

/* No input of any bytes crashes it, and whatever is no string of digits is never routed. */
START_TEST(any_bytes)
{
	static struct universe u;
	char bytes[80];

	seed = 7;
	populate(&u);
	for (int i = 0; i < 200000; i++) {
		struct aeta_account caller = {.number = ((uint64_t)rnd(1u << 31) << rnd(34)), .kind = (uint8_t)rnd(256),
				.state = (uint8_t)rnd(256)}, callee = {.kind = (uint8_t)rnd(256), .state = (uint8_t)rnd(256)};
		size_t len = rnd(sizeof(bytes));
		struct aeta_target t;
		struct aeta_verdict v;

		for (size_t k = 0; k < len; k++)
			bytes[k] = (char)(rnd(3) ? '0' + rnd(10) : rnd(256));
		t = aeta_target(u.dir, &caller, bytes, len);
		v = aeta_decide(u.dir, &caller, &t, &callee);
		HOT_ASSERT(v.rule > AETA_RULE_NONE && v.rule < AETA_RULE_COUNT, "no rule: %u", v.rule);
		HOT_ASSERT(v.action == AETA_REFUSE || aeta_all_digits(bytes, len), "routed what is no string of digits");
	}
	free(u.dir);
}
END_TEST

Suite *property_suite(void)
{
	const TTest *const tests[] = {agrees_with_the_reference, any_bytes, NULL};

	return suite_of("properties", tests);
}
