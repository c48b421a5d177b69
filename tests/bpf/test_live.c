/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Real packets of a sender on this machine, whose checksums are unfinished: through each program, from one veth to another.
 *
 *   namespace of the tests                       |  "far", a child process
 *   in0  192.0.2.1, 2001:db8::1        ----------+  in1  192.0.2.9, 2001:db8::9         sends
 *   out0 198.51.100.1, 2001:db8:1::1   ----------+  out1 198.51.100.7, 2001:db8:1::7    hears
 *
 * out0 leaves no checksum unfinished, so that the far end has to believe what it hears.
 */
#include "scene.h"
#include "suites.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define IN6     ((_i & 1) != 0)
#define OUT6    ((_i & 2) != 0)
#define PACKETS 100

struct order {
	bool in6, out6;
};

static pid_t far;
static int line; /* to the far end */

/* ---- the far end ---- */

static int bound(bool ip6, const char *address, uint16_t port)
{
	struct sockaddr_in a4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 a6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	struct timeval patience = {.tv_sec = 10};
	int fd = socket(ip6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);

	inet_pton(ip6 ? AF_INET6 : AF_INET, address, ip6 ? (void *)&a6.sin6_addr : (void *)&a4.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (bind(fd, ip6 ? (void *)&a6 : (void *)&a4, ip6 ? sizeof(a6) : sizeof(a4)))
		_exit(3);
	return fd;
}

static void address_relay(int fd, bool ip6)
{
	struct sockaddr_in a4 = {.sin_family = AF_INET, .sin_port = htons(LOCAL_PORT)};
	struct sockaddr_in6 a6 = {.sin6_family = AF_INET6, .sin6_port = htons(LOCAL_PORT)};

	inet_pton(AF_INET, "192.0.2.1", &a4.sin_addr);
	inet_pton(AF_INET6, "2001:db8::1", &a6.sin6_addr);
	if (connect(fd, ip6 ? (void *)&a6 : (void *)&a4, ip6 ? sizeof(a6) : sizeof(a4)))
		_exit(4);
}

/* Sends a stream, packet by packet; how many were heard as they were sent. */
static unsigned stream(const struct order *o)
{
	int out = bound(o->in6, o->in6 ? "2001:db8::9" : "192.0.2.9", 40000);
	int in = bound(o->out6, o->out6 ? "2001:db8:1::7" : "198.51.100.7", 50000);
	uint8_t sent[200] = {0x80, 8, [8] = 0x11, 0x22, 0x33, 0x44}, heard[300];
	uint64_t state = 5;
	unsigned same = 0;

	address_relay(out, o->in6);
	packet_random_bytes(&state, sent + 12, sizeof(sent) - 12);
	for (unsigned i = 0; i < PACKETS; i++) {
		size_t n = 12 + i;

		sent[3] = (uint8_t)i;
		if (send(out, sent, n, 0) == (ssize_t)n && recv(in, heard, sizeof(heard), 0) == (ssize_t)n && memcmp(sent, heard, n) == 0)
			same++;
		else
			break;
	}
	close(in);
	close(out);
	return same;
}

/* veth gives XDP's packets only to a device that has a program itself, or GRO. */
static void be_far(int orders, int program)
{
	struct order o;
	char ready;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWNET) || write(orders, "r", 1) != 1 || read(orders, &ready, 1) != 1)
		_exit(1);
	if (system("set -e; ip link set in1 up; ip link set out1 up\n"
			"ip addr add 192.0.2.9/24 dev in1; ip addr add 2001:db8::9/64 dev in1 nodad\n"
			"ip addr add 198.51.100.7/24 dev out1; ip addr add 2001:db8:1::7/64 dev out1 nodad") ||
			bpf_xdp_attach((int)if_nametoindex("out1"), program, XDP_FLAGS_DRV_MODE, NULL) || write(orders, "r", 1) != 1)
		_exit(2);
	while (read(orders, &o, sizeof(o)) == sizeof(o)) {
		unsigned same = stream(&o);

		if (write(orders, &same, sizeof(same)) != sizeof(same))
			_exit(5);
	}
	_exit(0);
}

