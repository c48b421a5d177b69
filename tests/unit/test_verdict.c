/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the table cannot say: the rules as data, unknown kinds, facts that contradict each other, strange bytes. */
#include "suites.h"

#include "policy/verdict.h"

#include <stdlib.h>
#include <string.h>

static struct aeta_directory *dir;

static void add(unsigned prefix, unsigned options)
{
	struct aeta_group g = {.prefix = (uint16_t)prefix, .options = (uint16_t)options};

	ck_assert_int_eq(aeta_directory_add_group(dir, &g), AETA_DIR_OK);
}

static void setup(void)
{
	size_t size = aeta_directory_size(8, 8);

	dir = aeta_directory_init(malloc(size), size, 8, 8);
	add(4567, AETA_HUNTING);
	add(4599, AETA_BLOCK_INCOMING | AETA_BLOCK_OUTGOING);
	aeta_directory_add_exception(dir, 0, aeta_number_parse("15000", 5));
	aeta_directory_seal(dir);
}

static void teardown(void)
{
	free(dir);
}

static struct aeta_account acc(const char *number, enum aeta_kind kind)
{
	return (struct aeta_account){.number = aeta_number_parse(number, strlen(number)), .kind = (uint8_t)kind};
}

static enum aeta_rule decide(struct aeta_account caller, const char *dialled, size_t len, enum aeta_kind callee_kind)
{
	struct aeta_target t = aeta_target(dir, &caller, dialled, len);
	struct aeta_account callee = {.number = t.number, .kind = (uint8_t)callee_kind};

	return (enum aeta_rule)aeta_decide(dir, &caller, &t, &callee).rule;
}

START_TEST(rules_are_complete)
{
	for (int r = 0; r < AETA_RULE_COUNT; r++) {
		unsigned code = aeta_rule_code((enum aeta_rule)r);

		ck_assert(code == 0 || (code >= 400 && code <= 699));
		ck_assert_uint_gt(strlen(aeta_rule_name((enum aeta_rule)r)), 3);
		ck_assert_uint_gt(strlen(aeta_rule_text((enum aeta_rule)r)), 5);
		ck_assert(r == AETA_RULE_NONE || strlen(aeta_rule_promise((enum aeta_rule)r)) >= 2);
	}
	ck_assert_str_eq(aeta_rule_name(AETA_RULE_COUNT), "none");
	ck_assert_uint_eq(aeta_rule_code((enum aeta_rule)9999), 500);
}
END_TEST

START_TEST(reason_phrase)
{
	char out[128], small[8], none[1] = {'x'};

	aeta_reason(AETA_RULE_OUTGOING_BLOCKED, out, sizeof(out));
	ck_assert_str_eq(out, "Outgoing calls blocked (B5 outgoing-blocked)");
	ck_assert_uint_eq(aeta_reason(AETA_RULE_OUTGOING_BLOCKED, small, sizeof(small)), 7);
	ck_assert_str_eq(small, "Outgoin");
	ck_assert_uint_eq(aeta_reason(AETA_RULE_OUTGOING_BLOCKED, none, 0), 0);
	ck_assert_int_eq(none[0], 'x');
}
END_TEST

START_TEST(words)
{
	for (int k = 0; k < AETA_KINDS; k++)
		ck_assert_int_eq(aeta_kind_parse(aeta_kind_name((enum aeta_kind)k), strlen(aeta_kind_name((enum aeta_kind)k))), k);
	for (int s = 0; s < AETA_STATES; s++)
		ck_assert_int_eq(aeta_state_parse(aeta_state_name((enum aeta_state)s), strlen(aeta_state_name((enum aeta_state)s))), s);
	ck_assert_int_eq(aeta_kind_parse("PREMIUM", 7), AETA_KIND_PREMIUM);
	ck_assert_int_eq(aeta_kind_parse("premiumx", 8), AETA_KINDS);
	ck_assert_int_eq(aeta_kind_parse("premium", 6), AETA_KINDS);
	ck_assert_int_eq(aeta_state_parse("", 0), AETA_STATES);
	ck_assert_str_eq(aeta_kind_name(AETA_KINDS), "?");
	ck_assert_str_eq(aeta_state_name(AETA_STATES), "?");
}
END_TEST

/* A deployment without a table of kinds: the directory decides who is a member, and hunting goes by the digits. */
START_TEST(unknown_kinds)
{
	struct aeta_account member = acc("45675001", AETA_KIND_UNKNOWN), outsider = acc("902080", AETA_KIND_UNKNOWN),
			series = acc("45676001", AETA_KIND_UNKNOWN), blocked = acc("45996001", AETA_KIND_UNKNOWN);

	ck_assert_int_eq(decide(member, "5002", 4, AETA_KIND_UNKNOWN), AETA_RULE_SHORT_DIAL);
	ck_assert_int_eq(decide(outsider, "5002", 4, AETA_KIND_UNKNOWN), AETA_RULE_SHORT_OUTSIDE);
	ck_assert_int_eq(decide(outsider, "45995002", 8, AETA_KIND_UNKNOWN), AETA_RULE_INCOMING_BLOCKED);
	ck_assert_int_eq(decide(member, "77778888", 8, AETA_KIND_UNKNOWN), AETA_RULE_OPEN);
	ck_assert_int_eq(decide(series, "15000", 5, AETA_KIND_UNKNOWN), AETA_RULE_HUNTING_ORIGINATE);
	ck_assert_int_eq(aeta_may_register(dir, &series), AETA_RULE_OPEN);
	ck_assert_int_eq(aeta_may_register(dir, &blocked), AETA_RULE_HUNTING_OFF);
}
END_TEST

