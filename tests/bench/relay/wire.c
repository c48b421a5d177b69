/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Usage: bench_relay_wire WAY RELAY-NAMESPACE EXPECTED BURST PACKETS <FLOWS. In the agents' namespace. Sends PACKETS packets in turn
 * of the FLOWS (a line each: source port destination port SSRC sequence) by near0, BURST at a time, and
 * counts those to EXPECTED that come in by far0. The next burst waits until the last one has arrived, or does not any more.
 *
 * The generator runs in the kernel and leads the packets into the relay's near1 itself: receiving, forwarding and dropping are
 * done in the time of its system call. So that time is what is measured, of this thread, on one processor. Programs of user space
 * that have a part in it are charged by who calls this.
 *
 *   nothing   they are made, and not sent
 *   drop      near1 drops them: what making, sending, receiving and dropping cost
 *   redirect  near1 sends them on by a bare redirect
 *   relay     between near1 and far1 is what was put there
 *   counters  the same, but for the time of the measurement the relay's program keeps packet and byte counters alone
 */
#include "packets.h"
#include "wire.h"
#include "counters.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "wire.skel.h"

#define BURSTS_MAX  100000
#define WARM        3u           /* bursts that are not counted: caches are cold, and a device may still be polled by another processor */
#define BATCH       64           /* packets at a time, as a network card's driver has them */
#define PATIENCE_NS 50000000ull  /* without one more packet, the rest of a burst is lost */
#define LOOK_NS     20000

static struct wire_bpf *wire;
static uint8_t frame[PACKET_MAX];
static uint32_t frame_size, near0;
static unsigned burst, bursts;
static unsigned long sent, lost;

static void fail(const char *what)
{
	fprintf(stderr, "bench_relay_wire: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t clock_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- devices ---- */

static void enter(int namespace)
{
	if (setns(namespace, CLONE_NEWNET) != 0)
		fail("a network namespace");
}

static int namespace_of(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		fail(path);
	return fd;
}

static uint32_t device(const char *name)
{
	uint32_t index = if_nametoindex(name);

	if (!index)
		fail(name);
	return index;
}

static void link_address(const char *name, uint8_t out[6])
{
	struct ifreq request = {0};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &request) != 0)
		fail(name);
	memcpy(out, request.ifr_hwaddr.sa_data, 6);
	close(fd);
}

/* ---- flows ---- */

static uint32_t write_headers(struct wire_flow *f, const struct shape *s)
{
	uint32_t n = (uint32_t)packet_write(s, frame);
	uint16_t check;

	memcpy(f->headers, frame, sizeof(f->headers));
	memcpy(&check, frame + 40, 2);
	f->sum = (uint16_t)~check;
	return n;
}

static bool read_flow(const char *line, struct shape *s, struct wire_flow *f)
{
	char from[32], to[32];
	unsigned from_port, to_port, ssrc, sequence;

	if (sscanf(line, "%31s %u %31s %u %u %u", from, &from_port, to, &to_port, &ssrc, &sequence) != 6)
		return false;
	s->from_port = (uint16_t)from_port;
	s->to_port = (uint16_t)to_port;
	s->payload[0] = 0x80;
	s->payload[1] = 8;
	ssrc = htonl(ssrc);
	memcpy(s->payload + 8, &ssrc, 4);
	f->sequence = (uint16_t)sequence;
	return inet_pton(AF_INET, from, s->from) == 1 && inet_pton(AF_INET, to, s->to) == 1;
}

/* `s`: what all flows have in common. `frame` gets one packet, of which all have the payload. */
static void read_flows(struct shape *s)
{
	size_t size = sizeof(struct wire_flow) * WIRE_FLOWS_MAX;
	struct wire_flow *flows = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(wire->maps.wire_flows), 0);
	char line[256];

	if (flows == MAP_FAILED)
		fail("the flows");
	while (wire->bss->flows < WIRE_FLOWS_MAX && fgets(line, sizeof(line), stdin)) {
		struct wire_flow *f = &flows[wire->bss->flows++];

		if (!read_flow(line, s, f))
			fail("a flow cannot be read");
		frame_size = write_headers(f, s);
	}
	munmap(flows, size);
	if (!frame_size)
		fail("no flows");
}

/* ---- bursts ---- */

