/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an edit changes in an SDP, and that it changes nothing else. */
#include "relay_suites.h"
#include "memory.h"
#include "sdp_edits.h"

#include "core/request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ORIGIN  "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\n"
#define SESSION ORIGIN "c=IN IP4 192.0.2.1\r\nt=0 0\r\n"
#define OURS    ORIGIN "c=IN IP4 203.0.113.9\r\nt=0 0\r\n"
#define AUDIO   "m=audio 6000 RTP/AVP 8\r\n"
#define CODECS  "m=audio 6000 RTP/AVP 0 8 96 97 98 9\r\n"
#define MAPS0   "a=rtpmap:0 PCMU/8000\r\n"
#define OPUS    "a=rtpmap:96 opus/48000/2\r\na=fmtp:96 stereo=1\r\na=rtcp-fb:96 nack\r\n"
#define L16_2   "a=rtpmap:97 L16/48000/2\r\n"
#define MAPS    OPUS L16_2 "a=rtpmap:98 L16/48000\r\n"
#define PTIME   "a=ptime:20\r\n"

static struct sdp sdp;
static struct sdp_edit edit;
static struct ng_request request;
static struct out out = {.max = OUT_MAX};

/* Parses, and prepares an edit that relays every m-line with ports from 7000 on, of 203.0.113.9; nothing is added by itself. */
static void given(const char *body)
{
	ck_assert_int_eq(sdp_parse(text_of(body), &sdp), 0);
	ck_assert(sdp_stays(&sdp, &out));
	sdp_edit_init(&edit, &sdp);
	edit.address = standard_address(4);
	memset(&request, 0, sizeof(request));
	request.command = NG_OFFER;
	for (unsigned i = 0; i < sdp.count; i++) {
		struct sdp_media_edit *e = &edit.media[i];

		e->relay = true;
		e->port = (uint16_t)(7000 + 2 * i);
		e->ports = 1;
		e->address = edit.address;
	}
}

static void becomes(const char *expected)
{
	out_clear(&out);
	ck_assert_int_eq(sdp_rewrite(&sdp, &edit, &out), 0);
	if (!text_is(out_text(&out), expected))
		ck_abort_msg("it is\n%.*s\nand not\n%s", (int)out.n, out.s, expected);
}

static void requested(void)
{
	edit.request = &request;
}

static void texts(struct ng_texts *t, const char *a, const char *b)
{
	t->at[t->n++] = text_of(a);
	if (b)
		t->at[t->n++] = text_of(b);
}

/* ---- m= and c= ---- */

START_TEST(ports_and_addresses)
{
	given(SESSION "m=audio  6000/2  RTP/AVP  8\r\nm=audio 06002 RTP/AVP 0\r\nc=IN IP4 192.0.2.2\r\n");
	becomes(OURS "m=audio  7000  RTP/AVP  8\r\nm=audio 7002 RTP/AVP 0\r\nc=IN IP4 203.0.113.9\r\n");
	edit.media[0].ports = 2;
	edit.media[1].address = standard_address(6);
	edit.media[1].proto = TEXT("RTP/AVPF");
	becomes(OURS "m=audio  7000/2  RTP/AVP  8\r\nm=audio 7002 RTP/AVPF 0\r\nc=IN IP6 2001:db8:9::9\r\n");
	edit.media[0].port = 0;
	edit.media[0].ports = 1;
	becomes(OURS "m=audio  0  RTP/AVP  8\r\nm=audio 7002 RTP/AVPF 0\r\nc=IN IP6 2001:db8:9::9\r\n");
}
END_TEST

START_TEST(a_connection_in_every_place)
{
	given(ORIGIN "m=audio 6000 RTP/AVP 8\r\ni=x\r\nb=AS:1\r\n"); /* there is none */
	becomes(ORIGIN "m=audio 7000 RTP/AVP 8\r\ni=x\r\nc=IN IP4 203.0.113.9\r\nb=AS:1\r\n");
	given(ORIGIN AUDIO "c=IN IP4 192.0.2.2\r\n"); /* of the media alone */
	becomes(ORIGIN "m=audio 7000 RTP/AVP 8\r\nc=IN IP4 203.0.113.9\r\n");
	given(SESSION AUDIO "c=IN IP4 192.0.2.2\r\n"); /* the session's is nobody's, and tells nothing any more */
	becomes(OURS "m=audio 7000 RTP/AVP 8\r\nc=IN IP4 203.0.113.9\r\n");
	given(ORIGIN "c=IN IP4 192.0.2.1\r\nc=IN IP4 192.0.2.3\r\n" AUDIO "c=IN IP4 192.0.2.2\r\nc=IN IP4 192.0.2.4\r\n");
	becomes(ORIGIN "c=IN IP4 203.0.113.9\r\nm=audio 7000 RTP/AVP 8\r\nc=IN IP4 203.0.113.9\r\n");
}
END_TEST

