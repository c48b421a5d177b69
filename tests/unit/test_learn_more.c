/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What else core/learn.h says: modes, signalling, listeners, transports without a sequence, RTCP. */
#include "learn_scene.h"

static struct learning *const control = &s.stream[CALLER].rtcp.learning;

static struct packet_verdict typed(const char *from, uint8_t type, uint16_t sequence, uint32_t ssrc)
{
	uint8_t bytes[SCENE_PACKET];

	return scene_packet(&s, &s.stream[CALLER].rtp, from, bytes, scene_rtp(bytes, type, sequence, ssrc));
}

/* ---- modes ---- */

START_TEST(off_sends_to_the_sdp_alone)
{
	behind_nat();
	l->mode = LEARN_OFF;
	ck_assert_uint_eq(stream(NAT, 1, 10, 7), 10);
	ck_assert(hears_at("10.0.0.5:4000"));
	ck_assert_uint_eq(stream("192.0.2.99:1", 11, 10, 7), 0); /* nobody injects either */
}
END_TEST

START_TEST(asymmetric_sends_to_the_sdp_alone)
{
	s.stream[CALLER].asymmetric = true;
	ck_assert_uint_eq(stream(ALIKE, 1, 10, 7), 10);
	ck_assert(hears_at(SDP));
	setup();
	s.stream[CALLER].asymmetric = true;
	ck_assert_uint_eq(stream(OUT, 1, 110, 7), 10);
	ck_assert(hears_at(SDP));
}
END_TEST

START_TEST(immediate_locks_with_the_first)
{
	behind_nat();
	l->mode = LEARN_IMMEDIATE;
	ck_assert_uint_eq(stream(OUT, 1, 50, 7), 0);
	typed(NAT, 3, 1, 7);
	ck_assert(!hears_at(NAT));
	stream(NAT, 1, 1, 7);
	ck_assert(hears_at(NAT));
}
END_TEST

START_TEST(delayed_waits_3_s)
{
	behind_nat();
	l->mode = LEARN_DELAYED;
	ck_assert_uint_eq(stream(NAT, 1, 150, 7), 150);
	ck_assert(hears_at("10.0.0.5:4000"));
	stream(NAT, 151, 1, 7);
	ck_assert(hears_at(NAT));
}
END_TEST

START_TEST(nat_wait_sends_nothing_before_it_is_heard)
{
	s.stream[CALLER].wait = true;
	ck_assert_ptr_null(learn_destination(&s.stream[CALLER].rtp));
	ck_assert_int_eq(scene_media(&s, CALLEE, "198.51.100.20:5000", 1, 2).refusal, REFUSED_NO_PEER);
	stream(SDP, 1, 1, 7);
	ck_assert(scene_media(&s, CALLEE, "198.51.100.20:5000", 2, 2).forward);
}
END_TEST

/* ---- signalling ---- */

START_TEST(an_unchanged_address_keeps_the_lock)
{
	behind_nat();
	stream(NAT, 1, 4, 7);
	ck_assert(!scene_signal(&s, CALLER, "10.0.0.5:4000", SIP));
	ck_assert(!scene_signal(&s, CALLER, "0.0.0.0:4000", SIP)); /* hold says nothing ... */
	ck_assert(!scene_signal(&s, CALLER, "10.0.0.5:0", SIP));
	ck_assert(!scene_signal(&s, CALLER, "10.0.0.5:4000", SIP)); /* ... and its end is no change */
	ck_assert(hears_at(NAT));
	ck_assert_uint_eq(l->state, LEARN_LOCKED);
}
END_TEST

START_TEST(the_locked_address_keeps_the_lock)
{
	stream(ALIKE, 1, 4, 7);
	ck_assert(scene_signal(&s, CALLER, ALIKE, "192.0.2.10"));
	ck_assert(hears_at(ALIKE));
	ck_assert_uint_eq(l->rank, 1);
	ck_assert(l->ssrc_known);
}
END_TEST

START_TEST(a_changed_address_is_learned_anew)
{
	stream(SDP, 1, 10, 7);
	ck_assert(scene_signal(&s, CALLER, "192.0.2.50:6000", "192.0.2.10"));
	ck_assert(hears_at("192.0.2.50:6000"));
	ck_assert_uint_eq(stream(SDP, 11, 20, 7), 20); /* the old one is still heard */
	ck_assert(hears_at("192.0.2.50:6000"));
	ck_assert_uint_eq(stream("192.0.2.50:6000", 1, 1, 8), 1);
	ck_assert_uint_eq(stream(SDP, 31, 20, 7), 0); /* not any more */
}
END_TEST

