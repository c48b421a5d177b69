/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "relay_suites.h"

#include "core/rtp.h"
#include "core/statistics.h"

#define SECOND 1000000u

static struct leg_statistics s;
static uint64_t now = 10 * (uint64_t)SECOND;

/* A packet of 20 ms of an 8 kHz codec, or whatever the test made of it. */
static struct rtp_header packet = {.kind = RTP_MEDIA, .type = 8, .ssrc = 1};

static void came(uint16_t sequence)
{
	packet.sequence = sequence;
	packet.timestamp = sequence * 160u;
	statistics_packet(&s, &packet, 172, now);
	now += 20000;
}

START_TEST(all_came)
{
	for (unsigned i = 0; i < 500; i++)
		came((uint16_t)(65300 + i)); /* over the end of the numbers */
	ck_assert_uint_eq(s.packets, 500);
	ck_assert_uint_eq(s.bytes, 500 * 172);
	ck_assert_uint_eq(s.expected, 500);
	ck_assert_uint_eq(s.unique, 500);
	ck_assert_uint_eq(s.lost + s.duplicates + s.reordered + s.restarts + s.ssrc_changes + s.type_changes, 0);
	ck_assert_uint_eq(s.cycles, 1);
	ck_assert_uint_eq(s.first, 10 * SECOND);
	ck_assert_uint_eq(s.last, 10 * SECOND + 499 * 20000);
	ck_assert_uint_eq(s.largest_gap_us, 20000);
	ck_assert_uint_eq(statistics_jitter_us(&s), 0);
}
END_TEST

START_TEST(numbers_go_round_often)
{
	uint16_t sequence = 0;

	for (unsigned i = 0; i < 200000; i++, sequence += 3) {
		packet.sequence = sequence;
		statistics_packet(&s, &packet, 12, now++);
	}
	ck_assert_uint_eq(s.expected, 1 + 199999u * 3);
	ck_assert_uint_eq(s.lost, 199999u * 2);
	ck_assert_uint_eq(s.cycles, 199999u * 3 / 65536);
}
END_TEST

START_TEST(loss_is_what_never_came)
{
	came(10);
	came(11);
	came(14);
	ck_assert_uint_eq(s.lost, 2);
	came(13); /* late */
	ck_assert_uint_eq(s.lost, 1);
	ck_assert_uint_eq(s.reordered, 1);
	came(13);
	ck_assert_uint_eq(s.duplicates, 1);
	ck_assert_uint_eq(s.lost, 1);
	came(8); /* older than the first: nobody missed it */
	ck_assert_uint_eq(s.reordered, 2);
	ck_assert_uint_eq(s.lost, 1);
	ck_assert_uint_eq(s.expected, 5);
}
END_TEST

/* What is known of a sequence number is forgotten when its place in the window is taken by a later one. */
START_TEST(late_ones_are_no_copies)
{
	for (unsigned i = 0; i < STATISTICS_WINDOW; i++)
		came((uint16_t)i);
	came(STATISTICS_WINDOW + 3);
	ck_assert_uint_eq(s.lost, 3);
	came(STATISTICS_WINDOW + 1);
	ck_assert_uint_eq(s.lost, 2);
	ck_assert_uint_eq(s.duplicates, 0);
	came(2 * STATISTICS_WINDOW + 500); /* all of the window at once */
	came(2 * STATISTICS_WINDOW + 490);
	ck_assert_uint_eq(s.reordered, 2);
	ck_assert_uint_eq(s.duplicates, 0);
}
END_TEST

/* Replicated packets (C6), the copy two packets later: each is one duplicate, and nothing is lost. */
START_TEST(copies_are_counted)
{
	for (unsigned i = 0; i < 1000; i++) {
		came((uint16_t)(65000 + i));
		if (i >= 2)
			came((uint16_t)(65000 + i - 2));
	}
	ck_assert_uint_eq(s.packets, 1998);
	ck_assert_uint_eq(s.duplicates, 998);
	ck_assert_uint_eq(s.lost + s.reordered + s.restarts, 0);
}
END_TEST

START_TEST(copies_hide_no_loss)
{
	for (unsigned i = 0; i < 300; i++)
		if (i % 10) {
			came((uint16_t)i);
			came((uint16_t)i);
		}
	ck_assert_uint_eq(s.duplicates, 270);
	ck_assert_uint_eq(s.lost, 29); /* 0 came before the first */
}
END_TEST

START_TEST(a_jump_is_loss_or_a_restart)
{
	came(10);
	came(1010); /* RFC 3550 A.1: 3000 are believed */
	ck_assert_uint_eq(s.lost, 999);
	came(30000); /* a stray one */
	came(1011);
	ck_assert_uint_eq(s.restarts, 0);
	ck_assert_uint_eq(s.lost, 999);
	came(30000);
	came(30001);
	ck_assert_uint_eq(s.restarts, 1);
	came(30002);
	came(29000); /* back too far, and on from there */
	came(29001);
	ck_assert_uint_eq(s.restarts, 2);
	ck_assert_uint_eq(s.lost, 999);
}
END_TEST

