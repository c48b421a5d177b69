/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What goes up to user space, unchanged, and why; what is dropped. */
#include "scene.h"
#include "suites.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <linux/in6.h>
#include <linux/pkt_cls.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define IN6  ((_i & 1) != 0)
#define OUT6 ((_i & 2) != 0)

/* The frame of s->in; tests change bytes of it. IP begins at 14. */
struct frame {
	uint8_t bytes[PACKET_MAX];
	size_t n;
};

static struct frame frame_of(const struct scene *s)
{
	struct frame f;

	f.n = packet_write(&s->in, f.bytes);
	return f;
}

static void check(struct scene *s, const struct frame *f, enum flow_verdict verdict)
{
	scene_check_passed_bytes(s, f->bytes, f->n, verdict);
}

START_TEST(nothing_of_ours)
{
	struct scene s = scene(IN6, OUT6);
	struct frame f = frame_of(&s);

	f.bytes[IN6 ? 20 : 23] = 6; /* TCP */
	check(&s, &f, FLOW_NOT_OURS);
	f = frame_of(&s);
	f.bytes[14 + (IN6 ? 39 : 19)] ^= 4; /* another destination */
	check(&s, &f, FLOW_NOT_OURS);
	s.in.to_port = PORT_MIN - 1;
	scene_check_passed(&s, FLOW_NOT_OURS);
	s.in.to_port = PORT_MIN + PORTS / 2;
	scene_check_passed(&s, FLOW_NOT_OURS);
	f = frame_of(&s);
	memcpy(f.bytes + 12, "\x08\x06", 2); /* ARP */
	check(&s, &f, FLOW_NOT_OURS);
	f = frame_of(&s);
	memcpy(f.bytes + 12, "\x88\xa8", 2); /* VLAN, and what it may hold */
	check(&s, &f, FLOW_NOT_OURS);
}
END_TEST

START_TEST(a_port_without_a_flow)
{
	struct scene s = scene(IN6, OUT6);

	s.in.to_port = LOCAL_PORT + 1;
	scene_check_passed(&s, FLOW_NO_FLOW);
	s.in.to_port = PORT_MIN;
	scene_check_passed(&s, FLOW_NO_FLOW);
	s.in.to_port = PORT_MIN + PORTS / 2 - 1;
	scene_check_passed(&s, FLOW_NO_FLOW);
	s.in.to_port = LOCAL_PORT;
	flow_withdraw(&s.programs->table[s.index]);
	scene_check_passed(&s, FLOW_NO_FLOW);
}
END_TEST

START_TEST(a_flow_of_the_other_family)
{
	struct scene s = scene(IN6, OUT6);

	s.programs->table[s.index].flags ^= FLOW_IN_IPV6;
	scene_check_passed(&s, FLOW_NO_FLOW);
}
END_TEST

START_TEST(an_address_whose_ports_are_beyond_the_table)
{
	struct scene s = scene(IN6, OUT6);

	s.programs->config->address4[1].first = s.programs->config->address6[1].first = PORTS;
	scene_check_passed(&s, FLOW_NO_FLOW);
}
END_TEST

START_TEST(a_configuration_of_another_version)
{
	struct scene s = scene(IN6, OUT6);

	s.programs->config->version ^= 1;
	scene_check_passed(&s, FLOW_NOT_OURS);
}
END_TEST

START_TEST(fragments_and_options)
{
	struct scene s = scene(IN6, OUT6);
	struct frame f;

	if (IN6) {
		for (unsigned i = 0; i < 4; i++) {
			static const uint8_t next[] = {44, 0, 43, 60};

			f = frame_of(&s);
			f.bytes[20] = next[i];
			check(&s, &f, i ? FLOW_OPTIONS : FLOW_FRAGMENT);
		}
		return;
	}
	s.in.fragment = 0x2000;
	scene_check_passed(&s, FLOW_FRAGMENT);
	s.in.fragment = 0x0010;
	scene_check_passed(&s, FLOW_FRAGMENT);
	s.in.fragment = 0;
	f = frame_of(&s);
	f.bytes[14] = 0x46;
	check(&s, &f, FLOW_OPTIONS);
	f.bytes[14 + 19] ^= 4;
	check(&s, &f, FLOW_NOT_OURS);
}
END_TEST

