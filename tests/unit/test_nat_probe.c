/* SPDX-License-Identifier: GPL-2.0-or-later */
/* C7: the probes' text, their times, and what their answers show. */
#include "suites.h"

#include <string.h>

#include "policy/nat_probe.h"

#define TOKEN 0x0123456789abcdefu

static struct aeta_address address(const char *s, unsigned port)
{
	return aeta_address_parse(s, strlen(s), port);
}

static size_t write_probe(enum aeta_probe_kind kind, const char *uri, struct aeta_address from, struct aeta_address answer, char *out,
		size_t size)
{
	struct aeta_probe_text t = {.kind = kind, .token = TOKEN, .uri = uri, .uri_len = strlen(uri), .from = from, .answer = answer};

	return aeta_probe_write(&t, out, size);
}

START_TEST(a_probe_to_the_letter)
{
	char out[AETA_PROBE_MAX];
	size_t n = write_probe(AETA_PROBE_ADDRESS, "sip:1@192.168.1.11:5060", address("198.51.100.10", 5060),
			address("198.51.100.11", 5072), out, sizeof(out));

	ck_assert_uint_eq(n, strlen(out));
	ck_assert_str_eq(out,
			"OPTIONS sip:1@192.168.1.11:5060 SIP/2.0\r\n"
			"Via: SIP/2.0/UDP probe.invalid:5072;maddr=198.51.100.11;branch=z9hG4bK-aeta-nat-0123456789abcdef2\r\n"
			"Max-Forwards: 70\r\n"
			"From: <sip:nat@198.51.100.10>;tag=0123456789abcdef2\r\n"
			"To: <sip:1@192.168.1.11:5060>\r\n"
			"Call-ID: 0123456789abcdef2@198.51.100.10\r\n"
			"CSeq: 1 OPTIONS\r\n"
			"Content-Length: 0\r\n\r\n");
}
END_TEST

/* rport would send the answer to where the probe came from. */
START_TEST(only_what_is_not_steered_asks_for_rport)
{
	struct aeta_address here = address("198.51.100.10", 5060);
	char out[AETA_PROBE_MAX];

	write_probe(AETA_PROBE_FLOW, "sip:1@192.0.2.1", here, here, out, sizeof(out));
	ck_assert_ptr_nonnull(strstr(out, "Via: SIP/2.0/UDP 198.51.100.10:5060;rport;branch="));
	ck_assert_ptr_null(strstr(out, "maddr"));
	write_probe(AETA_PROBE_PORT, "sip:1@192.0.2.1", here, address("198.51.100.10", 5072), out, sizeof(out));
	ck_assert_ptr_nonnull(strstr(out, "Via: SIP/2.0/UDP probe.invalid:5072;branch="));
	here = address("2001:db8::10", 5060);
	write_probe(AETA_PROBE_ADDRESS, "sip:1@[2001:db8::1]", here, address("2001:db8::11", 5072), out, sizeof(out));
	ck_assert_ptr_nonnull(strstr(out, "UDP probe.invalid:5072;maddr=[2001:db8::11];branch="));
}
END_TEST

START_TEST(what_is_no_uri_gets_no_probe)
{
	static const char *const bad[] = {"", "sip:", "sip:1@a b", "sip:1@a\r\nX: y", "sip:1@a>", "<sip:1@a>", "sip:\"1\"@a", "sip:1@\x7f"};
	struct aeta_address here = address("198.51.100.10", 5060);
	char out[AETA_PROBE_MAX], longest[AETA_PROBE_URI_MAX + 2];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_uint_eq(write_probe(AETA_PROBE_FLOW, bad[i], here, here, out, sizeof(out)), 0);
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	ck_assert_uint_eq(write_probe(AETA_PROBE_FLOW, longest, here, here, out, sizeof(out)), 0);
	longest[AETA_PROBE_URI_MAX] = '\0';
	ck_assert_uint_gt(write_probe(AETA_PROBE_FLOW, longest, here, here, out, sizeof(out)), 0); /* there is room for the longest */
	ck_assert_uint_eq(write_probe(AETA_PROBE_FLOW, longest, here, here, out, 300), 0);
}
END_TEST

