/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "admin_suites.h"

#include "data/csv.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct csv csv;

static void begin(const char *text)
{
	csv_begin(&csv, text, strlen(text));
}

/* The next row is `want`, its fields joined by | */
static void expect_row(size_t line, const char *want)
{
	char got[CSV_ROW_MAX] = "";

	ck_assert_int_eq(csv_next(&csv), CSV_ROW);
	for (size_t i = 0; i < csv.fields; i++) {
		strcat(got, i ? "|" : "");
		strcat(got, csv.field[i]);
	}
	ck_assert_str_eq(got, want);
	ck_assert_uint_eq(csv.line, line);
}

static void expect_bad(size_t line, size_t field, const char *words)
{
	ck_assert_int_eq(csv_next(&csv), CSV_BAD);
	ck_assert_uint_eq(csv.line, line);
	ck_assert_uint_eq(csv.wrong_field, field);
	ck_assert_msg(strstr(csv.wrong, words) != NULL, "\"%s\" does not say \"%s\"", csv.wrong, words);
}

static void expect_end(void)
{
	ck_assert_int_eq(csv_next(&csv), CSV_END);
	ck_assert_int_eq(csv_next(&csv), CSV_END);
}

START_TEST(every_end_of_line)
{
	begin("a,b\r\nc,d\ne,f\rg,h");
	expect_row(1, "a|b");
	expect_row(2, "c|d");
	expect_row(3, "e|f");
	expect_row(4, "g|h");
	expect_end();
}
END_TEST

START_TEST(quotes)
{
	begin("\"a,b\",\"say \"\"hi\"\"\",\"\"\n\"two\r\nlines\",x\ny,\"\"\"\"\n");
	expect_row(1, "a,b|say \"hi\"|");
	expect_row(2, "two\r\nlines|x");
	expect_row(4, "y|\"");
	expect_end();
}
END_TEST

START_TEST(empty_rows_and_the_byte_order_mark)
{
	begin("\xef\xbb\xbfnumber,kind\r\n\r\n,\r\n\"\",\r\n1,\r\n");
	expect_row(1, "number|kind");
	expect_row(5, "1|");
	expect_end();
	begin("");
	expect_end();
	begin("\xef\xbb\xbf");
	expect_end();
}
END_TEST

START_TEST(the_separator_is_found)
{
	begin("a;b\n1,5;2\n");
	expect_row(1, "a|b");
	expect_row(2, "1,5|2");
	begin("a\tb\n1;2\t3\n");
	expect_row(1, "a|b");
	expect_row(2, "1;2|3");
	begin("a\n1;2,3\n");
	expect_row(1, "a");
	expect_row(2, "1;2|3");
}
END_TEST

START_TEST(bad_rows_are_told_and_passed)
{
	begin("a,b\"c,d\n1,\"x\"y,2\nok,\xff\nok,ok\nz,\"never\nclosed");
	expect_bad(1, 1, "does not begin with one");
	expect_bad(2, 1, "behind the quote");
	expect_bad(3, 1, "UTF-8");
	expect_row(4, "ok|ok");
	expect_bad(5, 1, "never closed");
	expect_end();
	csv_begin(&csv, "a\0b,c\nd", 7);
	expect_bad(1, 0, "NUL");
	expect_row(2, "d");
}
END_TEST

