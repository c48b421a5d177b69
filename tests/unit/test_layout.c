/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "admin_suites.h"

#include "html_reader.h"
#include "web/layout.h"
#include "web/static.h"

#include <stdlib.h>
#include <string.h>

#define EVIL "\"><script>alert(1)</script>"

static struct journal seen;

/* What a browser sees of a page with this frame. */
static const char *frame(const struct page *page)
{
	static const char doctype[] = "<!doctype html>\n";
	struct html h;
	size_t length, at;
	char *data;

	html_init(&h);
	page_begin(&h, page);
	page_message(&h, MESSAGE_BAD, EVIL);
	html_open(&h, "div"); /* page_end() closes it */
	page_end(&h, page);
	ck_assert_int_eq(html_finish(&h, &data, &length), 0);
	ck_assert(!strncmp(data, doctype, strlen(doctype)));
	journal_free(&seen);
	ck_assert_msg(html_read(&seen, data + strlen(doctype), length - strlen(doctype), &at), "%.60s", data + strlen(doctype) + at);
	free(data);
	return seen.data;
}

START_TEST(a_guest_has_no_menu_and_no_form)
{
	const struct page page = {.title = EVIL, .path = "/login", .face = FACE_GUEST};
	const char *s = frame(&page);

	ck_assert_ptr_nonnull(strstr(s, "\n<h1:\n\":" EVIL "\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n=role:alert\n\":" EVIL ".\n"));
	ck_assert_ptr_null(strstr(s, "\n<nav:"));
	ck_assert_ptr_null(strstr(s, "\n<form:"));
	ck_assert_ptr_null(strstr(s, "\n=data-theme:"));
}
END_TEST

/* How often `what` is in `s`. */
static int times(const char *s, const char *what)
{
	int n = 0;

	for (s = strstr(s, what); s; s = strstr(s + 1, what))
		n++;
	return n;
}

START_TEST(each_face_has_its_own_menu)
{
	const struct page operators = {.title = "x", .path = "/groups/4567", .face = FACE_OPERATOR, .by = 1, .user = EVIL, .csrf = "t0ken", .theme = THEME_DARK};
	const struct page subscriber = {.title = "x", .path = "/siremis/user/cdrs", .face = FACE_SUBSCRIBER, .user = "45675001", .csrf = "t"};
	const char *s = frame(&operators);

	ck_assert_ptr_nonnull(strstr(s, "\n=href:/groups\n=aria-current:page\n"));
	ck_assert_int_eq(times(s, "=aria-current:"), 1);
	ck_assert_ptr_null(strstr(s, "/siremis/"));
	ck_assert_ptr_nonnull(strstr(s, "\n=data-theme:dark\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n=href:/profile\n<bdi:\n\":" EVIL "\n"));
	ck_assert_ptr_null(strstr(s, "=href:/audit")); /* a viewer's */
	ck_assert_int_eq(times(s, "\n<form:"), 2);
	ck_assert_int_eq(times(s, "\n=name:csrf\n=value:t0ken\n"), 2);
	s = frame(&subscriber);
	ck_assert_ptr_nonnull(strstr(s, "\n=href:/siremis/user/cdrs\n=aria-current:page\n\":Call Data Records\n"));
	ck_assert_ptr_null(strstr(s, "=href:/groups"));
}
END_TEST

START_TEST(the_dashboard_is_marked_only_on_itself)
{
	const struct page page = {.title = "x", .path = "/", .face = FACE_OPERATOR}, other = {.title = "x", .path = "/theme", .face = FACE_OPERATOR};

	ck_assert_ptr_nonnull(strstr(frame(&page), "\n=href:/\n=aria-current:page\n"));
	ck_assert_ptr_null(strstr(frame(&other), "=aria-current:"));
}
END_TEST

START_TEST(themes_are_words)
{
	ck_assert_int_eq(theme_of("dark"), THEME_DARK);
	ck_assert_int_eq(theme_of("light"), THEME_LIGHT);
	ck_assert_int_eq(theme_of("auto"), THEME_AUTO);
	ck_assert_int_eq(theme_of(EVIL), THEME_AUTO);
	ck_assert_int_eq(theme_of(NULL), THEME_AUTO);
}
END_TEST

START_TEST(files_are_part_of_the_program)
{
	const struct static_file *style = static_find("style.css"), *script = static_find("app.js");

	ck_assert(style && script && static_find("icon.svg"));
	ck_assert_ptr_null(static_find("../layout.c"));
	ck_assert_str_eq(style->type, "text/css; charset=utf-8");
	ck_assert_uint_eq(strlen(style->tag), 16);
	ck_assert_str_ne(style->tag, script->tag);
	ck_assert(memmem(style->data, style->length, "--accent", 8));
}
END_TEST

Suite *layout_suite(void)
{
	const TTest *const tests[] = {a_guest_has_no_menu_and_no_form, each_face_has_its_own_menu, the_dashboard_is_marked_only_on_itself,
			themes_are_words, files_are_part_of_the_program, NULL};

	return suite_of("layout", tests);
}