/* An agent copies the Via into its answer, with what it adds. */
START_TEST(an_answer_is_recognised)
{
	static const char answer[] = "SIP/2.0 405 Method Not Allowed\r\nv: SIP/2.0/UDP 198.51.100.10:5072;received=198.51.100.10;"
								 "z=1;branch=z9hG4bK-aeta-nat-0123456789abcdef4;rport=5060\r\nCSeq: 1 OPTIONS\r\n\r\n";
	struct aeta_probe_answer a;
	char cut[sizeof(answer)];

	ck_assert(aeta_probe_read(answer, strlen(answer), &a));
	ck_assert_uint_eq(a.code, 405);
	ck_assert(a.token == TOKEN && a.kind == AETA_PROBE_AFTER);
	for (size_t n = 0; n < strlen(answer); n++) {
		memcpy(cut, answer, n);
		ck_assert(aeta_probe_read(cut, n, &a) == (n >= (size_t)(strstr(answer, "f4;") - answer) + 2));
	}
}
END_TEST

START_TEST(what_is_no_answer_is_none)
{
#define BRANCH "\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK-aeta-nat-0123456789abcdef"
	static const char *const none[] = {"OPTIONS sip:1@a SIP/2.0" BRANCH "1\r\n\r\n", "SIP/2.0 2000 OK" BRANCH "1\r\n\r\n",
			"SIP/2.0 099 OK" BRANCH "1\r\n\r\n", "SIP/2.0 700 OK" BRANCH "1\r\n\r\n", "SIP/2.0 2x0 OK" BRANCH "1\r\n\r\n",
			"SIP/2.0 200 OK" BRANCH "5\r\n\r\n", "SIP/2.0 200 OK" BRANCH "x\r\n\r\n", ("SIP/2.0 200 OK" BRANCH),
			"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK-aeta-nat-0123456789ABCDEF1\r\n\r\n", "SIP/2.0 200 OK\r\n\r\n", "\r\n"};
	struct aeta_probe_answer a;

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ck_assert_msg(!aeta_probe_read(none[i], strlen(none[i]), &a), "%s", none[i]);
}
END_TEST

/* ---- times ---- */

#define BIT(kind) AETA_PROBE_BIT(AETA_PROBE_##kind)

START_TEST(everything_is_sent_at_its_time)
{
	struct aeta_probe p = aeta_probe_begin(TOKEN, true, true, 1000);

	ck_assert_uint_eq(aeta_probe_wait(&p, 1000), 0);
	ck_assert_uint_eq(aeta_probe_due(&p, 1000), BIT(KNOCK) | BIT(FLOW) | BIT(PORT) | BIT(ADDRESS));
	ck_assert_uint_eq(aeta_probe_due(&p, 1099), 0);
	ck_assert_uint_eq(aeta_probe_wait(&p, 1040), 60);
	ck_assert_uint_eq(aeta_probe_due(&p, 1100), BIT(KNOCK));
	ck_assert_uint_eq(aeta_probe_due(&p, 1400), BIT(AFTER));
	aeta_probe_answered(&p, AETA_PROBE_FLOW, AETA_AT_SERVICE, true);
	ck_assert_uint_eq(aeta_probe_due(&p, 2200), BIT(PORT) | BIT(ADDRESS) | BIT(AFTER));
	ck_assert(!aeta_probe_over(&p, 3399));
	ck_assert_uint_eq(aeta_probe_wait(&p, 2200), 1200);
	ck_assert_uint_eq(aeta_probe_due(&p, 3400), 0);
	ck_assert(aeta_probe_over(&p, 3400));
	ck_assert_uint_eq(p.evidence, AETA_EVIDENCE_NO_NAT | AETA_EVIDENCE_ADDRESS_TRIED | AETA_EVIDENCE_FLOW);
}
END_TEST

/* A process that was held up sends all that it owes, the knock before what has to come after it: the caller sends in that order. */
START_TEST(what_is_late_is_not_lost)
{
	struct aeta_probe p = aeta_probe_begin(TOKEN, false, false, 1000);

	ck_assert_uint_eq(aeta_probe_due(&p, 1500), BIT(KNOCK) | BIT(FLOW) | BIT(PORT) | BIT(AFTER));
}
END_TEST

