/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "relay_suites.h"
#include "memory.h"
#include "scene.h"

static struct scene s;

#define CALLER_RTP  "192.0.2.10:4000"
#define CALLER_RTCP "192.0.2.10:4001"
#define CALLEE_RTP  "198.51.100.20:5000"
#define CALLEE_RTCP "198.51.100.20:5001"

static void setup(void)
{
	scene_init(&s);
}

static void check_goes(struct packet_verdict v, const struct component *from, const char *to)
{
	struct endpoint should = scene_endpoint(to);

	ck_assert(v.forward);
	ck_assert_int_eq(v.refusal, REFUSED_NOT);
	ck_assert_ptr_eq(v.from, from);
	ck_assert(endpoint_equal(&v.to, &should));
}

static void check_refused(struct packet_verdict v, enum refusal why)
{
	ck_assert(!v.forward);
	ck_assert_int_eq(v.refusal, why);
	ck_assert_ptr_null(v.from);
}

START_TEST(media_goes_to_the_peer)
{
	check_goes(scene_media(&s, CALLER, CALLER_RTP, 1, 1), &s.stream[CALLEE].rtp, CALLEE_RTP);
	check_goes(scene_media(&s, CALLEE, CALLEE_RTP, 1, 2), &s.stream[CALLER].rtp, CALLER_RTP);
	check_goes(scene_control(&s, CALLER, CALLER_RTCP, 1), &s.stream[CALLEE].rtcp, CALLEE_RTCP);
	check_goes(scene_control(&s, CALLEE, CALLEE_RTCP, 2), &s.stream[CALLER].rtcp, CALLER_RTCP);
	ck_assert_uint_eq(s.call.last_media, s.now);
	ck_assert_uint_eq(s.relay.totals.packets, 4);
	ck_assert_uint_eq(s.relay.totals.bytes, 2 * SCENE_PACKET + 2 * 28);
	ck_assert_uint_eq(s.stream[CALLER].rtp.in.packets, 1);
	ck_assert_uint_eq(s.stream[CALLER].rtcp.in.packets, 1);
}
END_TEST

/* Both behind symmetric NATs, the SDPs useless: within four packets of each both hear. */
START_TEST(both_hear_behind_symmetric_nats)
{
	scene_signal(&s, CALLER, "10.0.0.5:4000", "192.0.2.99");
	scene_signal(&s, CALLEE, "10.0.0.6:5000", "198.51.100.99");
	for (uint16_t i = 1; i <= 4; i++, s.now += SCENE_MS(20)) {
		scene_media(&s, CALLER, "192.0.2.99:30791", i, 1);
		scene_media(&s, CALLEE, "198.51.100.99:41234", i, 2);
	}
	check_goes(scene_media(&s, CALLER, "192.0.2.99:30791", 5, 1), &s.stream[CALLEE].rtp, "198.51.100.99:41234");
	check_goes(scene_media(&s, CALLEE, "198.51.100.99:41234", 5, 2), &s.stream[CALLER].rtp, "192.0.2.99:30791");
}
END_TEST

/* Two calls of ours may be one behind the other; a third one, or the first again, may not. */
START_TEST(nothing_goes_round)
{
	static const char other[] = "203.0.113.1:55100", shown[] = "192.0.2.200:55102", beyond[] = "203.0.113.1:56000";

	s.relay.ports.count = 1;
	s.relay.ports.at[0] = s.interface;
	s.relay.ports.at[0].is.port_min = 55004;
	s.relay.ports.at[0].is.port_max = 55999;
	address_parse(TEXT("192.0.2.200"), &s.relay.ports.at[0].is.advertised);
	scene_signal(&s, CALLER, other, "192.0.2.10");
	check_goes(scene_media(&s, CALLER, other, 1, 1), &s.stream[CALLEE].rtp, CALLEE_RTP);
	check_goes(scene_media(&s, CALLEE, CALLEE_RTP, 1, 2), &s.stream[CALLER].rtp, other);
	scene_signal(&s, CALLEE, shown, "198.51.100.20");
	check_refused(scene_media(&s, CALLER, other, 2, 1), REFUSED_LOOP);
	check_refused(scene_media(&s, CALLEE, shown, 1, 3), REFUSED_LOOP);
	ck_assert_uint_eq(s.relay.totals.refused[REFUSED_LOOP], 2);
	scene_signal(&s, CALLEE, beyond, "198.51.100.20"); /* another program's, or another relay's */
	check_goes(scene_media(&s, CALLER, other, 3, 1), &s.stream[CALLEE].rtp, beyond);
}
END_TEST

