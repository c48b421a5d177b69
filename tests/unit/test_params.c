/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "admin_suites.h"

#include "web/params.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Parses a copy that has exactly one byte more than the text, as the promise says. */
static int parse(struct params *p, const char *text, char **copy)
{
	size_t n = strlen(text);

	*copy = malloc(n + 1);
	ck_assert_ptr_nonnull(*copy);
	memcpy(*copy, text, n);
	(*copy)[n] = 'x';
	return params_parse(p, *copy, n);
}

static void expect(const char *text, const char *want)
{
	char got[512] = "", *copy;
	struct params p = {.n = 0};

	ck_assert_int_eq(parse(&p, text, &copy), 0);
	for (size_t i = 0; i < p.n; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "[%s|%s]", p.at[i].name, p.at[i].value);
	ck_assert_str_eq(got, want);
	free(copy);
}

START_TEST(test_forms)
{
	expect("", "");
	expect("a=1&b=2", "[a|1][b|2]");
	expect("a", "[a|]");
	expect("a=", "[a|]");
	expect("=b", "[|b]");
	expect("&&a=1&", "[a|1]");
	expect("a=b=c", "[a|b=c]");
	expect("a=x+y%2By", "[a|x y+y]");
	expect("%61=%62%26", "[a|b&]");
	expect("a=%C3%A9%0d%0a", "[a|\xc3\xa9\r\n]");
	expect("a=1&a=2", "[a|1][a|2]");
	expect("a=%F0%9F%8E%99", "[a|\xf0\x9f\x8e\x99]");
}
END_TEST

START_TEST(test_malformed_forms)
{
	static const char *const wrong[] = {"a=%", "a=%4", "a=%4g", "%zz=1", "a=%00", "a=%ff", "a=%c0%80", "a=%ed%a0%80",
			"a=%f4%90%80%80", "a=%f5%80%80%80", "a=%c3", "a=%e0%80%80", "a=%1b", "a=%7f", "a=%c2%85", "a=\x01"};
	struct params p = {.n = 0};
	char *copy;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		ck_assert_msg(parse(&p, wrong[i], &copy) == -EINVAL, "%s", wrong[i]);
		ck_assert_uint_eq(p.n, 0);
		free(copy);
	}
}
END_TEST

START_TEST(test_too_many)
{
	char text[PARAMS_MAX * 2 + 3] = "";
	struct params p = {.n = 0};
	char *copy;

	for (int i = 0; i < PARAMS_MAX; i++)
		strcat(text, "a&");
	ck_assert_int_eq(parse(&p, text, &copy), 0);
	ck_assert_uint_eq(p.n, PARAMS_MAX);
	free(copy);
	strcat(text, "a");
	p.n = 0;
	ck_assert_int_eq(parse(&p, text, &copy), -E2BIG);
	ck_assert_uint_eq(p.n, 0);
	free(copy);
}
END_TEST

START_TEST(test_cookies)
{
	char out[8];

	ck_assert(params_cookie("aeta=one", "aeta", out, sizeof(out)) && strcmp(out, "one") == 0);
	ck_assert(params_cookie("x=1; aeta=one;y=2", "aeta", out, sizeof(out)) && strcmp(out, "one") == 0);
	ck_assert(params_cookie("aeta=", "aeta", out, sizeof(out)) && strcmp(out, "") == 0);
	ck_assert(params_cookie("aeta=a=b", "aeta", out, sizeof(out)) && strcmp(out, "a=b") == 0);
	ck_assert(!params_cookie("aeta=one; aeta=two", "aeta", out, sizeof(out)));
	ck_assert(!params_cookie("xaeta=1; aet=2; aetax=3; aeta", "aeta", out, sizeof(out)));
	ck_assert(!params_cookie("aeta=12345678", "aeta", out, sizeof(out)));
	ck_assert(!params_cookie(";;; ;", "aeta", out, sizeof(out)));
	ck_assert(!params_cookie("", "aeta", out, sizeof(out)));
	ck_assert(!params_cookie(NULL, "aeta", out, sizeof(out)));
}
END_TEST

static void expect_path(const char *pattern, const char *path, const char *want)
{
	char got[512] = "", room[64];
	struct params p = {.n = 0};

	ck_assert_msg(params_path(&p, pattern, path, room, sizeof(room)) == 0, "%s %s", pattern, path);
	for (size_t i = 0; i < p.n; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "[%s|%s]", p.at[i].name, p.at[i].value);
	ck_assert_str_eq(got, want);
}

START_TEST(test_paths)
{
	expect_path("/", "/", "");
	expect_path("/a/b", "/a/b", "");
	expect_path("/a/:x", "/a/1", "[x|1]");
	expect_path("/:x/edit/:y", "/1/edit/2", "[x|1][y|2]");
	expect_path("/a/:x", "/a/%2F%3a+", "[x|/:+]");
}
END_TEST

START_TEST(test_paths_that_do_not_match)
{
	static const struct {
		const char *pattern, *path;
		int rc;
	} wrong[] = {{"/", "/a", -ENOENT}, {"/a", "/", -ENOENT}, {"/a", "/a/", -ENOENT}, {"/a/:x", "/a/", -ENOENT}, {"/a/:x", "/a", -ENOENT},
			{"/a/:x", "/a/1/2", -ENOENT}, {"/a", "a", -ENOENT}, {"/a", "", -ENOENT}, {"/a", "/A", -ENOENT}, {"/a/b", "/a/bc", -ENOENT},
			{"/a/:x", "/a/%ff", -EINVAL}, {"/a/:x", "/a/%", -EINVAL}, {"/:x/b", "/1/c", -ENOENT},
			{"/a/:x", "/a/1234567890123456789012345678901234567890123456789012345678901234", -E2BIG}};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char room[64];
		struct params p = {.n = 0};

		ck_assert_msg(params_path(&p, wrong[i].pattern, wrong[i].path, room, sizeof(room)) == wrong[i].rc, "%s %s", wrong[i].pattern,
				wrong[i].path);
		ck_assert_uint_eq(p.n, 0);
	}
}
END_TEST

Suite *params_suite(void)
{
	Suite *s = suite_create("params");
	TCase *t = tcase_create("params");

	tcase_add_test(t, test_forms);
	tcase_add_test(t, test_malformed_forms);
	tcase_add_test(t, test_too_many);
	tcase_add_test(t, test_cookies);
	tcase_add_test(t, test_paths);
	tcase_add_test(t, test_paths_that_do_not_match);
	suite_add_tcase(s, t);
	return s;
}
