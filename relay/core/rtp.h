/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a datagram at a media port is, told by its first bytes. The payload is never looked at, and nothing is changed.
 *
 * RTP and RTCP (RFC 3550 5.1, 6.4), on one port too (RFC 5761 4):
 *
 *       0                   1                   2                   3
 *      |V=2|P|X|  CC   |M|     PT      |       sequence number         |     RTP:  M|PT is not 192..223
 *      |V=2|P|    RC   |   192..223    |            length             |     RTCP
 *
 * Others that share a port (RFC 7983), by the first byte: 0..3 STUN, 16..19 ZRTP, 20..63 DTLS, 64..79 TURN channel.
 */
#ifndef RELAY_CORE_RTP_H
#define RELAY_CORE_RTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rtp_kind {
	RTP_MALFORMED = 0,
	RTP_MEDIA,     /* RTP */
	RTP_CONTROL,   /* RTCP, its first packet well-formed */
	RTP_STUN,
	RTP_OTHER,     /* ZRTP, DTLS, TURN channel: passed on as it is; or any datagram where the transport is not RTP */
	RTP_KEEPALIVE  /* too short to be anything, not meant for the other side (RFC 6263 4.1, 4.2): empty, CRLF ... */
};

struct rtp_header {
	uint8_t kind;        /* enum rtp_kind */
	uint8_t type;        /* RTP: payload type; RTCP: packet type of the first packet */
	bool marker;
	uint16_t sequence;   /* RTP */
	uint32_t timestamp;  /* RTP */
	uint32_t ssrc;       /* RTP; RTCP: of the sender */
	size_t payload;      /* RTP: where it begins; 0..length */
};

/*
 * `types` are the payload types that were signalled (bit per type): one of 64..95 among them, sent with the marker, is RTP
 * although it looks like RTCP. Padding is not judged: under SRTP its length is encrypted.
 */
struct rtp_header rtp_read(const uint8_t *bytes, size_t length, const uint64_t types[2]);

/* Where RTP means nothing (T.38): any datagram, empty ones apart. */
struct rtp_header rtp_read_datagram(size_t length);

static inline bool rtp_type_in(const uint64_t types[2], uint8_t type)
{
	return type < 128 && (types[type >> 6] >> (type & 63) & 1);
}

#endif
