/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "relay_suites.h"
#include "scene.h"

static const uint64_t any[2];

static struct rtp_header read_all(const uint8_t *b, size_t n)
{
	return rtp_read(b, n, any);
}

START_TEST(rtp_is_read)
{
	uint8_t b[SCENE_PACKET];
	size_t n = scene_rtp(b, 96, 0xfffe, 0x12345678);
	struct rtp_header h;

	b[1] |= 0x80;
	h = read_all(b, n);
	ck_assert_int_eq(h.kind, RTP_MEDIA);
	ck_assert_uint_eq(h.type, 96);
	ck_assert(h.marker);
	ck_assert_uint_eq(h.sequence, 0xfffe);
	ck_assert_uint_eq(h.timestamp, 0xfffeu * 160);
	ck_assert_uint_eq(h.ssrc, 0x12345678);
	ck_assert_uint_eq(h.payload, 12);
	ck_assert_int_eq(read_all(b, 12).kind, RTP_MEDIA); /* nothing in it is still RTP */
}
END_TEST

START_TEST(csrcs_and_extension_are_passed_over)
{
	uint8_t b[SCENE_PACKET];

	scene_rtp(b, 0, 1, 1);
	b[0] = 0x93; /* extension, three CSRCs */
	memset(b + 24, 0, 4);
	b[27] = 2;
	ck_assert_uint_eq(read_all(b, SCENE_PACKET).payload, 12 + 12 + 4 + 8);
	ck_assert_int_eq(read_all(b, 36).kind, RTP_MEDIA);
	ck_assert_int_eq(read_all(b, 35).kind, RTP_MALFORMED);
	ck_assert_int_eq(read_all(b, 27).kind, RTP_MALFORMED);
	ck_assert_int_eq(read_all(b, 23).kind, RTP_MALFORMED);
	b[26] = 0xff; /* 65,282 words */
	ck_assert_int_eq(read_all(b, SCENE_PACKET).kind, RTP_MALFORMED);
}
END_TEST

START_TEST(rtcp_is_told_from_rtp)
{
	uint8_t b[SCENE_PACKET];
	size_t n = scene_rtcp(b, 77);

	for (unsigned type = 0; type < 256; type++) {
		bool rtcp = type >= 192 && type <= 223;

		b[1] = (uint8_t)type;
		HOT_ASSERT(read_all(b, n).kind == (rtcp ? RTP_CONTROL : RTP_MEDIA), "second byte %u", type);
	}
	b[1] = 201;
	ck_assert_uint_eq(read_all(b, n).ssrc, 77);
	ck_assert_uint_eq(read_all(b, n).type, 201);
	ck_assert_int_eq(read_all(b, 27).kind, RTP_MALFORMED); /* shorter than it says */
	b[3] = 1;
	ck_assert_int_eq(read_all(b, 8).kind, RTP_CONTROL); /* an empty receiver report */
	ck_assert_int_eq(read_all(b, 7).kind, RTP_MALFORMED);
	b[2] = b[3] = 0xff;
	ck_assert_int_eq(read_all(b, n).kind, RTP_MALFORMED);
}
END_TEST

/* RFC 5761 4: 64..95 are not for multiplexing. Who signals one of them means RTP by it. */
START_TEST(a_signalled_type_is_rtp)
{
	const uint64_t types[2] = {0, 1ull << (72 - 64)};
	uint8_t b[SCENE_PACKET];
	size_t n = scene_rtcp(b, 1);

	ck_assert_int_eq(rtp_read(b, n, types).kind, RTP_MEDIA); /* 200: the marker and 72 */
	b[1] = 201;
	ck_assert_int_eq(rtp_read(b, n, types).kind, RTP_CONTROL);
}
END_TEST

START_TEST(others_on_the_port_are_told_by_the_first_byte)
{
	uint8_t b[SCENE_PACKET];
	size_t n = scene_stun(b);

	ck_assert_int_eq(read_all(b, n).kind, RTP_STUN);
	ck_assert_int_eq(read_all(b, 19).kind, RTP_MALFORMED);
	b[3] = 4; /* longer than it is */
	ck_assert_int_eq(read_all(b, n).kind, RTP_MALFORMED);
	b[3] = 0;
	b[4] = 0; /* RFC 3489: no cookie */
	ck_assert_int_eq(read_all(b, n).kind, RTP_STUN);
	ck_assert_int_eq(read_all(b, n + 1).kind, RTP_MALFORMED);
	for (unsigned first = 4; first < 256; first++) {
		bool other = first >= 16 && first < 80, rtp = first >= 128 && first < 192;

		memset(b, 0, sizeof(b));
		b[0] = (uint8_t)(first & ~(rtp ? 0x1fu : 0u));
		HOT_ASSERT(read_all(b, SCENE_PACKET).kind == (other ? RTP_OTHER : rtp ? RTP_MEDIA : RTP_MALFORMED), "%u", first);
	}
}
END_TEST

START_TEST(short_ones_are_keepalives)
{
	ck_assert_int_eq(read_all(NULL, 0).kind, RTP_KEEPALIVE);
	ck_assert_int_eq(read_all((const uint8_t *)"\r\n\r\n", 4).kind, RTP_KEEPALIVE);
	ck_assert_int_eq(read_all((const uint8_t *)"\x80", 1).kind, RTP_KEEPALIVE);
	ck_assert_int_eq(read_all((const uint8_t *)"\x80\x00", 2).kind, RTP_MALFORMED);
	ck_assert_int_eq(read_all((const uint8_t *)"\r\n\r\n\r\n\r\n", 8).kind, RTP_MALFORMED);
	ck_assert_int_eq(rtp_read_datagram(0).kind, RTP_KEEPALIVE);
	ck_assert_int_eq(rtp_read_datagram(1).kind, RTP_OTHER);
}
END_TEST

Suite *rtp_suite(void)
{
	const TTest *const tests[] = {rtp_is_read, csrcs_and_extension_are_passed_over, rtcp_is_told_from_rtp,
			a_signalled_type_is_rtp, others_on_the_port_are_told_by_the_first_byte, short_ones_are_keepalives, NULL};

	return suite_of("rtp", tests);
}
