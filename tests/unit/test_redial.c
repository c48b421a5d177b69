/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SERVICE.md C7, the safety net: a direct call that ended soon and is dialled again is relayed, and the pair is remembered. */
#include "suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/redial.h"

#define ROWS 64u
#define NOW INT64_C(1800000000)
#define WITHIN 120
#define DAY INT64_C(86400)

static struct aeta_redial_table table;
static void *memory;
static const uint64_t key[2] = {1, 2};

static void begin(void)
{
	memory = calloc(1, aeta_redial_bytes(ROWS));
	ck_assert_ptr_nonnull(memory);
	aeta_redial_init(&table, memory, ROWS, key);
}

static void end(void)
{
	free(memory);
}

static struct aeta_redial_party party(const char *number, const char *address)
{
	return (struct aeta_redial_party){.number = aeta_number_parse(number, strlen(number)),
			.address = aeta_address_parse(address, strlen(address), 5060)};
}

#define A party("45675001", "198.51.100.1")
#define B party("45675002", "203.0.113.2")

static bool ended(struct aeta_redial_party a, struct aeta_redial_party b, int64_t now, int64_t lasted)
{
	return aeta_redial_ended(&table, &a, &b, now, lasted);
}

static enum aeta_redial_answer asked(struct aeta_redial_party a, struct aeta_redial_party b, int64_t now)
{
	struct aeta_redial_row row;
	enum aeta_redial_answer only = aeta_redial_asked(&table, &a, &b, now, WITHIN, true, &row);
	enum aeta_redial_answer answer = aeta_redial_asked(&table, &a, &b, now, WITHIN, false, &row);

	ck_assert_int_eq(only, answer); /* to ask changes nothing */
	if (answer == AETA_REDIAL_BEGINS)
		ck_assert(row.until == now + 30 * DAY && row.party[0].number < row.party[1].number);
	return answer;
}

START_TEST(redialled_by_either)
{
	ck_assert_int_eq(asked(A, B, NOW), AETA_REDIAL_NO);
	ck_assert(ended(A, B, NOW, 8));
	ck_assert_int_eq(asked(B, A, NOW + 120), AETA_REDIAL_BEGINS);
	ck_assert_int_eq(asked(A, B, NOW + 121), AETA_REDIAL_RELAY);
	ck_assert_int_eq(asked(B, A, NOW + 120 + 30 * DAY - 1), AETA_REDIAL_RELAY);
	ck_assert_int_eq(asked(A, B, NOW + 120 + 30 * DAY), AETA_REDIAL_NO);
}
END_TEST

START_TEST(not_redialled)
{
	struct aeta_redial_party c = party("45675003", "203.0.113.3");

	ck_assert(!ended(A, B, NOW, AETA_REDIAL_SHORT_S + 1) && !ended(A, B, NOW, -1));
	ck_assert_int_eq(asked(A, B, NOW + 1), AETA_REDIAL_NO);
	ck_assert(ended(A, B, NOW, AETA_REDIAL_SHORT_S) && ended(A, c, NOW, 0));
	ck_assert_int_eq(asked(B, c, NOW + 1), AETA_REDIAL_NO);
	ck_assert_int_eq(asked(A, B, NOW + 121), AETA_REDIAL_NO);
	ck_assert_int_eq(asked(A, B, NOW - 1), AETA_REDIAL_NO); /* the clock was set back */
}
END_TEST

START_TEST(forgotten_with_an_address)
{
	struct aeta_redial_party moved = party("45675002", "192.0.2.9"), other_port = B;

	ended(A, B, NOW, 5);
	ck_assert_int_eq(asked(A, moved, NOW + 1), AETA_REDIAL_NO);
	other_port.address.port = 30000;
	ck_assert_int_eq(asked(A, other_port, NOW + 1), AETA_REDIAL_BEGINS);
	ck_assert_int_eq(asked(A, moved, NOW + 2), AETA_REDIAL_NO);
	ck_assert_int_eq(asked(A, B, NOW + 2), AETA_REDIAL_RELAY);
	/* a short call at the other address is another story, and the end of this one */
	ended(moved, A, NOW + 3, 5);
	ck_assert_int_eq(asked(A, B, NOW + 4), AETA_REDIAL_NO);
	ck_assert_int_eq(asked(A, moved, NOW + 4), AETA_REDIAL_BEGINS);
}
END_TEST

