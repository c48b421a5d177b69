/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SERVICE.md B10: the history of the accounts on its way to the database; what strangers can put into it. */
#include "suites.h"

#include "policy/attempt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW 1700000400u /* the first second of a bucket */

static struct aeta_attempts *t;
static struct aeta_attempt out[256];

static void make(size_t lines)
{
	t = aeta_attempts_init(malloc(aeta_attempts_size(lines)), lines);
}

static struct aeta_attempt one(enum aeta_trust trust, unsigned account, const char *address, const char *cause)
{
	struct aeta_attempt a = {.trust = (uint8_t)trust, .kind = "register"};

	snprintf(a.account, sizeof(a.account), "%u", account);
	snprintf(a.address, sizeof(a.address), "%s", address);
	snprintf(a.cause, sizeof(a.cause), "%s", cause);
	return a;
}

static enum aeta_attempts_added add(enum aeta_trust trust, unsigned account, const char *address, uint32_t now)
{
	struct aeta_attempt a = one(trust, account, address, "wrong-password");

	return aeta_attempts_add(t, &a, now);
}

static int outcome(const char *s, struct aeta_attempt *a)
{
	memset(a, 0, sizeof(*a));
	return aeta_attempt_outcome(a, s, strlen(s));
}

START_TEST(outcomes)
{
	static const struct {
		const char *text, *cause, *reason;
		int rc, code;
	} rows[] = {
		{"wrong-password", "wrong-password", "", 0, 0},
		{"403 Foreign domain (A1 foreign-domain)", "foreign-domain", "", 0, 403},
		{"480 Hunt limit reached (B7 hunt-limit)", "hunt-limit", "", 0, 480},
		{"answer 486 Busy Here", "busy", "Busy Here", 0, 486},
		{"answer 600 ", "busy", "", 0, 600},
		{"answer 603", "declined", "", 0, 603},
		{"answer 200 OK", "answered", "OK", 0, 200},
		{"answer 299 x", "answered", "x", 0, 299},
		{"answer 488 Not (B4 incoming-blocked)", "no-codec", "Not (B4 incoming-blocked)", 0, 488},
		{"answer 408 t", "no-answer", "t", 0, 408},
		{"answer 480 t", "unavailable", "t", 0, 480},
		{"answer 487 t", "cancelled", "t", 0, 487},
		{"answer 500 t", "rejected", "t", 0, 500},
		{"answer 48 t", "other", "", -EINVAL, 0},
		{"answer 4860", "other", "", -EINVAL, 0},
		{"answer ", "other", "", -EINVAL, 0},
		{"", "other", "", -EINVAL, 0},
		{")", "other", "", -EINVAL, 0},
		{"()", "other", "", -EINVAL, 0},
		{"403 Foreign domain", "other", "", -EINVAL, 403},
		{"403 Foreign (A1 Foreign)", "other", "", -EINVAL, 403},
		{"Upper", "other", "", -EINVAL, 0},
		{"a-word-of-more-than-thirty-two-letters", "other", "", -EINVAL, 0},
	};
	struct aeta_attempt a;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_int_eq(outcome(rows[i].text, &a), rows[i].rc);
		ck_assert_str_eq(a.cause, rows[i].cause);
		ck_assert_str_eq(a.reason, rows[i].reason);
		ck_assert_int_eq(a.code, rows[i].code);
	}
}
END_TEST

START_TEST(outcome_of_any_length)
{
	struct aeta_attempt a = {0};
	char text[200] = "answer 486 ";

	memset(text + 11, 'x', sizeof(text) - 11);
	ck_assert_int_eq(aeta_attempt_outcome(&a, text, sizeof(text)), 0);
	ck_assert_uint_eq(strlen(a.reason), sizeof(a.reason) - 1);
}
END_TEST

START_TEST(one_line_in_ten_minutes)
{
	make(8);
	ck_assert_int_eq(add(AETA_TRUST_ACCOUNT, 1, "192.0.2.1", NOW), AETA_ATTEMPT_NEW);
	for (uint32_t s = 15; s < 600; s += 15)
		ck_assert_int_eq(add(AETA_TRUST_ACCOUNT, 1, "192.0.2.1", NOW + s), AETA_ATTEMPT_AGAIN);
	ck_assert_uint_eq(aeta_attempts_take(t, out, 8), 1);
	ck_assert_uint_eq(out[0].times, 40);
	ck_assert_uint_eq(out[0].first, NOW);
	ck_assert_uint_eq(out[0].last, NOW + 585);
	ck_assert_int_eq(add(AETA_TRUST_ACCOUNT, 1, "192.0.2.1", NOW + 600), AETA_ATTEMPT_NEW);
	free(t);
}
END_TEST