START_TEST(limits)
{
	static char many[2 * (CSV_FIELDS_MAX + 1) + 8], longest[CSV_ROW_MAX + 16];

	for (size_t i = 0; i < CSV_FIELDS_MAX; i++)
		memcpy(many + 2 * i, "x,", 2);
	memcpy(many + 2 * CSV_FIELDS_MAX - 1, "\nok\n", 5);
	begin(many);
	ck_assert_int_eq(csv_next(&csv), CSV_ROW);
	ck_assert_uint_eq(csv.fields, CSV_FIELDS_MAX);
	memcpy(many + 2 * CSV_FIELDS_MAX - 1, ",x\nok\n", 7);
	begin(many);
	expect_bad(1, CSV_FIELDS_MAX, "too many");
	expect_row(2, "ok");

	memset(longest, 'x', CSV_ROW_MAX - 1);
	begin(longest);
	ck_assert_int_eq(csv_next(&csv), CSV_ROW);
	ck_assert_uint_eq(strlen(csv.field[0]), CSV_ROW_MAX - 1);
	memcpy(longest + CSV_ROW_MAX - 1, "x,y,z\nok", 9);
	begin(longest);
	expect_bad(1, 0, "too long");
	expect_row(2, "ok");
}
END_TEST

START_TEST(utf8)
{
	static const char *const good[] = {"M\xc3\xbcller", "\xe2\x82\xac", "\xf0\x9f\x8e\x99", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"};
	static const char *const bad[] = {"M\xfcller", "\xc0\xaf", "\xe0\x9f\xbf", "\xed\xa0\x80",
			"\xf4\x90\x80\x80", "\xf0\x8f\xbf\xbf", "\xe2\x82", "\x80"};

	for (size_t i = 0; i < COUNT(good); i++) {
		begin(good[i]);
		expect_row(1, good[i]);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		begin(bad[i]);
		expect_bad(1, 0, "UTF-8");
	}
}
END_TEST

/* What csv_write() makes of a row, in memory of its own. */
static char *written(const char *const *fields, size_t count)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	csv_write(f, fields, count);
	ck_assert_int_eq(fclose(f), 0);
	return text;
}

START_TEST(formulas_are_written_as_text)
{
	static const char *const fields[] = {"=1+1", "+49 30 1", "-1", "@x", "\tx", "\rx", "\nx", "'x", "x=1", NULL, "a \"b\""};
	char *text = written(fields, COUNT(fields));

	ck_assert_str_eq(text,
			"'=1+1,'+49 30 1,'-1,'@x,\"'\tx\",\"'\rx\",\"'\nx\",''x,x=1,,\"a \"\"b\"\"\"\r\n");
	free(text);
}
END_TEST

/* Texts of the characters that matter, each written and read again. */
START_TEST(what_is_written_is_read_as_the_same)
{
	static const char alphabet[] = "=+-@\t\r\n'\",;a ";
	char fields[3][8], *text, all[64];
	const char *row[3] = {fields[0], fields[1], fields[2]};

	srandom(7);
	for (unsigned n = 0; n < 20000; n++) {
		for (size_t i = 0; i < 3; i++) {
			size_t length = (size_t)random() % 7;

			for (size_t k = 0; k < length; k++)
				fields[i][k] = alphabet[(size_t)random() % (sizeof(alphabet) - 1)];
			fields[i][length] = '\0';
		}
		text = written(row, 3);
		snprintf(all, sizeof(all), "1,2,3\n%s", text);
		free(text);
		begin(all);
		HOT_ASSERT(csv_next(&csv) == CSV_ROW, "the head of \"%s\"", all);
		if (!fields[0][0] && !fields[1][0] && !fields[2][0])
			continue;
		HOT_ASSERT(csv_next(&csv) == CSV_ROW && csv.fields == 3, "\"%s\" is no row of three", all);
		for (size_t i = 0; i < 3; i++)
			HOT_ASSERT(strcmp(csv.field[i], fields[i]) == 0, "\"%s\" became \"%s\"", fields[i], csv.field[i]);
		HOT_ASSERT(csv_next(&csv) == CSV_END, "more than a row in \"%s\"", all);
	}
}
END_TEST

Suite *csv_suite(void)
{
	const TTest *const tests[] = {every_end_of_line, quotes, empty_rows_and_the_byte_order_mark, the_separator_is_found,
			bad_rows_are_told_and_passed, limits, utf8, formulas_are_written_as_text, what_is_written_is_read_as_the_same, NULL};

	return suite_of("csv", tests);
}