START_TEST(another_ssrc_begins_anew)
{
	came(100);
	came(102);
	packet.ssrc = 2;
	came(7);
	came(9);
	ck_assert_uint_eq(s.ssrc_changes, 1);
	ck_assert_uint_eq(s.expected, 6);
	ck_assert_uint_eq(s.lost, 2);
	ck_assert_uint_eq(s.restarts, 0);
}
END_TEST

START_TEST(types_are_counted)
{
	came(1);
	packet.type = 101;
	came(2);
	came(3);
	packet.type = 8;
	came(4);
	ck_assert_uint_eq(s.type_changes, 2);
	ck_assert_uint_eq(s.lost, 0);
}
END_TEST

/* Parity FEC in between, with numbers of its own (RFC 5109): neither loss nor a change. */
START_TEST(fec_does_not_disturb)
{
	for (unsigned i = 0; i < 200; i++) {
		packet.type = 8;
		came((uint16_t)(1000 + i));
		packet.type = 127;
		came((uint16_t)(40000 + 2 * i));
		came((uint16_t)(40001 + 2 * i));
	}
	ck_assert_uint_eq(s.packets, 600);
	ck_assert_uint_eq(s.expected, 200);
	ck_assert_uint_eq(s.lost + s.restarts + s.type_changes + s.duplicates + s.reordered, 0);
}
END_TEST

/* Each second packet 4 ms late: D is 4 ms, and that is what the estimate comes to (RFC 3550 A.8). */
static void wobble(uint32_t clock, unsigned seconds)
{
	for (unsigned i = 0; i < seconds * 50; i++) {
		packet.sequence = (uint16_t)i;
		packet.timestamp = 0xfffffff0u + i * (clock / 50);
		statistics_packet(&s, &packet, 172, now + i * 20000 + (i % 2 ? 4000 : 0));
	}
}

START_TEST(jitter_is_in_time)
{
	wobble(8000, 10);
	ck_assert_uint_eq(s.clock_rate, 8000);
	ck_assert(statistics_jitter_us(&s) > 3900 && statistics_jitter_us(&s) < 4100);
}
END_TEST

START_TEST(clocks_are_measured)
{
	static const uint32_t rates[] = {8000, 16000, 22050, 24000, 32000, 44100, 48000, 90000, 96000};

	for (unsigned i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		memset(&s, 0, sizeof(s));
		packet.type = 96;
		wobble(rates[i], 10);
		ck_assert_uint_eq(s.clock_rate, rates[i]);
		ck_assert_msg(statistics_jitter_us(&s) > 3800 && statistics_jitter_us(&s) < 4200, "%u at %u Hz",
				statistics_jitter_us(&s), rates[i]);
	}
}
END_TEST

/* Video: three packets of one timestamp, sent one after the other. */
START_TEST(frames_are_no_jitter)
{
	packet.type = 31;
	for (unsigned i = 0; i < 600; i++) {
		packet.sequence = (uint16_t)i;
		packet.timestamp = i / 3 * 3600;
		statistics_packet(&s, &packet, 1200, now + i / 3 * 40000 + i % 3 * 5000);
	}
	ck_assert_uint_eq(s.clock_rate, 90000);
	ck_assert_msg(statistics_jitter_us(&s) < 100, "%u us", statistics_jitter_us(&s));
}
END_TEST

START_TEST(a_clock_that_is_none_is_not_believed)
{
	packet.type = 96;
	wobble(1000, 30);
	ck_assert_uint_eq(s.clock_rate, 0);
	ck_assert_uint_eq(s.jitter, 0);
}
END_TEST

START_TEST(gaps_and_other_packets)
{
	came(1);
	now += 3 * SECOND;
	came(2);
	now += 2 * SECOND;
	packet.kind = RTP_STUN;
	came(3);
	ck_assert_uint_eq(s.largest_gap_us, 3 * SECOND + 20000);
	ck_assert_uint_eq(s.packets, 3);
	ck_assert_uint_eq(s.expected, 2);
	packet.kind = RTP_KEEPALIVE;
	came(4);
	ck_assert_uint_eq(s.packets, 3);
	ck_assert_uint_eq(s.keepalives, 1);
	packet.kind = RTP_CONTROL;
	now += 5000 * (uint64_t)SECOND;
	came(5);
	ck_assert_uint_eq(s.largest_gap_us, UINT32_MAX);
}
END_TEST

START_TEST(refusals_have_names)
{
	ck_assert_str_eq(refusal_name(REFUSED_NO_PEER), "no-peer");
	ck_assert_str_eq(refusal_name(REFUSED_SEND), "send");
	ck_assert_str_eq(refusal_name(REFUSED_NOT), "");
	ck_assert_str_eq(refusal_name(REFUSALS_COUNT), "");
}
END_TEST

Suite *statistics_suite(void)
{
	const TTest *const tests[] = {all_came, numbers_go_round_often, loss_is_what_never_came, late_ones_are_no_copies,
			copies_are_counted, copies_hide_no_loss, a_jump_is_loss_or_a_restart, another_ssrc_begins_anew,
			types_are_counted, fec_does_not_disturb, jitter_is_in_time, clocks_are_measured, frames_are_no_jitter,
			a_clock_that_is_none_is_not_believed, gaps_and_other_packets, refusals_have_names, NULL};

	return suite_of("statistics", tests);
}