/* ---- here ---- */

static void await_far(void)
{
	char ready;

	ck_assert_int_eq(read(line, &ready, 1), 1);
}

static void run(const char *script)
{
	ck_assert_msg(system(script) == 0, "this does not work here: %s", script);
}

static void finish_checksums(const char *device)
{
	struct ethtool_value off = {.cmd = ETHTOOL_STXCSUM};
	struct ifreq request = {.ifr_data = (void *)&off};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	strncpy(request.ifr_name, device, IFNAMSIZ - 1);
	ck_assert_int_eq(ioctl(fd, SIOCETHTOOL, &request), 0);
	close(fd);
}

static void set_up(void)
{
	struct scene s = scene(false, false);
	char script[256];
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	far = fork();
	ck_assert_int_ge(far, 0);
	if (far == 0) {
		close(pair[0]);
		be_far(pair[1], s.programs->xdp);
	}
	close(pair[1]);
	line = pair[0];
	await_far();
	snprintf(script, sizeof(script), "set -e; ip link add in0 type veth peer name in1 netns %d\n"
			"ip link add out0 address 02:02:02:02:02:02 type veth peer name out1 address 02:01:01:01:01:01 netns %d\n", far, far);
	run(script);
	run("set -e; ip link set in0 up; ip link set out0 up; ip addr add 192.0.2.1/24 dev in0; ip addr add 2001:db8::1/64 dev in0 nodad");
	finish_checksums("out0");
	ck_assert_int_eq(write(line, "r", 1), 1);
	await_far();
}

static void tear_down(void)
{
	run("ip link del in0 && ip link del out0"); /* first, or the namespace takes them with it, in its own time */
	close(line);
	ck_assert_int_eq(waitpid(far, NULL, 0), far);
}

static struct scene live(bool in6, bool out6)
{
	struct scene s = scene(in6, out6);
	uint32_t out0 = if_nametoindex("out0");

	s.flow.ifindex = out0;
	scene_install(&s);
	ck_assert_int_eq(bpf_map_update_elem(s.programs->devices, &out0, &out0, BPF_ANY), 0);
	return s;
}

static void check_stream(struct scene *s)
{
	struct order o = {.in6 = s->in6, .out6 = s->out6};
	uint64_t before = programs_verdicts(s->programs, FLOW_REDIRECT);
	struct flow_counters c;
	unsigned same = 0;

	ck_assert_int_eq(write(line, &o, sizeof(o)), sizeof(o));
	ck_assert_int_eq(read(line, &same, sizeof(same)), sizeof(same));
	ck_assert_uint_eq(same, PACKETS);
	ck_assert_uint_eq(programs_verdicts(s->programs, FLOW_REDIRECT) - before, PACKETS);
	c = programs_counters(s->programs, s->index);
	ck_assert_uint_eq(c.packets, PACKETS);
	ck_assert_uint_eq(c.bytes, PACKETS * 12 + PACKETS * (PACKETS - 1) / 2);
	ck_assert_uint_eq(s->programs->states[s->index].unique, PACKETS);
}

START_TEST(by_xdp)
{
	struct scene s = live(IN6, OUT6);
	int in0 = (int)if_nametoindex("in0");

	ck_assert_int_eq(bpf_xdp_attach(in0, s.programs->xdp, XDP_FLAGS_DRV_MODE, NULL), 0);
	check_stream(&s);
}
END_TEST

START_TEST(by_tc)
{
	struct scene s = live(IN6, OUT6);
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)if_nametoindex("in0"), .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = s.programs->tc);

	ck_assert_int_eq(bpf_tc_hook_create(&hook), 0);
	ck_assert_int_eq(bpf_tc_attach(&hook, &options), 0);
	check_stream(&s);
}
END_TEST

Suite *live_suite(void)
{
	Suite *s = suite_create("live");
	TCase *c = tcase_create("live");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_loop_test(c, by_xdp, 0, 4);
	tcase_add_loop_test(c, by_tc, 0, 4);
	suite_add_tcase(s, c);
	return s;
}
