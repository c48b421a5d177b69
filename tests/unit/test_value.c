/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bencode and JSON into trees: what they hold, whole, cut off at every byte, and with room for 0, 1, 2 ... nodes. */
#include "relay_suites.h"

#include "core/out.h"
#include "core/value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define NODES 64

static struct value nodes[NODES];
static struct value_tree tree;
static struct scratch scratch;
static struct out shown;

/* The tree in a notation of its own: <key:value,...>, (a,b), #12, 'text'. */
static void show(unsigned i)
{
	bool key = true;

	if (tree.at[i].kind == VALUE_INTEGER) {
		out_format(&shown, "#%" PRId64, tree.at[i].integer);
	} else if (tree.at[i].kind == VALUE_STRING) {
		out_char(&shown, '\'');
		out_add(&shown, tree.at[i].string);
		out_char(&shown, '\'');
	} else {
		bool dict = tree.at[i].kind == VALUE_DICT;

		out_char(&shown, dict ? '<' : '(');
		VALUE_EACH(child, &tree, i) {
			show(child);
			out_char(&shown, dict && key ? ':' : ',');
			key = !key;
		}
		out_char(&shown, dict ? '>' : ')');
	}
}

/* Parses a copy that ends where it ends, so that the sanitizer sees a step too far. */
static int parse(struct text in, unsigned room, size_t scratch_room, size_t *used, void (*look)(void))
{
	char *copy = malloc(in.n ? in.n : 1), *space = malloc(scratch_room ? scratch_room : 1);
	int err;

	ck_assert(copy && space);
	if (in.n)
		memcpy(copy, in.s, in.n);
	tree = (struct value_tree){nodes, 0, room};
	scratch = (struct scratch){space, 0, scratch_room};
	in.s = copy;
	if (in.n && memchr("{[\"", in.s[0], 3))
		err = json_parse(in, &tree, &scratch, used);
	else
		err = bencode_parse(in, &tree, used);
	if (!err && look)
		look();
	HOT_ASSERT(!err || (tree.n == 0 && scratch.n == 0), "something is left behind an error");
	free(copy);
	free(space);
	return err;
}

static void show_root(void)
{
	show(0);
}

/* `in` is a value to its last byte, and is what `should` shows; each part of it that is cut off is known as the beginning of one. */
static void is(struct text in, struct text should)
{
	size_t used = 0;
	unsigned needs;

	out_init(&shown, OUT_MAX);
	ck_assert_int_eq(parse(in, NODES, in.n, &used, show_root), 0);
	ck_assert_uint_eq(used, in.n);
	ck_assert_msg(text_equal(out_text(&shown), should), "is %.*s", TEXT_ARGS(out_text(&shown)));
	out_free(&shown);
	needs = tree.n;
	ck_assert_uint_eq(tree.at[0].next, needs);
	for (size_t n = 1; n < in.n; n++)
		ck_assert_int_eq(parse((struct text){in.s, n}, NODES, in.n, &used, NULL), -EAGAIN);
	for (unsigned room = 0; room < needs; room++)
		ck_assert_int_eq(parse(in, room, in.n, &used, NULL), -E2BIG);
}

static void bad(struct text in)
{
	size_t used;

	ck_assert_msg(parse(in, NODES, in.n, &used, NULL) == -EINVAL, "'%.*s' is none", TEXT_ARGS(in));
}

START_TEST(bencode_becomes_a_tree)
{
	is(TEXT("de"), TEXT("<>"));
	is(TEXT("le"), TEXT("()"));
	is(TEXT("0:"), TEXT("''"));
	is(TEXT("d7:command4:ping5:flagsl1:a1:bee"), TEXT("<'command':'ping','flags':('a','b',),>"));
	is(TEXT("d1:zi-12e1:ai007e0:i9223372036854775807e1:mi-9223372036854775808ee"),
			TEXT("<'z':#-12,'a':#7,'':#9223372036854775807,'m':#-9223372036854775808,>"));
	is(TEXT("d1:ad1:bld1:cleeeee"), TEXT("<'a':<'b':(<'c':(),>,),>,>"));
	is(TEXT("3:\0\xff" "e"), TEXT("'\0\xff" "e'"));
	is(TEXT("00005:abcde"), TEXT("'abcde'"));
}
END_TEST

START_TEST(what_is_no_bencode)
{
	bad(TEXT("x"));
	bad(TEXT("e"));
	bad(TEXT("ie"));
	bad(TEXT("i-e"));
	bad(TEXT("i--1e"));
	bad(TEXT("i1.5e"));
	bad(TEXT("i9223372036854775808e"));
	bad(TEXT("i-9223372036854775809e"));
	bad(TEXT("4;abcd"));
	bad(TEXT("0000000001:a"));
	bad(TEXT("d1:ae"));        /* a key alone */
	bad(TEXT("di1e1:ae"));     /* a key must be a string */
	bad(TEXT("dle1:ae"));
	bad(TEXT("l1:a-e"));
}
END_TEST

START_TEST(json_becomes_a_tree)
{
	is(TEXT("{}"), TEXT("<>"));
	is(TEXT("[ ]"), TEXT("()"));
	is(TEXT("{\"command\" : \"ping\" ,\r\n\t\"flags\":[\"a\",\"b\"]}"), TEXT("<'command':'ping','flags':('a','b',),>"));
	is(TEXT("[0,-12,007,9223372036854775807,-9223372036854775808]"),
			TEXT("(#0,#-12,#7,#9223372036854775807,#-9223372036854775808,)"));
	is(TEXT("[1.5,-1e9,1E+2,9223372036854775808]"), TEXT("('1.5','-1e9','1E+2','9223372036854775808',)"));
	is(TEXT("[true,false,null]"), TEXT("(#1,#0,'',)"));
	is(TEXT("{\"a\":{\"b\":[{\"c\":[]},[[]]]}}"), TEXT("<'a':<'b':(<'c':(),>,((),),),>,>"));
}
END_TEST