START_TEST(addresses_that_differ)
{
	given(SESSION AUDIO "m=audio 6002 RTP/AVP 0\r\na=x\r\n");
	edit.media[1].address = standard_address(6);
	becomes(OURS "m=audio 7000 RTP/AVP 8\r\nm=audio 7002 RTP/AVP 0\r\nc=IN IP6 2001:db8:9::9\r\na=x\r\n");
	given(SESSION "m=audio 0 RTP/AVP 8\r\nm=audio 6002 RTP/AVP 0\r\n"); /* a rejected one decides nothing */
	edit.media[0].port = 0;
	edit.media[1].address = standard_address(6);
	becomes(ORIGIN "c=IN IP6 2001:db8:9::9\r\nt=0 0\r\nm=audio 0 RTP/AVP 8\r\nm=audio 7002 RTP/AVP 0\r\n");
}
END_TEST

START_TEST(some_are_not_relayed)
{
	given(SESSION "m=message 2855 TCP/MSRP *\r\n" AUDIO "a=x\r\n");
	edit.media[0].relay = false;
	becomes(SESSION "m=message 2855 TCP/MSRP *\r\nm=audio 7002 RTP/AVP 8\r\nc=IN IP4 203.0.113.9\r\na=x\r\n");
	given(SESSION AUDIO "m=message 2855 TCP/MSRP *\r\na=x\r\n");
	edit.media[1].relay = false;
	becomes(OURS "m=audio 7000 RTP/AVP 8\r\nm=message 2855 TCP/MSRP *\r\nc=IN IP4 192.0.2.1\r\na=x\r\n");
	given(SESSION AUDIO "m=message 2855 TCP/MSRP *\r\nc=IN IP4 192.0.2.2\r\na=rtcp:1\r\na=sendonly\r\n");
	edit.media[1].relay = false;
	edit.media[1].write_direction = true;
	becomes(OURS "m=audio 7000 RTP/AVP 8\r\nm=message 2855 TCP/MSRP *\r\nc=IN IP4 192.0.2.2\r\na=rtcp:1\r\na=sendonly\r\n");
}
END_TEST

START_TEST(held)
{
	given(ORIGIN "c=IN IP4 0.0.0.0\r\n" AUDIO);
	edit.media[0].hold_zero = true;
	becomes(ORIGIN "c=IN IP4 0.0.0.0\r\nm=audio 7000 RTP/AVP 8\r\n");
	edit.media[0].address = standard_address(6);
	becomes(ORIGIN "c=IN IP6 ::\r\nm=audio 7000 RTP/AVP 8\r\n");
	edit.media[0].hold_zero = false;
	becomes(ORIGIN "c=IN IP6 2001:db8:9::9\r\nm=audio 7000 RTP/AVP 8\r\n");
	given(SESSION AUDIO "m=audio 6002 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n");
	edit.media[1].hold_zero = true;
	becomes(OURS "m=audio 7000 RTP/AVP 8\r\nm=audio 7002 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n");
}
END_TEST

/* ---- a=rtcp, rtcp-mux, direction ---- */

static struct sdp_media_edit *ours(void)
{
	edit.media[0].rtcp_attribute_keep = edit.media[0].mux_attribute_keep = false;
	return &edit.media[0];
}