/* The time that a packet took on the average, in nanoseconds; without what the system call prepares, and without waiting for a processor. */
static uint32_t send_burst(void)
{
	struct xdp_md context = {.data_end = frame_size, .ingress_ifindex = near0};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = frame_size, .ctx_in = &context, .ctx_size_in = sizeof(context),
			.repeat = (int)burst, .batch_size = BATCH, .flags = BPF_F_TEST_XDP_LIVE_FRAMES);

	if (bpf_prog_test_run_opts(bpf_program__fd(wire->progs.wire_generate), &run) != 0)
		fail("live frames (BPF_PROG_TEST_RUN)");
	sent += burst;
	return run.duration;
}

static uint64_t has_arrived(void)
{
	return __atomic_load_n(&wire->bss->arrived, __ATOMIC_RELAXED);
}

/* Waits until all that was sent is there, or lost. */
static void await_arrival(void)
{
	uint64_t before = has_arrived(), since = clock_of(CLOCK_MONOTONIC), now = before;

	while (now + lost < sent) {
		nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL);
		now = has_arrived();
		if (now != before) {
			before = now;
			since = clock_of(CLOCK_MONOTONIC);
		} else if (clock_of(CLOCK_MONOTONIC) - since > PATIENCE_NS) {
			lost = sent - now;
		}
	}
}

static int compare(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static uint32_t measure(void)
{
	uint32_t *each = calloc(bursts, sizeof(*each)), median;

	if (!each)
		fail("memory");
	for (unsigned i = 0; i < WARM; i++) {
		send_burst();
		await_arrival();
	}
	sent = lost = wire->bss->arrived = 0;
	for (unsigned i = 0; i < bursts; i++) {
		each[i] = send_burst();
		await_arrival();
	}
	qsort(each, bursts, sizeof(*each), compare);
	median = each[bursts / 2];
	free(each);
	return median;
}

/* ---- the ways ---- */

static void attach(struct bpf_program *program, uint32_t index)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_DRV_MODE);

	/* its link ends with this process */
	if (bpf_link_create(bpf_program__fd(program), (int)index, BPF_XDP, &options) < 0)
		fail("an XDP program cannot be attached");
}

static void redirect_between(void)
{
	uint32_t key = 0, far1 = device("far1");

	if (bpf_map_update_elem(bpf_map__fd(wire->maps.wire_out), &key, &far1, BPF_ANY))
		fail("the device to redirect to");
	attach(wire->progs.wire_redirect, device("near1"));
}

static void set_up(const char *way, int agents, int relay)
{
	enter(relay);
	if (strcmp(way, "drop") == 0)
		attach(wire->progs.wire_sink, device("near1"));
	else if (strcmp(way, "redirect") == 0)
		redirect_between();
	else if (strcmp(way, "counters") == 0)
		counters_alone(device("near1"));
	enter(agents);
	attach(wire->progs.wire_sink, device("far0"));
}

static void load(const char *expected, bool is_sent)
{
	struct in_addr address;

	wire = wire_bpf__open();
	if (!wire || inet_pton(AF_INET, expected, &address) != 1)
		fail("the programs, or the expected address");
	wire->rodata->expected = address.s_addr;
	wire->rodata->is_sent = is_sent;
	if (wire_bpf__load(wire))
		fail("the programs cannot be loaded");
}

static void stay_on_one_processor(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	if (sched_setaffinity(0, sizeof(one), &one) != 0)
		fail("a processor");
}

int main(int argc, char **argv)
{
	struct shape s = {.ttl = 64, .n = WIRE_PAYLOAD};
	int agents = namespace_of("/proc/self/ns/net"), relay;
	uint32_t ns;

	if (argc != 6 || (burst = (unsigned)atoi(argv[4])) == 0 || (bursts = (unsigned)atoi(argv[5]) / burst) == 0 || bursts > BURSTS_MAX)
		fail("usage: bench_relay_wire nothing|drop|redirect|relay|counters RELAY-NAMESPACE EXPECTED BURST PACKETS <FLOWS");
	relay = namespace_of(argv[2]);
	load(argv[3], strcmp(argv[1], "nothing") != 0);
	near0 = device("near0");
	link_address("near0", s.mac_from);
	enter(relay);
	link_address("near1", s.mac_to);
	enter(agents);
	read_flows(&s);
	stay_on_one_processor();
	set_up(argv[1], agents, relay);
	ns = measure();
	counters_again();
	printf("{\"ns\": %u, \"sent\": %lu, \"lost\": %lu, \"warm\": %u}\n", ns, sent, lost, WARM * burst);
	return 0;
}