/* The re-INVITE was refused, which nobody tells the relay. */
START_TEST(the_old_source_is_locked_again)
{
	tick(6000);
	stream(SDP, 1, 10, 7);
	scene_signal(&s, CALLER, "192.0.2.50:6000", "192.0.2.77");
	ck_assert_uint_eq(stream(SDP, 11, 50, 8), 0); /* another SSRC is not the old source */
	ck_assert_uint_eq(stream(SDP, 11, 100, 7), 100);
	ck_assert(hears_at(SDP));
}
END_TEST

START_TEST(sip_from_elsewhere_loosens_rank_3)
{
	behind_nat();
	stream(NAT, 1, 4, 7);
	ck_assert(scene_signal(&s, CALLER, "10.0.0.5:4000", "192.0.2.200")); /* it changed its network */
	ck_assert(hears_at("10.0.0.5:4000"));
	ck_assert_uint_eq(stream("192.0.2.200:555", 1, 4, 7), 4);
	ck_assert(hears_at("192.0.2.200:555"));
	stream(SDP, 1, 1, 7);
	/* Rank 1 does not care where SIP comes from. */
	setup();
	stream(SDP, 1, 1, 7);
	ck_assert(!scene_signal(&s, CALLER, SDP, SIP));
	ck_assert_uint_eq(l->state, LEARN_LOCKED);
}
END_TEST

START_TEST(strict_puts_outside_out)
{
	stream(OUT, 1, 110, 7);
	ck_assert(hears_at(OUT));
	s.stream[CALLER].strict = true;
	ck_assert(scene_signal(&s, CALLER, SDP, "192.0.2.10"));
	ck_assert(hears_at(SDP));
	ck_assert_uint_eq(stream(OUT, 111, 500, 7), 0);
}
END_TEST

START_TEST(start_forgets)
{
	stream(SDP, 1, 10, 7);
	learn_start(l, LEARN_OFF, false, s.now);
	ck_assert_uint_eq(l->state, LEARN_OPEN);
	ck_assert_uint_eq(l->mode, LEARN_OFF);
	ck_assert_uint_eq(stream(SDP, 1, 1, 8), 1);
}
END_TEST

/* ---- what is no stream ---- */

START_TEST(keepalives_of_rank_1_open_the_lock)
{
	struct packet_verdict v = keepalive(COMPONENT_RTP, SDP);

	ck_assert(!v.forward && v.refusal == REFUSED_NOT);
	ck_assert_uint_eq(l->state, LEARN_LOCKED);
	ck_assert(!l->ssrc_known);
	ck_assert_uint_eq(stream(OUT, 1, 200, 9), 0);
	ck_assert_uint_eq(stream(SDP, 1, 2, 7), 2);
	ck_assert(l->ssrc_known);
	ck_assert_uint_eq(stream(SDP, 1, 2, 8), 0);
	ck_assert_uint_eq(s.changed, 2);
}
END_TEST

START_TEST(an_open_lock_gives_way_to_a_stream)
{
	behind_nat();
	for (unsigned i = 0; i < 4; i++, tick(1000))
		keepalive(COMPONENT_RTP, "192.0.2.99:1");
	ck_assert(hears_at("192.0.2.99:1"));
	ck_assert_uint_eq(stream(NAT, 1, 10, 7), 10);
	ck_assert(hears_at(NAT));
	keepalive(COMPONENT_RTP, "192.0.2.99:1");
	ck_assert(hears_at(NAT));
}
END_TEST

/* Who only listens, behind a NAT: the first keepalive, STUN or RTCP packet shows where it is to be sent to. */
static void listens(void)
{
	behind_nat();
	s.stream[CALLER].direction = SDP_RECVONLY;
	s.stream[CALLEE].direction = SDP_SENDONLY;
}

START_TEST(a_listener_is_learned_by_what_keeps_its_nat_open)
{
	uint8_t bytes[SCENE_PACKET];
	size_t n;

	listens();
	ck_assert(!keepalive(COMPONENT_RTP, OUT).forward);
	keepalive(COMPONENT_RTP, NAT);
	ck_assert(hears_at(NAT));
	listens();
	n = scene_stun(bytes);
	scene_packet(&s, &s.stream[CALLER].rtp, NAT, bytes, n);
	ck_assert(hears_at(NAT));
	listens();
	n = scene_rtcp(bytes, 5);
	scene_packet(&s, &s.stream[CALLER].rtp, NAT, bytes, n); /* multiplexed */
	ck_assert(hears_at(NAT));
	listens();
	stream(NAT, 1, 3, 7);
	ck_assert(!hears_at(NAT));
	ck_assert_uint_eq(s.stream[CALLER].rtp.in.refused[REFUSED_DIRECTION], 3);
	stream(NAT, 4, 1, 7); /* it sends all the same: learned by the rule, heard by nobody */
	ck_assert(hears_at(NAT));
	ck_assert(scene_media(&s, CALLEE, "198.51.100.20:5000", 1, 2).forward);
}
END_TEST

