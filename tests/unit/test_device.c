/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SERVICE.md A6: whose registration is it, and are two agents taking turns? */
#include "suites.h"

#include "policy/device.h"

#include <string.h>

static struct aeta_bytes b(const char *s)
{
	return (struct aeta_bytes){s, strlen(s)};
}

static aeta_device_t dev(const char *instance, const char *call_id, const char *agent)
{
	return aeta_device(b(instance), b(call_id), b(agent));
}

START_TEST(identity)
{
	ck_assert_uint_eq(dev("<urn:uuid:1>", "a", "x"), dev("\"<urn:uuid:1>\"", "b", "y"));
	ck_assert_uint_eq(dev("urn:uuid:1", "", ""), dev("<urn:uuid:1>", "c", "z"));
	ck_assert_uint_ne(dev("<urn:uuid:1>", "a", "x"), dev("<urn:uuid:2>", "a", "x"));
	ck_assert_uint_eq(dev("", "a", "x"), dev("", "a", "x"));
	ck_assert_uint_ne(dev("", "a", "x"), dev("", "b", "x"));
	ck_assert_uint_ne(dev("", "a", "x"), dev("", "a", "y"));
	ck_assert_uint_ne(dev("", "ab", "c"), dev("", "a", "bc"));
	ck_assert_uint_eq(dev("<>", "a", "x"), dev("", "a", "x"));
	ck_assert_uint_ne(dev("", "", ""), 0);
}
END_TEST

START_TEST(one_device_is_no_event)
{
	struct aeta_device_history h = {0};

	ck_assert_int_eq(aeta_device_seen(&h, 1, 0), AETA_DEVICE_FIRST);
	for (uint32_t t = 0; t < 3600; t += 15)
		ck_assert_int_eq(aeta_device_seen(&h, 1, t), AETA_DEVICE_SAME);
}
END_TEST

START_TEST(reboots_are_no_returns)
{
	struct aeta_device_history h = {0};

	aeta_device_seen(&h, 1, 0);
	for (uint64_t d = 2; d < 50; d++)
		ck_assert_int_eq(aeta_device_seen(&h, d, (uint32_t)d), AETA_DEVICE_CHANGED);
}
END_TEST

START_TEST(two_devices_taking_turns)
{
	struct aeta_device_history h = {0};

	aeta_device_seen(&h, 1, 0);
	ck_assert_int_eq(aeta_device_seen(&h, 2, 60), AETA_DEVICE_CHANGED);
	ck_assert_int_eq(aeta_device_seen(&h, 1, 120), AETA_DEVICE_RETURNED);
	ck_assert_int_eq(aeta_device_seen(&h, 2, 180), AETA_DEVICE_RETURNED);
	ck_assert_int_eq(aeta_device_seen(&h, 1, 240), AETA_DEVICE_ALARM);
	ck_assert_int_eq(aeta_device_seen(&h, 2, 300), AETA_DEVICE_RETURNED);
	ck_assert_int_eq(aeta_device_seen(&h, 1, 360), AETA_DEVICE_RETURNED);
	ck_assert_int_eq(aeta_device_seen(&h, 2, 420), AETA_DEVICE_ALARM);
}
END_TEST

START_TEST(slow_turns_are_a_transfer)
{
	struct aeta_device_history h = {0};

	aeta_device_seen(&h, 1, 0);
	for (uint32_t i = 1; i < 40; i++)
		ck_assert_int_ne(aeta_device_seen(&h, 1 + i % 2, i * 301), AETA_DEVICE_ALARM);
}
END_TEST

START_TEST(window_is_exact)
{
	struct aeta_device_history h = {0};

	aeta_device_seen(&h, 1, 0);
	aeta_device_seen(&h, 2, 1);
	aeta_device_seen(&h, 1, 1000);
	aeta_device_seen(&h, 2, 1300);
	ck_assert_int_eq(aeta_device_seen(&h, 1, 1600), AETA_DEVICE_ALARM);
	h = (struct aeta_device_history){0};
	aeta_device_seen(&h, 1, 0);
	aeta_device_seen(&h, 2, 1);
	aeta_device_seen(&h, 1, 1000);
	aeta_device_seen(&h, 2, 1300);
	ck_assert_int_eq(aeta_device_seen(&h, 1, 1601), AETA_DEVICE_RETURNED);
}
END_TEST

START_TEST(a_device_long_gone_is_new)
{
	struct aeta_device_history h = {0};

	for (uint64_t d = 1; d <= 2 + AETA_DEVICES_KEPT; d++)
		aeta_device_seen(&h, d, 0);
	ck_assert_int_eq(aeta_device_seen(&h, 1, 1), AETA_DEVICE_CHANGED);
	ck_assert_int_eq(aeta_device_seen(&h, 1 + AETA_DEVICES_KEPT, 2), AETA_DEVICE_RETURNED);
}
END_TEST

Suite *device_suite(void)
{
	const TTest *const tests[] = {identity, one_device_is_no_event, reboots_are_no_returns, two_devices_taking_turns,
			slow_turns_are_a_transfer, window_is_exact, a_device_long_gone_is_new, NULL};

	return suite_of("devices", tests);
}