START_TEST(lengths_that_do_not_fit)
{
	struct scene s = scene(IN6, OUT6);
	size_t length = 14 + (IN6 ? 4 : 2), udp = 14 + (IN6 ? 40 : 20);
	struct frame f = frame_of(&s);

	f.bytes[length + 1]++; /* IP says more than UDP */
	check(&s, &f, FLOW_MALFORMED);
	f = frame_of(&s);
	f.bytes[udp + 5]--;
	check(&s, &f, FLOW_MALFORMED);
	f = frame_of(&s);
	f.bytes[udp + 4] = f.bytes[length] = 0;
	f.bytes[udp + 5] = 7; /* less than its header */
	f.bytes[length + 1] = IN6 ? 7 : 27;
	check(&s, &f, FLOW_MALFORMED);
}
END_TEST

/* XDP does not look how long the frame is (flow.bpf.c says why); it sends on what there is. */
START_TEST(a_frame_that_was_cut_off)
{
	struct scene s = scene(IN6, OUT6);
	struct frame f = frame_of(&s);
	enum flow_verdict v;

	ck_assert_int_eq((int)scene_run_bytes(&s, s.programs->tc, f.bytes, f.n - 1, &v).action, TC_ACT_UNSPEC);
	ck_assert_int_eq(v, FLOW_MALFORMED);
	ck_assert_uint_eq(scene_run_bytes(&s, s.programs->xdp, f.bytes, f.n - 1, &v).n, f.n - 1 + OUT6 * 20u - IN6 * 20u);
	ck_assert_int_eq(v, FLOW_TX);
	ck_assert_uint_eq(scene_run_bytes(&s, s.programs->xdp, f.bytes, 14 + 28, &v).action, XDP_PASS); /* no RTP header */
	ck_assert_int_eq(v, IN6 ? FLOW_NOT_OURS : FLOW_MALFORMED);
}
END_TEST

START_TEST(unknown_sources)
{
	struct scene s = scene(IN6, OUT6);

	s.in.from_port++;
	scene_check_passed(&s, FLOW_SOURCE);
	s.in.from_port--;
	for (unsigned i = 0; i < (IN6 ? 16u : 4u); i++) {
		s.in.from[i] ^= 1;
		scene_check_passed(&s, FLOW_SOURCE);
		s.in.from[i] ^= 1;
	}
}
END_TEST

START_TEST(another_stream)
{
	struct scene s = scene(IN6, OUT6);

	for (unsigned i = 8; i < 12; i++) {
		s.in.payload[i] ^= 1;
		scene_check_passed(&s, FLOW_SSRC);
		s.in.payload[i] ^= 1;
	}
	memcpy(s.in.payload, "\x80\xc8\x00\x06\x11\x22\x33\x45", 8); /* RTCP */
	scene_check_passed(&s, FLOW_SSRC);
}
END_TEST

START_TEST(no_rtp)
{
	struct scene s = scene(IN6, OUT6);
	size_t n = s.in.n;

	for (s.in.n = 0; s.in.n < 12; s.in.n++)
		scene_check_passed(&s, FLOW_MALFORMED);
	s.in.n = n;
	for (unsigned first = 0; first < 128; first += 4) { /* STUN; ZRTP, DTLS, TURN; version 0 and 1 */
		s.in.payload[0] = (uint8_t)first;
		scene_check_passed(&s, first <= 3 ? FLOW_STUN : FLOW_MALFORMED);
	}
	s.in.payload[0] = 0xc0;
	scene_check_passed(&s, FLOW_MALFORMED);
}
END_TEST