START_TEST(it_is_over_when_all_is_answered)
{
	struct aeta_probe p = aeta_probe_begin(TOKEN, false, true, 1000);

	aeta_probe_due(&p, 1000);
	aeta_probe_answered(&p, AETA_PROBE_FLOW, AETA_AT_SERVICE, true);
	aeta_probe_answered(&p, AETA_PROBE_PORT, AETA_AT_PORT, true);
	aeta_probe_answered(&p, AETA_PROBE_ADDRESS, AETA_AT_OTHER, true);
	ck_assert(!aeta_probe_over(&p, 1300));
	ck_assert_uint_eq(aeta_probe_due(&p, 1400), BIT(KNOCK) | BIT(AFTER));
	aeta_probe_answered(&p, AETA_PROBE_AFTER, AETA_AT_KNOCK, true);
	ck_assert(aeta_probe_over(&p, 1401));
	ck_assert_uint_eq(aeta_probe_wait(&p, 1401), 0);
	ck_assert_int_eq(aeta_nat_classify(p.evidence), AETA_NAT_EIM);
}
END_TEST

START_TEST(one_address_is_not_asked_for_another)
{
	struct aeta_probe p = aeta_probe_begin(TOKEN, false, false, 0);

	for (uint64_t now = 0; now < 5000; now += 10)
		ck_assert(!(aeta_probe_due(&p, now) & BIT(ADDRESS)));
	aeta_probe_answered(&p, AETA_PROBE_ADDRESS, AETA_AT_OTHER, true); /* what was not asked shows nothing */
	ck_assert_uint_eq(p.evidence, 0);
}
END_TEST

/* ---- what agents behind each kind of NAT answer ---- */

struct agent {
	bool no_nat, other_port, other_address, leaks, walled; /* what its NAT changes */
	bool via_port, maddr, silent;						   /* false, false: what it does not honour */
};

static bool same_at(const struct agent *a, enum aeta_probe_place place)
{
	if (place == AETA_AT_PORT)
		return !a->other_port;
	if (place == AETA_AT_OTHER)
		return !a->other_address;
	return place != AETA_AT_KNOCK || !(a->other_port || a->leaks);
}

static void answer(struct aeta_probe *p, const struct agent *a, enum aeta_probe_kind kind)
{
	enum aeta_probe_place place = AETA_AT_SERVICE;

	if (a->silent || kind == AETA_PROBE_KNOCK)
		return;
	if (a->via_port && kind != AETA_PROBE_FLOW)
		place = kind == AETA_PROBE_AFTER ? AETA_AT_KNOCK : kind == AETA_PROBE_ADDRESS && a->maddr ? AETA_AT_OTHER : AETA_AT_PORT;
	else if (kind == AETA_PROBE_ADDRESS && a->maddr)
		return; /* to a port of the other address where nobody listens */
	if (place == AETA_AT_OTHER && a->walled)
		return;
	aeta_probe_answered(p, kind, place, same_at(a, place));
}

static enum aeta_nat_class class_of(const struct agent *a)
{
	struct aeta_probe p = aeta_probe_begin(TOKEN, a->no_nat, true, 0);

	for (uint64_t now = 0; !aeta_probe_over(&p, now); now += 10) {
		unsigned due = aeta_probe_due(&p, now);

		for (unsigned kind = 0; kind < AETA_PROBE_KINDS; kind++)
			if (due >> kind & 1)
				answer(&p, a, (enum aeta_probe_kind)kind);
	}
	return aeta_nat_classify(p.evidence);
}

START_TEST(agents_that_do_as_they_are_asked)
{
	ck_assert_int_eq(class_of(&(struct agent){.no_nat = true, .via_port = true, .maddr = true}), AETA_NAT_OPEN);
	ck_assert_int_eq(class_of(&(struct agent){.via_port = true, .maddr = true}), AETA_NAT_EIM);
	ck_assert_int_eq(class_of(&(struct agent){.other_port = true, .other_address = true, .via_port = true, .maddr = true}),
			AETA_NAT_CHANGED);
	ck_assert_int_eq(class_of(&(struct agent){.other_address = true, .via_port = true, .maddr = true}), AETA_NAT_CHANGED);
	ck_assert_int_eq(class_of(&(struct agent){.leaks = true, .via_port = true, .maddr = true}), AETA_NAT_LEAKY);
	ck_assert_int_eq(class_of(&(struct agent){.no_nat = true, .walled = true, .via_port = true, .maddr = true}), AETA_NAT_WALLED);
}
END_TEST