START_TEST(pairs_without_a_key)
{
	struct aeta_redial_party a = A, none = {.number = 0}, nowhere = A, name = A;

	nowhere.number = B.number;
	nowhere.address.family = AETA_FAMILY_NONE;
	name.address.family = AETA_FAMILY_NAME;
	ck_assert_uint_eq(aeta_redial_key(&table, &a, &a), 0);
	ck_assert_uint_eq(aeta_redial_key(&table, &a, &none), 0);
	ck_assert_uint_eq(aeta_redial_key(&table, &nowhere, &a), 0);
	ck_assert_uint_eq(aeta_redial_key(&table, &name, &nowhere), 0);
	ck_assert(!aeta_redial_restore(&table, &a, &a, NOW + 1));
}
END_TEST

START_TEST(remembered_over_a_restart)
{
	struct aeta_redial_party a = A, b = B;

	ck_assert(aeta_redial_restore(&table, &b, &a, NOW + DAY));
	ck_assert_int_eq(asked(A, B, NOW), AETA_REDIAL_RELAY);
	ck_assert_int_eq(asked(A, B, NOW + DAY), AETA_REDIAL_NO);
}
END_TEST

START_TEST(forgotten_by_an_operator)
{
	struct aeta_redial_party a = A, b = B, c = party("45675003", "203.0.113.3");
	uint64_t pair = aeta_redial_pair(&table, b.number, a.number);

	ck_assert_uint_eq(pair, aeta_redial_key(&table, &a, &b));
	ck_assert_uint_eq(aeta_redial_pair(&table, a.number, a.number), 0);
	ck_assert_uint_eq(aeta_redial_pair(&table, a.number, 0), 0);
	ck_assert(!aeta_redial_forget(&table, pair, NOW) && !aeta_redial_forget(&table, 0, NOW));
	ck_assert(ended(A, B, NOW, 1) && ended(A, c, NOW, 1));
	ck_assert_int_eq(asked(A, B, NOW), AETA_REDIAL_BEGINS);
	ck_assert_int_eq(asked(A, c, NOW), AETA_REDIAL_BEGINS);
	ck_assert(aeta_redial_forget(&table, pair, NOW + 1));
	ck_assert_int_eq(asked(A, B, NOW + 1), AETA_REDIAL_NO);
	ck_assert_int_eq(asked(A, c, NOW + 1), AETA_REDIAL_RELAY);
	ck_assert(!aeta_redial_forget(&table, pair, NOW + 1));
	/* one that has only hung up: the next call is the first again */
	ck_assert(ended(A, B, NOW + 2, 1) && !aeta_redial_forget(&table, pair, NOW + 2));
	ck_assert_int_eq(asked(A, B, NOW + 3), AETA_REDIAL_NO);
}
END_TEST

/* However many there are, the last one is known, and nothing is written beyond the memory (the sanitizer looks). */
START_TEST(more_pairs_than_rows)
{
	for (unsigned i = 0; i < 4 * ROWS; i++) {
		struct aeta_redial_party other;
		char number[16];

		snprintf(number, sizeof(number), "4599%04u", 5001 + i);
		other = party(number, "192.0.2.1");
		ended(A, other, NOW + i, 1);
		ck_assert_int_eq(asked(other, A, NOW + i), AETA_REDIAL_BEGINS);
	}
}
END_TEST

/* Pairs that only hang up soon, as many as anybody likes to make, do not push out one that is relayed. */
START_TEST(relayed_pairs_outlive_others)
{
	ended(A, B, NOW, 1);
	ck_assert_int_eq(asked(A, B, NOW), AETA_REDIAL_BEGINS);
	for (unsigned i = 0; i < 900; i++) {
		char number[16];

		snprintf(number, sizeof(number), "4599%04u", 5001 + i);
		ended(A, party(number, "192.0.2.1"), NOW + 1, 1);
	}
	ck_assert_int_eq(asked(A, B, NOW + 1), AETA_REDIAL_RELAY);
}
END_TEST

Suite *redial_suite(void)
{
	Suite *s = suite_create("redial");
	TCase *t = tcase_create("redial");

	tcase_add_checked_fixture(t, begin, end);
	tcase_add_test(t, redialled_by_either);
	tcase_add_test(t, not_redialled);
	tcase_add_test(t, forgotten_with_an_address);
	tcase_add_test(t, pairs_without_a_key);
	tcase_add_test(t, remembered_over_a_restart);
	tcase_add_test(t, forgotten_by_an_operator);
	tcase_add_test(t, more_pairs_than_rows);
	tcase_add_test(t, relayed_pairs_outlive_others);
	suite_add_tcase(s, t);
	return s;
}
