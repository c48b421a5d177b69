/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SERVICE.md A5, D2: few refreshes are written, and yet the database knows a binding until its agent's next refresh. */
#include "suites.h"

#include "policy/refresh.h"

#define BEGIN 1700000000

struct written {
	int64_t until; /* the end of the binding, as the database has it */
	int times;
};

/* An agent that is granted `granted` seconds and refreshes every `every` seconds: how often is it written in `span`? */
static struct written agent(int64_t granted, int64_t every, uint32_t phase, int64_t span)
{
	struct written w = {.until = BEGIN + granted, .times = 0};

	for (int64_t now = BEGIN + every; now <= BEGIN + span; now += every) {
		if (aeta_refresh_due(now - every, now, granted, phase)) {
			w.until = now + granted;
			w.times++;
		}
		HOT_ASSERT(w.until >= now + every, "granted %d, every %d: lapses before the next refresh", (int)granted, (int)every);
	}
	return w;
}

START_TEST(never_lapses)
{
	for (int64_t granted = 2; granted <= 300; granted++)
		for (int64_t every = 1; every <= granted; every += granted > 60 ? 7 : 1)
			for (uint32_t phase = 0; phase < 400; phase += 37)
				agent(granted, every, phase, 1000);
}
END_TEST

START_TEST(few_are_written)
{
	for (uint32_t phase = 0; phase < 300; phase++) {
		ck_assert_int_le(agent(300, 15, phase, 3600).times, 25); /* of 240 */
		ck_assert_int_ge(agent(300, 15, phase, 3600).times, 23);
		ck_assert_int_eq(agent(60, 40, phase, 3600).times, 90); /* seldom: each of them */
	}
}
END_TEST

/* Agents that all began at the same second are not written at the same second for ever. */
START_TEST(phases_spread)
{
	int at[150] = {0}, most = 0;

	for (uint32_t phase = 0; phase < 3000; phase++)
		for (int64_t now = BEGIN + 151; now <= BEGIN + 300; now++)
			if (aeta_refresh_due(now - 1, now, 300, phase))
				at[now - BEGIN - 151]++;
	for (int i = 0; i < 150; i++)
		most = at[i] > most ? at[i] : most;
	ck_assert_int_le(most, 3000 / 150 + 1);
}
END_TEST

START_TEST(strange_times)
{
	ck_assert(aeta_refresh_due(100, 99, 300, 0)); /* the clock was set back */
	ck_assert(aeta_refresh_due(100, 100, 0, 0));
	ck_assert(aeta_refresh_due(100, 100, -1, 0));
	ck_assert(aeta_refresh_due(-1, 100, 300, 0));
	ck_assert(!aeta_refresh_due(100, 100, 300, 0));
	ck_assert(!aeta_refresh_due(BEGIN, BEGIN, 300, UINT32_MAX));
}
END_TEST

Suite *refresh_suite(void)
{
	const TTest *const tests[] = {never_lapses, few_are_written, phases_spread, strange_times, NULL};

	return suite_of("refresh", tests);
}