START_TEST(rtp_that_is_not_whole)
{
	struct scene s = scene(IN6, OUT6);

	s.in.payload[0] = 0x8f;
	s.in.n = 12 + 60;
	scene_check_forwarded(&s);
	s.in.n--;
	scene_check_passed(&s, FLOW_MALFORMED);
	s.in.payload[0] = 0x92;
	memcpy(s.in.payload + 12 + 8, "\0\0\0\3", 4);
	s.in.n = 12 + 8 + 4 + 12;
	scene_check_forwarded(&s);
	s.in.n--;
	scene_check_passed(&s, FLOW_MALFORMED);
	s.in.n = 12 + 8 + 3;
	scene_check_passed(&s, FLOW_MALFORMED);
}
END_TEST

START_TEST(rtcp_that_user_space_wants)
{
	struct scene s = scene(IN6, OUT6);

	s.flow.flags |= FLOW_RTCP_TO_USER;
	scene_install(&s);
	scene_check_forwarded(&s);
	for (unsigned type = 192; type <= 223; type++) {
		s.in.payload[1] = (uint8_t)type;
		scene_check_passed(&s, FLOW_CONTROL);
	}
	s.in.payload[1] = 224;
	scene_check_forwarded(&s);
}
END_TEST

START_TEST(rtcp_port_takes_nothing_else)
{
	struct scene s = scene(IN6, OUT6);

	s.flow.flags = (uint16_t)((s.flow.flags & ~FLOW_RTP) | FLOW_RTCP);
	scene_install(&s);
	scene_check_passed(&s, FLOW_MALFORMED); /* RTP */
	memcpy(s.in.payload, "\x80\xc8\x00\x06\x11\x22\x33\x44", 8);
	s.in.n = 27; /* says 28 */
	scene_check_passed(&s, FLOW_MALFORMED);
	s.in.n = 28;
	s.in.payload[7]++;
	scene_check_passed(&s, FLOW_SSRC);
}
END_TEST

START_TEST(an_empty_datagram)
{
	struct scene s = scene(IN6, OUT6);

	s.flow.flags &= (uint16_t)~FLOW_RTP;
	scene_install(&s);
	s.in.n = 0;
	scene_check_passed(&s, FLOW_MALFORMED);
}
END_TEST

START_TEST(lifetime_at_its_end)
{
	struct scene s = scene(IN6, OUT6);

	s.in.ttl = 1;
	scene_check_passed(&s, FLOW_TTL);
	s.in.ttl = 0;
	scene_check_passed(&s, FLOW_TTL);
}
END_TEST

START_TEST(no_checksum_where_ipv6_is)
{
	struct scene s = scene(IN6, OUT6);

	s.in.sum = SUM_NONE;
	if (IN6 || OUT6)
		scene_check_passed(&s, FLOW_CHECKSUM);
	else
		scene_check_forwarded(&s);
}
END_TEST

/* By XDP alone: it has to finish the checksum. */
START_TEST(an_unfinished_checksum_of_a_giant)
{
	struct scene s = scene(IN6, OUT6);
	enum flow_verdict v;

	s.flow.mtu = 9000;
	scene_install(&s);
	s.in.sum = SUM_PARTIAL;
	s.in.n = 2040;
	ck_assert_uint_eq(scene_run(&s, s.programs->xdp, &v).action, XDP_PASS);
	ck_assert_int_eq(v, FLOW_CHECKSUM);
	s.in.n = 2039;
	ck_assert_uint_eq(scene_run(&s, s.programs->xdp, &v).action, XDP_TX);
}
END_TEST

START_TEST(longer_than_the_next_hop_takes)
{
	struct scene s = scene(IN6, OUT6);
	size_t headers = OUT6 ? 48 : 28;

	s.flow.mtu = 600;
	scene_install(&s);
	s.in.n = 600 - headers;
	scene_check_forwarded(&s);
	s.in.n++;
	scene_check_passed(&s, FLOW_MTU);
}
END_TEST