START_TEST(nobody_there)
{
	s.stream[CALLER].peer = NULL;
	check_refused(scene_media(&s, CALLER, CALLER_RTP, 1, 1), REFUSED_NO_PEER);
	s.stream[CALLER].peer = &s.stream[CALLEE];
	s.stream[CALLEE].in_use = false;
	check_refused(scene_media(&s, CALLER, CALLER_RTP, 2, 1), REFUSED_NO_PEER);
	s.stream[CALLEE].in_use = true;
	s.stream[CALLEE].rtp.open = false;
	check_refused(scene_media(&s, CALLER, CALLER_RTP, 3, 1), REFUSED_NO_PEER);
	s.stream[CALLEE].rtp.open = true;
	s.stream[CALLEE].rtp.signalled.port = 0;
	check_refused(scene_media(&s, CALLER, CALLER_RTP, 4, 1), REFUSED_NO_PEER);
	ck_assert_uint_eq(s.stream[CALLER].rtp.in.refused[REFUSED_NO_PEER], 4);
	ck_assert_uint_eq(s.relay.totals.refused[REFUSED_NO_PEER], 4);
	ck_assert_uint_eq(s.stream[CALLER].rtp.in.packets, 4); /* they were the party's */
	ck_assert_uint_eq(s.call.last_media, s.now);
}
END_TEST

START_TEST(strangers_and_nonsense_are_refused)
{
	scene_lock(&s);
	s.now += SCENE_MS(1000);
	check_refused(scene_media(&s, CALLER, "203.0.113.66:7000", 2, 1), REFUSED_SOURCE);
	check_refused(scene_media(&s, CALLER, CALLER_RTP, 2, 77), REFUSED_SSRC);
	check_refused(scene_packet(&s, &s.stream[CALLER].rtp, CALLER_RTP, (const uint8_t *)"\x7fsomething", 10), REFUSED_MALFORMED);
	ck_assert_uint_eq(s.call.last_media, s.now - SCENE_MS(1000)); /* no sign of life */
	ck_assert_uint_eq(s.stream[CALLER].rtp.in.packets, 1);
}
END_TEST

START_TEST(rtp_has_no_business_at_an_rtcp_port)
{
	uint8_t bytes[SCENE_PACKET];

	check_refused(scene_packet(&s, &s.stream[CALLER].rtcp, CALLER_RTCP, bytes, scene_rtp(bytes, 0, 1, 1)), REFUSED_MALFORMED);
}
END_TEST

/* ---- hold ---- */

START_TEST(hold_stops_media_and_nothing_else)
{
	uint8_t bytes[SCENE_PACKET];

	scene_lock(&s);
	s.stream[CALLEE].direction = SDP_SENDONLY;
	check_refused(scene_media(&s, CALLER, CALLER_RTP, 2, 1), REFUSED_DIRECTION);
	check_goes(scene_media(&s, CALLEE, CALLEE_RTP, 2, 2), &s.stream[CALLER].rtp, CALLER_RTP);
	check_goes(scene_control(&s, CALLER, CALLER_RTCP, 1), &s.stream[CALLEE].rtcp, CALLEE_RTCP);
	check_goes(scene_packet(&s, &s.stream[CALLER].rtp, CALLER_RTP, bytes, scene_stun(bytes)), &s.stream[CALLEE].rtp, CALLEE_RTP);
	s.stream[CALLEE].direction = SDP_INACTIVE;
	check_refused(scene_media(&s, CALLER, CALLER_RTP, 3, 1), REFUSED_DIRECTION);
	s.stream[CALLEE].direction = SDP_RECVONLY;
	check_goes(scene_media(&s, CALLER, CALLER_RTP, 4, 1), &s.stream[CALLEE].rtp, CALLEE_RTP);
	s.stream[CALLEE].direction = SDP_SENDRECV;
	s.stream[CALLEE].held = true; /* its address was 0.0.0.0 */
	check_refused(scene_media(&s, CALLER, CALLER_RTP, 5, 1), REFUSED_DIRECTION);
	ck_assert_uint_eq(s.call.last_media, s.now);
}
END_TEST

