/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Next hops, in two network namespaces that each test makes for itself; the peer's lives as long as its process.
 *
 *   the test's own                                     peer
 *   v0 192.0.2.1/24     02:00:00:00:01:01 ------------ v1 192.0.2.2, .3     02:00:00:00:01:02
 *      2001:db8::1/64   fe80::1                           2001:db8::2, fe80::2
 *   w0 203.0.113.1/24   02:00:00:00:02:01 ------------ w1 203.0.113.2       02:00:00:00:02:02
 */
#include "kernel/next_hop.h"
#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 6000
#define SECOND      1000000ull
#define LL_PEER     "02:00:00:00:01:02"
#define LL_OTHER    "02:00:00:00:09:09"
#define LL_W_PEER   "02:00:00:00:02:02"

static struct next_hops *hops;
static unsigned changes;
static char answered[200]; /* what was found last, for the message of a test that fails */
static pid_t peer_process;

static void count_change(void *context)
{
	(void)context;
	changes++;
}

/* ---- the two namespaces ---- */

static void run(const char *before, const char *format, va_list arguments)
{
	char command[1000];
	int n = snprintf(command, sizeof(command), "%s", before);

	vsnprintf(command + n, sizeof(command) - (size_t)n, format, arguments);
	ck_assert_msg(system(command) == 0, "failed: %s", command);
}

__attribute__((format(printf, 1, 2))) static void own(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	run("", format, arguments);
	va_end(arguments);
}

__attribute__((format(printf, 1, 2))) static void peer(const char *format, ...)
{
	char before[100];
	va_list arguments;

	snprintf(before, sizeof(before), "nsenter --net=/proc/%d/ns/net ", (int)peer_process);
	va_start(arguments, format);
	run(before, format, arguments);
	va_end(arguments);
}

static pid_t start_peer(void)
{
	int ready[2];
	char byte;
	pid_t child;

	ck_assert_int_eq(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWNET) != 0 || write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return child;
}

/* Waits until the command succeeds; it is tried whenever there is news of these groups, by a socket of the test's own. */
static void await_true(const char *look, unsigned groups)
{
	struct sockaddr_nl name = {.nl_family = AF_NETLINK, .nl_groups = groups};
	struct pollfd p = {.fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), .events = POLLIN};
	char event[16384];

	ck_assert_int_eq(bind(p.fd, (struct sockaddr *)&name, sizeof(name)), 0);
	while (system(look) != 0) {
		ck_assert_msg(poll(&p, 1, PATIENCE_MS) == 1, "stays false: %s", look);
		ck_assert_int_gt(recv(p.fd, event, sizeof(event), 0), 0);
	}
	close(p.fd);
}

static void connect_namespaces(void)
{
	own("ip link add v0 address 02:00:00:00:01:01 type veth peer name v1 address " LL_PEER " netns %d", (int)peer_process);
	own("ip link add w0 address 02:00:00:00:02:01 type veth peer name w1 address " LL_W_PEER " netns %d", (int)peer_process);
	own("ip -batch - <<'END'\n"
		"link set lo up\nlink set v0 addrgenmode none up\nlink set w0 addrgenmode none up\n"
		"addr add 192.0.2.1/24 dev v0\naddr add 203.0.113.1/24 dev w0\n"
		"addr add 2001:db8::1/64 dev v0 nodad\naddr add fe80::1/64 dev v0 nodad\nEND");
	peer("ip -batch - <<'END'\n"
		"link set v1 addrgenmode none up\nlink set w1 addrgenmode none up\n"
		"addr add 192.0.2.2/24 dev v1\naddr add 192.0.2.3/24 dev v1\naddr add 203.0.113.2/24 dev w1\n"
		"addr add 2001:db8::2/64 dev v1 nodad\naddr add fe80::2/64 dev v1 nodad\nEND");
	/* The kernel tells of a carrier late; that is not to come in the middle of a test. */
	await_true("ip link show v0 | grep -q 'state UP' && ip link show w0 | grep -q 'state UP'", RTMGRP_LINK);
}

static void begin(void)
{
	int rc;

	peer_process = start_peer();
	ck_assert_int_eq(unshare(CLONE_NEWNET), 0);
	connect_namespaces();
	hops = next_hops_new(count_change, NULL, &rc);
	ck_assert_msg(hops != NULL, "%s", strerror(-rc));
}

