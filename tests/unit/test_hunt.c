/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The iterator's own edges; whole hunts are rows of tests/policy.tbl. */
#include "suites.h"

#include "policy/hunt.h"

#include <string.h>

static const struct aeta_group plain = {.prefix = 4567, .options = AETA_HUNTING, .hunt_max_s = 150};

static enum aeta_hunt_step answer(const struct aeta_group *g, struct aeta_hunt *h, unsigned code)
{
	return aeta_hunt_answer(h, g, &(struct aeta_answer){.code = (uint16_t)code, .provisional = true}, h->until_s - 100);
}

START_TEST(walks_the_whole_series)
{
	struct aeta_hunt h;
	unsigned places = 0;

	aeta_hunt_start(&h, &plain, 0);
	for (unsigned seq; (seq = aeta_hunt_candidate(&h)) != 0; places++) {
		HOT_ASSERT(seq == 6001 + places, "%u", seq);
		aeta_hunt_skip(&h, false);
	}
	ck_assert_uint_eq(places, AETA_SERIES_MAX);
	aeta_hunt_skip(&h, false);
	ck_assert_uint_eq(aeta_hunt_candidate(&h), 0);
	ck_assert_int_eq(aeta_hunt_end(&h), AETA_RULE_HUNT_ABSENT);
}
END_TEST

START_TEST(every_status)
{
	static const unsigned next[] = {404, 408, 410, 480, 486, 600};
	struct aeta_hunt h;

	for (unsigned code = 300; code <= 699; code++) {
		bool goes_on = code >= 500 && code <= 599;

		for (size_t i = 0; i < sizeof(next) / sizeof(next[0]); i++)
			goes_on |= code == next[i];
		aeta_hunt_start(&h, &plain, 0);
		HOT_ASSERT((answer(&plain, &h, code) == AETA_HUNT_NEXT) == goes_on, "%u", code);
		HOT_ASSERT((aeta_hunt_end(&h) == AETA_RULE_HUNT_BUSY) == (code == 486 || code == 600), "%u", code);
	}
}
END_TEST

START_TEST(time_outs)
{
	struct aeta_group moving = plain;
	struct aeta_answer silent = {.code = 408, .timeout = true}, rang = {.code = 408, .timeout = true, .provisional = true};
	struct aeta_hunt h;

	moving.no_answer_s = 20;
	aeta_hunt_start(&h, &plain, 100);
	ck_assert_int_eq(aeta_hunt_answer(&h, &plain, &silent, 105), AETA_HUNT_NEXT);
	ck_assert_int_eq(aeta_hunt_answer(&h, &plain, &rang, 249), AETA_HUNT_OVER);
	ck_assert_int_eq(aeta_hunt_bound(&h, 249), AETA_RULE_HUNT_TIMEOUT);
	aeta_hunt_start(&h, &moving, 100);
	ck_assert_int_eq(aeta_hunt_answer(&h, &moving, &rang, 120), AETA_HUNT_NEXT);
	ck_assert_int_eq(aeta_hunt_answer(&h, &moving, &silent, 250), AETA_HUNT_OVER);
}
END_TEST

START_TEST(ringing_time)
{
	struct aeta_group moving = plain;
	struct aeta_hunt h;

	moving.no_answer_s = 20;
	aeta_hunt_start(&h, &plain, UINT32_MAX - 10); /* a clock that wraps during the hunt */
	ck_assert_uint_eq(aeta_hunt_ring_s(&h, &plain, UINT32_MAX - 10), 150);
	ck_assert_uint_eq(aeta_hunt_ring_s(&h, &plain, 39), 100);
	ck_assert_uint_eq(aeta_hunt_ring_s(&h, &moving, 39), 20);
	ck_assert_uint_eq(aeta_hunt_ring_s(&h, &moving, 134), 5);
	ck_assert_uint_eq(aeta_hunt_ring_s(&h, &plain, 200), 1);
}
END_TEST

START_TEST(limits)
{
	struct aeta_hunt h;

	aeta_hunt_start(&h, &plain, 0);
	for (int i = 0; i < AETA_HUNT_TRIES_MAX; i++) {
		ck_assert_int_eq(aeta_hunt_bound(&h, 1), AETA_RULE_NONE);
		aeta_hunt_rung(&h);
	}
	ck_assert_int_eq(aeta_hunt_bound(&h, 1), AETA_RULE_HUNT_LIMIT);
	answer(&plain, &h, 486);
	ck_assert_int_eq(aeta_hunt_bound(&h, 1), AETA_RULE_HUNT_LIMIT_BUSY);
	aeta_hunt_start(&h, &plain, 0);
	aeta_hunt_skip(&h, true);
	ck_assert_int_eq(aeta_hunt_bound(&h, 150), AETA_RULE_HUNT_TIMEOUT_BUSY);
}
END_TEST

START_TEST(text_form)
{
	static const char *const bad[] = {"", "4567", "4567,1,0,0", "4567,1,0,0,", "4567,1,0,0,1,", "4567,0,0,0,1",
			"4567,1001,0,0,1", "999,1,0,0,1", "4567,1,1,0,1", "4567,2,1,2,1", "04567,1,0,0,1", "4567,1,0,0,4294967296",
			" 4567,1,0,0,1", "4567,1,0,0,1 ", "4567;1;0;0;1", "-1,1,0,0,1", "4567,1,0,0,99999999999999999999999"};
	struct aeta_hunt h, back = {0};
	char out[64], tiny[5];
	size_t len;

	aeta_hunt_start(&h, &plain, UINT32_MAX - 200);
	aeta_hunt_rung(&h);
	aeta_hunt_skip(&h, true);
	len = aeta_hunt_format(&h, out, sizeof(out));
	ck_assert(aeta_hunt_parse(&back, out, len));
	ck_assert_mem_eq(&h, &back, sizeof(h));
	ck_assert_uint_eq(aeta_hunt_format(&h, tiny, sizeof(tiny)), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!aeta_hunt_parse(&back, bad[i], strlen(bad[i])), "'%s' was read", bad[i]);
	ck_assert_mem_eq(&h, &back, sizeof(h));
}
END_TEST

Suite *hunt_suite(void)
{
	const TTest *const tests[] = {walks_the_whole_series, every_status, time_outs, ringing_time, limits, text_form, NULL};

	return suite_of("hunting", tests);
}