START_TEST(rtcp)
{
	given(SESSION AUDIO "a=rtcp:6009 IN IP4 192.0.2.1\r\na=rtcp:6011\r\na=x\r\n");
	becomes(OURS "m=audio 7000 RTP/AVP 8\r\na=rtcp:6009 IN IP4 192.0.2.1\r\na=rtcp:6011\r\na=x\r\n"); /* kept, if so told */
	ours()->rtcp_port = 7001;
	becomes(OURS "m=audio 7000 RTP/AVP 8\r\na=rtcp:7001\r\na=x\r\n");
	edit.rtcp_attribute = SDP_RTCP_FULL;
	becomes(OURS "m=audio 7000 RTP/AVP 8\r\na=rtcp:7001 IN IP4 203.0.113.9\r\na=x\r\n");
	edit.rtcp_attribute = SDP_RTCP_NONE;
	becomes(OURS "m=audio 7000 RTP/AVP 8\r\na=x\r\n");
	given(SESSION AUDIO "a=x\r\n");
	ours()->rtcp_port = 7001;
	becomes(OURS "m=audio 7000 RTP/AVP 8\r\na=x\r\na=rtcp:7001\r\n");
	ours()->rtcp_port = 0;
	becomes(OURS "m=audio 7000 RTP/AVP 8\r\na=x\r\n");
	given(SESSION "m=image 6000 udptl t38\r\na=rtcp:1\r\na=rtcp-mux\r\n"); /* it has none: what it says is not ours */
	ours()->rtcp_port = 7001;
	becomes(OURS "m=image 7000 udptl t38\r\na=rtcp:1\r\na=rtcp-mux\r\n");
}
END_TEST

START_TEST(mux)
{
	given(SESSION AUDIO "a=rtcp-mux\r\na=rtcp-mux-only\r\na=x\r\n");
	becomes(OURS "m=audio 7000 RTP/AVP 8\r\na=rtcp-mux\r\na=rtcp-mux-only\r\na=x\r\n");
	ours()->mux = true;
	becomes(OURS "m=audio 7000 RTP/AVP 8\r\na=rtcp-mux\r\na=x\r\n");
	ours()->mux = false;
	becomes(OURS "m=audio 7000 RTP/AVP 8\r\na=x\r\n");
	given(SESSION AUDIO);
	ours()->mux = true;
	becomes(OURS "m=audio 7000 RTP/AVP 8\r\na=rtcp-mux\r\n");
}
END_TEST

START_TEST(direction)
{
	given(SESSION AUDIO "a=sendrecv \r\na=x\r\na=inactive\r\n");
	becomes(OURS "m=audio 7000 RTP/AVP 8\r\na=sendrecv \r\na=x\r\na=inactive\r\n");
	edit.media[0].write_direction = true;
	edit.media[0].direction = SDP_INACTIVE;
	becomes(OURS "m=audio 7000 RTP/AVP 8\r\na=inactive \r\na=x\r\n");
	given(SESSION "a=sendonly\r\n" AUDIO);
	edit.media[0].write_direction = true;
	edit.media[0].direction = SDP_SENDONLY;
	becomes(OURS "a=sendonly\r\nm=audio 7000 RTP/AVP 8\r\na=sendonly\r\n");
}
END_TEST

/* ---- the session ---- */

START_TEST(origin_and_name)
{
	given(SESSION AUDIO);
	edit.origin_username = TEXT("bob");
	edit.origin_id = TEXT("77");
	edit.origin_version = 99;
	edit.session_name = TEXT("Ours");
	edit.replace = NG_REPLACE_ORIGIN;
	becomes("v=0\r\no=- 1 2 IN IP4 203.0.113.9\r\ns=-\r\nc=IN IP4 203.0.113.9\r\nt=0 0\r\nm=audio 7000 RTP/AVP 8\r\n");
	edit.replace = NG_REPLACE_USERNAME | NG_REPLACE_SESSION_NAME;
	becomes("v=0\r\no=bob 1 2 IN IP4 192.0.2.1\r\ns=Ours\r\nc=IN IP4 203.0.113.9\r\nt=0 0\r\nm=audio 7000 RTP/AVP 8\r\n");
	edit.replace = NG_REPLACE_SDP_VERSION;
	becomes("v=0\r\no=- 1 99 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 203.0.113.9\r\nt=0 0\r\nm=audio 7000 RTP/AVP 8\r\n");
	edit.replace = NG_REPLACE_FORCE_SDP_VERSION | NG_REPLACE_ORIGIN;
	edit.address = standard_address(6);
	becomes("v=0\r\no=- 1 99 IN IP6 2001:db8:9::9\r\ns=-\r\nc=IN IP4 203.0.113.9\r\nt=0 0\r\nm=audio 7000 RTP/AVP 8\r\n");
	edit.replace = NG_REPLACE_ORIGIN_FULL;
	becomes("v=0\r\no=bob 77 99 IN IP6 2001:db8:9::9\r\ns=-\r\nc=IN IP4 203.0.113.9\r\nt=0 0\r\nm=audio 7000 RTP/AVP 8\r\n");
	given("v=0\r\no=-  1  2 IN IP4 192.0.2.1 \r\ns=x\r\n" AUDIO "c=IN IP4 192.0.2.1\r\n");
	edit.replace = NG_REPLACE_SESSION_NAME;
	edit.session_name = TEXT("y");
	becomes("v=0\r\no=-  1  2 IN IP4 192.0.2.1 \r\ns=y\r\nm=audio 7000 RTP/AVP 8\r\nc=IN IP4 203.0.113.9\r\n");
	given("v=0\r\no=odd\r\n" AUDIO "c=IN IP4 192.0.2.1\r\n"); /* no origin that could be replaced */
	edit.replace = NG_REPLACE_ORIGIN_FULL;
	becomes("v=0\r\no=odd\r\nm=audio 7000 RTP/AVP 8\r\nc=IN IP4 203.0.113.9\r\n");
}
END_TEST