/* Written in between: known all the same, and only what came since is handed out. */
START_TEST(known_after_it_was_taken)
{
	make(8);
	for (uint32_t s = 0; s < 5; s++) {
		ck_assert_int_eq(add(AETA_TRUST_SOURCE, 1, "192.0.2.1", NOW + s), s ? AETA_ATTEMPT_AGAIN : AETA_ATTEMPT_NEW);
		ck_assert_uint_eq(aeta_attempts_waiting(t), 1);
		ck_assert_uint_eq(aeta_attempts_take(t, out, 8), 1);
		ck_assert_uint_eq(out[0].times, 1);
		ck_assert_uint_eq(out[0].first, NOW + s);
		ck_assert_uint_eq(aeta_attempts_take(t, out, 8), 0);
	}
	free(t);
}
END_TEST

START_TEST(what_makes_a_line)
{
	struct aeta_attempt a = one(AETA_TRUST_ACCOUNT, 1, "192.0.2.1", "busy"), b;

	make(16);
	ck_assert_int_eq(aeta_attempts_add(t, &a, NOW), AETA_ATTEMPT_NEW);
#define DIFFERS(field, value) \
	do { \
		b = a; \
		strcpy(b.field, value); \
		ck_assert_int_eq(aeta_attempts_add(t, &b, NOW), AETA_ATTEMPT_NEW); \
		ck_assert_int_eq(aeta_attempts_add(t, &b, NOW), AETA_ATTEMPT_AGAIN); \
	} while (0)
	DIFFERS(account, "2");
	DIFFERS(kind, "call");
	DIFFERS(dialled, "5002");
	DIFFERS(final, "45676001");
	DIFFERS(cause, "answered");
	DIFFERS(address, "192.0.2.2");
	b = a;
	strcpy(b.callid, "x");
	strcpy(b.source, "udp:192.0.2.1:5062");
	strcpy(b.user_agent, "another");
	ck_assert_int_eq(aeta_attempts_add(t, &b, NOW), AETA_ATTEMPT_AGAIN);
	ck_assert_uint_eq(aeta_attempts_take(t, out, 16), 7);
	ck_assert_uint_eq(out[0].times, 2);
	ck_assert_str_eq(out[0].user_agent, "another"); /* the latest */
	free(t);
}
END_TEST

/* Oldest first, and only as many as there is room for. */
START_TEST(handed_out_in_order)
{
	make(100);
	for (unsigned i = 0; i < 100; i++)
		ck_assert_int_eq(add(AETA_TRUST_ACCOUNT, 1000 + i, "192.0.2.1", NOW), AETA_ATTEMPT_NEW);
	ck_assert_uint_eq(aeta_attempts_take(t, out, 30), 30);
	ck_assert_str_eq(out[29].account, "1029");
	ck_assert_uint_eq(aeta_attempts_waiting(t), 70);
	ck_assert_uint_eq(aeta_attempts_take(t, out, 256), 70);
	ck_assert_str_eq(out[0].account, "1030");
	free(t);
}
END_TEST

/* Full of what waits: lost. Full of what is written: the oldest makes room. */
START_TEST(full)
{
	make(4);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_int_eq(add(AETA_TRUST_ACCOUNT, i + 1, "192.0.2.1", NOW), AETA_ATTEMPT_NEW);
	ck_assert_int_eq(add(AETA_TRUST_ACCOUNT, 5, "192.0.2.1", NOW), AETA_ATTEMPT_LOST);
	ck_assert_int_eq(add(AETA_TRUST_ACCOUNT, 4, "192.0.2.1", NOW), AETA_ATTEMPT_AGAIN);
	ck_assert_uint_eq(aeta_attempts_take(t, out, 1), 1);
	ck_assert_int_eq(add(AETA_TRUST_ACCOUNT, 5, "192.0.2.1", NOW), AETA_ATTEMPT_NEW);
	ck_assert_int_eq(add(AETA_TRUST_ACCOUNT, 1, "192.0.2.1", NOW), AETA_ATTEMPT_LOST); /* its place was taken */
	ck_assert_uint_eq(aeta_attempts_take(t, out, 256), 4);
	ck_assert_uint_eq(aeta_attempts_waiting(t), 0);
	free(t);
}
END_TEST

