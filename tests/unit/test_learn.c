/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rule of core/learn.h, sentence by sentence: who is locked, and what moves a lock; looked at by what is forwarded where. */
#include "learn_scene.h"

static struct packet_verdict typed(const char *from, uint8_t type, uint16_t sequence, uint32_t ssrc)
{
	uint8_t bytes[SCENE_PACKET];

	return scene_packet(&s, &s.stream[CALLER].rtp, from, bytes, scene_rtp(bytes, type, sequence, ssrc));
}

/* ---- ranks ---- */

START_TEST(sources_are_ranked)
{
	const struct component *c = &s.stream[CALLER].rtp;
	struct endpoint e[] = {scene_endpoint(SDP), scene_endpoint(ALIKE), scene_endpoint(NAT), scene_endpoint(OUT)};

	scene_signal(&s, CALLER, SDP, SIP);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_eq(learn_rank(c, &e[i]), i + 1);
	s.stream[CALLER].rtp.also = e[3]; /* the second m-line of the stream */
	ck_assert_uint_eq(learn_rank(c, &e[3]), 1);
}
END_TEST

START_TEST(rank_1_locks_at_once)
{
	ck_assert_uint_eq(stream(SDP, 1, 1, 7), 1);
	ck_assert_uint_eq(l->state, LEARN_LOCKED);
	ck_assert_uint_eq(l->rank, 1);
	ck_assert(l->ssrc_known && l->ssrc == 7);
	ck_assert_uint_eq(s.changed, 1);
	ck_assert_ptr_eq(s.changed_last, &s.stream[CALLER]);
	ck_assert_uint_eq(s.relay.totals.rank_locked[1], 1);
}
END_TEST

/* A symmetric NAT: RTP comes from the address that SIP came from, by another port. */
START_TEST(rank_3_locks_with_the_fourth)
{
	behind_nat();
	for (unsigned i = 0; i < 4; i++) {
		ck_assert(hears_at("10.0.0.5:4000")); /* nothing is sent back while learning ... */
		ck_assert_uint_eq(stream(NAT, (uint16_t)(65534 + i), 1, 7), 1); /* ... and all is heard, from the first on */
	}
	ck_assert_uint_eq(l->state, LEARN_LOCKED);
	ck_assert_uint_eq(l->rank, 3);
	ck_assert(hears_at(NAT));
}
END_TEST

START_TEST(rank_2_locks_with_the_fourth)
{
	stream(ALIKE, 1, 3, 7);
	ck_assert(hears_at(SDP));
	stream(ALIKE, 4, 1, 7);
	ck_assert(hears_at(ALIKE));
	ck_assert_uint_eq(s.relay.totals.rank_locked[2], 1);
}
END_TEST

START_TEST(two_gaps_are_allowed)
{
	static const uint16_t sequences[] = {10, 12, 15, 16};

	for (unsigned i = 0; i < 4; i++)
		stream(ALIKE, sequences[i], 1, 7);
	ck_assert_uint_eq(l->state, LEARN_LOCKED);
}
END_TEST

START_TEST(three_gaps_are_not)
{
	static const uint16_t sequences[] = {10, 12, 14, 16, 17, 18};

	for (unsigned i = 0; i < 6; i++)
		ck_assert_uint_eq(stream(ALIKE, sequences[i], 1, 7), 1);
	ck_assert_uint_eq(l->state, LEARN_WATCHING);
}
END_TEST

START_TEST(copies_and_late_ones_neither_count_nor_disturb)
{
	static const uint16_t sequences[] = {10, 10, 11, 9, 12, 11, 12};

	for (unsigned i = 0; i < 7; i++)
		stream(ALIKE, sequences[i], 1, 7);
	ck_assert_uint_eq(l->state, LEARN_WATCHING);
	stream(ALIKE, 13, 1, 7);
	ck_assert_uint_eq(l->state, LEARN_LOCKED);
}
END_TEST

START_TEST(falling_and_wild_sequences_teach_nothing)
{
	for (unsigned i = 0; i < 200; i++)
		stream(ALIKE, (uint16_t)(60000 - 100 * i), 1, 7);
	ck_assert_uint_ne(l->state, LEARN_LOCKED);
}
END_TEST

