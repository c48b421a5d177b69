/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "relay_suites.h"
#include "memory.h"

#include "core/ports.h"

#include <stdio.h>

static struct relay_config config;
static struct ports ports;

static void add(const char *name, const char *address, unsigned min, unsigned max)
{
	struct relay_interface *i = &config.interfaces[config.interface_count++];

	snprintf(i->name, sizeof(i->name), "%s", name);
	address_parse(text_of(address), &i->address);
	i->port_min = (uint16_t)min;
	i->port_max = (uint16_t)max;
}

START_TEST(pairs_are_given_least_recently_used_first)
{
	uint16_t first, given[5], next[6] = {0};

	add("a", "192.0.2.1", 55004, 55013);
	ck_assert_int_eq(ports_init(&ports, &config), 0);
	ck_assert_uint_eq(pairs_next(&ports.at[0], next, 6), 5);
	for (unsigned i = 0; i < 5; i++) {
		given[i] = pair_take(&ports.at[0]);
		ck_assert_uint_eq(given[i], next[i]);
		ck_assert(given[i] >= 55004 && given[i] < 55013 && given[i] % 2 == 0);
		for (unsigned k = 0; k < i; k++)
			ck_assert_uint_ne(given[i], given[k]);
	}
	ck_assert_uint_eq(pair_take(&ports.at[0]), 0);
	ck_assert_uint_eq(pairs_next(&ports.at[0], next, 6), 0);
	pair_give(&ports.at[0], given[3]);
	pair_give(&ports.at[0], given[1]);
	ck_assert_uint_eq(pairs_next(&ports.at[0], next, 1), 1);
	ck_assert_uint_eq(next[0], given[3]);
	first = pair_take(&ports.at[0]);
	ck_assert_uint_eq(first, given[3]);
	pair_give(&ports.at[0], first);
	ck_assert_uint_eq(pair_take(&ports.at[0]), given[1]);
	ck_assert_uint_eq(ports_pairs(&ports).used, 4);
	ck_assert_uint_eq(ports_pairs(&ports).free, 1);
	ports_free(&ports);
}
END_TEST

START_TEST(odd_limits_are_rounded_inwards)
{
	add("a", "192.0.2.1", 55005, 55008); /* 55006 and 55007 alone are a pair */
	ck_assert_int_eq(ports_init(&ports, &config), 0);
	ck_assert_uint_eq(pair_take(&ports.at[0]), 55006);
	ck_assert_uint_eq(pair_take(&ports.at[0]), 0);
	ports_free(&ports);
	config.interfaces[0].port_max = 55006;
	ck_assert_int_lt(ports_init(&ports, &config), 0);
	config.interfaces[0].port_min = 65535;
	config.interfaces[0].port_max = 65535;
	ck_assert_int_lt(ports_init(&ports, &config), 0);
	config.interfaces[0].port_min = 1;
	ck_assert_int_eq(ports_init(&ports, &config), 0);
	ck_assert_uint_eq(ports_pairs(&ports).free, 32767);
	ports_free(&ports);
}
END_TEST

START_TEST(a_failed_pair_is_set_aside_and_tried_again)
{
	uint16_t a, b;

	add("a", "192.0.2.1", 55004, 55007);
	ck_assert_int_eq(ports_init(&ports, &config), 0);
	a = pair_take(&ports.at[0]);
	pair_fail(&ports.at[0], a);
	b = pair_take(&ports.at[0]);
	ck_assert_uint_ne(a, b);
	ck_assert_uint_eq(ports_pairs(&ports).failed, 1);
	pair_give(&ports.at[0], b);
	ck_assert_uint_eq(pair_take(&ports.at[0]), b);
	ck_assert_uint_eq(pair_take(&ports.at[0]), 0);
	ports_retry(&ports);
	ck_assert_uint_eq(ports_pairs(&ports).failed, 0);
	ck_assert_uint_eq(pair_take(&ports.at[0]), a);
	ports_free(&ports);
}
END_TEST

START_TEST(one_address_under_two_names_shares_its_pairs)
{
	uint16_t a, b;

	add("in", "192.0.2.1", 55004, 55007);
	add("out", "192.0.2.1", 55004, 55007);
	ck_assert_int_eq(ports_init(&ports, &config), 0);
	a = pair_take(&ports.at[0]);
	b = pair_take(&ports.at[1]);
	ck_assert_uint_ne(a, b);
	ck_assert_uint_eq(ports_pairs(&ports).used, 2);
	ck_assert_uint_eq(ports_pairs(&ports).free, 0);
	ports_free(&ports);
}
END_TEST

static const char *chosen(const char *name, unsigned family)
{
	static char text[ADDRESS_TEXT_MAX];
	const struct interface *i = ports_choose(&ports, text_of(name), (uint8_t)family);

	if (!i)
		return "none";
	address_format(&i->is.address, text);
	return text;
}