START_TEST(hold_stops_datagrams)
{
	s.stream[CALLER].transport = s.stream[CALLEE].transport = SDP_UDP;
	s.stream[CALLEE].direction = SDP_INACTIVE;
	check_refused(scene_packet(&s, &s.stream[CALLER].rtp, CALLER_RTP, (const uint8_t *)"t38", 3), REFUSED_DIRECTION);
}
END_TEST

/* ---- commands ---- */

START_TEST(what_is_blocked_goes_nowhere)
{
	uint8_t bytes[SCENE_PACKET];

	s.stream[CALLER].blocked = true;
	check_refused(scene_media(&s, CALLER, CALLER_RTP, 1, 1), REFUSED_BLOCKED);
	check_goes(scene_media(&s, CALLEE, CALLEE_RTP, 1, 2), &s.stream[CALLER].rtp, CALLER_RTP);
	s.stream[CALLER].blocked = false;
	s.call.dropping = true;
	check_refused(scene_media(&s, CALLEE, CALLEE_RTP, 2, 2), REFUSED_BLOCKED);
	s.call.dropping = false;
	s.stream[CALLER].dtmf_blocked = true;
	check_refused(scene_packet(&s, &s.stream[CALLER].rtp, CALLER_RTP, bytes, scene_rtp(bytes, 101, 2, 1)), REFUSED_BLOCKED);
	check_goes(scene_media(&s, CALLER, CALLER_RTP, 3, 1), &s.stream[CALLEE].rtp, CALLEE_RTP);
	check_goes(scene_packet(&s, &s.stream[CALLEE].rtp, CALLEE_RTP, bytes, scene_rtp(bytes, 101, 3, 2)), &s.stream[CALLER].rtp,
			CALLER_RTP);
}
END_TEST

START_TEST(silence_is_said_to_the_shell)
{
	static const struct {
		uint8_t type, silence;
	} codecs[] = {{0, 0xff}, {8, 0xd5}, {9, 0xfa}, {96, 0}};
	uint8_t bytes[SCENE_PACKET];
	struct packet_verdict v;

	s.stream[CALLER].silenced = true;
	for (unsigned i = 0; i < 4; i++) {
		v = scene_packet(&s, &s.stream[CALLER].rtp, CALLER_RTP, bytes, scene_rtp(bytes, codecs[i].type, (uint16_t)i, 1));
		ck_assert(v.forward);
		ck_assert_uint_eq(v.silence, codecs[i].silence);
		ck_assert_uint_eq(v.silence_from, codecs[i].silence ? 12 : 0);
	}
	s.stream[CALLER].transport = SDP_SRTP;
	ck_assert_uint_eq(scene_media(&s, CALLER, CALLER_RTP, 4, 1).silence_from, 0);
}
END_TEST

START_TEST(recordings_get_what_was_accepted)
{
	struct recording *const recording = (struct recording *)&s;

	s.call.recording = recording;
	ck_assert_ptr_eq(scene_media(&s, CALLER, CALLER_RTP, 1, 1).record, recording);
	ck_assert_ptr_null(scene_media(&s, CALLER, "203.0.113.66:7000", 2, 1).record);
	s.stream[CALLER].blocked = true;
	ck_assert_ptr_eq(scene_media(&s, CALLER, CALLER_RTP, 2, 1).record, recording);
}
END_TEST

START_TEST(dscp_is_kept_or_set)
{
	ck_assert_uint_eq(scene_media(&s, CALLER, CALLER_RTP, 1, 1).tos, 0xb8);
	s.stream[CALLEE].tos = 0;
	ck_assert_uint_eq(scene_media(&s, CALLER, CALLER_RTP, 2, 1).tos, 0);
	s.stream[CALLEE].tos = 0x88;
	ck_assert_uint_eq(scene_media(&s, CALLER, CALLER_RTP, 3, 1).tos, 0x88);
	ck_assert_uint_eq(scene_media(&s, CALLEE, CALLEE_RTP, 1, 2).tos, 0xb8);
}
END_TEST