START_TEST(changing_ssrcs_teach_nothing)
{
	for (unsigned i = 0; i < 200; i++)
		stream(ALIKE, (uint16_t)i, 1, i);
	ck_assert_uint_ne(l->state, LEARN_LOCKED);
	ck_assert(hears_at(SDP));
}
END_TEST

START_TEST(only_signalled_types_teach)
{
	for (unsigned i = 0; i < 100; i++, tick(20))
		ck_assert(typed(ALIKE, 3, (uint16_t)i, 7).forward);
	ck_assert_uint_ne(l->state, LEARN_LOCKED);
	s.stream[CALLER].payload_types[0] = s.stream[CALLER].payload_types[1] = 0; /* any */
	for (unsigned i = 0; i < 4; i++, tick(20))
		typed(ALIKE, 3, (uint16_t)i, 7);
	ck_assert_uint_eq(l->state, LEARN_LOCKED);
}
END_TEST

/* Parity FEC of the same SSRC, with numbers of its own, between all packets. */
START_TEST(another_type_in_between_does_not_disturb)
{
	for (unsigned i = 0; i < 4; i++) {
		typed(ALIKE, 0, (uint16_t)(100 + i), 7);
		typed(ALIKE, 8, (uint16_t)(9000 + i), 7);
	}
	ck_assert_uint_eq(l->state, LEARN_LOCKED);
}
END_TEST

START_TEST(types_may_change_in_one_sequence)
{
	typed(ALIKE, 101, 100, 7);
	typed(ALIKE, 101, 101, 7);
	typed(ALIKE, 0, 102, 7);
	typed(ALIKE, 8, 103, 7);
	ck_assert_uint_eq(l->state, LEARN_LOCKED);
}
END_TEST

/* A stray packet with numbers of its own was the first: for 200 ms the stream waits for more of those. */
START_TEST(a_stray_first_one_is_got_over)
{
	typed(ALIKE, 101, 100, 7);
	tick(20);
	ck_assert_uint_eq(stream(ALIKE, 5000, 13, 7), 13);
	ck_assert_uint_eq(l->state, LEARN_WATCHING);
	stream(ALIKE, 5013, 1, 7);
	ck_assert_uint_eq(l->state, LEARN_LOCKED);
}
END_TEST

/* Others of the same rank, or a worse one, send between all its packets: it locks with its fourth all the same. */
START_TEST(a_candidate_is_not_disturbed)
{
	scene_signal(&s, CALLER, SDP, SIP);
	for (unsigned i = 0; i < 4; i++) {
		scene_media(&s, CALLER, ALIKE, (uint16_t)(100 + i), 7);
		scene_media(&s, CALLER, "192.0.2.10:9", (uint16_t)(100 + i), 8);
		scene_media(&s, CALLER, NAT, (uint16_t)(100 + i), 9);
		keepalive(COMPONENT_RTP, NAT);
	}
	ck_assert(hears_at(ALIKE));
}
END_TEST

/* Nonsense of a neighbour does not hold the place. */
START_TEST(nonsense_is_no_candidate)
{
	for (unsigned i = 0; i < 8; i++) {
		stream("192.0.2.10:9", (uint16_t)(5000 * i), 1, 8);
		stream(ALIKE, (uint16_t)(100 + i), 1, 7);
	}
	ck_assert(hears_at(ALIKE));
}
END_TEST

START_TEST(a_better_rank_comes_first)
{
	scene_signal(&s, CALLER, SDP, SIP);
	stream(NAT, 1, 2, 9);
	stream(ALIKE, 1, 1, 7);
	stream(NAT, 3, 2, 9);
	stream(ALIKE, 2, 3, 7);
	ck_assert(hears_at(ALIKE));
}
END_TEST

/* ---- locked ---- */