START_TEST(an_interface_is_chosen_by_name_and_family)
{
	add("ext", "192.0.2.1", 55004, 55007);
	add("ext", "2001:db8::1", 55004, 55007);
	add("int", "10.0.0.1", 55004, 55007);
	ck_assert_int_eq(ports_init(&ports, &config), 0);
	ck_assert_str_eq(chosen("int", 4), "10.0.0.1");
	ck_assert_str_eq(chosen("int", 0), "10.0.0.1");
	ck_assert_str_eq(chosen("ext", 4), "192.0.2.1");
	ck_assert_str_eq(chosen("ext", 6), "2001:db8::1");
	/* the family is what makes an SDP usable: it comes before the name */
	ck_assert_str_eq(chosen("int", 6), "2001:db8::1");
	ck_assert_str_eq(chosen("nobody", 4), "192.0.2.1");
	ck_assert_str_eq(chosen("", 6), "2001:db8::1");
	ck_assert_str_eq(chosen("internal", 0), "192.0.2.1");
	ck_assert_str_eq(chosen("external", 0), "2001:db8::1");
	ports_free(&ports);
	config.interface_count = 1;
	ck_assert_int_eq(ports_init(&ports, &config), 0);
	ck_assert_str_eq(chosen("ext", 6), "none");
	ports_free(&ports);
}
END_TEST

START_TEST(calls_are_spread_over_the_addresses_of_a_name)
{
	unsigned taken[2] = {0};

	add("a", "192.0.2.1", 55004, 55203);
	add("a", "192.0.2.2", 55004, 55203);
	ck_assert_int_eq(ports_init(&ports, &config), 0);
	for (unsigned i = 0; i < 100; i++) {
		struct interface *at = ports_choose(&ports, TEXT("a"), 4);

		taken[at - ports.at]++;
		ck_assert_uint_ne(pair_take(at), 0);
	}
	ck_assert_uint_eq(taken[0], 50);
	ck_assert_uint_eq(taken[1], 50);
	ports_free(&ports);
}
END_TEST

START_TEST(a_pair_that_is_wanted_is_taken_if_it_is_free)
{
	uint16_t all[5];

	add("a", "192.0.2.1", 55004, 55013);
	ck_assert_int_eq(ports_init(&ports, &config), 0);
	for (unsigned i = 0; i < 5; i++)
		pair_give(&ports.at[0], all[i] = pair_take(&ports.at[0]));
	ck_assert(!pair_take_this(&ports.at[0], 55002) && !pair_take_this(&ports.at[0], 55005) && !pair_take_this(&ports.at[0], 55014));
	ck_assert(pair_take_this(&ports.at[0], all[2]) && !pair_take_this(&ports.at[0], all[2])); /* of the middle, ... */
	ck_assert(pair_take_this(&ports.at[0], all[0]) && pair_take_this(&ports.at[0], all[4])); /* ... the front, the end */
	ck_assert_uint_eq(ports_pairs(&ports).used, 3);
	ck_assert_uint_eq(pair_take(&ports.at[0]), all[1]);
	pair_give(&ports.at[0], all[4]);
	ck_assert_uint_eq(pair_take(&ports.at[0]), all[3]);
	ck_assert(pair_take_this(&ports.at[0], all[4])); /* the only one */
	ck_assert_uint_eq(pair_take(&ports.at[0]), 0);
	for (unsigned i = 0; i < 5; i++)
		pair_give(&ports.at[0], all[i]);
	for (unsigned i = 0; i < 5; i++)
		ck_assert_uint_eq(pair_take(&ports.at[0]), all[i]);
	pair_fail(&ports.at[0], all[3]);
	ck_assert(!pair_take_this(&ports.at[0], all[3]));
	ports_free(&ports);
}
END_TEST

START_TEST(the_first_pair_is_not_always_the_same)
{
	uint16_t a;

	add("a", "192.0.2.1", 55004, 55203);
	ck_assert_int_eq(ports_init(&ports, &config), 0);
	a = pair_take(&ports.at[0]);
	ports_free(&ports);
	config.first_pair = 0x1234567;
	ck_assert_int_eq(ports_init(&ports, &config), 0);
	ck_assert_uint_ne(pair_take(&ports.at[0]), a);
	ports_free(&ports);
}
END_TEST

static void make_and_free(void)
{
	if (ports_init(&ports, &config) == 0)
		ports_free(&ports);
}

START_TEST(no_memory_is_survived)
{
	add("a", "192.0.2.1", 55004, 55203);
	add("b", "192.0.2.2", 55004, 55203);
	memory_starve(make_and_free);
}
END_TEST

Suite *ports_suite(void)
{
	const TTest *const tests[] = {pairs_are_given_least_recently_used_first, odd_limits_are_rounded_inwards,
			a_failed_pair_is_set_aside_and_tried_again, one_address_under_two_names_shares_its_pairs,
			an_interface_is_chosen_by_name_and_family, calls_are_spread_over_the_addresses_of_a_name,
			a_pair_that_is_wanted_is_taken_if_it_is_free, the_first_pair_is_not_always_the_same, no_memory_is_survived, NULL};

	return suite_of("ports", tests);
}