/* Whatever an agent does not honour: never OPEN, never EIM. */
START_TEST(agents_that_do_not)
{
	for (unsigned bits = 0; bits < 256; bits++) {
		struct agent a = {.no_nat = bits & 1, .other_port = bits & 2, .other_address = bits & 4, .leaks = bits & 8,
				.walled = bits & 16, .via_port = bits & 32, .maddr = bits & 64, .silent = bits & 128};
		enum aeta_nat_class cls = class_of(&a);
		bool fine = !a.other_port && !a.other_address && !a.leaks && !a.walled && a.via_port && a.maddr && !a.silent;

		ck_assert_msg((cls == AETA_NAT_OPEN || cls == AETA_NAT_EIM) == fine, "%x: %s", bits, aeta_nat_class_name(cls));
		if (a.silent)
			ck_assert_int_eq(cls, AETA_NAT_UNKNOWN);
	}
}
END_TEST

/* ---- is the service itself walled off? ---- */

static unsigned silent_after(struct aeta_probe_silence *s, unsigned agents, uint32_t evidence)
{
	unsigned silent = 0;

	while (agents--)
		silent = aeta_probe_silent(s, evidence);
	return silent;
}

START_TEST(ten_agents_without_an_answer_are_a_sign)
{
	const uint32_t flow = AETA_EVIDENCE_FLOW, tried = AETA_EVIDENCE_ADDRESS_TRIED, port = AETA_EVIDENCE_PORT;
	struct aeta_probe_silence s = {0};

	ck_assert_uint_eq(silent_after(&s, 9, flow | tried), 0);
	ck_assert_uint_eq(silent_after(&s, 1000, flow | tried), AETA_SILENT_PORT);
	ck_assert_uint_eq(silent_after(&s, 1, flow | tried | port), 0);
	ck_assert_uint_eq(silent_after(&s, 8, flow | tried | port), 0);
	ck_assert_uint_eq(silent_after(&s, 1, flow | tried | AETA_EVIDENCE_PORT_MOVED), AETA_SILENT_ADDRESS);
	ck_assert_uint_eq(silent_after(&s, 10, flow | tried), AETA_SILENT_PORT | AETA_SILENT_ADDRESS);
	ck_assert_uint_eq(silent_after(&s, 1, flow | tried | port | AETA_EVIDENCE_ADDRESS_MOVED), 0);
}
END_TEST

/* Agents that do not do as they are asked, or answer nothing, say nothing of the service. */
START_TEST(agents_with_manners_of_their_own_are_none)
{
	struct aeta_probe_silence s = {0};

	ck_assert_uint_eq(silent_after(&s, 50, AETA_EVIDENCE_ADDRESS_TRIED), 0);
	ck_assert_uint_eq(silent_after(&s, 50, AETA_EVIDENCE_FLOW | AETA_EVIDENCE_PORT_IGNORED | AETA_EVIDENCE_ADDRESS_TRIED), 0);
	ck_assert_uint_eq(silent_after(&s, 50, AETA_EVIDENCE_FLOW | AETA_EVIDENCE_PORT), 0); /* there is one address */
	ck_assert_uint_eq(silent_after(&s, 50, AETA_EVIDENCE_FLOW | AETA_EVIDENCE_PORT | AETA_EVIDENCE_ADDRESS_TRIED |
							AETA_EVIDENCE_ADDRESS_IGNORED), 0);
}
END_TEST

Suite *nat_probe_suite(void)
{
	Suite *s = suite_create("nat probe");
	TCase *t = tcase_create("texts"), *times = tcase_create("times"), *agents = tcase_create("agents");

	tcase_add_test(t, a_probe_to_the_letter);
	tcase_add_test(t, only_what_is_not_steered_asks_for_rport);
	tcase_add_test(t, what_is_no_uri_gets_no_probe);
	tcase_add_test(t, an_answer_is_recognised);
	tcase_add_test(t, what_is_no_answer_is_none);
	suite_add_tcase(s, t);
	tcase_add_test(times, everything_is_sent_at_its_time);
	tcase_add_test(times, what_is_late_is_not_lost);
	tcase_add_test(times, it_is_over_when_all_is_answered);
	tcase_add_test(times, one_address_is_not_asked_for_another);
	suite_add_tcase(s, times);
	tcase_add_test(agents, agents_that_do_as_they_are_asked);
	tcase_add_test(agents, agents_that_do_not);
	tcase_add_test(agents, ten_agents_without_an_answer_are_a_sign);
	tcase_add_test(agents, agents_with_manners_of_their_own_are_none);
	suite_add_tcase(s, agents);
	return s;
}