START_TEST(the_mark)
{
	given(SESSION AUDIO);
	edit.loop_mark = TEXT("abc");
	becomes(OURS "a=aeta-relay:abc\r\nm=audio 7000 RTP/AVP 8\r\n");
	given(SESSION "a=aeta-relay:abc\r\n" AUDIO);
	edit.loop_mark = TEXT("abc");
	becomes(OURS "a=aeta-relay:abc\r\nm=audio 7000 RTP/AVP 8\r\n");
	given(SESSION "a=aeta-relay:other\r\n" AUDIO);
	edit.loop_mark = TEXT("abc");
	becomes(OURS "a=aeta-relay:other\r\na=aeta-relay:abc\r\nm=audio 7000 RTP/AVP 8\r\n");
}
END_TEST

#define ICE_SESSION "a=ice-lite\r\na=ice-ufrag:x\r\na=ice-options:trickle\r\n"
#define ICE_MEDIA   "a=candidate:1 1 UDP 1 192.0.2.1 6000 typ host\r\na=ice-pwd:y\r\na=remote-candidates:1\r\n" \
	"a=end-of-candidates\r\na=ice-mismatch\r\n"

START_TEST(ice_bundle_extmap)
{
	given(SESSION ICE_SESSION "a=group:BUNDLE 1\r\na=group:LS 1\r\na=extmap-allow-mixed\r\n" AUDIO ICE_MEDIA
			"a=bundle-only\r\na=extmap:1 urn:x\r\na=mid:1\r\na=icebox\r\n");
	becomes(OURS ICE_SESSION "a=group:BUNDLE 1\r\na=group:LS 1\r\na=extmap-allow-mixed\r\nm=audio 7000 RTP/AVP 8\r\n" ICE_MEDIA
			"a=bundle-only\r\na=extmap:1 urn:x\r\na=mid:1\r\na=icebox\r\n");
	edit.ice_remove = edit.bundle_remove = edit.strip_extmap = true;
	becomes(OURS "a=group:LS 1\r\nm=audio 7000 RTP/AVP 8\r\na=mid:1\r\na=icebox\r\n");
}
END_TEST

/* ---- FEC ---- */

static void fec(const char *fmtp, uint16_t fec_port, const char *expected, unsigned foreign)
{
	char body[512], line[512];

	snprintf(body, sizeof(body), SESSION AUDIO "a=fmtp:97 %s\r\nm=audio 6002 RTP/AVP 0\r\n", fmtp);
	given(body);
	edit.media[0].fec_port = fec_port;
	snprintf(line, sizeof(line), OURS "m=audio 7000 RTP/AVP 8\r\na=fmtp:97 %s\r\nm=audio 7002 RTP/AVP 0\r\n", expected);
	becomes(line);
	ck_assert_uint_eq(edit.foreign_addresses, foreign);
}