/* A premium account whose group was made after the last load: its options are unknown, so nothing is let through unsaid. */
START_TEST(group_not_loaded)
{
	struct aeta_account caller = acc("45675001", AETA_KIND_PREMIUM), fresh = acc("47005001", AETA_KIND_PREMIUM);

	ck_assert_int_eq(decide(fresh, "45675001", 8, AETA_KIND_PREMIUM), AETA_RULE_GROUP_NOT_LOADED);
	ck_assert_int_eq(decide(caller, "47005001", 8, AETA_KIND_PREMIUM), AETA_RULE_GROUP_NOT_LOADED);
	ck_assert_int_eq(aeta_may_register(dir, &fresh), AETA_RULE_GROUP_NOT_LOADED);
	ck_assert_int_eq(decide(caller, "47005001", 8, AETA_KIND_NONE), AETA_RULE_UNKNOWN_NUMBER);
}
END_TEST

/* A stored kind wins over the digits (A2): a factory account with eight digits is in no group. */
START_TEST(kind_wins_over_digits)
{
	struct aeta_account factory = acc("45995007", AETA_KIND_FACTORY), member = acc("45995001", AETA_KIND_PREMIUM);

	ck_assert_ptr_null(aeta_member_of(dir, &factory));
	ck_assert_int_eq(decide(factory, "45995001", 8, AETA_KIND_PREMIUM), AETA_RULE_INCOMING_BLOCKED);
	ck_assert_int_eq(decide(member, "45995007", 8, AETA_KIND_FACTORY), AETA_RULE_OUTGOING_BLOCKED);
}
END_TEST

START_TEST(nonsense_facts_open_nothing)
{
	struct aeta_account kind = acc("45675001", (enum aeta_kind)200), state = acc("45675001", AETA_KIND_PREMIUM),
			nobody = {.kind = AETA_KIND_PREMIUM};

	state.state = 200;
	ck_assert_int_eq(decide(kind, "15000", 5, AETA_KIND_OTHER), AETA_RULE_CALLER_UNKNOWN);
	ck_assert_int_eq(decide(state, "15000", 5, AETA_KIND_OTHER), AETA_RULE_CALLER_LOCKED);
	ck_assert_int_eq(decide(nobody, "15000", 5, AETA_KIND_OTHER), AETA_RULE_CALLER_UNKNOWN);
	ck_assert_int_eq(aeta_may_register(dir, &kind), AETA_RULE_CALLER_UNKNOWN);
}
END_TEST

START_TEST(dialled_bytes)
{
	struct aeta_account caller = acc("45675001", AETA_KIND_PREMIUM);

	ck_assert_int_eq(decide(caller, "", 0, AETA_KIND_NONE), AETA_RULE_NOT_A_NUMBER);
	ck_assert_int_eq(decide(caller, NULL, 0, AETA_KIND_NONE), AETA_RULE_NOT_A_NUMBER);
	ck_assert_int_eq(decide(caller, "50\00002", 5, AETA_KIND_PREMIUM), AETA_RULE_NOT_A_NUMBER);
	ck_assert_int_eq(decide(caller, "5002\n", 5, AETA_KIND_PREMIUM), AETA_RULE_NOT_A_NUMBER);
	ck_assert_int_eq(decide(caller, "5002;--", 4, AETA_KIND_PREMIUM), AETA_RULE_SHORT_DIAL);
}
END_TEST

START_TEST(verdict_names_its_group)
{
	struct aeta_account member = acc("45995001", AETA_KIND_PREMIUM);
	struct aeta_target t = aeta_target(dir, &member, "45675001", 8);
	struct aeta_account callee = acc("45675001", AETA_KIND_PREMIUM);

	ck_assert_uint_eq(aeta_decide(dir, &member, &t, &callee).group, 4599);
	t = aeta_target(dir, &callee, "45995001", 8);
	ck_assert_uint_eq(aeta_decide(dir, &callee, &t, &member).group, 4599);
	ck_assert_uint_eq(aeta_decide(dir, &callee, &t, &member).code, 403);
}
END_TEST

Suite *verdict_suite(void)
{
	const TTest *const tests[] = {rules_are_complete, reason_phrase, words, unknown_kinds, group_not_loaded,
			kind_wins_over_digits, nonsense_facts_open_nothing, dialled_bytes, verdict_names_its_group, NULL};
	Suite *s = suite_create("verdict");
	TCase *c = tcase_create("verdict");

	tcase_add_checked_fixture(c, setup, teardown);
	for (const TTest *const *t = tests; *t; t++)
		tcase_add_test(c, *t);
	suite_add_tcase(s, c);
	return s;
}
