/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Usage: bench_bpf ROUNDS REPEAT. In a network namespace of its own. Each way of a packet through the programs: the least of ROUNDS means
 * over REPEAT runs, a line each: case, ns. The flow sends back what it gets to where it comes from, so that every run sees
 * the same packet (bench.bpf.c).
 */
#include "bench.h"
#include "kernel/rewrite.h"
#include "packets.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.skel.h"

#define PORT     55010
#define LOOPBACK 1

static const uint8_t party4[4] = {192, 0, 2, 9}, local4[4] = {192, 0, 2, 1};
static const uint8_t party6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 9}, local6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};

static unsigned rounds, repeat;

static void fail(const char *what)
{
	fprintf(stderr, "bench_bpf: %s\n", what);
	exit(1);
}

static void *mapped(const struct bpf_map *map)
{
	size_t n = (size_t)bpf_map__value_size(map) * bpf_map__max_entries(map);
	void *memory = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

	if (memory == MAP_FAILED)
		fail("a map cannot be mapped");
	return memory;
}

static void configure(struct bench_bpf *s)
{
	struct flow_config *c = mapped(s->maps.flow_config);

	memcpy(&c->address4[0].address, local4, 4);
	memcpy(c->address6[0].address, local6, 16);
	c->address4[0].port_min = c->address6[0].port_min = PORT;
	c->address4[0].ports = c->address6[0].ports = 1;
	c->address6[0].first = 1;
	c->count4 = c->count6 = 1;
	c->version = FLOW_ABI_VERSION;
}

static struct bench_bpf *load(bool all_statistics)
{
	struct bench_bpf *s = bench_bpf__open();
	uint32_t key = FARAWAY, loopback = LOOPBACK, out = if_nametoindex("out0");

	if (!s)
		fail("no memory");
	s->rodata->all_statistics = all_statistics;
	if (bench_bpf__load(s))
		fail("the programs cannot be loaded");
	configure(s);
	if (bpf_map_update_elem(bpf_map__fd(s->maps.flow_devices), &key, &loopback, BPF_ANY) ||
			bpf_map_update_elem(bpf_map__fd(s->maps.flow_devices), &out, &out, BPF_ANY))
		fail("flow_devices cannot be filled");
	return s;
}

static void install(struct bench_bpf *s, bool ip6, uint32_t ifindex)
{
	static uint32_t generation;
	struct flow f = {.generation = ++generation, .flags = FLOW_RTP | FLOW_XDP | (ip6 ? FLOW_IN_IPV6 | FLOW_OUT_IPV6 : 0), .ssrc = htonl(1),
			.source_port = htons(40000), .from_port = htons(40000), .to_port = htons(PORT), .ifindex = ifindex, .mtu = 1500};

	memcpy(&f.source4, party4, 4);
	memcpy(&f.from4, party4, 4);
	memcpy(&f.to4, local4, 4);
	memcpy(f.source6, party6, 16);
	memcpy(f.from6, party6, 16);
	memcpy(f.to6, local6, 16);
	flow_seal(&f, ip6 ? local6 : local4, htons(PORT));
	flow_write((struct flow *)mapped(s->maps.flow_table) + ip6, &f);
}

static size_t make_packet(bool ip6, uint8_t *out)
{
	struct shape p = {.ip6 = ip6, .from_port = 40000, .to_port = PORT, .ttl = 64, .n = 172, .payload = {0x80, 8, [11] = 1}};

	memcpy(p.from, ip6 ? party6 : party4, ip6 ? 16 : 4);
	memcpy(p.to, ip6 ? local6 : local4, ip6 ? 16 : 4);
	return packet_write(&p, out);
}