/* From every source, under every number: the bound of the header, in every bucket of a day. */
START_TEST(strangers_are_bounded)
{
	char address[46];
	unsigned made = 0, buckets = 3;

	make(64);
	for (uint32_t s = 0; s < buckets * 600; s++) {
		for (unsigned i = 0; i < 20; i++) {
			snprintf(address, sizeof(address), "203.0.%u.%u", s % 256, i);
			made += add(i % 2 ? AETA_TRUST_NONE : AETA_TRUST_SOURCE, s * 20 + i, address, NOW + s) == AETA_ATTEMPT_NEW;
		}
		aeta_attempts_take(t, out, 256);
	}
	ck_assert_uint_eq(made, buckets * 120);
	/* and what an account does itself is noted all the same */
	ck_assert_int_eq(add(AETA_TRUST_ACCOUNT, 1, "192.0.2.1", NOW + buckets * 600 - 1), AETA_ATTEMPT_NEW);
	free(t);
}
END_TEST

static unsigned made_by(enum aeta_trust trust, const char *format, unsigned tries)
{
	char address[46];
	unsigned made = 0;

	make(256);
	for (unsigned i = 0; i < tries; i++) {
		snprintf(address, sizeof(address), "%s%x", format, i + 1);
		made += add(trust, 1000 + i, format[0] ? address : "192.0.2.1", NOW) == AETA_ATTEMPT_NEW;
	}
	free(t);
	return made;
}

START_TEST(one_source_is_bounded)
{
	ck_assert_uint_eq(made_by(AETA_TRUST_NONE, "", 50), 5);
	ck_assert_uint_eq(made_by(AETA_TRUST_SOURCE, "", 50), 10);
	ck_assert_uint_eq(made_by(AETA_TRUST_SOURCE, "2001:db8:1:2:3:4:5:", 50), 10); /* one /64 */
	ck_assert_uint_eq(made_by(AETA_TRUST_SOURCE, "2001:db8:1:2::", 50), 10);
	ck_assert_uint_gt(made_by(AETA_TRUST_SOURCE, "2001:db8:1:", 50), 40); /* many */
}
END_TEST

/* One that has had its share takes nothing from the others, its neighbours least of all. */
START_TEST(neighbours_do_not_share)
{
	char address[46];
	unsigned made = 0;

	make(256);
	for (unsigned i = 0; i < 50; i++)
		add(AETA_TRUST_SOURCE, 1000 + i, "192.0.2.1", NOW);
	for (unsigned i = 2; i < 82; i++) {
		snprintf(address, sizeof(address), "192.0.2.%u", i);
		made += add(AETA_TRUST_SOURCE, 1, address, NOW) == AETA_ATTEMPT_NEW;
	}
	ck_assert_uint_ge(made, 79);
	free(t);
}
END_TEST

START_TEST(one_account_is_bounded)
{
	struct aeta_attempt a = one(AETA_TRUST_ACCOUNT, 1, "192.0.2.1", "unknown-number");
	unsigned made = 0;

	make(512);
	for (unsigned i = 0; i < 300; i++) {
		snprintf(a.dialled, sizeof(a.dialled), "%u", i);
		made += aeta_attempts_add(t, &a, NOW) == AETA_ATTEMPT_NEW;
	}
	ck_assert_uint_eq(made, 100);
	ck_assert_int_eq(aeta_attempts_add(t, &a, NOW + 600), AETA_ATTEMPT_NEW);
	free(t);
}
END_TEST

/* Random use against what must hold: nothing waits twice, nothing is counted that was not added. */
START_TEST(counts_add_up)
{
	unsigned long added = 0, taken = 0;
	uint32_t now = NOW;

	srand(7);
	make(32);
	for (int i = 0; i < 200000; i++) {
		if (rand() % 50 == 0)
			now += (uint32_t)(rand() % 200);
		if (rand() % 10)
			added += add(AETA_TRUST_ACCOUNT, (unsigned)(rand() % 60) + 1, "192.0.2.1", now) <= AETA_ATTEMPT_AGAIN;
		else
			for (size_t n = aeta_attempts_take(t, out, (size_t)(rand() % 20)), k = 0; k < n; k++)
				taken += out[k].times;
		HOT_ASSERT(aeta_attempts_waiting(t) <= aeta_attempts_room(t), "more waits than there are places");
	}
	for (size_t n = aeta_attempts_take(t, out, 256), k = 0; k < n; k++)
		taken += out[k].times;
	ck_assert_uint_eq(taken, added);
	free(t);
}
END_TEST

Suite *attempt_suite(void)
{
	const TTest *const tests[] = {outcomes, outcome_of_any_length, one_line_in_ten_minutes,
		known_after_it_was_taken, what_makes_a_line, handed_out_in_order, full, strangers_are_bounded,
		one_source_is_bounded, neighbours_do_not_share, one_account_is_bounded, counts_add_up, NULL};

	return suite_of("attempt", tests);
}
