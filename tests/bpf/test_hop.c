/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flows without a cached next hop: the kernel's routing is asked. In the network namespace of the tests:
 *
 *   lo (where packets come in) | out0 198.51.100.1/24, 2001:db8:1::1/64, 02:02:02:02:02:02 | the peer .7, 02:01:01:01:01:01
 */
#include "scene.h"
#include "suites.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <net/if.h>
#include <stdlib.h>

#define IN6  ((_i & 1) != 0)
#define OUT6 ((_i & 2) != 0)

#define FORWARDING(to) "echo " to " >/proc/sys/net/ipv4/ip_forward; echo " to " >/proc/sys/net/ipv6/conf/all/forwarding; "

static void run(const char *script)
{
	ck_assert_msg(system(script) == 0, "this does not work here: %s", script);
}

static uint32_t out0(void)
{
	return if_nametoindex("out0");
}

static void set_up(void)
{
	run("set -e; ip link set lo up; ip link add out0 address 02:02:02:02:02:02 type veth peer name out1\n"
		"ip link set out1 up; ip link set out0 up; ip addr add 198.51.100.1/24 dev out0; ip addr add 2001:db8:1::1/64 dev out0 nodad\n"
		"ip neigh replace 198.51.100.7 lladdr 02:01:01:01:01:01 nud permanent dev out0\n"
		"ip neigh replace 2001:db8:1::7 lladdr 02:01:01:01:01:01 nud permanent dev out0\n" FORWARDING("1"));
}

static void tear_down(void)
{
	run("ip link del out0");
}

static struct scene uncached(bool in6, bool out6)
{
	struct scene s = scene(in6, out6);
	uint32_t device = out0();

	s.flow.ifindex = s.flow.mtu = 0;
	s.flow.flags &= (uint16_t)~FLOW_XDP;
	scene_install(&s);
	ck_assert_int_eq(bpf_map_update_elem(s.programs->devices, &device, &device, BPF_ANY), 0);
	return s;
}

START_TEST(the_kernels_routing_knows)
{
	struct scene s = uncached(IN6, OUT6);

	scene_check_forwarded(&s);
}
END_TEST

START_TEST(through_a_device_that_xdp_cannot_use)
{
	struct scene s = uncached(IN6, OUT6);
	uint32_t device = out0();
	enum flow_verdict v;

	ck_assert_int_eq(bpf_map_delete_elem(s.programs->devices, &device), 0);
	ck_assert_uint_eq(scene_run(&s, s.programs->xdp, &v).action, XDP_PASS);
	ck_assert_int_eq(v, FLOW_DEVICE);
	ck_assert_uint_eq(scene_run(&s, s.programs->tc, &v).action, TC_ACT_REDIRECT);
	ck_assert_int_eq(v, FLOW_REDIRECT);
}
END_TEST

START_TEST(the_neighbour_is_not_known)
{
	struct scene s = uncached(IN6, OUT6);

	run("ip neigh del 198.51.100.7 dev out0; ip neigh del 2001:db8:1::7 dev out0");
	scene_check_passed(&s, FLOW_NEIGHBOUR);
}
END_TEST

START_TEST(there_is_no_route)
{
	struct scene s = uncached(IN6, OUT6);

	run("ip addr flush dev out0; ip -6 route flush dev out0 2>/dev/null; true");
	scene_check_passed(&s, FLOW_ROUTE);
}
END_TEST

START_TEST(the_route_ends_here)
{
	struct scene s = uncached(IN6, OUT6);

	/* The kernel's worker, not `ip`, says that an IPv6 address is the machine's own: until then its route is one to a neighbour. */
	run("ip addr add 198.51.100.7/32 dev lo; ip addr add 2001:db8:1::7/128 dev lo nodad\n"
		"for i in $(seq 2000); do ip -6 route show table local 2001:db8:1::7 dev lo | grep -q . && exit 0; sleep 0.01; done; false");
	scene_check_passed(&s, FLOW_ROUTE);
	run("ip addr del 198.51.100.7/32 dev lo; ip addr del 2001:db8:1::7/128 dev lo");
}
END_TEST

START_TEST(forwarding_is_off)
{
	struct scene s = uncached(IN6, OUT6);

	run(FORWARDING("0"));
	scene_check_passed(&s, FLOW_ROUTE);
}
END_TEST

START_TEST(longer_than_the_route_takes)
{
	struct scene s = uncached(IN6, OUT6);
	size_t headers = OUT6 ? 48 : 28;

	run("ip link set out0 mtu 1400");
	s.in.n = 1400 - headers;
	scene_check_forwarded(&s);
	s.in.n++;
	scene_check_passed(&s, FLOW_MTU);
}
END_TEST

Suite *hop_suite(void)
{
	Suite *s = suite_create("hop");
	TCase *c = tcase_create("hop");
	const TTest *const tests[] = {the_kernels_routing_knows, through_a_device_that_xdp_cannot_use, the_neighbour_is_not_known,
			there_is_no_route, the_route_ends_here, forwarding_is_off, longer_than_the_route_takes};

	tcase_add_checked_fixture(c, set_up, tear_down);
	for (unsigned i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_loop_test(c, tests[i], 0, 4);
	suite_add_tcase(s, c);
	return s;
}