START_TEST(a_device_that_xdp_cannot_use)
{
	struct scene s = scene(IN6, OUT6);
	uint8_t bytes[PACKET_MAX];
	enum flow_verdict v;
	struct outcome o;

	s.flow.ifindex = ELSEWHERE;
	s.flow.flags &= (uint16_t)~FLOW_XDP;
	scene_install(&s);
	ck_assert_uint_eq(scene_run(&s, s.programs->xdp, &v).action, XDP_PASS);
	ck_assert_int_eq(v, FLOW_DEVICE);
	ck_assert_uint_eq(scene_run(&s, s.programs->tc, &v).action, TC_ACT_REDIRECT);
	ck_assert_int_eq(v, FLOW_REDIRECT);
	s.flow.flags |= FLOW_XDP; /* but it has gone from flow_devices */
	scene_install(&s);
	o = scene_run(&s, s.programs->xdp, &v);
	ck_assert_uint_eq(o.action, XDP_PASS);
	ck_assert_int_eq(v, FLOW_DEVICE);
	ck_assert_uint_eq(o.n, packet_write(&s.in, bytes));
	ck_assert_mem_eq(o.bytes, bytes, o.n);
}
END_TEST

/* ---- what TC alone sees ---- */

START_TEST(several_packets_in_one)
{
	struct scene s = scene(IN6, OUT6);
	struct frame f = frame_of(&s);
	uint64_t before = programs_verdicts(s.programs, FLOW_AGGREGATE);
	static struct outcome o;

	ck_assert_int_eq(programs_run_aggregate(s.programs->tc, f.bytes, f.n, 2, &o), 0);
	ck_assert_int_eq((int)o.action, TC_ACT_UNSPEC);
	ck_assert_mem_eq(o.bytes, f.bytes, f.n);
	ck_assert_uint_eq(programs_verdicts(s.programs, FLOW_AGGREGATE), before + 1);
	ck_assert_int_eq(programs_run_aggregate(s.programs->tc, f.bytes, f.n, 1, &o), 0);
	ck_assert_int_eq((int)o.action, TC_ACT_REDIRECT);
}
END_TEST

START_TEST(for_another_link_address)
{
	struct scene s = scene(IN6, OUT6);
	enum flow_verdict v;

	s.in.mac_to[5] = 1;
	ck_assert_int_eq((int)scene_run(&s, s.programs->tc, &v).action, TC_ACT_UNSPEC);
	ck_assert_int_eq(v, FLOW_NOT_OURS);
}
END_TEST

/* ---- a dead daemon ---- */

static uint64_t coarse_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void check_dropped(struct scene *s)
{
	enum flow_verdict v;

	ck_assert_uint_eq(scene_run(s, s->programs->xdp, &v).action, XDP_DROP);
	ck_assert_int_eq(v, FLOW_STALE);
	ck_assert_uint_eq(scene_run(s, s->programs->tc, &v).action, TC_ACT_SHOT);
	ck_assert_int_eq(v, FLOW_STALE);
}

/* One that is bound, as a map of sockets wants it. */
static uint64_t open_socket(void)
{
	const struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	ck_assert_int_eq(bind(fd, (const struct sockaddr *)(const void *)&at, sizeof(at)), 0);
	return (uint64_t)fd;
}

START_TEST(while_the_daemon_is_dead)
{
	struct scene s = scene(IN6, OUT6);
	struct flow_config *c = s.programs->config;
	struct frame f;
	uint32_t first = 0;
	uint64_t life = open_socket();

	c->watched = 1;
	scene_check_forwarded(&s); /* flows go on */
	s.in.from_port++;
	check_dropped(&s);
	s.in.from_port--;
	s.in.to_port++;
	check_dropped(&s);
	ck_assert_int_eq(bpf_map_update_elem(s.programs->alive, &first, &life, BPF_ANY), 0);
	scene_check_passed(&s, FLOW_NO_FLOW);
	close((int)life);
	s.in.to_port = 5060;
	scene_check_passed(&s, FLOW_NOT_OURS); /* others' packets are not touched */
	f = frame_of(&s);
	f.bytes[IN6 ? 20 : 14] = IN6 ? 0 : 0x46;
	check(&s, &f, FLOW_OPTIONS); /* nor what may be theirs */
	s.in.to_port = PORT_MIN;
	check_dropped(&s);
	c->outlive_ns = 1000000000u;
	c->heartbeat_ns = coarse_now() - 2000000000u;
	scene_check_passed(&s, FLOW_NO_FLOW); /* no flow is left by then */
	c->watched = c->outlive_ns = 0;
	scene_check_passed(&s, FLOW_NO_FLOW);
}
END_TEST

