/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "admin_suites.h"

#include "web/html.h"
#include "html_reader.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static struct html h;

static void begin(void)
{
	html_init(&h);
}

static void ends_as(const char *expected)
{
	size_t length;
	char *page;

	ck_assert_int_eq(html_finish(&h, &page, &length), 0);
	ck_assert_str_eq(page, expected);
	ck_assert_uint_eq(length, strlen(expected));
	free(page);
}

START_TEST(elements_are_nested)
{
	begin();
	html_doctype(&h);
	html_open(&h, "p");
	html_attr(&h, "class", "note");
	html_text(&h, "one ");
	html_element(&h, "b", NULL, "two");
	html_void(&h, "br");
	html_void(&h, "input");
	html_attr(&h, "name", "x");
	html_flag(&h, "required", true);
	html_flag(&h, "disabled", false);
	html_attr(&h, "value", NULL);
	html_close(&h);
	ends_as("<!doctype html>\n<p class=\"note\">one <b>two</b><br><input name=\"x\" required></p>");
}
END_TEST

START_TEST(an_empty_page_is_a_string)
{
	begin();
	ends_as("");
}
END_TEST

START_TEST(values_are_escaped)
{
	begin();
	html_open(&h, "p");
	html_attr(&h, "title", "\"><script>alert('`1`')</script>&amp;");
	html_text(&h, "<script>\r\n\"&lt;\t");
	html_textf(&h, "%d%%<%s>", 5, "\"");
	html_close(&h);
	ends_as("<p title=\"&quot;&gt;&lt;script&gt;alert(&#39;&#96;1&#96;&#39;)&lt;/script&gt;&amp;amp;\">"
			"&lt;script&gt;&#13;\n&quot;&amp;lt;\t5%&lt;&quot;&gt;</p>");
}
END_TEST

#define BAD "\xef\xbf\xbd"

START_TEST(what_is_no_character_is_replaced)
{
	static const struct {
		const char *value, *written;
	} rows[] = {
			{"Zo\xc3\xab \xf0\x9f\x8e\x99", "Zo\xc3\xab \xf0\x9f\x8e\x99"},
			{"\x1b[2J\x7f", BAD "[2J" BAD},
			{"\xc3", BAD},
			{"a\xc3z", "a" BAD "z"},
			{"\xc0\xbcscript", BAD BAD "script"},
			{"\xe0\x80\xbc", BAD BAD BAD},
			{"\xed\xa0\x80", BAD BAD BAD},
			{"\xf4\x90\x80\x80", BAD BAD BAD BAD},
			{"\xc2\x9b", BAD},
			{"\xe2\x80\xae" "gnp.exe", BAD "gnp.exe"},
			{"\xef\xbb\xbf", BAD},
			{"\xef\xbf\xbf", BAD},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		begin();
		html_text(&h, rows[i].value);
		ends_as(rows[i].written);
	}
}
END_TEST

START_TEST(addresses_hold_their_values)
{
	begin();
	html_open(&h, "a");
	html_url(&h, "href", "/groups/%s/edit?of=%s&page=%d", "../a b", "1&2=3", -4);
	html_url(&h, "hx-get", "/accounts?from=%lld", 1LL << 40);
	html_url(&h, "src", "/x/%s", "..");
	html_close(&h);
	ends_as("<a href=\"/groups/..%2Fa%20b/edit?of=1%262%3D3&amp;page=-4\" hx-get=\"/accounts?from=1099511627776\" src=\"/x/-\"></a>");
}
END_TEST

START_TEST(addresses_of_others_are_none)
{
	static const char *const foreign[] = {"//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "",
			"/\t/evil.example", "data:text/html,x", "/a\nb", " /", "evil"};

	for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++) {
		begin();
		html_void(&h, "img");
		html_url_made(&h, "src", foreign[i]);
		ends_as("<img src=\"#\">");
	}
}
END_TEST