static void end(void)
{
	next_hops_free(hops);
	kill(peer_process, SIGKILL);
	waitpid(peer_process, NULL, 0);
}

/* ---- asking ---- */

struct answer {
	int rc;
	struct next_hop hop;
	char mac_to[18], interface[IF_NAMESIZE];
};

static struct address address(const char *text)
{
	struct address a;

	ck_assert(address_parse((struct text){text, strlen(text)}, &a));
	return a;
}

static struct answer find(const char *from, const char *to)
{
	struct answer a = {0};
	struct address f = address(from), t = address(to);
	const uint8_t *m = a.hop.mac_to;

	a.rc = next_hops_find(hops, &f, &t, &a.hop);
	snprintf(a.mac_to, sizeof(a.mac_to), "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
	if (a.hop.ifindex)
		if_indextoname(a.hop.ifindex, a.interface);
	snprintf(answered, sizeof(answered), "%s -> %s: %s, %s by %s", from, to, strerror(-a.rc), a.mac_to, a.interface);
	return a;
}

/* Waits until `changed` has been called. */
static void await_change(void)
{
	struct pollfd p = {.fd = next_hops_fd(hops), .events = POLLIN};

	for (changes = 0; changes == 0;) {
		ck_assert_msg(poll(&p, 1, PATIENCE_MS) == 1, "nothing happens any more; %s", answered);
		next_hops_read(hops);
	}
}

/* Takes all events that are there. Returns how many times `changed` was called. */
static unsigned drain(void)
{
	struct pollfd p = {.fd = next_hops_fd(hops), .events = POLLIN};

	for (changes = 0; poll(&p, 1, 0) == 1;)
		next_hops_read(hops);
	return changes;
}

/* Asks, and again only after `changed` was called, until the answer is this one. `mac` NULL: any. */
static struct answer await(const char *from, const char *to, int rc, const char *mac)
{
	struct answer a;

	for (a = find(from, to); a.rc != rc || (mac && strcmp(a.mac_to, mac) != 0); a = find(from, to))
		await_change();
	return a;
}

/* As await(), and there is no news left that came meanwhile: what is found then is kept until the next. */
static void await_quiet(const char *from, const char *to, int rc, const char *mac)
{
	do
		await(from, to, rc, mac);
	while (drain());
}

/* As await(), and once more after it has been found: the answer is another now. */
static struct answer await_other(const char *from, const char *to, int rc, const char *mac)
{
	struct answer a;

