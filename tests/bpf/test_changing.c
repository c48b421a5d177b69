/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A flow is written again and again while packets come: each goes where one of the flows says, as a whole, or up to user space. */
#include "scene.h"
#include "suites.h"

#include <arpa/inet.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <pthread.h>
#include <string.h>

#define RUNS 40000

static struct flow *at, flows[2];
static bool stop, running;
static pthread_t thread;

static void *write_flows(void *nothing)
{
	uint32_t generation = 1u << 30;

	for (unsigned i = 0; !__atomic_load_n(&stop, __ATOMIC_RELAXED); i++) {
		flows[i % 2].generation = ++generation;
		flow_write(at, &flows[i % 2]);
		for (volatile unsigned wait = 0; wait < i % 197; wait++) /* or no flow would stand long enough for a packet */
			;
	}
	return nothing;
}

/* Also when the test has failed. */
static void stop_writing(void)
{
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	if (running)
		pthread_join(thread, NULL);
	stop = running = false;
}

/* The scene's flow, and one of which every byte that is written into a packet is another. */
static void make_flows(struct scene *s, uint8_t expected[2][PACKET_MAX], size_t *n)
{
	struct shape e = scene_expected(s);

	at = &s->programs->table[s->index];
	flows[0] = s->flow;
	*n = packet_write(&e, expected[0]);
	memset(s->flow.mac_to, 0x44, 12);
	memset(&s->flow.from4, 0x55, 8);
	memset(s->flow.from6, 0x66, 32);
	s->flow.from_port = s->flow.to_port = htons(0x7777);
	scene_install(s);
	flows[1] = s->flow;
	memset(e.mac_to, 0x44, 12);
	memset(e.from, s->out6 ? 0x66 : 0x55, 16);
	memset(e.to, s->out6 ? 0x66 : 0x55, 16);
	e.from_port = e.to_port = 0x7777;
	packet_write(&e, expected[1]);
}

static void run(struct scene *s, int program, int forwarded, const uint8_t expected[2][PACKET_MAX], size_t n)
{
	uint8_t in[PACKET_MAX];
	size_t n_in = packet_write(&s->in, in);
	unsigned seen[3] = {0};

	/* More of them while the writer waits for a processor. */
	for (unsigned i = 0; i < RUNS || ((!seen[0] || !seen[1]) && i < 1000 * RUNS); i++) {
		static struct outcome o;
		unsigned which = 2;

		HOT_ASSERT(programs_run(program, in, n_in, &o) == 0, "run %u", i);
		if ((int)o.action == forwarded)
			which = memcmp(o.bytes, expected[0], n) == 0 ? 0 : 1;
		HOT_ASSERT(which == 2 ? o.n == n_in && memcmp(o.bytes, in, n_in) == 0 : o.n == n && memcmp(o.bytes, expected[which], n) == 0,
				"run %u: neither flow, and not as it came", i);
		seen[which]++;
	}
	ck_assert_uint_gt(seen[0], 0);
	ck_assert_uint_gt(seen[1], 0);
}

START_TEST(no_half_a_flow)
{
	struct scene s = scene((_i & 1) != 0, (_i & 2) != 0);
	uint8_t expected[2][PACKET_MAX];
	size_t n;

	make_flows(&s, expected, &n);
	ck_assert_int_eq(pthread_create(&thread, NULL, write_flows, NULL), 0);
	running = true;
	run(&s, s.programs->xdp, XDP_TX, expected, n);
	run(&s, s.programs->tc, TC_ACT_REDIRECT, expected, n);
}
END_TEST

Suite *changing_suite(void)
{
	Suite *s = suite_create("changing");
	TCase *c = tcase_create("changing");

	tcase_add_checked_fixture(c, NULL, stop_writing);
	tcase_add_loop_test(c, no_half_a_flow, 0, 4);
	suite_add_tcase(s, c);
	return s;
}