START_TEST(the_lock_is_strict)
{
	static const char *const others[] = {ALIKE, NAT, OUT, "192.0.2.10:4001", "[2001:db8::1]:4000"};

	scene_signal(&s, CALLER, SDP, SIP);
	stream(SDP, 1, 1, 7);
	for (unsigned i = 0; i < 500; i++) {
		for (unsigned k = 0; k < 5; k++) {
			struct packet_verdict v = scene_media(&s, CALLER, others[k], (uint16_t)i, k % 2 ? 7 : 8);

			HOT_ASSERT(!v.forward && v.refusal == REFUSED_SOURCE, "%s in round %u", others[k], i);
		}
		HOT_ASSERT(!scene_media(&s, CALLER, SDP, (uint16_t)i, 8).forward, "another SSRC in round %u", i);
		HOT_ASSERT(stream(SDP, (uint16_t)(2 + i), 1, 7) == 1, "its own in round %u", i);
	}
	ck_assert(hears_at(SDP));
	ck_assert_uint_eq(s.stream[CALLER].rtp.in.refused[REFUSED_SSRC], 500);
	ck_assert_uint_eq(s.stream[CALLER].rtp.in.refused[REFUSED_SOURCE], 2500);
	ck_assert_uint_eq(s.stream[CALLER].rtp.in.packets, 501);
	ck_assert_uint_eq(s.changed, 1);
}
END_TEST

START_TEST(any_type_passes_once_locked)
{
	stream(SDP, 1, 1, 7);
	ck_assert(typed(SDP, 120, 2, 7).forward);
}
END_TEST

/* A device goes on from its old port until its re-INVITE is answered; then it moves to what its SDP says. */
START_TEST(rank_1_takes_over_when_the_other_stops)
{
	stream(ALIKE, 1, 10, 7);
	ck_assert(hears_at(ALIKE));
	ck_assert_uint_eq(stream(SDP, 11, 9, 7), 0); /* not within 200 ms of the last */
	stream(SDP, 20, 2, 7);
	ck_assert(hears_at(SDP));
	ck_assert_uint_eq(l->rank, 1);
	ck_assert_uint_eq(s.relay.totals.lock_moved, 1);
}
END_TEST

START_TEST(rank_1_does_not_take_over_what_lives)
{
	stream(ALIKE, 1, 4, 7);
	for (unsigned i = 0; i < 100; i++) {
		stream(ALIKE, (uint16_t)(5 + i), 1, 7);
		stream(SDP, (uint16_t)(1 + i), 1, 8);
		stream(SDP, (uint16_t)(2 + i), 1, 8);
	}
	stream(ALIKE, 105, 1, 7);
	tick(200);
	ck_assert_uint_eq(stream(SDP, 102, 3, 8), 0); /* what it sent while the other lived does not count */
	ck_assert(hears_at(ALIKE));
}
END_TEST

START_TEST(an_ssrc_that_stopped_is_replaced)
{
	tick(6000); /* long after signalling */
	stream(SDP, 1, 10, 7);
	ck_assert_uint_eq(stream(SDP, 500, 99, 8), 0); /* 1.98 s */
	ck_assert_uint_eq(stream(SDP, 599, 10, 8), 10);
	ck_assert_uint_eq(l->ssrc, 8);
	ck_assert_uint_eq(stream(SDP, 11, 10, 7), 0);
	ck_assert_uint_eq(s.stream[CALLER].rtp.in.ssrc_changes, 1);
}
END_TEST

START_TEST(an_ssrc_is_replaced_soon_after_signalling)
{
	tick(6000);
	stream(SDP, 1, 10, 7);
	s.stream[CALLER].strict = true; /* signalling counts there too */
	scene_signal(&s, CALLER, SDP, "192.0.2.10");
	ck_assert_uint_eq(l->ssrc, 7);
	ck_assert_uint_eq(stream(SDP, 500, 12, 8), 3); /* from 200 ms on */
}
END_TEST

START_TEST(an_ssrc_is_not_replaced_under_strict)
{
	tick(6000);
	s.stream[CALLER].strict = true;
	stream(SDP, 1, 10, 7);
	ck_assert_uint_eq(stream(SDP, 500, 1000, 8), 0);
}
END_TEST

/* ---- handover ---- */