/* The same, since the other side says that it does not receive. */
START_TEST(who_is_not_heard_is_a_listener)
{
	behind_nat();
	s.stream[CALLEE].direction = SDP_SENDONLY;
	keepalive(COMPONENT_RTP, NAT);
	ck_assert(hears_at(NAT));
	behind_nat();
	keepalive(COMPONENT_RTP, NAT);
	ck_assert(!hears_at(NAT));
}
END_TEST

START_TEST(a_listener_is_never_learned_from_outside)
{
	listens();
	ck_assert_uint_eq(stream(OUT, 1, 1000, 7), 0);
	ck_assert(hears_at("10.0.0.5:4000"));
}
END_TEST

START_TEST(datagrams_are_learned_by_themselves)
{
	struct packet_verdict v = {0};

	behind_nat();
	s.stream[CALLER].transport = s.stream[CALLEE].transport = SDP_UDP;
	for (unsigned i = 0; i < 4; i++, tick(20)) {
		ck_assert(!hears_at(NAT));
		v = scene_packet(&s, &s.stream[CALLER].rtp, NAT, (const uint8_t *)"\0\1\2", 3);
		ck_assert(v.forward);
	}
	ck_assert(hears_at(NAT));
	for (unsigned i = 0; i < 200; i++, tick(20))
		ck_assert(!scene_packet(&s, &s.stream[CALLER].rtp, i % 2 ? "192.0.2.99:1" : OUT, (const uint8_t *)"\0\1\2", 3).forward);
	setup();
	s.stream[CALLER].transport = s.stream[CALLEE].transport = SDP_UDP;
	for (unsigned i = 0; i < 500; i++, tick(20))
		ck_assert(!scene_packet(&s, &s.stream[CALLER].rtp, OUT, (const uint8_t *)"\0\1\2", 3).forward);
}
END_TEST

/* A fax: the stream that was audio becomes T.38 at the same address, and audio again. */
START_TEST(a_lock_survives_t38)
{
	stream(SDP, 1, 10, 7);
	s.stream[CALLER].transport = s.stream[CALLEE].transport = SDP_UDP;
	ck_assert(scene_packet(&s, &s.stream[CALLER].rtp, SDP, (const uint8_t *)"\0\1\2", 3).forward);
	ck_assert(!scene_packet(&s, &s.stream[CALLER].rtp, OUT, (const uint8_t *)"\0\1\2", 3).forward);
	s.stream[CALLER].transport = s.stream[CALLEE].transport = SDP_RTP;
	ck_assert_uint_eq(stream(SDP, 1, 10, 8), 10);
	ck_assert_uint_eq(stream(SDP, 1, 9, 7), 0);
}
END_TEST

/* ---- RTCP ---- */

static bool control_at(const char *text)
{
	return is(learn_destination(&s.stream[CALLER].rtcp), text);
}

START_TEST(rtcp_of_rank_1_locks_at_once)
{
	ck_assert(scene_control(&s, CALLER, "192.0.2.10:4001", 7).forward);
	ck_assert_uint_eq(control->state, LEARN_LOCKED);
	ck_assert_int_eq(scene_control(&s, CALLER, "192.0.2.10:4001", 8).refusal, REFUSED_SSRC);
	ck_assert_int_eq(scene_control(&s, CALLER, "192.0.2.10:4003", 7).refusal, REFUSED_SOURCE);
}
END_TEST

START_TEST(rtcp_follows_the_lock_of_rtp)
{
	behind_nat();
	ck_assert(scene_control(&s, CALLER, "192.0.2.99:30792", 7).forward); /* plausible, but not enough */
	ck_assert(control_at("10.0.0.5:4001"));
	stream(NAT, 1, 4, 7);
	ck_assert(scene_control(&s, CALLER, "192.0.2.99:30792", 7).forward);
	ck_assert(control_at("192.0.2.99:30792"));
	ck_assert(!scene_control(&s, CALLER, OUT, 7).forward);
}
END_TEST

START_TEST(rtcp_of_another_ssrc_takes_four)
{
	behind_nat();
	stream(NAT, 1, 4, 7);
	for (unsigned i = 0; i < 4; i++, tick(5000)) {
		ck_assert(control_at("10.0.0.5:4001"));
		ck_assert(scene_control(&s, CALLER, "192.0.2.99:30792", 9).forward);
	}
	ck_assert(control_at("192.0.2.99:30792"));
	ck_assert(scene_control(&s, CALLER, "192.0.2.99:30792", 7).forward); /* that of the RTP lock always */
	ck_assert(!scene_control(&s, CALLER, "192.0.2.99:30792", 10).forward);
}
END_TEST

