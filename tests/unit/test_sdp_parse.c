/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is read from an SDP, line by line. */
#include "relay_suites.h"
#include "sdp_edits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define ORIGIN  "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"
#define SESSION ORIGIN "c=IN IP4 192.0.2.1\r\nt=0 0\r\n"
#define AUDIO   "m=audio 6000 RTP/AVP 8\r\n"

static struct sdp sdp;
static struct out out = {.max = OUT_MAX};
static const struct sdp_media *const first = &sdp.media[0], *const second = &sdp.media[1];

static void parse(const char *s)
{
	ck_assert_int_eq(sdp_parse(text_of(s), &sdp), 0);
	ck_assert(sdp_stays(&sdp, &out));
}

static void is(struct text t, const char *expected)
{
	if (!text_is(t, expected))
		ck_abort_msg("'%.*s' is not '%s'", TEXT_ARGS(t), expected);
}

static void at(const struct endpoint *e, const char *expected)
{
	char said[ENDPOINT_TEXT_MAX] = "none";

	if (e->port)
		endpoint_format(e, said);
	ck_assert_str_eq(said, expected);
}

/* ---- the session ---- */

START_TEST(session_lines)
{
	parse("v=0\r\no=alice 123 456 IN IP6 2001:db8::1\r\ns=A talk\r\nc=IN IP4 192.0.2.1/127\r\na=sendonly\r\na=ice-lite\r\na=ice-ufrag:x\r\n"
		  "a=fingerprint:sha-256 00\r\na=group:BUNDLE 1 2\r\na=rtpengine:abc\r\na=aeta-relay:def\r\n" AUDIO);
	is(sdp.origin_username, "alice");
	is(sdp.origin_id, "123");
	is(sdp.origin_version, "456");
	is(sdp.origin_address, "2001:db8::1");
	is(sdp.session_name, "A talk");
	is(sdp.connection, "IN IP4 192.0.2.1/127");
	is(sdp.loop_mark, "abc");
	ck_assert(sdp.direction_said && sdp.ice && sdp.ice_lite && sdp.dtls && sdp.bundle && sdp.crlf);
	ck_assert(first->ice && first->dtls && !first->direction_said);
	ck_assert_int_eq(first->direction, SDP_SENDONLY);
	at(&first->rtp, "192.0.2.1:6000");
	ck_assert(sdp_has_mark(&sdp, TEXT("def")));
	ck_assert(!sdp_has_mark(&sdp, TEXT("abc")));
	ck_assert(!sdp_has_mark(&sdp, TEXT("de")));
}
END_TEST

START_TEST(an_origin_of_other_fields_is_no_origin)
{
	parse("v=0\r\no=- 1 1 IN IP4\r\n" AUDIO);
	is(sdp.origin, "- 1 1 IN IP4");
	is(sdp.origin_address, "");
	is(sdp.origin_username, "");
	parse("v=0\r\no=Studio 4 1 2 IN IP4 192.0.2.1\r\n" AUDIO); /* names with blanks are out there */
	is(sdp.origin_username, "Studio 4");
	is(sdp.origin_id, "1");
	is(sdp.origin_address, "192.0.2.1");
	parse("v=0\r\n" AUDIO);
	is(sdp.origin, "");
}
END_TEST

/* ---- m= ---- */

START_TEST(the_media_line)
{
	parse(SESSION "m=video  6000/2  RTP/AVPF  96 97 127 128 x \r\nm=audio 0 RTP/AVP 0\r\n");
	is(first->type, "video");
	is(first->port_text, "6000/2");
	is(first->proto, "RTP/AVPF");
	is(first->formats, "96 97 127 128 x");
	is(first->line, "m=video  6000/2  RTP/AVPF  96 97 127 128 x");
	ck_assert_uint_eq(first->ports, 2);
	ck_assert(!first->rejected && second->rejected);
	ck_assert_uint_eq(sdp.count, 2);
	ck_assert(sdp_type_has(first->payload_types, 96) && sdp_type_has(first->payload_types, 127));
	ck_assert(!sdp_type_has(first->payload_types, 0) && !sdp_type_has(first->payload_types, 128));
	at(&second->rtcp, "none");
}
END_TEST

