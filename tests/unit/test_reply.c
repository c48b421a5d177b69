/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "relay_suites.h"
#include "memory.h"

#include "core/reply.h"

#include <stdio.h>

static struct out out;

static void ck_assert_text(struct text is, const char *should)
{
	ck_assert_msg(text_is(is, should), "is '%.*s', should be '%s'", TEXT_ARGS(is), should);
}

/* One of everything, both ways. */
static void write_example(struct reply *w)
{
	reply_put_string(w, "result", TEXT("ok"));
	reply_open_dict(w, "totals");
	reply_put_integer(w, "packets", 12);
	reply_put_integer(w, "errors", -3);
	reply_open_dict(w, "empty");
	reply_close(w);
	reply_close(w);
	reply_open_list(w, "calls");
	reply_string(w, TEXT("a@b"));
	reply_integer(w, INT64_MIN);
	reply_list(w);
	reply_close(w);
	reply_dict(w);
	reply_put_string(w, "", TEXT(""));
	reply_close(w);
	reply_string(w, TEXT("z"));
	reply_close(w);
	reply_put_string(w, "last", TEXT("1"));
}

START_TEST(both_encodings_say_the_same)
{
	struct reply w;

	out_init(&out, OUT_MAX);
	out_string(&out, "1_2 ");
	reply_start(&w, NG_BENCODE, &out);
	write_example(&w);
	reply_finish(&w);
	ck_assert_text(out_text(&out), "1_2 d6:result2:ok6:totalsd7:packetsi12e6:errorsi-3e5:emptydee5:callsl3:a@b"
								   "i-9223372036854775808eled0:0:e1:ze4:last1:1e");
	out_clear(&out);
	reply_start(&w, NG_JSON, &out);
	write_example(&w);
	reply_finish(&w);
	ck_assert_text(out_text(&out), "{\"result\":\"ok\",\"totals\":{\"packets\":12,\"errors\":-3,\"empty\":{}},"
								   "\"calls\":[\"a@b\",-9223372036854775808,[],{\"\":\"\"},\"z\"],\"last\":\"1\"}");
	ck_assert(!out.failed);
	out_free(&out);
}
END_TEST

static void json_is(struct text value, const char *should)
{
	struct reply w;

	out_init(&out, OUT_MAX);
	reply_start(&w, NG_JSON, &out);
	reply_put_string(&w, "k", value);
	reply_finish(&w);
	ck_assert_text(out_text(&out), should);
	out_free(&out);
}

START_TEST(json_strings_hold_any_byte)
{
	json_is(TEXT("v=0\r\no=\"a\\b\"\t\b\f\v\177"), "{\"k\":\"v=0\\r\\no=\\\"a\\\\b\\\"\\t\\b\\f\\u000b\\u007f\"}");
	json_is(TEXT("a\0b"), "{\"k\":\"a\\u0000b\"}");
	json_is(TEXT("Zürich €𝄞"), "{\"k\":\"Zürich €𝄞\"}");
	json_is(TEXT("Z\xfcrich"), "{\"k\":\"Zürich\"}");
	json_is(TEXT("\xc3"), "{\"k\":\"Ã\"}");                                                    /* cut off */
	json_is(TEXT("\xc0\x80"), "{\"k\":\"À\xc2\x80\"}");                                     /* overlong */
	json_is(TEXT("\xed\xa0\x80"), "{\"k\":\"í\xc2\xa0\xc2\x80\"}");                       /* a surrogate */
	json_is(TEXT("\xf4\x90\x80\x80"), "{\"k\":\"ô\xc2\x90\xc2\x80\xc2\x80\"}");         /* above 10FFFF */
	json_is(TEXT("\xf0\x9d\x84"), "{\"k\":\"ð\xc2\x9d\xc2\x84\"}");
}
END_TEST

START_TEST(bencode_strings_hold_any_byte)
{
	struct reply w;

	out_init(&out, OUT_MAX);
	reply_start(&w, NG_BENCODE, &out);
	reply_put_string(&w, "k", TEXT("\0\xff" "e"));
	reply_finish(&w);
	ck_assert(text_equal(out_text(&out), TEXT("d1:k3:\0\xff" "ee")));
	out_free(&out);
}
END_TEST

START_TEST(an_optional_part_is_cut_out)
{
	for (int encoding = NG_BENCODE; encoding <= NG_JSON; encoding++) {
		struct reply_mark mark;
		struct reply w;

		out_init(&out, 64);
		reply_start(&w, encoding, &out);
		reply_put_string(&w, "a", TEXT("b"));
		mark = reply_mark(&w);
		reply_open_list(&w, "SSRC");
		for (int i = 0; i < 100; i++)
			reply_integer(&w, i);
		reply_close(&w);
		ck_assert(out.failed);
		reply_cut(&w, &mark);
		reply_put_string(&w, "c", TEXT("d"));
		reply_finish(&w);
		ck_assert(!out.failed);
		ck_assert_text(out_text(&out), encoding == NG_JSON ? "{\"a\":\"b\",\"c\":\"d\"}" : "d1:a1:b1:c1:de");
		out_free(&out);
	}
}
END_TEST

START_TEST(numbers_are_as_printf_has_them)
{
	static const int64_t numbers[] = {0, 1, 9, 10, 99, 100, 1234567890, INT64_MAX, -1, -9, -10, INT64_MIN};

	out_init(&out, OUT_MAX);
	for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		char should[24];

		snprintf(should, sizeof(should), "%lld", (long long)numbers[i]);
		out_clear(&out);
		out_number(&out, numbers[i]);
		ck_assert_text(out_text(&out), should);
	}
	out_free(&out);
}
END_TEST

/* The limit is a byte's, not that of what the buffer grows by. */
START_TEST(nothing_is_longer_than_its_limit)
{
	for (size_t max = 0; max < 600; max += 7) {
		out_init(&out, max);
		for (size_t i = 0; i < max; i++)
			out_char(&out, 'x');
		ck_assert(!out.failed && out.n == max && out.room <= max);
		out_char(&out, 'x');
		ck_assert(out.failed && out.n == max);
		out_free(&out);
	}
}
END_TEST

START_TEST(too_deep_is_a_failure)
{
	struct reply w;

	out_init(&out, OUT_MAX);
	reply_start(&w, NG_JSON, &out);
	reply_key(&w, TEXT("k"));
	for (int i = 1; i < REPLY_DEPTH_MAX; i++)
		reply_list(&w);
	ck_assert(!out.failed);
	reply_list(&w);
	ck_assert(out.failed);
	reply_finish(&w);
	out_free(&out);
}
END_TEST

static void write_long(void)
{
	struct reply w;

	out_init(&out, OUT_MAX);
	reply_start(&w, NG_JSON, &out);
	for (int i = 0; i < 500; i++)
		write_example(&w);
	reply_finish(&w);
	STARVED_ASSERT(out.failed == memory_refused());
	out_free(&out);
}

START_TEST(no_memory_is_a_failure)
{
	memory_starve(write_long);
}
END_TEST

Suite *reply_suite(void)
{
	const TTest *const tests[] = {both_encodings_say_the_same, json_strings_hold_any_byte, bencode_strings_hold_any_byte,
			an_optional_part_is_cut_out, numbers_are_as_printf_has_them, nothing_is_longer_than_its_limit, too_deep_is_a_failure, no_memory_is_a_failure, NULL};

	return suite_of("replies", tests);
}
