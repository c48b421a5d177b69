/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the running service says, taken apart: figures that are missing or of another shape are unknown, never wrong. */
#include "admin_suites.h"

#include "live/binding.h"
#include "live/calls.h"
#include "live/relays.h"

#include <stdio.h>
#include <string.h>

#define COOKIE "aeta_0123456789abcdef"

START_TEST(ids_of_calls)
{
	static const char *const bad[] = {"", "-", "1", "1-", "-1", "1-2-3", "1-2 ", " 1-2", "1--2", "a-1", "0x1-1", "1-2147483648",
			"99999999999-1"};
	struct live_call_id id;

	ck_assert(live_call_id_parse("2745-18", &id) && id.entry == 2745 && id.id == 18);
	ck_assert(live_call_id_parse("0-2147483647", &id) && id.entry == 0 && id.id == 2147483647u);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!live_call_id_parse(bad[i], &id), "\"%s\"", bad[i]);
}
END_TEST

START_TEST(figures)
{
	json_t *o = json_pack("{s:i, s:s, s:s, s:i, s:n, s:f, s:s, s:s}", "n", 7, "text", "42", "empty", "", "negative", -1, "null",
			"real", 1.5, "long", "99999999999999999999", "set", "[not set]");
	char out[4];

	ck_assert_int_eq(live_number(o, "n"), 7);
	ck_assert_int_eq(live_number(o, "text"), 42);
	for (const char *const *key = (const char *const[]){"empty", "negative", "null", "real", "long", "missing", NULL}; *key; key++)
		ck_assert_msg(live_number(o, *key) == LIVE_UNKNOWN, "%s", *key);
	ck_assert_int_eq(live_number(NULL, "n"), LIVE_UNKNOWN);
	ck_assert(live_text(o, "text", out, sizeof(out)) && strcmp(out, "42") == 0);
	ck_assert(live_text(o, "long", out, sizeof(out)) && strcmp(out, "999") == 0);
	for (const char *const *key = (const char *const[]){"set", "empty", "n", "missing", NULL}; *key; key++)
		ck_assert_msg(!live_text(o, *key, out, sizeof(out)) && out[0] == '\0', "%s", *key);
	json_decref(o);
}
END_TEST

static bool parse(const char *answer, struct live_load *out)
{
	char bytes[1024];
	int n = snprintf(bytes, sizeof(bytes), "%s %s", COOKIE, answer);

	return live_load_parse(bytes, (size_t)n, COOKIE, out);
}

START_TEST(load_of_a_relay)
{
	struct live_load load = {.url = "udp:127.0.0.1:2223"};

	ck_assert(parse("{\"result\":\"ok\",\"statistics\":{\"currentstatistics\":{\"sessionsown\":3,\"packetrate\":150,\"byterate\":25800},"
					"\"totalstatistics\":{\"uptime\":\"3600\"},\"interfaces\":[{\"ports\":{\"used\":8,\"totals\":996}},"
					"{\"ports\":{\"used\":4,\"totals\":996}}]}}",
			&load));
	ck_assert(load.answered && load.calls == 3 && load.packets_s == 150 && load.bytes_s == 25800 && load.uptime_s == 3600);
	ck_assert(load.ports_used == 12 && load.ports == 1992);
	ck_assert_str_eq(load.url, "udp:127.0.0.1:2223");
}
END_TEST

START_TEST(load_of_another_shape)
{
	static const char *const answers[] = {"", "x", "[]", "7", "{}", "{\"statistics\":7}", "{\"result\":\"error\"}",
			"{\"statistics\":{\"interfaces\":[{\"ports\":{\"used\":8,\"totals\":9}},{\"ports\":{\"used\":\"x\"}}]}}",
			"{\"statistics\":{\"currentstatistics\":[1],\"totalstatistics\":\"x\",\"interfaces\":{}}}"};
	struct live_load load;

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		memset(&load, 1, sizeof(load));
		ck_assert(parse(answers[i], &load));
		ck_assert_int_eq(load.answered, i >= 7);
		ck_assert_int_eq(load.calls, LIVE_UNKNOWN);
		ck_assert_int_eq(load.packets_s, LIVE_UNKNOWN);
		ck_assert_int_eq(load.ports_used, LIVE_UNKNOWN);
		ck_assert_int_eq(load.ports, LIVE_UNKNOWN);
		ck_assert_int_eq(load.uptime_s, LIVE_UNKNOWN);
	}
}
END_TEST

/* Not an answer to this question: it goes on waiting. */
START_TEST(load_of_another_question)
{
	static const char *const answers[] = {"", "aeta_0123456789abcde", COOKIE, COOKIE "0 {}", "aeta_0123456789abcdee {}"};
	struct live_load load;

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		ck_assert_msg(!live_load_parse(answers[i], strlen(answers[i]), COOKIE, &load), "%s", answers[i]);
}
END_TEST

START_TEST(where_an_agent_is)
{
	static const struct {
		const char *contact, *received, *path, *host;
	} cases[] = {
			{"sip:45675001@10.0.0.9:5062", "sip:203.0.113.7:5060;transport=tcp", "", "203.0.113.7"},
			{"sip:45675001@203.0.113.9:5062;x=y", "", "", "203.0.113.9"},
			{"sip:203.0.113.9", "", "", "203.0.113.9"},
			{"<sip:1@203.0.113.9>", "", "", "203.0.113.9"},
			{"sip:1@[2001:db8::7]:5060", "", "", "2001:db8::7"},
			{"sip:1@10.0.0.9", "sip:203.0.113.7:5060", "<sip:sbc.example.com;lr>", ""},
			{"", "", "", ""},
	};
	struct live_binding b = {0};
	char host[64], small[5];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(b.contact, sizeof(b.contact), "%s", cases[i].contact);
		snprintf(b.received, sizeof(b.received), "%s", cases[i].received);
		snprintf(b.path, sizeof(b.path), "%s", cases[i].path);
		live_binding_host(&b, host, sizeof(host));
		ck_assert_str_eq(host, cases[i].host);
		live_binding_host(&b, small, sizeof(small));
		ck_assert(strncmp(small, host, 4) == 0 && strlen(small) <= 4);
	}
}
END_TEST

Suite *live_suite(void)
{
	Suite *s = suite_create("live");
	TCase *t = tcase_create("live");

	tcase_add_test(t, ids_of_calls);
	tcase_add_test(t, figures);
	tcase_add_test(t, load_of_a_relay);
	tcase_add_test(t, load_of_another_shape);
	tcase_add_test(t, load_of_another_question);
	tcase_add_test(t, where_an_agent_is);
	suite_add_tcase(s, t);
	return s;
}
