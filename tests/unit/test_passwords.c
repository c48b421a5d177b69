/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "admin_suites.h"

#include "data/passwords.h"

#include <string.h>

START_TEST(test_match)
{
	char hash[PASSWORDS_HASH_SIZE], again[PASSWORDS_HASH_SIZE];
	unsigned long before;

	ck_assert_int_eq(passwords_init(), 0);
	ck_assert_int_eq(passwords_hash("correct horse", hash), 0);
	ck_assert_int_eq(passwords_hash("correct horse", again), 0);
	ck_assert_str_ne(hash, again);
	ck_assert_int_eq(strncmp(hash, "$argon2id$", 10), 0);
	before = passwords_matched();
	ck_assert(passwords_match(hash, "correct horse"));
	ck_assert(!passwords_match(hash, "correct horsf"));
	ck_assert(!passwords_match(hash, ""));
	ck_assert(!passwords_match("", ""));
	ck_assert(!passwords_match("$argon2id$nonsense", "correct horse"));
	ck_assert(!passwords_match(NULL, "correct horse")); /* somebody who does not exist costs the same */
	ck_assert_uint_eq(passwords_matched(), before + 6);
}
END_TEST

START_TEST(test_faults)
{
	char longest[PASSWORDS_MAX + 2];

	memset(longest, 0, sizeof(longest));
	for (size_t i = 0; i < PASSWORDS_MAX; i++)
		longest[i] = (char)('a' + i % 2);
	ck_assert_ptr_null(passwords_fault("correct horse", "anna"));
	ck_assert_ptr_null(passwords_fault(longest, "anna"));
	longest[PASSWORDS_MAX] = 'a';
	ck_assert_ptr_nonnull(passwords_fault(longest, "anna"));
	ck_assert_ptr_nonnull(passwords_fault("", "anna"));
	ck_assert_ptr_nonnull(passwords_fault("123456789", "anna"));
	ck_assert_ptr_nonnull(passwords_fault("anna-anna-anna", "anna"));
	ck_assert_ptr_nonnull(passwords_fault("ANNA1234567", "anna"));
	ck_assert_ptr_nonnull(passwords_fault("3456789012", "anna"));
	ck_assert_ptr_nonnull(passwords_fault("correct\thorse", "anna"));
	ck_assert_ptr_nonnull(passwords_fault("\xc3\xa9\xc3\xa9\xc3\xa8\xc3\xa9\xc3\xa9\xc3\xa9", "")); /* six characters */
}
END_TEST

Suite *passwords_suite(void)
{
	Suite *s = suite_create("passwords");
	TCase *t = tcase_create("passwords");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_match);
	tcase_add_test(t, test_faults);
	suite_add_tcase(s, t);
	return s;
}
