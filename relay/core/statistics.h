/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is counted of the packets that one party sends to one of our ports. Times in µs of the relay's clock. Fixed size: one for
 * each component of each stream.
 */
#ifndef RELAY_CORE_STATISTICS_H
#define RELAY_CORE_STATISTICS_H

#include "text.h"

struct rtp_header;

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

#define STATISTICS_WINDOW 256u /* sequence numbers back from the highest of which it is known whether they came */

struct leg_statistics {
	uint64_t packets, bytes;         /* accepted from the party (keepalives apart), UDP payload bytes */
	uint64_t first, last;            /* µs of the first and the newest accepted packet, 0: none */
	uint32_t keepalives;             /* datagrams that only keep a NAT open (RFC 6263); they end here */
	uint32_t refused[REFUSALS_COUNT];
	uint32_t largest_gap_us;         /* between two accepted packets; 2^32-1: that or more */
	/* RTP only, by sequence number and timestamp (RFC 3550 A.1, A.3, A.8), over all SSRCs */
	uint64_t expected;               /* by extended highest sequence number */
	uint64_t unique;                 /* of them came, each counted once */
	uint32_t lost;                   /* expected - unique, never below 0 */
	uint32_t duplicates;             /* came again; they are forwarded all the same (C6) */
	uint32_t reordered;              /* came after a higher one */
	uint32_t restarts;               /* the sequence jumped and went on from there */
	uint32_t ssrc_changes, type_changes;
	uint32_t jitter;                 /* RFC 3550's estimate, in µs, scaled by 16; 0 until the clock rate is known */
	/* of the SSRC in hand */
	uint32_t ssrc;
	uint32_t clock_rate;             /* Hz; 0: not known yet */
	uint32_t tick;                   /* µs of one timestamp unit, scaled by 2^20; 0: not known yet */
	uint32_t last_timestamp, first_timestamp;
	uint64_t last_arrival, first_arrival; /* of the packets that those came with; µs */
	uint16_t highest_sequence, cycles;
	uint32_t run;                    /* sequence numbers from its first to the highest */
	uint16_t bad_sequence;           /* what would follow the packet that was far off */
	uint8_t bad_count, bad_type;
	uint8_t last_type;
	bool started;
	uint64_t seen[STATISTICS_WINDOW / 64]; /* ring: bit of sequence number modulo the window */
};

/* An accepted packet of `bytes` bytes; `h` says what it is. Only whole RTP packets count in the part that is RTP's. */
void statistics_packet(struct leg_statistics *s, const struct rtp_header *h, size_t bytes, uint64_t now);

static inline void statistics_refused(struct leg_statistics *s, enum refusal why)
{
	s->refused[why]++;
}

/* The estimate of the interarrival jitter, in µs. */
static inline uint32_t statistics_jitter_us(const struct leg_statistics *s)
{
	return s->jitter >> 4;
}

/* "source", "ssrc" ...; empty for REFUSED_NOT. */
const char *refusal_name(enum refusal why);

#endif