static void measure(const char *name, int program, bool ip6, uint32_t action)
{
	static uint8_t in[PACKET_MAX], out[PACKET_MAX];
	size_t n = make_packet(ip6, in);
	uint32_t least = UINT32_MAX;

	for (unsigned i = 0; i < rounds; i++) {
		LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = in, .data_size_in = (uint32_t)n, .data_out = out,
				.data_size_out = sizeof(out), .repeat = (int)repeat);

		if (bpf_prog_test_run_opts(program, &run))
			fail("BPF_PROG_TEST_RUN fails");
		if (run.retval != action) {
			fprintf(stderr, "bench_bpf: %s: action %d, not %u\n", name, (int)run.retval, action);
			exit(1);
		}
		least = run.duration < least ? run.duration : least;
	}
	printf("%s\t%u\n", name, least);
}

static void measure_floor(struct bench_bpf *s)
{
	measure("an empty program", bpf_program__fd(s->progs.bench_empty), false, XDP_TX);
	measure("nothing but the next packet", bpf_program__fd(s->progs.bench_nothing), false, XDP_TX);
	measure("nothing but the clock", bpf_program__fd(s->progs.bench_clock), false, XDP_TX);
	measure("nothing but a redirect", bpf_program__fd(s->progs.bench_redirect), false, XDP_REDIRECT);
	measure("nothing but a question to the routing", bpf_program__fd(s->progs.bench_routing), false, XDP_TX);
}

static void measure_all(const char *who, bool all_statistics)
{
	const char *how = all_statistics ? "all statistics" : "packets and bytes";
	struct bench_bpf *s = load(all_statistics);
	int xdp = bpf_program__fd(s->progs.bench_xdp), tc = bpf_program__fd(s->progs.bench_tc);
	char name[128];

#define MEASURE(what, hop, program, ip6, action) \
	install(s, ip6, hop); \
	snprintf(name, sizeof(name), "%s, %s%s", what, how, who); \
	measure(name, program, ip6, action)
	MEASURE("xdp cached", FARAWAY, xdp, false, XDP_REDIRECT);
	MEASURE("xdp cached, same interface", LOOPBACK, xdp, false, XDP_TX);
	MEASURE("xdp cached, IPv6", FARAWAY, xdp, true, XDP_REDIRECT);
	MEASURE("xdp fib", 0, xdp, false, XDP_REDIRECT);
	MEASURE("xdp fib, IPv6", 0, xdp, true, XDP_REDIRECT);
	MEASURE("tc cached", FARAWAY, tc, false, 7 /* TC_ACT_REDIRECT */);
	MEASURE("tc fib", 0, tc, false, 7);
#undef MEASURE
	if (all_statistics && !*who)
		measure_floor(s);
	bench_bpf__destroy(s);
}

/* A route and a neighbour to what the flows send to. */
static void set_up(void)
{
	static const char script[] =
			"set -e; ip link set lo up; ip link add out0 type veth peer name out1; ip link set out0 up; ip link set out1 up\n"
			"ip addr add 198.51.100.1/24 dev out0; ip addr add 2001:db8:1::1/64 dev out0 nodad\n"
			"echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding\n"
			"ip route add 192.0.2.0/24 via 198.51.100.7; ip route add 2001:db8::/64 via 2001:db8:1::7\n"
			"ip neigh add 198.51.100.7 lladdr 02:01:01:01:01:01 dev out0 nud permanent\n"
			"ip neigh add 2001:db8:1::7 lladdr 02:01:01:01:01:01 dev out0 nud permanent\n";

	if (unshare(CLONE_NEWNET) || system(script))
		fail("a network namespace cannot be set up");
}

static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};

	data[0].effective = data[0].permitted = 1u << CAP_NET_ADMIN;
	data[1].effective = data[1].permitted = 1u << (CAP_BPF - 32);
	if (syscall(SYS_capset, &header, data))
		fail("capabilities cannot be dropped");
}

int main(int argc, char **argv)
{
	if (argc != 3 || (rounds = (unsigned)atoi(argv[1])) == 0 || (repeat = (unsigned)atoi(argv[2])) == 0)
		fail("usage: bench_bpf ROUNDS REPEAT");
	set_up();
	measure_all("", true);
	measure_all("", false);
	drop_capabilities();
	measure_all(", without CAP_PERFMON", true);
	return 0;
}