/* ---- RTCP, multiplexed or not ---- */

static struct packet_verdict muxed(enum side side, const char *from, uint32_t ssrc)
{
	uint8_t bytes[SCENE_PACKET];

	return scene_packet(&s, &s.stream[side].rtp, from, bytes, scene_rtcp(bytes, ssrc));
}

START_TEST(multiplexing_is_translated)
{
	scene_lock(&s);
	s.stream[CALLER].muxed = true;
	s.stream[CALLER].rtcp.open = false;
	check_goes(muxed(CALLER, CALLER_RTP, 1), &s.stream[CALLEE].rtcp, CALLEE_RTCP);
	check_goes(scene_control(&s, CALLEE, CALLEE_RTCP, 2), &s.stream[CALLER].rtp, CALLER_RTP);
	ck_assert_uint_eq(s.stream[CALLER].rtcp.in.packets, 1); /* counted where all RTCP is */
	ck_assert_uint_eq(s.stream[CALLER].rtp.in.packets, 1);
	s.stream[CALLEE].muxed = true;
	s.stream[CALLEE].rtcp.open = false;
	check_goes(muxed(CALLER, CALLER_RTP, 1), &s.stream[CALLEE].rtp, CALLEE_RTP);
}
END_TEST

/* It sends so without being asked: of no harm, and its RTCP is as good as another's. */
START_TEST(unasked_multiplexing_is_understood)
{
	scene_lock(&s);
	check_goes(muxed(CALLER, CALLER_RTP, 1), &s.stream[CALLEE].rtcp, CALLEE_RTCP);
}
END_TEST

START_TEST(rtcp_without_a_way_out)
{
	scene_lock(&s);
	s.stream[CALLEE].rtcp.open = false;
	check_refused(scene_control(&s, CALLER, CALLER_RTCP, 1), REFUSED_NO_PEER);
}
END_TEST

/* ---- others ---- */

START_TEST(keepalives_end_here)
{
	struct packet_verdict v = scene_packet(&s, &s.stream[CALLER].rtp, CALLER_RTP, (const uint8_t *)"\r\n", 2);

	ck_assert(!v.forward);
	ck_assert_int_eq(v.refusal, REFUSED_NOT);
	ck_assert_uint_eq(s.stream[CALLER].rtp.in.keepalives, 1);
	ck_assert_uint_eq(s.call.last_media, s.now);
}
END_TEST

START_TEST(dtls_and_srtp_pass)
{
	uint8_t bytes[SCENE_PACKET] = {22, 0xfe, 0xff};

	s.stream[CALLER].transport = s.stream[CALLEE].transport = SDP_SRTP;
	check_goes(scene_packet(&s, &s.stream[CALLER].rtp, CALLER_RTP, bytes, SCENE_PACKET), &s.stream[CALLEE].rtp, CALLEE_RTP);
	check_goes(scene_media(&s, CALLER, CALLER_RTP, 1, 1), &s.stream[CALLEE].rtp, CALLEE_RTP);
}
END_TEST

START_TEST(copies_are_forwarded)
{
	scene_lock(&s);
	for (unsigned i = 0; i < 3; i++)
		check_goes(scene_media(&s, CALLER, CALLER_RTP, 2, 1), &s.stream[CALLEE].rtp, CALLEE_RTP);
	ck_assert_uint_eq(s.stream[CALLER].rtp.in.duplicates, 2);
}
END_TEST

START_TEST(ipv6_meets_ipv4)
{
	scene_signal(&s, CALLEE, "[2001:db8::20]:5000", "2001:db8::20");
	check_goes(scene_media(&s, CALLER, CALLER_RTP, 1, 1), &s.stream[CALLEE].rtp, "[2001:db8::20]:5000");
	check_goes(scene_media(&s, CALLEE, "[2001:db8::20]:5000", 1, 2), &s.stream[CALLER].rtp, CALLER_RTP);
}
END_TEST