START_TEST(transports)
{
	static const struct {
		const char *name;
		enum sdp_transport transport;
	} cases[] = {{"RTP/AVP", SDP_RTP}, {"rtp/avpf", SDP_RTP}, {"RTP/SAVP", SDP_SRTP}, {"RTP/SAVPF", SDP_SRTP}, {"UDP/TLS/RTP/SAVPF", SDP_SRTP},
			{"udptl", SDP_UDP}, {"UDPTL", SDP_UDP}, {"udp", SDP_UDP}, {"UDP/BFCP", SDP_UDP}, {"UDP/DTLS/SCTP", SDP_UDP}, {"UDP/", SDP_OTHER},
			{"TCP/MSRP", SDP_OTHER}, {"TCP/RTP/AVP", SDP_OTHER}, {"DTLS/SCTP", SDP_OTHER}, {"RTP/AVPX", SDP_OTHER}};
	char line[256];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(line, sizeof(line), SESSION "m=x 6000 %s 8\r\n", cases[i].name);
		parse(line);
		if (first->transport != cases[i].transport)
			ck_abort_msg("%s is %d", cases[i].name, first->transport);
		ck_assert_int_eq(first->payload_types[0] != 0, first->transport == SDP_RTP || first->transport == SDP_SRTP);
		ck_assert_int_eq(first->rtcp.port, first->transport == SDP_RTP || first->transport == SDP_SRTP ? 6001 : 0);
	}
}
END_TEST

START_TEST(a_media_line_that_is_none)
{
	static const char *const lines[] = {"m=", "m=audio", "m=audio 6000", "m=audio x RTP/AVP 0", "m=audio 65536 RTP/AVP 0",
			"m=audio 6000/ RTP/AVP 0", "m=audio 6000/x RTP/AVP 0", "m=audio 6000/256 RTP/AVP 0", "m=audio -1 RTP/AVP 0", "m=audio  RTP/AVP 0"};
	char line[256];

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		snprintf(line, sizeof(line), SESSION "%s\r\n", lines[i]);
		if (sdp_parse(text_of(line), &sdp) != -EINVAL)
			ck_abort_msg("%s is taken", lines[i]);
	}
	parse(SESSION "m=audio 65535 RTP/AVP\r\n"); /* no RTCP port follows, and no format is no harm */
	at(&first->rtcp, "none");
	parse(SESSION "m=audio 6000/0 RTP/AVP 0\r\n");
	ck_assert_uint_eq(first->ports, 1);
}
END_TEST

/* ---- c= ---- */

START_TEST(connections)
{
	parse(SESSION AUDIO "m=audio 6002 RTP/AVP 8\r\nc=IN IP6 2001:db8::2\r\nc=IN IP6 2001:db8::3\r\n");
	at(&first->rtp, "192.0.2.1:6000");
	is(first->connection, "");
	at(&second->rtp, "[2001:db8::2]:6002");
	at(&second->rtcp, "[2001:db8::2]:6003");
	parse(ORIGIN AUDIO "m=audio 6002 RTP/AVP 8\r\nc=IN IP4 192.0.2.9\r\n");
	ck_assert(first->unusable && !second->unusable);
	parse(ORIGIN "c=IN IP4 codec.example.com\r\n" AUDIO);
	ck_assert(first->unusable && !first->held);
	parse(ORIGIN "c=ATM NSAP 47.0091\r\n" AUDIO);
	ck_assert(first->unusable);
	parse(ORIGIN "c=in ip6 ::ffff:192.0.2.7\r\n" AUDIO);
	at(&first->rtp, "192.0.2.7:6000");
}
END_TEST

/* ---- attributes ---- */

START_TEST(rtcp)
{
	parse(SESSION AUDIO "a=rtcp:7000\r\n");
	at(&first->rtcp, "192.0.2.1:7000");
	parse(SESSION AUDIO "a=rtcp:7000 IN IP4 192.0.2.2\r\n");
	at(&first->rtcp, "192.0.2.2:7000");
	parse(SESSION AUDIO "a=rtcp:7000 IN IP4 host.example.com\r\n");
	at(&first->rtcp, "192.0.2.1:7000");
	parse(SESSION AUDIO "a=rtcp:0\r\n");
	ck_assert(!first->rtcp_said);
	at(&first->rtcp, "192.0.2.1:6001");
	parse(SESSION AUDIO "a=rtcp:9 IN IP4 0.0.0.0\r\na=rtcp-mux\r\n");
	at(&first->rtcp, "none");
	ck_assert(first->rtcp_mux && !first->rtcp_mux_only);
	parse(SESSION AUDIO "a=rtcp-mux-only\r\na=rtcp:7000\r\n");
	ck_assert(first->rtcp_mux && first->rtcp_mux_only);
	at(&first->rtcp, "192.0.2.1:6000");
	parse(SESSION "m=image 6000 udptl t38\r\na=rtcp:7000\r\n");
	at(&first->rtcp, "none");
}
END_TEST

