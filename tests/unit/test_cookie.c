/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "relay_suites.h"
#include "memory.h"

#include "core/cookie.h"

#include <stdio.h>
#include <stdlib.h>

#define SECOND 1000000ull
#define MIB    (1024u * 1024)

static const uint64_t key[2] = {1, 2};
static struct cookies *c;
static uint64_t now = 1000 * SECOND;

static struct endpoint source(unsigned last, unsigned port)
{
	return (struct endpoint){{4, {192, 0, 2, (uint8_t)last}}, (uint16_t)port};
}

static void begin(size_t budget)
{
	c = cookies_new(budget, key);
	ck_assert_ptr_nonnull(c);
}

static void store(const char *cookie, struct endpoint from, const char *reply)
{
	cookies_store(c, text_of(cookie), &from, now, text_of(reply));
}

/* The reply that is kept, or "". Not more than `room` bytes. */
static struct text found(const char *cookie, struct endpoint from)
{
	struct text reply = TEXT("");

	return cookies_find(c, text_of(cookie), &from, now, &reply) ? reply : TEXT("");
}

#define FOUND(cookie, from, should) ck_assert_msg(text_is(found((cookie), (from)), (should)), "%s", (cookie))

START_TEST(a_reply_is_found_by_cookie_and_source)
{
	struct endpoint six = {{6, {0x20, 1, 0xd, 0xb8}}, 2223};

	begin(COOKIE_BUDGET);
	store("1_1", source(1, 2223), "d6:result4:ponge");
	store("1_2", source(1, 2223), "two");
	store("1_1", source(2, 2223), "another host's");
	store("1_1", source(1, 2224), "another port's");
	store("1_1", six, "six");
	store("", source(1, 2223), "no cookie");
	FOUND("1_1", source(1, 2223), "d6:result4:ponge");
	FOUND("1_2", source(1, 2223), "two");
	FOUND("1_1", source(2, 2223), "another host's");
	FOUND("1_1", source(1, 2224), "another port's");
	FOUND("1_1", six, "six");
	FOUND("", source(1, 2223), "no cookie");
	FOUND("1_3", source(1, 2223), "");
	FOUND("1_", source(1, 2223), "");
	FOUND("1_1", source(3, 2223), "");
	ck_assert_uint_eq(cookies_count(c), 6);
	cookies_free(c);
}
END_TEST

START_TEST(replies_live_for_30_to_60_s)
{
	begin(COOKIE_BUDGET);
	store("first", source(1, 1), "1");
	now += 29 * SECOND;
	store("late", source(1, 1), "2");
	now += SECOND; /* the first generation is 30 s old, measured from its beginning or before */
	FOUND("first", source(1, 1), "1");
	store("next", source(1, 1), "3");
	now += 29 * SECOND;
	FOUND("late", source(1, 1), "2");
	FOUND("first", source(1, 1), "1");
	now += SECOND;
	FOUND("first", source(1, 1), "");
	FOUND("late", source(1, 1), "");
	FOUND("next", source(1, 1), "3");
	now += 60 * SECOND;
	FOUND("next", source(1, 1), "");
	ck_assert_uint_eq(cookies_count(c), 0);
	ck_assert_uint_eq(cookies_bytes(c), 0);
	cookies_free(c);
}
END_TEST

START_TEST(an_idle_relay_keeps_nothing)
{
	begin(COOKIE_BUDGET);
	store("1", source(1, 1), "1");
	ck_assert_uint_gt(cookies_bytes(c), 0);
	cookies_age(c, now + 30 * SECOND);
	ck_assert_uint_eq(cookies_count(c), 1);
	cookies_age(c, now + 61 * SECOND);
	ck_assert_uint_eq(cookies_bytes(c), 0);
	cookies_free(c);
}
END_TEST

static const char *numbered(unsigned n)
{
	static char cookie[16];

	snprintf(cookie, sizeof(cookie), "%u", n);
	return cookie;
}

/* However many come, the budget holds and the newest are there: at least a third of what fits. */
START_TEST(memory_is_bounded)
{
	static char reply[1000];
	const size_t budget = 4 * MIB, newest = budget / (3 * (sizeof(reply) + 64));

	memset(reply, 'r', sizeof(reply) - 1);
	begin(budget);
	store("once", source(1, 1), "1");
	for (unsigned i = 0; i < 20000; i++) {
		store(numbered(i), source(1, 1), reply);
		HOT_ASSERT(cookies_bytes(c) <= budget, "%zu bytes", cookies_bytes(c));
		HOT_ASSERT(i < newest || found(numbered(i - (unsigned)newest), source(1, 1)).n == sizeof(reply) - 1, "%u", i);
	}
	FOUND("once", source(1, 1), "");
	cookies_free(c);
}
END_TEST

START_TEST(what_is_too_large_is_not_kept)
{
	char *large = calloc(1, MIB);

	ck_assert_ptr_nonnull(large);
	memset(large, 'r', MIB - 1);
	begin(MIB);
	store("small", source(1, 1), "1");
	store("large", source(1, 1), large);
	FOUND("small", source(1, 1), "1");
	ck_assert_uint_eq(found("large", source(1, 1)).n, 0);
	large[300 * 1024] = 0;
	store("medium", source(1, 1), large);
	ck_assert_uint_eq(found("medium", source(1, 1)).n, 300 * 1024);
	store("small again", source(1, 1), "2");
	FOUND("small again", source(1, 1), "2");
	cookies_free(c);
	free(large);
}
END_TEST

START_TEST(many_are_found_each)
{
	begin(COOKIE_BUDGET);
	for (unsigned i = 0; i < 50000; i++)
		store(numbered(i), source(i & 7, i & 3), numbered(i));
	ck_assert_uint_eq(cookies_count(c), 50000);
	for (unsigned i = 0; i < 50000; i++)
		HOT_ASSERT(text_is(found(numbered(i), source(i & 7, i & 3)), numbered(i)), "%u", i);
	cookies_free(c);
}
END_TEST

static void starved(void)
{
	struct endpoint from = source(1, 1);
	struct text reply;
	bool kept = true;

	c = cookies_new(COOKIE_BUDGET, key);
	for (unsigned i = 0; c && i < 200; i++) {
		cookies_store(c, text_of(numbered(i)), &from, now, TEXT("reply"));
		kept &= cookies_find(c, text_of(numbered(i)), &from, now, &reply) && text_is(reply, "reply");
	}
	STARVED_ASSERT(memory_refused() || (c && kept));
	cookies_free(c);
}

START_TEST(no_memory_means_not_kept)
{
	memory_starve(starved);
}
END_TEST

Suite *cookie_suite(void)
{
	const TTest *const tests[] = {a_reply_is_found_by_cookie_and_source, replies_live_for_30_to_60_s, an_idle_relay_keeps_nothing,
			memory_is_bounded, what_is_too_large_is_not_kept, many_are_found_each, no_memory_means_not_kept, NULL};

	return suite_of("cookies", tests);
}