START_TEST(our_own_packets_do_not_go_round)
{
	/* The callee says that it receives where we do: at its own port, at the caller's, at our public address. */
	scene_signal(&s, CALLEE, "203.0.113.1:55006", "203.0.113.1");
	check_refused(scene_media(&s, CALLEE, "203.0.113.1:55006", 1, 1), REFUSED_LOOP);
	scene_signal(&s, CALLEE, "203.0.113.1:55004", "203.0.113.1");
	check_refused(scene_media(&s, CALLEE, "203.0.113.1:55004", 1, 1), REFUSED_LOOP);
	address_parse(TEXT("192.0.2.1"), &s.interface.is.advertised);
	scene_signal(&s, CALLEE, "192.0.2.1:55004", "203.0.113.1");
	check_refused(scene_media(&s, CALLEE, "192.0.2.1:55004", 1, 1), REFUSED_LOOP);
	ck_assert_uint_eq(s.stream[CALLEE].rtp.learning.state, LEARN_OPEN);
	/* Another call's port on our address is a party like any other (media that passes twice). */
	scene_signal(&s, CALLEE, "203.0.113.1:55104", "203.0.113.1");
	check_goes(scene_media(&s, CALLEE, "203.0.113.1:55104", 1, 1), &s.stream[CALLER].rtp, CALLER_RTP);
}
END_TEST

START_TEST(the_shell_is_told_of_every_change)
{
	scene_lock(&s);
	ck_assert_uint_eq(s.changed, 2);
	ck_assert_uint_eq(s.lines, 0);
	for (uint16_t i = 0; i < 100; i++) {
		scene_media(&s, CALLER, CALLER_RTP, i, 1);
		scene_media(&s, CALLER, "192.0.2.10:9", i, 1);
	}
	ck_assert_uint_eq(s.changed, 2);
	ck_assert_uint_eq(s.relay.totals.rank_locked[1], 2);
}
END_TEST

START_TEST(sending_is_counted)
{
	struct component *c = &s.stream[CALLEE].rtp;

	relay_sent(c, 172, true);
	relay_sent(c, 172, false);
	ck_assert_uint_eq(c->out_packets, 1);
	ck_assert_uint_eq(c->out_bytes, 172);
	ck_assert_uint_eq(c->out_errors, 1);
}
END_TEST

/* ---- what others may forward ---- */

static bool flow_of_caller(struct media_flow *f)
{
	return relay_flow(&s.relay, &s.stream[CALLER].rtp, s.now, f);
}

START_TEST(a_settled_stream_is_a_flow)
{
	struct endpoint source = scene_endpoint(CALLER_RTP), to = scene_endpoint(CALLEE_RTP);
	struct media_flow f;

	ck_assert(!flow_of_caller(&f));
	scene_media(&s, CALLER, CALLER_RTP, 1, 1);
	ck_assert(!flow_of_caller(&f)); /* the other side has not been heard */
	scene_lock(&s);
	s.stream[CALLEE].tos = 184;
	ck_assert(flow_of_caller(&f));
	ck_assert_ptr_eq(f.from, &s.stream[CALLEE].rtp);
	ck_assert(endpoint_equal(&f.source, &source) && endpoint_equal(&f.to, &to));
	ck_assert_uint_eq(f.ssrc, 1);
	ck_assert_int_eq(f.tos, 184);
	ck_assert(!relay_flow(&s.relay, &s.stream[CALLER].rtcp, s.now, &f));
}
END_TEST

START_TEST(what_must_be_seen_is_no_flow)
{
	bool *const switches[] = {&s.stream[CALLER].blocked, &s.stream[CALLER].silenced, &s.stream[CALLER].dtmf_blocked, &s.call.dropping,
			&s.stream[CALLEE].held};
	struct media_flow f;

	scene_lock(&s);
	for (unsigned i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		*switches[i] = true;
		ck_assert_msg(!flow_of_caller(&f), "switch %u", i);
		*switches[i] = false;
		ck_assert(flow_of_caller(&f));
	}
	s.call.recording = (struct recording *)&s;
	ck_assert(!flow_of_caller(&f));
	s.call.recording = NULL;
	s.call.delete_at = s.now + 1;
	ck_assert(!flow_of_caller(&f));
	s.call.delete_at = 0;
	s.stream[CALLEE].direction = SDP_SENDONLY;
	ck_assert(!flow_of_caller(&f));
	s.stream[CALLEE].direction = SDP_SENDRECV;
	s.stream[CALLER].transport = SDP_UDP;
	ck_assert(!flow_of_caller(&f));
}
END_TEST