START_TEST(parity_fec)
{
	fec("5006 IN IP4 192.0.2.1", 7010, "7010 IN IP4 203.0.113.9", 0);
	fec("5006 IN IP4 192.0.2.1/127", 7010, "7010 IN IP4 203.0.113.9", 0);
	fec("5006 IN IP4 192.0.2.1", 0, "5006 IN IP4 192.0.2.1", 1); /* nobody relays it */
	fec("6000 IN IP4 192.0.2.1", 0, "7000 IN IP4 203.0.113.9", 0);
	fec("6002 IN IP4 192.0.2.1", 0, "7002 IN IP4 203.0.113.9", 0); /* another m-line's */
	fec("5006 IN IP4 198.51.100.1", 7010, "5006 IN IP4 198.51.100.1", 1);
	fec("fec=192.0.2.1:6000;rate=4", 0, "fec=203.0.113.9:7000;rate=4", 0);
	fec("a=1; dest=192.0.2.1/6000", 0, "a=1; dest=203.0.113.9/7000", 0);
	fec("dest=192.0.2.1/127", 0, "dest=203.0.113.9/127", 0);
	fec("dest=192.0.2.1", 0, "dest=203.0.113.9", 0);
	fec("dest=192.0.2.1,192.0.2.9,192.0.2.1:6002", 0, "dest=203.0.113.9,192.0.2.9,203.0.113.9:7002", 1);
	fec("config=192.0.2.1.4;x=1192.0.2.1;y=192.0.2.11;z=a192.0.2.1", 0, "config=192.0.2.1.4;x=1192.0.2.1;y=192.0.2.11;z=a192.0.2.1", 1);
	fec("16000           IN           IP4 192.0.2.1", 0, "16000           IN           IP4 203.0.113.9", 0); /* not port 6000 */
	fec("0-15", 0, "0-15", 0);
	fec("streamtype=5;config=1190::20", 0, "streamtype=5;config=1190::20", 1);
}
END_TEST

START_TEST(fec_of_the_other_family)
{
	given(ORIGIN "c=IN IP6 2001:db8::1\r\n" AUDIO "a=fmtp:97 6000 IN IP6 2001:db8::1\r\na=fmtp:98 to=[2001:db8::1]:6000\r\n");
	becomes(ORIGIN "c=IN IP4 203.0.113.9\r\nm=audio 7000 RTP/AVP 8\r\na=fmtp:97 7000 IN IP4 203.0.113.9\r\n"
				   "a=fmtp:98 to=[2001:db8::1]:6000\r\n"); /* whether an IPv4 address is understood there, nobody knows */
	ck_assert_uint_eq(edit.foreign_addresses, 1);
	edit.media[0].address = standard_address(6);
	becomes(ORIGIN "c=IN IP6 2001:db8:9::9\r\nm=audio 7000 RTP/AVP 8\r\na=fmtp:97 7000 IN IP6 2001:db8:9::9\r\n"
				   "a=fmtp:98 to=[2001:db8:9::9]:7000\r\n");
	ck_assert_uint_eq(edit.foreign_addresses, 0);
}
END_TEST

/* A line of thousands of addresses takes no time that grows with its square. */
START_TEST(a_line_full_of_addresses)
{
	static char body[SDP_MAX];
	size_t n = sizeof(SESSION AUDIO "a=fmtp:97 ") - 1;
	clock_t began = clock();

	memcpy(body, SESSION AUDIO "a=fmtp:97 ", n);
	for (; n + 20 < sizeof(body); n += 10)
		memcpy(body + n, "192.0.2.1 ", 10);
	ck_assert_int_eq(sdp_parse((struct text){body, n}, &sdp), 0);
	standard_edit(&edit, &sdp);
	out_clear(&out);
	ck_assert_int_eq(sdp_rewrite(&sdp, &edit, &out), 0);
	ck_assert_uint_eq(edit.foreign_addresses, 0);
	ck_assert_ptr_null(memmem(out.s, out.n, "192.0.2", 7));
	ck_assert_int_lt(clock() - began, CLOCKS_PER_SEC); /* sanitized: some 20 ms */
}
END_TEST

/* ---- what is added where the SDP ends oddly ---- */