/* At the address and port that s->in goes to, which this machine need not have. */
static int open_there(const struct shape *in)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(in->to_port)};
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(in->to_port)};
	int fd = socket(in->ip6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0), on = 1;

	memcpy(&six.sin6_addr, in->to, 16);
	memcpy(&four.sin_addr, in->to, 4);
	if (in->ip6) {
		ck_assert_int_eq(setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof(on)), 0);
		ck_assert_int_eq(bind(fd, (const struct sockaddr *)(const void *)&six, sizeof(six)), 0);
	} else {
		ck_assert_int_eq(setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on)), 0);
		ck_assert_int_eq(bind(fd, (const struct sockaddr *)(const void *)&four, sizeof(four)), 0);
	}
	return fd;
}

START_TEST(while_another_program_has_the_port)
{
	struct scene s = scene(IN6, OUT6);
	int fd;

	s.programs->config->watched = 1;
	s.in.to_port += 2;
	fd = open_there(&s.in);
	scene_check_passed(&s, FLOW_NO_FLOW);
	s.in.to_port += 2;
	check_dropped(&s);
	s.in.to_port -= 2;
	close(fd);
	check_dropped(&s);
}
END_TEST

START_TEST(when_the_daemon_does_not_come_back)
{
	struct scene s = scene(IN6, OUT6);
	struct flow_config *c = s.programs->config;
	enum flow_verdict v;

	c->outlive_ns = 5000000000u;
	c->heartbeat_ns = coarse_now() - 4000000000u;
	s.in.payload[3] = 0;
	scene_check_forwarded(&s);
	c->heartbeat_ns = coarse_now() + 1000000000u; /* a clock that is ahead of the coarse one is not old */
	scene_check_forwarded(&s);
	c->heartbeat_ns = coarse_now() - 6000000000u;
	s.in.payload[3] = 1;
	scene_check_forwarded(&s); /* not every packet looks */
	s.in.payload[3] = 0;
	scene_run(&s, s.programs->tc, &v);
	ck_assert_int_eq(v, FLOW_TX); /* the last one */
	scene_check_passed(&s, FLOW_NO_FLOW);
	scene_install(&s);
	c->outlive_ns = 0;
	scene_check_forwarded(&s);
	scene_check_forwarded(&s);
}
END_TEST

Suite *pass_suite(void)
{
	Suite *s = suite_create("pass");
	TCase *c = tcase_create("pass");
	const TTest *const tests[] = {nothing_of_ours, a_port_without_a_flow, a_flow_of_the_other_family,
			an_address_whose_ports_are_beyond_the_table, a_configuration_of_another_version, fragments_and_options,
			lengths_that_do_not_fit, a_frame_that_was_cut_off, unknown_sources, another_stream, no_rtp, rtp_that_is_not_whole,
			rtcp_that_user_space_wants, rtcp_port_takes_nothing_else, an_empty_datagram, lifetime_at_its_end, no_checksum_where_ipv6_is,
			an_unfinished_checksum_of_a_giant, longer_than_the_next_hop_takes, a_device_that_xdp_cannot_use,
			several_packets_in_one, for_another_link_address, while_the_daemon_is_dead, while_another_program_has_the_port,
			when_the_daemon_does_not_come_back};

	for (unsigned i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_loop_test(c, tests[i], 0, 4);
	suite_add_tcase(s, c);
	return s;
}