START_TEST(handover_moves_the_same_ssrc)
{
	s.stream[CALLER].handover = true;
	stream(SDP, 1, 10, 7);
	ck_assert_uint_eq(stream(OUT, 11, 100, 8), 0);
	ck_assert(hears_at(SDP));
	stream(SDP, 11, 1, 7);
	ck_assert_uint_eq(stream(OUT, 12, 20, 7), 11); /* 200 ms */
	ck_assert(hears_at(OUT));
	ck_assert_uint_eq(s.relay.totals.lock_moved, 1);
	ck_assert_ptr_nonnull(strstr(s.line, OUT));
}
END_TEST

START_TEST(handover_is_asked_for_and_strict_keeps_it_in)
{
	stream(SDP, 1, 10, 7);
	ck_assert_uint_eq(stream(OUT, 11, 100, 7), 0);
	s.stream[CALLER].handover = s.stream[CALLER].strict = true;
	ck_assert_uint_eq(stream(OUT, 111, 100, 7), 0);
	ck_assert_uint_eq(stream(ALIKE, 211, 100, 7), 97); /* its old source has been silent for long */
}
END_TEST

START_TEST(handover_waits_for_silence)
{
	s.stream[CALLER].handover = true;
	for (unsigned i = 0; i < 200; i++) {
		stream(SDP, (uint16_t)(1 + i), 1, 7);
		stream(OUT, (uint16_t)(1 + i), 1, 7);
		stream(OUT, (uint16_t)(2 + i), 1, 7);
		stream(OUT, (uint16_t)(3 + i), 1, 7);
	}
	ck_assert(hears_at(SDP));
}
END_TEST

/* ---- rank 4 ---- */

START_TEST(outside_is_learned_after_2_s)
{
	ck_assert_uint_eq(stream(OUT, 1, 100, 7), 0); /* up to 1.98 s */
	ck_assert(hears_at(SDP));
	ck_assert_uint_eq(stream(OUT, 101, 10, 7), 10);
	ck_assert(hears_at(OUT));
	ck_assert_uint_eq(s.relay.totals.rank_locked[4], 1);
	ck_assert_uint_eq(s.lines, 1);
	ck_assert_ptr_nonnull(strstr(s.line, OUT));
}
END_TEST

START_TEST(outside_needs_a_consistent_stream)
{
	for (unsigned i = 0; i < 1000; i++, tick(20)) {
		struct packet_verdict v = i % 4 == 0 ? scene_media(&s, CALLER, OUT, (uint16_t)(i * 77), 7) :
				i % 4 == 1 ? typed(OUT, 3, (uint16_t)i, 7) :
				i % 4 == 2 ? scene_media(&s, CALLER, OUT, (uint16_t)i, i) : keepalive(COMPONENT_RTP, OUT);

		HOT_ASSERT(!v.forward && v.refusal == REFUSED_SOURCE, "packet %u", i);
	}
	ck_assert(hears_at(SDP));
}
END_TEST

START_TEST(outside_must_be_one)
{
	for (unsigned i = 0; i < 300; i++) {
		ck_assert_uint_eq(stream(OUT, (uint16_t)i, 1, 7), 0);
		if (i % 50 == 0)
			ck_assert_uint_eq(stream("203.0.113.67:7000", (uint16_t)i, 1, 8), 0);
	}
	ck_assert_uint_eq(stream(OUT, 300, 120, 7), 70); /* alone for 2 s now */
}
END_TEST

START_TEST(outside_may_be_switched_off)
{
	l->outside_allowed = false;
	ck_assert_uint_eq(stream(OUT, 1, 500, 7), 0);
	l->outside_allowed = true;
	s.stream[CALLER].strict = true;
	ck_assert_uint_eq(stream(OUT, 501, 500, 7), 0);
	s.stream[CALLER].strict = false;
	l->mode = LEARN_OFF;
	ck_assert_uint_eq(stream(OUT, 1001, 500, 7), 0);
	l->mode = LEARN_HEURISTIC;
	ck_assert_uint_eq(stream(OUT, 1501, 1, 7), 1);
}
END_TEST

START_TEST(outside_is_nothing_while_it_rings)
{
	s.call.answered = false;
	ck_assert_uint_eq(stream(OUT, 1, 500, 7), 0);
	s.call.answered = true;
	scene_signal(&s, CALLEE, "198.51.100.20:5000", "198.51.100.20");
	ck_assert_uint_eq(stream(OUT, 501, 100, 7), 0); /* 2 s from the answer */
	ck_assert_uint_eq(stream(OUT, 601, 1, 7), 1);
}
END_TEST

