/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "suites.h"

#include "policy/number.h"

#include <string.h>

static aeta_number_t parse(const char *s)
{
	return aeta_number_parse(s, strlen(s));
}

START_TEST(round_trip)
{
	static const char *const numbers[] = {"0", "7", "007", "15000", "902080", "45675001", "00000000", "99999999",
			"123456789012345678", "000000000000000000", "999999999999999999"};
	char out[AETA_NUMBER_MAX + 1];

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		ck_assert_uint_eq(aeta_number_format(parse(numbers[i]), out), strlen(numbers[i]));
		ck_assert_str_eq(out, numbers[i]);
		ck_assert_uint_eq(aeta_number_digits(parse(numbers[i])), strlen(numbers[i]));
	}
}
END_TEST

START_TEST(leading_zeros_count)
{
	ck_assert_uint_ne(parse("7"), parse("07"));
	ck_assert_uint_ne(parse("0"), parse("00"));
}
END_TEST

START_TEST(refuses_what_is_no_number)
{
	static const char *const bad[] = {"", " ", "45675001 ", "+45675001", "4567a001", "-1", "1.5", "1234567890123456789",
			"\xd9\xa1\xd9\xa2", "4567500\xb2"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(parse(bad[i]) == 0, "'%s' was taken for a number", bad[i]);
	ck_assert_uint_eq(aeta_number_parse("12\0""34", 5), 0);
	ck_assert_uint_eq(aeta_number_parse(NULL, 0), 0);
}
END_TEST

START_TEST(all_digits)
{
	ck_assert(aeta_all_digits("1234567890123456789012345678901234567890", 40));
	ck_assert(!aeta_all_digits("", 0));
	ck_assert(!aeta_all_digits("12\0", 3));
}
END_TEST

START_TEST(prefix_and_sequence)
{
	ck_assert_uint_eq(aeta_number_prefix(parse("45675002")), 4567);
	ck_assert_uint_eq(aeta_number_sequence(parse("45675002")), 5002);
	ck_assert_uint_eq(aeta_number_prefix(parse("10000000")), 1000);
	ck_assert_uint_eq(aeta_number_prefix(parse("99999999")), 9999);
	ck_assert_uint_eq(aeta_number_prefix(parse("09995001")), 0);
	ck_assert_uint_eq(aeta_number_prefix(parse("4567500")), 0);
	ck_assert_uint_eq(aeta_number_prefix(parse("456750020")), 0);
	ck_assert_uint_eq(aeta_number_prefix(0), 0);
}
END_TEST

START_TEST(compose_is_the_inverse)
{
	for (unsigned prefix = AETA_PREFIX_MIN; prefix <= AETA_PREFIX_MAX; prefix += 7)
		for (unsigned seq = 0; seq <= 9999; seq += 101) {
			aeta_number_t n = aeta_number_compose(prefix, seq);

			HOT_ASSERT(aeta_number_digits(n) == 8, "%u %u", prefix, seq);
			HOT_ASSERT(aeta_number_prefix(n) == prefix && aeta_number_sequence(n) == seq, "%u %u", prefix, seq);
		}
	ck_assert_uint_eq(aeta_number_compose(4567, 5002), parse("45675002"));
}
END_TEST

Suite *number_suite(void)
{
	const TTest *const tests[] = {round_trip, leading_zeros_count, refuses_what_is_no_number, all_digits,
			prefix_and_sequence, compose_is_the_inverse, NULL};

	return suite_of("numbers", tests);
}
