/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values as users write them, and what the descriptions of all tables have to keep to. */
#include "admin_suites.h"

#include "data/describe.h"
#include "data/utf8.h"
#include "data/when.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct column text = {.name = "t", .type = TYPE_TEXT, .min = 1, .max = 4};
static const struct column optional = {.name = "t", .type = TYPE_TEXT, .max = 4, .nullable = true};
static const struct column number = {.name = "n", .type = TYPE_NUMBER, .min = -5, .max = 120};
static const struct column word = {.name = "w", .type = TYPE_WORD, .words = "auto|always|never"};
static const struct column toggle = {.name = "s", .type = TYPE_SWITCH};
static const struct column digits = {.name = "d", .type = TYPE_DIGITS, .min = 1, .max = 18};
static const struct column moment = {.name = "u", .type = TYPE_TIME};
static const struct column email = {.name = "e", .type = TYPE_EMAIL, .min = 3, .max = 20};
static const struct column bytes = {.name = "b", .type = TYPE_BYTES};

static const struct {
	const struct column *column;
	const char *in, *out; /* NULL: refused */
} cases[] = {
		{&text, "a", "a"}, {&text, "  ab  ", "ab"}, {&text, "", NULL}, {&text, "   ", NULL}, {&text, "abcde", NULL},
		{&text, "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f", "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f"}, /* four characters */
		{&text, "a\nb", NULL}, {&text, "a\tb", NULL}, {&text, "a\x7f", NULL}, {&text, "\xff", NULL}, {&text, "\xc0\x80", NULL},
		{&text, "\xed\xa0\x80", NULL}, {&text, "\xf4\x90\x80\x80", NULL}, {&text, "\xe2\x82", NULL},
		{&optional, "", ""}, {&optional, "   ", ""}, {&optional, "ab", "ab"},
		{&number, "0", "0"}, {&number, "007", "7"}, {&number, "+7", "7"}, {&number, "-5", "-5"}, {&number, "120", "120"},
		{&number, "121", NULL}, {&number, "-6", NULL}, {&number, "", NULL}, {&number, "1.0", NULL}, {&number, "0x10", NULL},
		{&number, "1 2", NULL}, {&number, "99999999999999999999", NULL}, {&number, "\t7", NULL},
		{&word, "never", "never"}, {&word, "Never", NULL}, {&word, "", NULL}, {&word, "auto|always", NULL}, {&word, "aut", NULL},
		{&word, "|", NULL}, {&word, "ever", NULL},
		{&toggle, "on", "1"}, {&toggle, "1", "1"}, {&toggle, "YES", "1"}, {&toggle, "", "0"}, {&toggle, "off", "0"}, {&toggle, "2", NULL},
		{&digits, "45675001", "45675001"}, {&digits, "0", "0"}, {&digits, "1234567890123456789", NULL}, {&digits, "", NULL},
		{&digits, "-1", NULL}, {&digits, "4567x", NULL},
		{&moment, "2026-03-31", "2026-03-31 23:59:59"}, {&moment, "2026-03-31 18:00", "2026-03-31 18:00:00"},
		{&moment, "2026-03-31T18:00:01Z", "2026-03-31 18:00:01"}, {&moment, "2026-02-29", NULL}, {&moment, "2028-02-29", "2028-02-29 23:59:59"},
		{&moment, "31.3.2026", NULL}, {&moment, "1999-12-31", NULL}, {&moment, "", NULL}, {&moment, "2026-03-31 25:00", NULL},
		{&email, "a@b.c", "a@b.c"}, {&email, "a@b", NULL}, {&email, "a@b.c,d@e.f", NULL}, {&email, "a\r\n@b.c", NULL},
		{&email, "a123456789@b123456.com", NULL},
		{&bytes, "x", NULL}, {&bytes, "", NULL},
};

START_TEST(values_are_checked_and_brought_into_their_form)
{
	char out[CELL_TEXT_MAX + 1], again[CELL_TEXT_MAX + 1], why[PROBLEM_SIZE];

	for (size_t i = 0; i < COUNT(cases); i++) {
		int rc = column_check(cases[i].column, cases[i].in, out, why);

		ck_assert_msg((rc == 0) == (cases[i].out != NULL), "case %zu, \"%s\"", i, cases[i].in);
		if (rc) {
			ck_assert_msg(strlen(why) > 5, "case %zu says nothing", i);
			continue;
		}
		ck_assert_str_eq(out, cases[i].out);
		ck_assert_int_eq(column_check(cases[i].column, out, again, why), 0); /* what is stored is right itself */
		ck_assert_str_eq(again, out);
	}
}
END_TEST