START_TEST(parameters_are_added_whole)
{
	static char longer[2100];
	struct url u;

	url_begin(&u, "/cdrs");
	url_add(&u, "caller", "4567 & co");
	url_add(&u, "empty", "");
	url_add(&u, "null", NULL);
	url_add(&u, "a=b", "?");
	ck_assert_str_eq(u.text, "/cdrs?caller=4567%20%26%20co&a%3Db=%3F");
	memset(longer, '<', sizeof(longer) - 1);
	url_add(&u, "long", longer);
	ck_assert(u.cut);
	ck_assert_str_eq(u.text, "/cdrs?caller=4567%20%26%20co&a%3Db=%3F");
	begin();
	html_open(&h, "a");
	html_url_made(&h, "href", u.text);
	html_close(&h);
	ends_as("<a href=\"/cdrs?caller=4567%20%26%20co&amp;a%3Db=%3F\"></a>");
}
END_TEST

START_TEST(a_line_end_at_the_start_stays)
{
	begin();
	html_element(&h, "textarea", NULL, "\nx</textarea>");
	html_element(&h, "pre", NULL, "y\n");
	ends_as("<textarea>\n\nx&lt;/textarea&gt;</textarea><pre>y\n</pre>");
}
END_TEST

START_TEST(a_page_too_long_is_said)
{
	static char much[1 << 20];
	size_t length = 1;
	char *page = much;

	begin();
	memset(much, 'a', sizeof(much) - 1);
	html_open(&h, "p");
	for (int i = 0; i < 33; i++)
		html_text(&h, much);
	html_close(&h);
	ck_assert_int_eq(html_finish(&h, &page, &length), -EFBIG);
	ck_assert(!page && !length);
	html_element(&h, "b", NULL, "again");
	ends_as("<b>again</b>");
}
END_TEST

/* Each is a mistake that must stop the program. */
START_TEST(mistakes_stop)
{
	begin();
	html_open(&h, "a");
	switch (_i) {
	case 0:
		html_attr(&h, "onclick", "x");
		break;
	case 1:
		html_attr(&h, "style", "x");
		break;
	case 2:
		html_attr(&h, "hx-on:click", "x");
		break;
	case 3:
		html_attr(&h, "href", "x");
		break;
	case 4:
		html_text(&h, "x");
		html_attr(&h, "class", "late");
		break;
	case 5:
		html_element(&h, "script", NULL, "x");
		break;
	case 6:
		html_url(&h, "href", "//%s", "evil.example");
		break;
	case 7:
		html_url(&h, "href", "/%s", "/evil.example");
		break;
	case 8:
		html_close(&h);
		html_close(&h);
		break;
	default: {
		char *page;
		size_t length;

		html_finish(&h, &page, &length);
	}
	}
}
END_TEST

START_TEST(the_reader_refuses_what_is_not_ours)
{
	static const char *const pages[] = {"<p>", "</p>", "<p></b>", "<p title='x'></p>", "<p title=\"<\"></p>", "a & b", "<p\nid=\"x\"></p>", "a > b"};
	struct journal j = {0};
	size_t at;

	for (size_t i = 0; i < sizeof(pages) / sizeof(*pages); i++) {
		ck_assert_msg(!html_read(&j, pages[i], strlen(pages[i]), &at), "%s", pages[i]);
		journal_free(&j);
	}
}
END_TEST

Suite *html_suite(void)
{
	const TTest *const tests[] = {elements_are_nested, an_empty_page_is_a_string, values_are_escaped,
			what_is_no_character_is_replaced, addresses_hold_their_values, addresses_of_others_are_none, parameters_are_added_whole,
			a_line_end_at_the_start_stays, a_page_too_long_is_said, the_reader_refuses_what_is_not_ours, NULL};
	Suite *s = suite_of("html", tests);
	TCase *c = tcase_create("mistakes");

	tcase_add_loop_test_raise_signal(c, mistakes_stop, SIGABRT, 0, 10);
	suite_add_tcase(s, c);
	return s;
}
