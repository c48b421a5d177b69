/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "admin_suites.h"

#include "data/totp.h"

#include <string.h>

static const char secret[] = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"; /* of RFC 6238: 12345678901234567890 */

/* The RFC's own values, their last six digits. */
static const struct {
	time_t at;
	const char *code;
} vectors[] = {{59, "287082"}, {1111111109, "081804"}, {1111111111, "050471"}, {1234567890, "005924"}, {2000000000, "279037"}};

START_TEST(test_vectors)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		ck_assert_uint_eq(totp_step(secret, vectors[i].code, vectors[i].at), (unsigned long long)vectors[i].at / 30);
}
END_TEST

START_TEST(test_clocks_that_differ)
{
	unsigned long long step = 1111111111 / 30;

	ck_assert_uint_eq(totp_step(secret, "050471", 1111111111 - 30), step);
	ck_assert_uint_eq(totp_step(secret, "050471", 1111111111 + 30), step);
	ck_assert_uint_eq(totp_step(secret, "050471", 1111111111 - 90), 0);
	ck_assert_uint_eq(totp_step(secret, "050471", 1111111111 + 90), 0);
}
END_TEST

START_TEST(test_what_is_no_code)
{
	static const char *const wrong[] = {"", "05047", "0504711", "05047a", "-50471", "050472", ("\xc3\xa9" "50471")};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_uint_eq(totp_step(secret, wrong[i], 1111111111), 0);
	ck_assert_uint_ne(totp_step(secret, " 050 471", 1111111111), 0);
	ck_assert_uint_eq(totp_step("0189", "050471", 1111111111), 0);
	ck_assert_uint_eq(totp_step("", "050471", 1111111111), 0);
}
END_TEST

START_TEST(test_new_secrets)
{
	char one[TOTP_SECRET_SIZE], two[TOTP_SECRET_SIZE];

	ck_assert_int_eq(totp_secret(one), 0);
	ck_assert_int_eq(totp_secret(two), 0);
	ck_assert_uint_eq(strlen(one), 32);
	ck_assert_uint_eq(strspn(one, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), 32);
	ck_assert_str_ne(one, two);
}
END_TEST

START_TEST(test_uris)
{
	char uri[TOTP_URI_SIZE], long_name[300];

	totp_uri(secret, "SIP & more", "anna@x", uri);
	ck_assert_str_eq(uri, "otpauth://totp/SIP%20%26%20more:anna%40x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=SIP%20%26%20more");
	memset(long_name, '&', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	totp_uri(secret, long_name, long_name, uri); /* cut, not overrun; the secret stays whole */
	ck_assert_ptr_nonnull(strstr(uri, secret));
}
END_TEST

Suite *totp_suite(void)
{
	Suite *s = suite_create("totp");
	TCase *t = tcase_create("totp");

	tcase_add_test(t, test_vectors);
	tcase_add_test(t, test_clocks_that_differ);
	tcase_add_test(t, test_what_is_no_code);
	tcase_add_test(t, test_new_secrets);
	tcase_add_test(t, test_uris);
	suite_add_tcase(s, t);
	return s;
}
