/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is counted of the packets that one party sends to one of our ports. Times in µs of the relay's clock, jitter in units of the
 * RTP clock's... see rtp_statistics below. Fixed size: one for each component of each stream.
 */
#ifndef RELAY_CORE_STATISTICS_H
#define RELAY_CORE_STATISTICS_H

#include "text.h"

/* Why a packet was not forwarded: X(ID, name in query and metrics). */
#define REFUSALS(X) \
	X(SOURCE, "source")           /* not from the party (after the lock), or not plausible (before) */ \
	X(SSRC, "ssrc")               /* from the party's address, but not its stream */ \
	X(MALFORMED, "malformed")     /* neither RTP nor RTCP where that is wanted */ \
	X(NO_PEER, "no-peer")         /* nobody to hear it (yet), or the peer's address is not known */ \
	X(BLOCKED, "blocked")         /* by command */ \
	X(DIRECTION, "direction")     /* the peer does not receive (hold) */ \
	X(LOOP, "loop")               /* our own packet came back */ \
	X(SEND, "send")               /* the system did not take it */

enum refusal {
	REFUSED_NOT = 0,
#define X(id, name) REFUSED_##id,
	REFUSALS(X)
#undef X
	REFUSALS_COUNT
};

struct leg_statistics {
	uint64_t packets, bytes;         /* accepted from the party, UDP payload bytes */
	uint64_t first, last;            /* µs of the first and the newest accepted packet, 0: none */
	uint32_t refused[REFUSALS_COUNT];
	/* RTP only, by sequence number and timestamp (RFC 3550 A.1, A.3, A.8) */
	uint64_t expected;               /* by extended highest sequence number, over all SSRCs */
	uint32_t lost;                   /* never below 0 */
	uint32_t duplicates;
	uint32_t reordered;
	uint32_t ssrc_changes, type_changes;
	uint32_t largest_gap_us;         /* between two accepted packets */
	uint32_t jitter;                 /* RFC 3550 estimate, scaled by 16, in timestamp units */
	/* of the SSRC in hand */
	uint32_t ssrc, last_timestamp, transit;
	uint16_t highest_sequence, cycles;
	uint32_t base_sequence, received; /* of this SSRC */
	uint64_t seen;                   /* bitmap of the 64 sequence numbers up to the highest: what is a duplicate */
	uint8_t last_type;
	bool started;
};

#endif