START_TEST(a_value_of_any_length_is_only_refused)
{
	char out[CELL_TEXT_MAX + 1], why[PROBLEM_SIZE], *long_one = calloc(1, 3 * CELL_TEXT_MAX);

	for (size_t n = CELL_TEXT_MAX - 1; n < 2 * CELL_TEXT_MAX; n++) {
		memset(long_one, '7', n);
		ck_assert_int_ne(column_check(&text, long_one, out, why), 0);
		ck_assert_int_ne(column_check(&number, long_one, out, why), 0);
		ck_assert_int_ne(column_check(&moment, long_one, out, why), 0);
	}
	free(long_one);
}
END_TEST

START_TEST(what_is_no_utf8_is_mended_and_the_rest_stays)
{
	static const char *const pairs[][2] = {{"", ""}, {"abc", "abc"}, {"\xc3\xa9", "\xc3\xa9"}, {"Codec\xe9", "Codec?"},
			{"\xff\xfe", "??"}, {"\xe2\x82", "??"}, {"\xe2\x82x", "??x"}, {"\xed\xa0\x80", "???"}, {"\xf0\x9f\x8e\x99", "\xf0\x9f\x8e\x99"}};
	char copy[16];

	for (size_t i = 0; i < COUNT(pairs); i++) {
		strcpy(copy, pairs[i][0]);
		utf8_mend(copy);
		ck_assert_str_eq(copy, pairs[i][1]);
	}
}
END_TEST

START_TEST(a_scope_of_zeros_sees_nothing)
{
	struct scope none = {0}, s;

	for (size_t i = 0; tables[i]; i++) {
		ck_assert(!table_visible(tables[i], &none));
		ck_assert(!table_editable(tables[i], &none));
	}
	scope_operator(&s, BY_OPERATORS, "x", "y"); /* no role */
	ck_assert_int_eq(s.by, BY_NOBODY);
	scope_operator(&s, BY_ACCOUNT, "x", "y");
	ck_assert_int_eq(s.by, BY_NOBODY);
	scope_contact(&s, 0, 0, "x", "y");
	ck_assert_int_eq(s.by, BY_NOBODY);
	scope_account(&s, "", "y");
	ck_assert_int_eq(s.by, BY_NOBODY);
	scope_account(&s, "1234567890123456789", "y"); /* one digit more than a number may have */
	ck_assert_int_eq(s.by, BY_NOBODY);
	scope_operator(&s, BY_ADMIN, "an\nn\xc3\xa4", NULL);
	ck_assert_str_eq(s.who, "an?n??");
	ck_assert_str_eq(s.from_where, "");
}
END_TEST

/* What list.c, write.c and the forms take for granted. */
static void check_column(const struct table *t, const struct column *c)
{
	unsigned seen = c->list | c->show, written = c->edit | c->insert;
	char out[CELL_TEXT_MAX + 1], why[PROBLEM_SIZE];

	ck_assert_msg(column_find(t, c->name) == c, "%s.%s is there twice", t->name, c->name);
	ck_assert_msg(c->label && c->sql && !strchr(c->sql, '?'), "%s.%s", t->name, c->name);
	ck_assert_msg(!(written & ~seen), "%s.%s is changed by who does not see it", t->name, c->name);
	ck_assert_msg(!(c->search & ~seen), "%s.%s is searched by who does not see it", t->name, c->name);
	ck_assert_msg(!written || (c->store && t->base), "%s.%s has nowhere to be written to", t->name, c->name);
	ck_assert_msg(c->type != TYPE_WORD || c->words, "%s.%s has no words", t->name, c->name);
	ck_assert_msg(!c->refers || table_find(c->refers), "%s.%s refers to no table", t->name, c->name);
	if (c->initial)
		ck_assert_msg(column_check(c, c->initial, out, why) == 0 && strcmp(out, c->initial) == 0, "%s.%s: initial", t->name, c->name);
}

START_TEST(the_descriptions_hold_together)
{
	for (size_t i = 0; tables[i]; i++) {
		const struct table *t = tables[i];
		size_t n = 0;

		ck_assert_ptr_eq(table_find(t->name), t);
		for (const struct column *c = t->columns; c->name; c++, n++)
			check_column(t, c);
		ck_assert_uint_le(n, COLUMNS_MAX);
		ck_assert(t->label && t->one && t->from && t->key && t->then);
		ck_assert_msg(t->sort && column_find(t, t->sort) && column_find(t, t->sort)->list, "%s: sort", t->name);
		ck_assert_msg(t->title && column_find(t, t->title), "%s: title", t->name);
		ck_assert_msg(!t->base == !t->alias && (t->base || !(t->insert | t->remove)), "%s: base", t->name);
		ck_assert_msg(!t->base || t->noun, "%s: noun", t->name);
	}
	ck_assert_ptr_null(table_find("nothing"));
	ck_assert_ptr_null(column_find(tables[0], "nothing"));
}
END_TEST

Suite *values_suite(void)
{
	const TTest *const tests[] = {values_are_checked_and_brought_into_their_form, a_value_of_any_length_is_only_refused,
			what_is_no_utf8_is_mended_and_the_rest_stays, a_scope_of_zeros_sees_nothing, the_descriptions_hold_together, NULL};

	return suite_of("values", tests);
}