START_TEST(json_strings_are_decoded)
{
	is(TEXT("\"plain \xc3\xbc\x80\n\""), TEXT("'plain \xc3\xbc\x80\n'"));
	is(TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), TEXT("'\"\\/\b\f\n\r\t'"));
	is(TEXT("\"a\\u0000b\\u00fC\\u20ac\""), TEXT("'a\0b\xc3\xbc\xe2\x82\xac'"));
	is(TEXT("\"\\ud834\\udd1E\""), TEXT("'\xf0\x9d\x84\x9e'"));
	is(TEXT("[\"\\ud834\",\"\\udd1e\\ud834\",\"\\ud834\\u0041\"]"),
			TEXT("('\xef\xbf\xbd','\xef\xbf\xbd\xef\xbf\xbd','\xef\xbf\xbd" "A',)"));
	is(TEXT("[\"\\udd1e\\udd1e\"]"), TEXT("('\xef\xbf\xbd\xef\xbf\xbd',)"));
	is(TEXT("{\"a\\u003d\":\"\\u003d\"}"), TEXT("<'a=':'=',>"));
}
END_TEST

START_TEST(what_is_no_json)
{
	bad(TEXT("{\"a\"}"));
	bad(TEXT("{\"a\":}"));
	bad(TEXT("{\"a\":1,}"));
	bad(TEXT("{a:1}"));
	bad(TEXT("{1:1}"));
	bad(TEXT("{\"a\" 1}"));
	bad(TEXT("{\"a\":1 \"b\":2}"));
	bad(TEXT("{\"a\":1]"));
	bad(TEXT("[1}"));
	bad(TEXT("[,1]"));
	bad(TEXT("[1,]"));
	bad(TEXT("[-]"));
	bad(TEXT("[1.]"));
	bad(TEXT("[1e]"));
	bad(TEXT("[.5]"));
	bad(TEXT("[1-2]"));
	bad(TEXT("[truth]"));
	bad(TEXT("[nil]"));
	bad(TEXT("\"\\x\""));
	bad(TEXT("\"\\\0\""));
	bad(TEXT("\"\\u00g0\""));
}
END_TEST

START_TEST(no_room_for_what_was_escaped)
{
	struct text in = TEXT("[\"a\\nb\",\"\\u20ac\"]");
	size_t used;

	for (size_t room = 0; room < 6; room++)
		ck_assert_int_eq(parse(in, NODES, room, &used, NULL), -E2BIG);
	ck_assert_int_eq(parse(in, NODES, 6, &used, NULL), 0);
}
END_TEST

/* `n` lists in one another */
static struct text nested(char open, char close, unsigned n)
{
	static char s[2 * (VALUE_DEPTH_MAX + 1)];

	memset(s, open, n);
	memset(s + n, close, n);
	return (struct text){s, 2 * n};
}

START_TEST(nesting_is_limited)
{
	size_t used;

	ck_assert_int_eq(parse(nested('l', 'e', VALUE_DEPTH_MAX), NODES, 0, &used, NULL), 0);
	ck_assert_int_eq(parse(nested('l', 'e', VALUE_DEPTH_MAX + 1), NODES, 0, &used, NULL), -E2BIG);
	ck_assert_int_eq(parse(nested('[', ']', VALUE_DEPTH_MAX), NODES, 0, &used, NULL), 0);
	ck_assert_int_eq(parse(nested('[', ']', VALUE_DEPTH_MAX + 1), NODES, 0, &used, NULL), -E2BIG);
}
END_TEST

START_TEST(what_follows_is_left)
{
	size_t used;

	ck_assert_int_eq(parse(TEXT("d1:ai1eed1:bi2ee"), NODES, 0, &used, NULL), 0);
	ck_assert_uint_eq(used, 8);
	ck_assert_int_eq(parse(TEXT("{\"a\":1} {"), NODES, 0, &used, NULL), 0);
	ck_assert_uint_eq(used, 7);
}
END_TEST

START_TEST(strings_as_numbers)
{
	static const struct {
		const char *s;
		bool is;
		int64_t n;
	} cases[] = {{"0", true, 0}, {"-0", true, 0}, {"30", true, 30}, {"-1", true, -1}, {"-9223372036854775808", true, INT64_MIN},
			{"9223372036854775808", false, 0}, {"", false, 0}, {"-", false, 0}, {"1s", false, 0}, {" 1", false, 0}, {"+1", false, 0}};
	struct value v = {.kind = VALUE_LIST};
	int64_t n;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		v = (struct value){.kind = VALUE_STRING, .string = text_of(cases[i].s)};
		ck_assert_msg(value_number(&v, &n) == cases[i].is, "'%s'", cases[i].s);
		ck_assert(!cases[i].is || n == cases[i].n);
	}
	v = (struct value){.kind = VALUE_LIST};
	ck_assert(!value_number(&v, &n));
}
END_TEST

Suite *value_suite(void)
{
	const TTest *const tests[] = {bencode_becomes_a_tree, what_is_no_bencode, json_becomes_a_tree, json_strings_are_decoded, what_is_no_json,
			no_room_for_what_was_escaped, nesting_is_limited, what_follows_is_left, strings_as_numbers, NULL};

	return suite_of("values", tests);
}