	do {
		await_change();
		a = find(from, to);
	} while (a.rc != rc || (mac && strcmp(a.mac_to, mac) != 0));
	return a;
}

/* A temporary's array does not live until the end of check's macro. */
static void check_interface(struct answer a, const char *expected)
{
	ck_assert_str_eq(a.interface, expected);
}

#define FROM  "192.0.2.1"
#define TO    "192.0.2.2"
#define FROM6 "2001:db8::1"
#define TO6   "2001:db8::2"
#define FAR   "198.51.100.7"
#define FAR6  "2001:db8:1::7"

/* ---- where to ---- */

START_TEST(on_link)
{
	static const uint8_t own_mac[6] = {2, 0, 0, 0, 1, 1};
	struct answer a = await(FROM, TO, 0, LL_PEER);

	ck_assert_str_eq(a.interface, "v0");
	ck_assert_int_eq(memcmp(a.hop.mac_from, own_mac, 6), 0);
	ck_assert_uint_eq(a.hop.mtu, 1500);
	a = await(FROM6, TO6, 0, LL_PEER);
	ck_assert_str_eq(a.interface, "v0");
	ck_assert_uint_eq(a.hop.mtu, 1500);
	ck_assert_int_eq(find(FROM, TO6).rc, -EAFNOSUPPORT);
}
END_TEST

START_TEST(gateways)
{
	own("ip route add 198.51.100.0/24 via 203.0.113.2");
	own("ip route add default via 192.0.2.3");
	own("ip route add 2001:db8:1::/64 via fe80::2 dev v0");
	own("ip route add 192.0.0.0/29 via inet6 fe80::2 dev v0");
	check_interface(await("203.0.113.1", FAR, 0, LL_W_PEER), "w0");
	check_interface(await(FROM, "9.9.9.9", 0, LL_PEER), "v0");
	check_interface(await(FROM6, FAR6, 0, LL_PEER), "v0");
	check_interface(await(FROM, "192.0.0.1", 0, LL_PEER), "v0");
}
END_TEST

/* By the address that it comes from, and as soon as a rule says so. */
START_TEST(policy_routing)
{
	own("ip addr add 192.0.2.10/24 dev v0");
	own("ip route add default via 192.0.2.2");
	own("ip route add default via 203.0.113.2 table 100");
	check_interface(await("192.0.2.10", FAR, 0, LL_PEER), "v0");
	await(FROM, FAR, 0, LL_PEER);
	drain();
	own("ip rule add from 192.0.2.10 table 100");
	check_interface(await_other("192.0.2.10", FAR, 0, LL_W_PEER), "w0");
	await(FROM, FAR, 0, LL_PEER);
}
END_TEST

START_TEST(multipath)
{
	struct answer first, other;

	own("ip route add 198.51.100.0/24 nexthop via 192.0.2.2 nexthop via 203.0.113.2");
	first = await(FROM, FAR, 0, NULL);
	check_interface(find(FROM, FAR), first.interface);
	own("ip link set %s down", first.interface);
	if (strcmp(first.interface, "v0") == 0) {
		other = await_other("203.0.113.1", FAR, 0, LL_W_PEER);
		ck_assert_str_eq(other.interface, "w0");
	} else {
		other = await_other(FROM, FAR, 0, LL_PEER);
		ck_assert_str_eq(other.interface, "v0");
	}
}
END_TEST

START_TEST(nowhere)
{
	own("ip route add unreachable 198.51.100.0/28");
	own("ip route add blackhole 198.51.100.16/28");
	own("ip route add prohibit 198.51.100.32/28");
	own("ip route add blackhole 2001:db8:2::/64");
	ck_assert_int_eq(find(FROM, FAR).rc, -EHOSTUNREACH);
	ck_assert_int_eq(find(FROM, "198.51.100.17").rc, -EHOSTUNREACH);
	ck_assert_int_eq(find(FROM, "198.51.100.33").rc, -EACCES);
	ck_assert_int_eq(find(FROM, "9.9.9.9").rc, -EHOSTUNREACH);
	ck_assert_int_eq(find(FROM, "192.0.2.255").rc, -EHOSTUNREACH);
	ck_assert_int_eq(find(FROM6, FAR6).rc, -EHOSTUNREACH);
	ck_assert_int_eq(find(FROM6, "2001:db8:2::1").rc, -EHOSTUNREACH);
}
END_TEST

START_TEST(this_machine)
{
	ck_assert_int_eq(find(FROM, FROM).rc, -ELOOP);
	ck_assert_int_eq(find(FROM, "203.0.113.1").rc, -ELOOP);
	ck_assert_int_eq(find("127.0.0.1", "127.0.0.5").rc, -ELOOP);
	ck_assert_int_eq(find(FROM6, "::1").rc, -ELOOP);
	ck_assert_int_eq(find("192.0.2.77", TO).rc, -EADDRNOTAVAIL);
	ck_assert_int_eq(find("2001:db8::77", TO6).rc, -EADDRNOTAVAIL);
}
END_TEST

/* ---- interfaces ---- */

START_TEST(interfaces_of_other_kinds)
{
	own("ip link add br0 up type bridge && ip link set w0 master br0");
	own("ip route add 198.51.100.2 dev br0 && ip neigh add 198.51.100.2 dev br0 lladdr " LL_OTHER);
	check_interface(await(FROM, "198.51.100.2", 0, LL_OTHER), "br0");
	own("ip route add 198.51.100.3 dev lo");
	own("ip tuntap add t0 mode tun && ip link set t0 up && ip route add 198.51.100.4 dev t0");
	ck_assert_int_eq(find(FROM, "198.51.100.3").rc, -EOPNOTSUPP);
	ck_assert_int_eq(find(FROM, "198.51.100.4").rc, -EOPNOTSUPP);
}
END_TEST

/* The programs write no header but Ethernet's. */
START_TEST(encapsulated)
{
	own("ip route add 198.51.100.0/24 encap ip id 5 dst 192.0.2.9 via 192.0.2.2 dev v0");
	own("ip route add 2001:db8:1::/64 encap ip6 id 5 dst 2001:db8::9 via " TO6 " dev v0");
	ck_assert_int_eq(find(FROM, FAR).rc, -EOPNOTSUPP);
	ck_assert_int_eq(find(FROM6, FAR6).rc, -EOPNOTSUPP);
	await(FROM, TO, 0, LL_PEER);
}
END_TEST

/* Which policy is for which packet is not looked at: with any, the programs have nothing to forward. */
static void check_policy(const char *direction, uint64_t now)
{
	await(FROM, TO, 0, LL_PEER);
	own("ip xfrm policy add dir %s src 192.0.2.0/24 dst 203.0.113.0/24 tmpl proto esp mode transport", direction);
	next_hops_tick(hops, now);
	ck_assert(next_hops_secured(hops));
	ck_assert_int_eq(find(FROM, TO).rc, -EOPNOTSUPP);
	own("ip xfrm policy delete dir %s src 192.0.2.0/24 dst 203.0.113.0/24", direction);
	next_hops_tick(hops, now + SECOND);
	ck_assert(!next_hops_secured(hops));
	await(FROM, TO, 0, LL_PEER);
}

START_TEST(secured)
{
	ck_assert(!next_hops_secured(hops));
	check_policy("out", SECOND);
	check_policy("in", 3 * SECOND);
}
END_TEST

START_TEST(interface_vlan)
{
	if (system("ip link add link v0 name vlan7 up type vlan id 7 2>/dev/null") != 0) {
		fprintf(stderr, "interface_vlan: this kernel has no VLANs, skipped\n");
		return;
	}
	own("ip route add 198.51.100.1 dev vlan7 && ip neigh add 198.51.100.1 dev vlan7 lladdr " LL_OTHER);
	check_interface(await(FROM, "198.51.100.1", 0, LL_OTHER), "vlan7");
}
END_TEST

/* A device without ARP has a link address for everybody at once. */
START_TEST(without_arp)
{
	own("ip link set w0 arp off");
	ck_assert_int_eq(find("203.0.113.1", "203.0.113.9").rc, 0);
}
END_TEST

/* ---- neighbours ---- */

START_TEST(neighbour_unknown)
{
	ck_assert_int_eq(find(FROM, "192.0.2.9").rc, -EAGAIN);
	ck_assert_int_eq(find(FROM6, "2001:db8::9").rc, -EAGAIN);
	peer("ip addr add 192.0.2.9/24 dev v1");
	peer("ip addr add 2001:db8::9/64 dev v1 nodad");
	await_other(FROM, "192.0.2.9", 0, LL_PEER);
	await(FROM6, "2001:db8::9", 0, LL_PEER);
}
END_TEST

static void await_neighbour(const char *to, const char *state)
{
	char look[200];

	snprintf(look, sizeof(look), "ip neigh show %s dev v0 nud %s | grep -q .", to, state);
	await_true(look, RTMGRP_NEIGH);
}

/* As the daemon does: it asks again, and then comes the tick. */
static void tick(unsigned first, unsigned last, const char *from, const char *to)
{
	for (unsigned second = first; second <= last; second++) {
		find(from, to);
		next_hops_tick(hops, second * SECOND);
	}
}

/* Nobody answers, the kernel gives up; the tick tries again. */
START_TEST(neighbour_silent)
{
	own("echo 20 >/proc/sys/net/ipv4/neigh/v0/retrans_time_ms");
	next_hops_tick(hops, SECOND);
	ck_assert_int_eq(find(FROM, "192.0.2.9").rc, -EAGAIN);
	await_neighbour("192.0.2.9", "failed");
	peer("ip addr add 192.0.2.9/24 dev v1");
	drain();
	ck_assert_int_eq(find(FROM, "192.0.2.9").rc, -EAGAIN);
	tick(2, 7, FROM, "192.0.2.9");
	await(FROM, "192.0.2.9", 0, LL_PEER);
}
END_TEST

START_TEST(neighbour_changed)
{
	await(FROM, TO, 0, LL_PEER);
	await(FROM6, TO6, 0, LL_PEER);
	drain();
	own("ip neigh replace " TO " dev v0 lladdr " LL_OTHER " nud reachable");
	await_other(FROM, TO, 0, LL_OTHER);
	own("ip neigh replace " TO6 " dev v0 lladdr " LL_OTHER " nud permanent");
	await_other(FROM6, TO6, 0, LL_OTHER);
	own("ip link set v0 address 02:00:00:00:07:07");
	/* With that the kernel forgets even the permanent neighbours. */
	ck_assert_int_eq(await_other(FROM6, TO6, 0, LL_PEER).hop.mac_from[5], 7);
}
END_TEST

/* It is asked for again by itself. */
START_TEST(neighbour_flushed)
{
	await(FROM, TO, 0, LL_PEER);
	drain();
	peer("ip link set v1 arp off");
	own("ip neigh flush dev v0");
	await_other(FROM, TO, -EAGAIN, NULL);
	peer("ip link set v1 arp on");
	await_other(FROM, TO, 0, LL_PEER);
}
END_TEST

/* What XDP forwards does not make the kernel verify a neighbour; the tick does. */
START_TEST(neighbour_stale)
{
	own("echo 1 >/proc/sys/net/ipv4/neigh/v0/delay_first_probe_time");
	own("ip neigh replace " TO " dev v0 lladdr " LL_PEER " nud stale");
	await(FROM, TO, 0, LL_PEER);
	drain();
	await_neighbour(TO, "stale");
	tick(1, 6, FROM, TO);
	await_neighbour(TO, "reachable");
	ck_assert_uint_eq(drain(), 0);
	await(FROM, TO, 0, LL_PEER);
}
END_TEST

/* Events of others cost a look; many that matter, one call for each read. */
START_TEST(neighbour_storm)
{
	await(FROM, TO, 0, LL_PEER);
	drain();
	own("for i in $(seq 500); do echo neigh replace 192.0.2.$((10 + i %% 200)) dev v0 lladdr 02:00:00:01:00:$((10 + i %% 80)); done |"
		" ip -batch -");
	ck_assert_uint_eq(drain(), 0);
	own("for i in $(seq 10 99); do echo neigh replace " TO " dev v0 lladdr 02:00:00:01:00:$i; done | ip -batch -");
	changes = 0;
	next_hops_read(hops);
	ck_assert_uint_eq(changes, 1);
	await(FROM, TO, 0, "02:00:00:01:00:99");
}
END_TEST

/* More events than the queue holds, the last of which matters. */
START_TEST(events_lost)
{
	int queue = next_hops_fd(hops), small = 1;

	await(FROM, TO, 0, LL_PEER);
	drain();
	ck_assert_int_eq(setsockopt(queue, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	own("for i in $(seq 10 99); do echo neigh replace 192.0.2.$i dev v0 lladdr " LL_OTHER "; done | ip -batch -");
	own("ip neigh replace " TO " dev v0 lladdr " LL_OTHER);
	await_other(FROM, TO, 0, LL_OTHER);
}
END_TEST

/* ---- changes ---- */

START_TEST(route_changed)
{
	own("ip route add 198.51.100.0/24 via 192.0.2.2");
	own("ip neigh replace 192.0.2.3 dev v0 lladdr " LL_OTHER);
	await_quiet(FROM, FAR, 0, LL_PEER);
	own("ip route replace 198.51.100.0/24 via 192.0.2.3");
	await_other(FROM, FAR, 0, LL_OTHER);
	own("ip route add 198.51.100.4/30 via 203.0.113.2");
	check_interface(await_other(FROM, FAR, 0, LL_W_PEER), "w0");
	own("ip route del 198.51.100.4/30");
	await_other(FROM, FAR, 0, LL_OTHER);
	own("ip route del 198.51.100.0/24");
	await_other(FROM, FAR, -EHOSTUNREACH, NULL);
	own("ip route add default via 192.0.2.2");
	await_other(FROM, FAR, 0, LL_PEER);
}
END_TEST

START_TEST(route_changed_6)
{
	own("ip route add 2001:db8:1::/64 via fe80::2 dev v0");
	own("ip neigh replace fe80::3 dev v0 lladdr " LL_OTHER);
	await_quiet(FROM6, FAR6, 0, LL_PEER);
	own("ip route replace 2001:db8:1::/64 via fe80::3 dev v0");
	await_other(FROM6, FAR6, 0, LL_OTHER);
	own("ip route del 2001:db8:1::/64");
	await_other(FROM6, FAR6, -EHOSTUNREACH, NULL);
}
END_TEST

/* Routes by nexthop objects: where the machine is set so (routing daemons do that), only the object is told of. */
START_TEST(nexthop_changed)
{
	own("echo 0 >/proc/sys/net/ipv4/nexthop_compat_mode");
	own("ip neigh replace 192.0.2.3 dev v0 lladdr " LL_OTHER);
	own("ip nexthop add id 1 via 192.0.2.2 dev v0 && ip route add 198.51.100.0/24 nhid 1");
	await(FROM, FAR, 0, LL_PEER);
	drain();
	own("ip nexthop replace id 1 via 192.0.2.3 dev v0");
	await_other(FROM, FAR, 0, LL_OTHER);
	own("ip nexthop add id 2 via 192.0.2.2 dev v0 && ip nexthop add id 10 group 1 && ip route replace 198.51.100.0/24 nhid 10");
	await(FROM, FAR, 0, LL_OTHER);
	drain();
	own("ip nexthop replace id 10 group 2");
	await_other(FROM, FAR, 0, LL_PEER);
	own("ip nexthop del id 10");
	await_other(FROM, FAR, -EHOSTUNREACH, NULL);
}
END_TEST

/* A router hears of routes all the time; those of other destinations are no news, whatever their lengths. */
START_TEST(routes_of_others)
{
	own("ip route add 198.51.100.0/24 via 192.0.2.2");
	own("ip route add 2001:db8:1::/64 via fe80::2 dev v0");
	own("ip neigh replace 192.0.2.3 dev v0 lladdr " LL_OTHER);
	own("ip neigh replace fe80::3 dev v0 lladdr " LL_OTHER);
	await_quiet(FROM6, FAR6, 0, LL_PEER);
	await_quiet(FROM, FAR, 0, LL_PEER);
	await(FROM6, FAR6, 0, LL_PEER);
	own("(for i in $(seq 200); do echo route add 10.0.$i.0/24 via 192.0.2.2; done;"
		" echo route add 198.51.100.8/29 via 192.0.2.3; echo route add 198.51.0.0/18 via 192.0.2.3; echo route add 198.51.100.6 via 192.0.2.3;"
		" echo route add 2001:db8:1::8/125 via fe80::3 dev v0) | ip -batch -");
	ck_assert_uint_eq(drain(), 0);
	own("ip route add 198.51.100.0/29 via 192.0.2.3");
	await_other(FROM, FAR, 0, LL_OTHER);
	await(FROM6, FAR6, 0, LL_PEER);
	own("ip route add 2001:db8:1::/125 via fe80::3 dev v0");
	await_other(FROM6, FAR6, 0, LL_OTHER);
	own("ip route del 198.51.100.0/29");
	await_other(FROM, FAR, 0, LL_PEER);
}
END_TEST

/* One call for all of them. */
START_TEST(routes_storm)
{
	own("ip route add 198.51.100.0/24 via 192.0.2.2");
	own("ip neigh replace 192.0.2.3 dev v0 lladdr " LL_OTHER);
	await_quiet(FROM, FAR, 0, LL_PEER);
	own("(for i in $(seq 200); do echo route add 10.0.$i.0/24 via 192.0.2.2; done;"
		" echo route replace 198.51.100.0/24 via 192.0.2.3) | ip -batch -");
	changes = 0;
	next_hops_read(hops);
	ck_assert_uint_eq(changes, 1);
	check_interface(await(FROM, FAR, 0, LL_OTHER), "v0");
}
END_TEST

START_TEST(interface_down)
{
	await(FROM, TO, 0, LL_PEER);
	await(FROM6, TO6, 0, LL_PEER);
	peer("ip link set v1 down");
	await_other(FROM, TO, -ENETDOWN, NULL);
	peer("ip link set v1 up");
	await_other(FROM, TO, 0, LL_PEER);
	own("ip link set v0 down");
	await_other(FROM, TO, -EHOSTUNREACH, NULL);
	await(FROM6, TO6, -EADDRNOTAVAIL, NULL);
	own("ip link set v0 up");
	await_other(FROM, TO, 0, LL_PEER);
	own("ip link del v0");
	await_other(FROM, TO, -EADDRNOTAVAIL, NULL);
}
END_TEST

START_TEST(address_removed)
{
	await(FROM, TO, 0, LL_PEER);
	await(FROM6, TO6, 0, LL_PEER);
	own("ip addr add 192.0.2.20/24 dev v0 && ip addr del " FROM "/24 dev v0 && ip addr add 192.0.2.20/24 dev v0");
	await_other(FROM, TO, -EADDRNOTAVAIL, NULL);
	own("ip addr del " FROM6 "/64 dev v0");
	await_other(FROM6, TO6, -EADDRNOTAVAIL, NULL);
	own("ip addr add " FROM "/24 dev v0");
	await_other(FROM, TO, 0, LL_PEER);
	own("ip addr add 198.51.100.7/32 dev lo");
	await(FROM, FAR, -ELOOP, NULL);
}
END_TEST

START_TEST(mtu_changed)
{
	own("ip route add 198.51.100.0/24 via 192.0.2.2 mtu 1300");
	await(FROM, TO, 0, LL_PEER);
	ck_assert_uint_eq(await(FROM, FAR, 0, LL_PEER).hop.mtu, 1300);
	own("ip link set v0 mtu 1400");
	ck_assert_uint_eq(await_other(FROM, TO, 0, LL_PEER).hop.mtu, 1400);
	ck_assert_uint_eq(await(FROM, FAR, 0, LL_PEER).hop.mtu, 1300);
	own("ip route replace 198.51.100.0/24 via 192.0.2.2 mtu 1600");
	ck_assert_uint_eq(await_other(FROM, FAR, 0, LL_PEER).hop.mtu, 1400);
}
END_TEST

/* ---- time, bounds ---- */

/* A change without an event is found all the same, a minute later at most. */
START_TEST(change_without_event)
{
	next_hops_tick(hops, SECOND);
	await(FROM6, TO6, 0, LL_PEER);
	drain();
	ck_assert_uint_eq(await(FROM6, TO6, 0, LL_PEER).hop.mtu, 1500);
	own("echo 1280 >/proc/sys/net/ipv6/conf/v0/mtu");
	tick(2, 59, FROM6, TO6);
	ck_assert_uint_eq(find(FROM6, TO6).hop.mtu, 1500);
	tick(60, 62, FROM6, TO6);
	ck_assert_uint_eq(find(FROM6, TO6).hop.mtu, 1280);
}
END_TEST

/* Nobody is told of a neighbour that nobody asked for lately. */
START_TEST(out_of_use)
{
	next_hops_tick(hops, SECOND);
	await(FROM, TO, 0, LL_PEER);
	drain();
	next_hops_tick(hops, 2 * SECOND);
	next_hops_tick(hops, 5 * SECOND);
	own("ip neigh replace " TO " dev v0 lladdr " LL_OTHER);
	ck_assert_uint_eq(drain(), 0);
	await(FROM, TO, 0, LL_OTHER);
}
END_TEST

/* More than it has room for: found again, and right. */
START_TEST(many)
{
	struct address from = address(FROM), to = address("10.0.0.0");
	struct next_hop hop;

	await(FROM, TO, 0, LL_PEER);
	drain();
	for (unsigned i = 0; i < 10000; i++) {
		to.bytes[2] = (uint8_t)(i >> 8);
		to.bytes[3] = (uint8_t)i;
		ck_assert_int_eq(next_hops_find(hops, &from, &to, &hop), -EHOSTUNREACH);
	}
	own("ip neigh replace " TO " dev v0 lladdr " LL_OTHER);
	drain();
	await(FROM, TO, 0, LL_OTHER);
}
END_TEST

static Suite *next_hop_suite(void)
{
	const TTest *const tests[] = {on_link, gateways, policy_routing, multipath, nowhere, this_machine, interfaces_of_other_kinds,
			encapsulated, secured, interface_vlan, without_arp, neighbour_unknown, neighbour_silent, neighbour_changed, neighbour_flushed,
			neighbour_stale, neighbour_storm, events_lost, route_changed, route_changed_6, nexthop_changed, routes_of_others,
			routes_storm, interface_down, address_removed, mtu_changed, change_without_event, out_of_use, many};
	Suite *s = suite_create("next_hop");
	TCase *c = tcase_create("next_hop");

	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, begin, end);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(c, tests[i]);
	suite_add_tcase(s, c);
	return s;
}

/* Ends with 77 where no network namespace can be made. */
int main(void)
{
	SRunner *r;
	int failed, own_namespace = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	if (own_namespace < 0 || unshare(CLONE_NEWNET) != 0)
		return 77;
	setns(own_namespace, CLONE_NEWNET);
	close(own_namespace);
	r = srunner_create(next_hop_suite());
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