START_TEST(outside_is_nothing_while_a_plausible_one_is_heard)
{
	behind_nat();
	for (unsigned i = 0; i < 20; i++) {
		keepalive(COMPONENT_RTP, i % 2 ? NAT : "10.0.0.5:9");
		ck_assert_uint_eq(stream(OUT, (uint16_t)(50 * i), 50, 7), 0);
	}
}
END_TEST

START_TEST(a_sprayer_is_no_party)
{
	for (unsigned i = 0; i < 500; i++) {
		ck_assert_uint_eq(stream("203.0.113.66:7001", (uint16_t)i, 1, 7), 0);
		ck_assert(!scene_media(&s, CALLEE, OUT, (uint16_t)i, 7).forward);
	}
	ck_assert(hears_at(SDP));
	ck_assert_uint_eq(s.changed, 0);
}
END_TEST

START_TEST(the_other_party_is_not_outside)
{
	scene_lock(&s);
	setup();
	scene_media(&s, CALLEE, "198.51.100.20:5000", 1, 2);
	ck_assert_uint_eq(stream("198.51.100.20:5000", 1, 500, 2), 0);
}
END_TEST

START_TEST(outside_is_taken_back)
{
	stream(OUT, 1, 110, 7);
	ck_assert(hears_at(OUT));
	ck_assert_uint_eq(stream(SDP, 1, 1, 9), 1);
	ck_assert(hears_at(SDP));
	ck_assert_uint_eq(stream(OUT, 111, 500, 7), 0);
	ck_assert_ptr_nonnull(strstr(s.line, "taken back"));
	/* The same by a source of rank 3: from its first packet on nothing goes outside any more. */
	behind_nat();
	stream(OUT, 1, 110, 7);
	ck_assert(hears_at(OUT));
	ck_assert_uint_eq(stream(NAT, 1, 1, 9), 1);
	ck_assert(hears_at("10.0.0.5:4000"));
	ck_assert_uint_eq(stream(OUT, 111, 1, 7), 0);
	stream(NAT, 2, 3, 9);
	ck_assert(hears_at(NAT));
}
END_TEST

START_TEST(outside_is_not_taken_back_after_5_s)
{
	stream(OUT, 1, 360, 7);
	ck_assert_uint_eq(stream(ALIKE, 1, 50, 9), 0);
	ck_assert(hears_at(OUT));
}
END_TEST

Suite *learn_suite(void)
{
	const TTest *const tests[] = {sources_are_ranked, rank_1_locks_at_once, rank_3_locks_with_the_fourth,
			rank_2_locks_with_the_fourth, two_gaps_are_allowed, three_gaps_are_not,
			copies_and_late_ones_neither_count_nor_disturb, falling_and_wild_sequences_teach_nothing,
			changing_ssrcs_teach_nothing, only_signalled_types_teach, another_type_in_between_does_not_disturb,
			types_may_change_in_one_sequence, a_stray_first_one_is_got_over, a_candidate_is_not_disturbed,
			nonsense_is_no_candidate, a_better_rank_comes_first, the_lock_is_strict, any_type_passes_once_locked,
			rank_1_takes_over_when_the_other_stops, rank_1_does_not_take_over_what_lives, an_ssrc_that_stopped_is_replaced,
			an_ssrc_is_replaced_soon_after_signalling, an_ssrc_is_not_replaced_under_strict, handover_moves_the_same_ssrc,
			handover_is_asked_for_and_strict_keeps_it_in, handover_waits_for_silence, outside_is_learned_after_2_s,
			outside_needs_a_consistent_stream, outside_must_be_one, outside_may_be_switched_off,
			outside_is_nothing_while_it_rings, outside_is_nothing_while_a_plausible_one_is_heard, a_sprayer_is_no_party,
			the_other_party_is_not_outside, outside_is_taken_back, outside_is_not_taken_back_after_5_s, NULL};

	return learn_suite_of("learn", tests);
}