/* RTP was learned from outside: RTCP is plausible from there alone (and from what was signalled for it). */
START_TEST(rtcp_follows_outside)
{
	stream(OUT, 1, 110, 7);
	ck_assert_int_eq(scene_control(&s, CALLER, "192.0.2.10:4711", 7).refusal, REFUSED_SOURCE);
	ck_assert(scene_control(&s, CALLER, "203.0.113.66:7001", 7).forward);
	ck_assert(control_at("203.0.113.66:7001"));
	ck_assert_uint_eq(stream(SDP, 1, 1, 9), 1); /* taken back: its RTCP goes with it */
	ck_assert(control_at("192.0.2.10:4001"));
	ck_assert(!scene_control(&s, CALLER, "203.0.113.66:7001", 7).forward);
	/* Also while nothing is locked in its place yet. */
	behind_nat();
	stream(OUT, 1, 110, 7);
	scene_control(&s, CALLER, "203.0.113.66:7001", 7);
	stream(NAT, 1, 1, 9);
	ck_assert(control_at("10.0.0.5:4001"));
}
END_TEST

START_TEST(rtcp_is_never_learned_from_outside)
{
	for (unsigned i = 0; i < 100; i++, tick(1000))
		ck_assert(!scene_control(&s, CALLER, OUT, 7).forward);
	ck_assert(control_at("192.0.2.10:4001"));
}
END_TEST

START_TEST(rtcp_elsewhere_is_given_up_when_rtp_locks)
{
	scene_signal(&s, CALLER, SDP, SIP);
	for (unsigned i = 0; i < 4; i++, tick(1000))
		scene_control(&s, CALLER, "192.0.2.99:555", 9);
	ck_assert(control_at("192.0.2.99:555"));
	stream(SDP, 1, 1, 7);
	ck_assert(control_at("192.0.2.10:4001"));
	ck_assert_int_eq(scene_control(&s, CALLER, "192.0.2.99:555", 9).refusal, REFUSED_SOURCE);
}
END_TEST

START_TEST(rtcp_moves_with_a_handover)
{
	behind_nat();
	s.stream[CALLER].handover = true;
	stream(NAT, 1, 4, 7);
	scene_control(&s, CALLER, "192.0.2.99:30792", 7);
	tick(200);
	stream("192.0.2.99:41000", 5, 4, 7);
	ck_assert(hears_at("192.0.2.99:41000"));
	ck_assert(scene_control(&s, CALLER, "192.0.2.99:41001", 7).forward);
	ck_assert(control_at("192.0.2.99:41001"));
}
END_TEST

START_TEST(multiplexed_rtcp_is_strict_too)
{
	uint8_t bytes[SCENE_PACKET];
	size_t n;

	stream(SDP, 1, 1, 7);
	n = scene_rtcp(bytes, 7);
	ck_assert(scene_packet(&s, &s.stream[CALLER].rtp, SDP, bytes, n).forward);
	ck_assert_int_eq(scene_packet(&s, &s.stream[CALLER].rtp, ALIKE, bytes, n).refusal, REFUSED_SOURCE);
	n = scene_rtcp(bytes, 9); /* an SSRC of its own is believed after four */
	for (unsigned i = 0; i < 3; i++)
		ck_assert_int_eq(scene_packet(&s, &s.stream[CALLER].rtp, SDP, bytes, n).refusal, REFUSED_SSRC);
	ck_assert(scene_packet(&s, &s.stream[CALLER].rtp, SDP, bytes, n).forward);
	n = scene_rtcp(bytes, 10);
	for (unsigned i = 0; i < 10; i++)
		ck_assert(!scene_packet(&s, &s.stream[CALLER].rtp, SDP, bytes, n).forward);
}
END_TEST

Suite *learn_more_suite(void)
{
	const TTest *const tests[] = {off_sends_to_the_sdp_alone, asymmetric_sends_to_the_sdp_alone,
			immediate_locks_with_the_first, delayed_waits_3_s, nat_wait_sends_nothing_before_it_is_heard,
			an_unchanged_address_keeps_the_lock, the_locked_address_keeps_the_lock, a_changed_address_is_learned_anew,
			the_old_source_is_locked_again, sip_from_elsewhere_loosens_rank_3, strict_puts_outside_out, start_forgets,
			keepalives_of_rank_1_open_the_lock, an_open_lock_gives_way_to_a_stream,
			a_listener_is_learned_by_what_keeps_its_nat_open, who_is_not_heard_is_a_listener,
			a_listener_is_never_learned_from_outside, datagrams_are_learned_by_themselves, a_lock_survives_t38,
			rtcp_of_rank_1_locks_at_once, rtcp_follows_the_lock_of_rtp, rtcp_of_another_ssrc_takes_four,
			rtcp_follows_outside, rtcp_is_never_learned_from_outside, rtcp_elsewhere_is_given_up_when_rtp_locks,
			rtcp_moves_with_a_handover, multiplexed_rtcp_is_strict_too, NULL};

	return learn_suite_of("learn more", tests);
}