START_TEST(ends)
{
	given("v=0\nc=IN IP4 192.0.2.1\nm=audio 6000 RTP/AVP 8\na=x");
	ours()->rtcp_port = 7001;
	becomes("v=0\nc=IN IP4 203.0.113.9\nm=audio 7000 RTP/AVP 8\na=x\na=rtcp:7001\n");
	given("v=0\r\nm=audio 6000 RTP/AVP 8\r\na=x\r");
	becomes("v=0\r\nm=audio 7000 RTP/AVP 8\r\nc=IN IP4 203.0.113.9\r\na=x\r");
	ours()->rtcp_port = 7001;
	becomes("v=0\r\nm=audio 7000 RTP/AVP 8\r\nc=IN IP4 203.0.113.9\r\na=x\r\na=rtcp:7001\r\n");
	given("v=0\r\nm=audio 6000 RTP/AVP 8");
	becomes("v=0\r\nm=audio 7000 RTP/AVP 8\r\nc=IN IP4 203.0.113.9\r\n");
	given("v=0\r\nm=audio 6000 RTP/AVP 8\r\na=fmtp:97 192.0.2.1");
	ours()->mux = true;
	becomes("v=0\r\nm=audio 7000 RTP/AVP 8\r\nc=IN IP4 203.0.113.9\r\na=fmtp:97 192.0.2.1\r\na=rtcp-mux\r\n");
	given(SESSION AUDIO "a=x\r\n\r\n\r\n");
	ours()->rtcp_port = 7001;
	becomes(OURS "m=audio 7000 RTP/AVP 8\r\na=x\r\na=rtcp:7001\r\n\r\n\r\n");
	given(SESSION AUDIO "\r\na=rtcp:6001\r\n\r\nm=audio 6002 RTP/AVP 8\r\n");
	ours()->rtcp_port = 7001;
	edit.after = TEXT("m=video 0 RTP/AVP 96\r\n");
	edit.media[1].before = TEXT("m=text 0 RTP/AVP 98\r\n");
	becomes(OURS "m=audio 7000 RTP/AVP 8\r\n\r\na=rtcp:7001\r\n\r\nm=text 0 RTP/AVP 98\r\nm=audio 7002 RTP/AVP 8\r\n"
			"m=video 0 RTP/AVP 96\r\n");
}
END_TEST

/* ---- codec lists ---- */

static void codecs(const char *strip, const char *offer, const char *except, const char *expected)
{
	given(SESSION CODECS MAPS0 MAPS PTIME);
	requested();
	if (strip)
		texts(&request.codec_strip, strip, NULL);
	if (offer)
		texts(&request.codec_offer, offer, "PCMA");
	if (except)
		texts(&request.codec_except, except, NULL);
	becomes(expected);
}

#define REST   L16_2 "a=rtpmap:98 L16/48000\r\n" PTIME
#define WITH(formats) OURS "m=audio 7000 RTP/AVP " formats "\r\n"

START_TEST(codec_lists)
{
	codecs(NULL, NULL, NULL, WITH("0 8 96 97 98 9") MAPS0 MAPS PTIME);
	codecs(NULL, "opus", NULL, WITH("0 8 96 97 98 9") MAPS0 MAPS PTIME); /* takes nothing away */
	codecs("OPUS", NULL, NULL, WITH("0 8 97 98 9") MAPS0 REST);
	codecs("opus", NULL, "opus/48000/2", WITH("0 8 96 97 98 9") MAPS0 MAPS PTIME);
	codecs("pcmu/8000/1", NULL, NULL, WITH("8 96 97 98 9") MAPS PTIME);
	codecs("G722", NULL, NULL, WITH("0 8 96 97 98") MAPS0 MAPS PTIME); /* a static type, by its name */
	codecs("L16", NULL, NULL, WITH("0 8 96 9") MAPS0 OPUS PTIME);
	codecs("L16/48000", NULL, NULL, WITH("0 8 96 97 9") MAPS0 OPUS L16_2 PTIME);
	codecs("all", "G722", NULL, WITH("9 8") "a=ptime:20\r\n");
	codecs("full", NULL, "PCMU", WITH("0") MAPS0 "a=ptime:20\r\n");
	codecs("all", "opus", "PCMU", WITH("96 8 0") MAPS0 OPUS PTIME);
	codecs("all", NULL, NULL, WITH("0 8 96 97 98 9") MAPS0 MAPS PTIME); /* nothing would be left */
	given(SESSION CODECS MAPS0 MAPS);
	requested();
	request.command = NG_ANSWER; /* what was accepted stays */
	texts(&request.codec_strip, "opus", NULL);
	becomes(WITH("0 8 96 97 98 9") MAPS0 MAPS);
	given(SESSION "m=image 6000 udptl t38\r\na=rtpmap:8 PCMA/8000\r\n");
	requested();
	texts(&request.codec_strip, "PCMA", NULL);
	becomes(OURS "m=image 7000 udptl t38\r\na=rtpmap:8 PCMA/8000\r\n");
}
END_TEST