START_TEST(directions_and_hold)
{
	static const struct {
		const char *session, *media;
		enum sdp_direction direction;
		bool held;
	} cases[] = {{SESSION, "", SDP_SENDRECV, false}, {SESSION, "a=sendonly\r\n", SDP_SENDONLY, false},
			{SESSION, "a=recvonly\r\n", SDP_RECVONLY, false},
			{SESSION, "a=inactive \r\n", SDP_INACTIVE, false}, {SESSION "a=recvonly\r\n", "", SDP_RECVONLY, false},
			{SESSION "c=IN IP4 192.0.2.9\r \n", "a=sendonly \r \n", SDP_SENDONLY, false},
			{SESSION "a=recvonly\r\n", "a=sendrecv\r\n", SDP_SENDRECV, false}, {SESSION, "a=sendonly\r\na=recvonly\r\n", SDP_RECVONLY, false},
			{SESSION, "a=sendonlyx\r\na=sendonly:1\r\n", SDP_SENDRECV, false}, {SESSION, "c=IN IP4 0.0.0.0\r\n", SDP_SENDONLY, true},
			{SESSION, "c=IN IP6 ::\r\na=recvonly\r\n", SDP_INACTIVE, true}, {ORIGIN "c=IN IP4 0.0.0.0\r\n", "", SDP_SENDONLY, true},
			{ORIGIN "c=IN IP4 0.0.0.0\r\n", "c=IN IP4 192.0.2.1\r\n", SDP_SENDRECV, false}};
	char line[512];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(line, sizeof(line), "%s" AUDIO "%s", cases[i].session, cases[i].media);
		parse(line);
		if (first->direction != cases[i].direction || first->held != cases[i].held)
			ck_abort_msg("%s: direction %d, held %d", line, first->direction, first->held);
	}
}
END_TEST

/* RFC 8840: no candidate yet is no hold. */
START_TEST(trickle_is_no_hold)
{
	parse(ORIGIN "c=IN IP4 0.0.0.0\r\nm=audio 9 RTP/AVP 8\r\na=ice-ufrag:x\r\n");
	ck_assert(!first->held && first->unusable);
	ck_assert_int_eq(first->direction, SDP_SENDRECV);
	parse(ORIGIN "c=IN IP4 0.0.0.0\r\nm=audio 9 RTP/AVP 8\r\n");
	ck_assert(first->held);
	parse(ORIGIN "c=IN IP4 0.0.0.0\r\nm=audio 6000 RTP/AVP 8\r\na=candidate:1\r\n");
	ck_assert(first->held);
}
END_TEST

START_TEST(keys_and_bundles)
{
	parse(SESSION "m=audio 6000 RTP/SAVP 0\r\na=crypto:1 x\r\na=mid:a\r\n"
		  "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=fingerprint:sha-1 0\r\na=bundle-only\r\na=candidate:1 1 udp\r\n");
	ck_assert(first->crypto && !first->dtls && !first->ice && !first->bundle_only);
	is(first->mid, "a");
	ck_assert(!second->crypto && second->dtls && second->ice && second->bundle_only && second->rejected);
}
END_TEST

START_TEST(tones)
{
	parse(SESSION "m=audio 6000 RTP/AVP 0 96 101\r\na=rtpmap:96 opus/48000/2\r\n"
		  "a=rtpmap:101 Telephone-Event/8000\r\na=rtpmap:102 telephone-event/48000\r\n");
	ck_assert_uint_eq(first->dtmf_types[0], 0);
	ck_assert_uint_eq(first->dtmf_types[1], 1ull << (101 - 64));
}
END_TEST