/* As long as it may be taken back, its packets and those of others must be seen side by side. */
START_TEST(a_source_from_outside_is_no_flow_at_first)
{
	struct learning *l = &s.stream[CALLER].rtp.learning;
	struct media_flow f;

	scene_lock(&s);
	l->rank = 4;
	l->since = s.now;
	ck_assert(!flow_of_caller(&f));
	s.now += LEARN_TAKE_BACK;
	ck_assert(flow_of_caller(&f));
	l->ssrc_known = false;
	ck_assert(!flow_of_caller(&f));
}
END_TEST

START_TEST(what_others_forward_counts)
{
	struct component *at = &s.stream[CALLER].rtp, *from = &s.stream[CALLEE].rtp;
	uint64_t packets, out;

	scene_lock(&s);
	packets = s.relay.totals.packets;
	out = from->out_packets;
	relay_flowed(&s.relay, at, from, 50, 50 * 172, s.now + SCENE_MS(990));
	ck_assert_uint_eq(s.relay.totals.packets, packets + 50);
	ck_assert_uint_eq(from->out_packets, out + 50);
	ck_assert_uint_eq(s.call.last_media, s.now + SCENE_MS(990));
	ck_assert_uint_eq(at->learning.last, s.now + SCENE_MS(990));
	relay_flowed(&s.relay, at, from, 0, 0, s.now + SCENE_MS(2000));
	ck_assert_uint_eq(s.call.last_media, s.now + SCENE_MS(990));
}
END_TEST

START_TEST(no_packet_allocates)
{
	unsigned forwarded = 0;
	bool refused;

	memory_allow(0);
	scene_signal(&s, CALLER, "10.0.0.5:4000", "192.0.2.99");
	for (uint16_t i = 0; i < 300; i++, s.now += SCENE_MS(20)) {
		forwarded += scene_media(&s, CALLER, "192.0.2.99:30791", i, 1).forward;
		scene_media(&s, CALLEE, "203.0.113.66:7000", i, 2); /* learned from outside, which is logged */
		scene_media(&s, CALLER, "203.0.113.67:7000", i, 2);
	}
	refused = memory_refused();
	memory_allow(-1);
	ck_assert(!refused);
	ck_assert_uint_eq(forwarded, 300);
	ck_assert_uint_eq(s.relay.totals.rank_locked[4], 1);
}
END_TEST

Suite *packet_suite(void)
{
	const TTest *const tests[] = {media_goes_to_the_peer, both_hear_behind_symmetric_nats, nothing_goes_round, nobody_there,
			strangers_and_nonsense_are_refused, rtp_has_no_business_at_an_rtcp_port, hold_stops_media_and_nothing_else,
			hold_stops_datagrams, what_is_blocked_goes_nowhere, silence_is_said_to_the_shell,
			recordings_get_what_was_accepted, dscp_is_kept_or_set, multiplexing_is_translated,
			unasked_multiplexing_is_understood, rtcp_without_a_way_out, keepalives_end_here, dtls_and_srtp_pass,
			copies_are_forwarded, ipv6_meets_ipv4, our_own_packets_do_not_go_round, the_shell_is_told_of_every_change,
			sending_is_counted, a_settled_stream_is_a_flow, what_must_be_seen_is_no_flow,
			a_source_from_outside_is_no_flow_at_first, what_others_forward_counts, no_packet_allocates, NULL};
	Suite *suite = suite_create("packet");
	TCase *c = tcase_create("packet");

	tcase_add_checked_fixture(c, setup, NULL);
	for (const TTest *const *t = tests; *t; t++)
		tcase_add_test(c, *t);
	suite_add_tcase(suite, c);
	return suite;
}