/* ---- sdp-attr, sdp-media-remove, generate-mid ---- */

START_TEST(attributes)
{
	given(SESSION "a=tool:x\r\na=keep\r\n" AUDIO "a=sendrecv\r\n" PTIME "a=x:1\r\nm=video 6002 RTP/AVP 96\r\n" PTIME
			"m=text 6004 RTP/AVP 98\r\n" PTIME);
	requested();
	texts(&request.attributes_session.remove, "tool", NULL);
	texts(&request.attributes_session.add, "new:1", "new:2");
	texts(&request.attributes_audio.substitute, "ptime:20", "ptime:30");
	texts(&request.attributes_audio.remove, "x:2", "x:1");
	texts(&request.attributes_video.remove, "ptime", NULL);
	texts(&request.attributes_video.add, "y", NULL);
	edit.loop_mark = TEXT("m");
	becomes(OURS "a=keep\r\na=new:1\r\na=new:2\r\na=aeta-relay:m\r\nm=audio 7000 RTP/AVP 8\r\na=sendrecv\r\na=ptime:30\r\n"
			"m=video 7002 RTP/AVP 96\r\na=y\r\nm=text 7004 RTP/AVP 98\r\na=ptime:20\r\n");
}
END_TEST

START_TEST(attributes_that_are_ours)
{
	given(SESSION AUDIO "a=sendrecv\r\na=rtcp:6001\r\n");
	requested();
	ours()->rtcp_port = 7001;
	ours()->mux = true;
	edit.media[0].write_direction = true;
	texts(&request.attributes_audio.substitute, "sendrecv", "sendonly");
	texts(&request.attributes_audio.remove, "rtcp", "rtcp-mux");
	becomes(OURS "m=audio 7000 RTP/AVP 8\r\na=sendonly\r\n");
}
END_TEST

START_TEST(media_removed)
{
	given(SESSION "m=video 6000 RTP/AVP 96\r\na=x\r\n" AUDIO "m=image 6004 udptl t38");
	requested();
	texts(&request.media_remove, "video", "image");
	ck_assert(sdp_media_removed(&request, &sdp.media[0]) && !sdp_media_removed(&request, &sdp.media[1]));
	ck_assert(!sdp_media_removed(NULL, &sdp.media[0]));
	for (unsigned i = 0; i < sdp.count; i++)
		edit.media[i].omit = sdp_media_removed(&request, &sdp.media[i]);
	becomes(OURS "m=audio 7002 RTP/AVP 8\r\n");
}
END_TEST

START_TEST(mids)
{
	given(SESSION AUDIO "m=audio 6002 RTP/AVP 0\r\na=mid:1\r\nm=audio 6004 RTP/AVP 9\r\n");
	requested();
	request.flags = NG_BIT(GENERATE_MID);
	becomes(OURS "m=audio 7000 RTP/AVP 8\r\na=mid:65\r\nm=audio 7002 RTP/AVP 0\r\na=mid:1\r\nm=audio 7004 RTP/AVP 9\r\na=mid:3\r\n");
}
END_TEST

/* ---- no room, no memory ---- */

static void starved(void)
{
	struct out o = {.max = OUT_MAX};
	int error;

	error = sdp_rewrite(&sdp, &edit, &o);
	STARVED_ASSERT(error == (memory_refused() ? -ENOBUFS : 0));
	out_free(&o);
}

START_TEST(no_room)
{
	struct out small = {.max = 100};

	given(SESSION AUDIO "a=x\r\n");
	standard_edit(&edit, &sdp);
	memory_starve(starved);
	ck_assert_int_eq(sdp_rewrite(&sdp, &edit, &small), -ENOBUFS);
	out_free(&small);
}
END_TEST

Suite *sdp_rewrite_suite(void)
{
	const TTest *const tests[] = {ports_and_addresses, a_connection_in_every_place, addresses_that_differ, some_are_not_relayed, held,
			rtcp, mux, direction, origin_and_name, the_mark, ice_bundle_extmap, parity_fec, fec_of_the_other_family,
			a_line_full_of_addresses, ends, codec_lists, attributes, attributes_that_are_ours, media_removed, mids, no_room, NULL};

	return suite_of("SDP written", tests);
}