START_TEST(parity_fec)
{
	parse(SESSION AUDIO "a=fmtp:97 5006 IN IP4 192.0.2.1/127\r\na=fmtp:97 5008 IN IP4 192.0.2.1\r\n");
	at(&first->fec, "192.0.2.1:5006");
	parse(SESSION AUDIO "a=fmtp:97 6000 IN IP4 192.0.2.1\r\n");
	at(&first->fec, "none");
	parse(SESSION AUDIO "a=fmtp:97 5006 IN IP4 192.0.2.2\r\na=fmtp:x 5006 IN IP4 192.0.2.1\r\n"
		  "a=fmtp:97 0 IN IP4 192.0.2.1\r\na=fmtp:97 0-15\r\n");
	at(&first->fec, "none");
	parse(SESSION "m=audio 0 RTP/AVP 8\r\na=fmtp:97 5006 IN IP4 192.0.2.1\r\n");
	at(&first->fec, "none");
	parse(ORIGIN "c=IN IP4 0.0.0.0\r\n" AUDIO "a=fmtp:97 5006 IN IP4 0.0.0.0\r\n");
	at(&first->fec, "none");
}
END_TEST

/* ---- shapes ---- */

START_TEST(line_ends)
{
	parse("v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\nm=audio 6000 RTP/AVP 8\na=sendonly");
	ck_assert(!sdp.crlf);
	ck_assert_int_eq(first->direction, SDP_SENDONLY);
	is(first->section, "m=audio 6000 RTP/AVP 8\na=sendonly");
	parse(SESSION AUDIO "a=sendonly\r\n\r\n");
	parse(SESSION AUDIO "a=sendonly\r\n \t\r\n");
	ck_assert_int_eq(sdp_parse((struct text){SESSION AUDIO, sizeof(SESSION AUDIO)}, &sdp), 0); /* with the NUL of the string */
	ck_assert(sdp_stays(&sdp, &out));
	parse("v=0\r\n\r\nm=audio 6000 RTP/AVP 8\r\n\r\na=rtcp:7000\r\n");
	ck_assert(first->rtcp_said);
}
END_TEST

START_TEST(what_is_no_sdp)
{
	static const char *const none[] = {"", "v", "x=0\r\n" AUDIO, "\r\n" SESSION AUDIO, SESSION "hello\r\n" AUDIO, SESSION AUDIO "=x\r\n", "{}",
			ORIGIN "c=\r\n" AUDIO, SESSION AUDIO "c=IN IP4\r\n"};

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (sdp_parse(text_of(none[i]), &sdp) != -EINVAL)
			ck_abort_msg("'%s' is taken", none[i]);
	ck_assert_int_eq(sdp_parse((struct text){NULL, 0}, &sdp), -EINVAL);
	ck_assert_int_eq(sdp_parse(TEXT(SESSION), &sdp), -ENODATA);
	ck_assert_int_eq(sdp_parse(TEXT("v=0"), &sdp), -ENODATA);
}
END_TEST

START_TEST(so_large_and_no_larger)
{
	static char body[SDP_MAX + 1];
	size_t n = sizeof(SESSION AUDIO "a=x:") - 1;

	memset(body, 'y', sizeof(body));
	memcpy(body, SESSION AUDIO "a=x:", n);
	ck_assert_int_eq(sdp_parse((struct text){body, SDP_MAX}, &sdp), 0);
	ck_assert(sdp_stays(&sdp, &out));
	ck_assert_int_eq(sdp_parse((struct text){body, SDP_MAX + 1}, &sdp), -E2BIG);
}
END_TEST

START_TEST(so_many_and_no_more)
{
	char body[4096] = SESSION;

	for (unsigned i = 0; i < SDP_MEDIA_MAX; i++)
		strcat(body, AUDIO);
	parse(body);
	ck_assert_uint_eq(sdp.count, SDP_MEDIA_MAX);
	strcat(body, AUDIO);
	ck_assert_int_eq(sdp_parse(text_of(body), &sdp), -E2BIG);
}
END_TEST

Suite *sdp_parse_suite(void)
{
	const TTest *const tests[] = {session_lines, an_origin_of_other_fields_is_no_origin, the_media_line, transports, a_media_line_that_is_none,
			connections, rtcp, directions_and_hold, trickle_is_no_hold, keys_and_bundles, tones, parity_fec, line_ends, what_is_no_sdp,
			so_large_and_no_larger, so_many_and_no_more, NULL};

	return suite_of("SDP read", tests);
}
