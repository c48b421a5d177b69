/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters and statistics of what is forwarded. */
#include "scene.h"
#include "suites.h"

#include <string.h>
#include <time.h>

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void send(struct scene *s, int program, uint16_t sequence)
{
	struct outcome o;
	enum flow_verdict v;

	s->in.payload[2] = (uint8_t)(sequence >> 8);
	s->in.payload[3] = (uint8_t)sequence;
	s->in.payload[4] = (uint8_t)(sequence * 160u >> 24);
	s->in.payload[5] = (uint8_t)(sequence * 160u >> 16);
	s->in.payload[6] = (uint8_t)(sequence * 160u >> 8);
	s->in.payload[7] = (uint8_t)(sequence * 160u);
	o = scene_run(s, program, &v);
	ck_assert_int_eq(v, FLOW_TX);
	ck_assert_uint_ne(o.n, 0);
}

START_TEST(packets_and_bytes)
{
	struct scene s = scene_counters(false, true);
	struct flow_counters c;

	for (unsigned i = 0; i < 10; i++)
		send(&s, i % 2 ? s.programs->xdp : s.programs->tc, (uint16_t)i);
	c = programs_counters(s.programs, s.index);
	ck_assert_uint_eq(c.packets, 10);
	ck_assert_uint_eq(c.bytes, 10 * 172);
	ck_assert_uint_eq(c.control_packets + c.control_bytes, 0);
	ck_assert_uint_eq(c.last_ns, 0);
	ck_assert_uint_eq(s.programs->states[s.index].last, 0);
	ck_assert_uint_eq(s.programs->states[s.index].started, 0);
	ck_assert_uint_eq(programs_counters(s.programs, s.index + 1).packets, 0);
}
END_TEST

START_TEST(rtcp_beside_rtp_is_counted_apart)
{
	struct scene s = scene(true, false);
	struct flow_counters c;
	enum flow_verdict v;

	send(&s, s.programs->xdp, 1);
	memcpy(s.in.payload, "\x80\xc8\x00\x06\x11\x22\x33\x44", 8);
	s.in.n = 28;
	scene_run(&s, s.programs->xdp, &v);
	scene_run(&s, s.programs->tc, &v);
	c = programs_counters(s.programs, s.index);
	ck_assert_uint_eq(c.packets, 1);
	ck_assert_uint_eq(c.control_packets, 2);
	ck_assert_uint_eq(c.control_bytes, 56);
	ck_assert_uint_eq(s.programs->states[s.index].expected, 1);
}
END_TEST

START_TEST(a_stream_with_a_loss_a_double_and_a_late_one)
{
	static const uint16_t numbers[] = {65534, 65535, 0, 1, 4, 4, 3, 5};
	struct scene s = scene(false, false);
	struct flow_state *state = &s.programs->states[s.index];
	uint64_t before = now_us();

	for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		send(&s, i % 2 ? s.programs->xdp : s.programs->tc, numbers[i]);
	ck_assert_uint_eq(programs_counters(s.programs, s.index).packets, 8);
	ck_assert_uint_eq(programs_counters(s.programs, s.index).last_ns / 1000, state->last);
	ck_assert_uint_eq(state->expected, 8);
	ck_assert_uint_eq(state->unique, 7);
	ck_assert_uint_eq(state->duplicates, 1);
	ck_assert_uint_eq(state->reordered, 1);
	ck_assert_uint_eq(state->restarts + state->type_changes, 0);
	ck_assert_uint_eq(state->highest_sequence, 5);
	ck_assert_uint_eq(state->cycles, 1);
	ck_assert_uint_eq(state->clock_rate, 8000);
	ck_assert_uint_ge(state->last, before);
	ck_assert_uint_le(state->last, now_us());
	ck_assert_uint_le(state->largest_gap_us, now_us() - before);
	ck_assert_uint_gt(state->jitter, 0); /* they come at once, and say 20 ms */
}
END_TEST

START_TEST(another_payload_type)
{
	struct scene s = scene(true, true);
	struct flow_state *state = &s.programs->states[s.index];

	send(&s, s.programs->xdp, 1);
	s.in.payload[1] = 0x80 | 101;
	send(&s, s.programs->tc, 2);
	ck_assert_uint_eq(state->type_changes, 1);
	ck_assert_uint_eq(state->last_type, 101);
	ck_assert_uint_eq(state->clock_rate, 0);
}
END_TEST

START_TEST(what_is_no_rtp_has_a_last_and_a_gap)
{
	struct scene s = scene(false, false);
	struct flow_state *state = &s.programs->states[s.index];

	s.flow.flags &= (uint16_t)~FLOW_RTP;
	scene_install(&s);
	state->last = now_us() - 1000000;
	send(&s, s.programs->xdp, 1);
	ck_assert_uint_ge(state->largest_gap_us, 1000000);
	ck_assert_uint_eq(state->started, 0);
	ck_assert_uint_eq(state->expected, 0);
}
END_TEST

Suite *counting_suite(void)
{
	const TTest *const tests[] = {packets_and_bytes, rtcp_beside_rtp_is_counted_apart, a_stream_with_a_loss_a_double_and_a_late_one,
			another_payload_type, what_is_no_rtp_has_a_last_and_a_gap, NULL};

	return suite_of("counting", tests);
}
