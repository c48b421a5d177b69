/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rtp.h"

#define RTP_FIXED   12u
#define RTCP_FIXED  8u /* with the sender's SSRC */
#define STUN_FIXED  20u
#define STUN_COOKIE 0x2112a442u

static uint16_t read16(const uint8_t *b)
{
	return (uint16_t)(b[0] << 8 | b[1]);
}

static uint32_t read32(const uint8_t *b)
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* RFC 8489 5, and RFC 3489 clients, which have no cookie: the length fits to the byte then. */
static bool is_stun(const uint8_t *b, size_t n)
{
	uint16_t length;

	if (n < STUN_FIXED || b[0] > 3)
		return false;
	length = read16(b + 2);
	return length % 4 == 0 && length <= n - STUN_FIXED && (read32(b + 4) == STUN_COOKIE || length == n - STUN_FIXED);
}

static bool looks_like_rtcp(const uint8_t *b, const uint64_t types[2])
{
	return b[1] >= 192 && b[1] <= 223 && !rtp_type_in(types, b[1] & 0x7f);
}

static struct rtp_header read_rtcp(const uint8_t *b, size_t n)
{
	struct rtp_header h = {.type = b[1]};

	if (n < RTCP_FIXED || (read16(b + 2) + (size_t)1) * 4 > n)
		return h;
	h.kind = RTP_CONTROL;
	h.ssrc = read32(b + 4);
	return h;
}

static struct rtp_header read_rtp(const uint8_t *b, size_t n)
{
	struct rtp_header h = {.type = b[1] & 0x7f, .marker = b[1] >> 7};
	size_t at = RTP_FIXED + (b[0] & 15u) * 4u;

	if (n < RTP_FIXED || at > n)
		return h;
	if (b[0] & 0x10) { /* a header extension: profile, length in words, words */
		if (at + 4 > n)
			return h;
		at += 4 + read16(b + at + 2) * (size_t)4;
		if (at > n)
			return h;
	}
	h.kind = RTP_MEDIA;
	h.sequence = read16(b + 2);
	h.timestamp = read32(b + 4);
	h.ssrc = read32(b + 8);
	h.payload = at;
	return h;
}

struct rtp_header rtp_read(const uint8_t *b, size_t n, const uint64_t types[2])
{
	struct rtp_header h = {0};

	if (n >= 2 && b[0] >> 6 == 2)
		return looks_like_rtcp(b, types) ? read_rtcp(b, n) : read_rtp(b, n);
	if (n < RTCP_FIXED)
		h.kind = RTP_KEEPALIVE;
	else if (is_stun(b, n))
		h.kind = RTP_STUN;
	else if (b[0] >= 16 && b[0] < 80)
		h.kind = RTP_OTHER;
	return h;
}

struct rtp_header rtp_read_datagram(size_t n)
{
	return (struct rtp_header){.kind = n ? RTP_OTHER : RTP_KEEPALIVE};
}
