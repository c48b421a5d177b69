/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which source a party really sends from (F2; RFC 7362 latching, made safe).
 *
 * Sources are ranked: 1 the SDP's address and port; 2 the SDP's address; 3 the address that SIP came from; 4 any other. Rank 1
 * locks at once. 2 and 3 lock after four consecutive valid packets of one SSRC with rising sequence (two gaps allowed) and a
 * signalled payload type; what they send meanwhile is forwarded, but nothing is sent back to them. Rank 4 may be switched off,
 * and is off under `strict`: no plausible source for 2 s, and exactly one outside source sends a consistent stream: it is
 * learned, and a plausible source heard within 5 s takes it back. Once locked, source and SSRC are strict; a lock moves only by
 * signalling, or by media handover (same SSRC, old source silent). Before the lock nothing is sent anywhere but to the
 * signalled address.
 *
 * What the rule leaves open, decided here:
 *
 *  - The modes. `heuristic` is the rule. `immediate`: ranks 2 and 3 lock with their first valid packet. `delayed`: they lock
 *    no sooner than 3 s after learning began. `off`: the source is locked by the same rule, so that nobody else injects, but
 *    what the party hears goes to its SDP's address alone, and rank 4 is never learned. `asymmetric` is as `off`, with rank 4.
 *  - Packets without a sequence (STUN, DTLS, ZRTP, RTCP on the RTP port, keepalives): of rank 1 they lock the
 *    source at once, of 2 and 3 after four of them, without an SSRC: a lock that is *open*. The first valid RTP packet from there
 *    fills it in, and a stream of rank 1 to 3 from elsewhere moves it by the rule. They never lock anything of rank 4.
 *  - Where the transport is not RTP (T.38), datagrams are counted as RTP is, without SSRC and sequence; no rank 4.
 *  - A party that by SDP only receives sends no stream, but keeps its NAT open (RFC 6263): from rank 2 and 3 the first such
 *    packet opens the lock, since the fourth would come a minute late. It can inject nothing: what it sends as RTP is refused
 *    because the other side does not receive, and its address was signalled.
 *  - RTCP on its own port is learned beside RTP, with an SSRC of its own or that of the RTP lock. Once RTP is locked, only the
 *    signalled RTCP address and port, and the address of that lock, are plausible; from there RTCP of the locked SSRC locks at
 *    once, anything else after four packets. When RTP moves to another source, an RTCP lock below rank 1 is given up.
 *  - Two m-lines of one stream: both addresses are rank 1.
 *  - A lock moves besides, each time only after four consecutive packets with none of the lock's own among them:
 *    to rank 1 from a lower rank (the SDP named it; a device may go on sending from its old port until its re-INVITE is
 *    answered) when the old source has been silent for 200 ms; to another SSRC of the same source when the old one has been
 *    silent for 2 s, or 200 ms within 5 s after signalling (early media and call are often two streams of one gateway; an
 *    encoder starts anew), RTCP for 30 s. Under `strict` the latter only after signalling.
 *  - An address that is signalled anew begins a new learning; the source that was locked until then may still be heard, and is
 *    locked again when nothing plausible came for 2 s (a re-INVITE that was refused changes no device's mind).
 *  - The 2 s of rank 4 also count from the call's last signalling, and only in an answered call: while it rings nobody is
 *    missed. An outside source that is heard at both sides' ports is a sprayer, and no party.
 */
#ifndef RELAY_CORE_LEARN_H
#define RELAY_CORE_LEARN_H

#include "address.h"

struct component;
struct rtp_header;

enum learn_mode { LEARN_HEURISTIC = 0, LEARN_OFF, LEARN_IMMEDIATE, LEARN_DELAYED };

enum learn_state {
	LEARN_OPEN = 0,   /* nothing heard yet */
	LEARN_WATCHING,   /* a candidate is being counted */
	LEARN_LOCKED
};

#define LEARN_PACKETS   4u
#define LEARN_GAPS      2u
#define LEARN_QUIET     200000u  /* µs: has stopped, for a source that was named by signalling or holds the SSRC */
#define LEARN_SILENT    2000000u /* µs: no plausible source; an SSRC that has stopped */
#define LEARN_SILENT_RTCP 30000000u /* µs: the same of RTCP */
#define LEARN_TAKE_BACK 5000000u /* µs: an outside source may be put out again; after signalling an SSRC moves easily */
#define LEARN_DELAY     3000000u /* µs: of the mode `delayed` */

/* A source that is being counted. */
struct learn_track {
	struct endpoint source; /* port 0: none */
	uint8_t rank, count, gaps;
	uint8_t type;           /* payload type of the last that counted */
	bool stream;            /* RTP, or RTCP on its own port; false: packets without a sequence */
	uint16_t sequence;      /* the highest */
	uint32_t ssrc;
	uint64_t last;          /* µs */
};

/* All zero is a component about which nothing was signalled. */
struct learning {
	uint8_t state;             /* enum learn_state */
	uint8_t mode;              /* enum learn_mode */
	uint8_t rank;              /* of the lock, 1..4; 0: none */
	bool outside_allowed;      /* rank 4 may be learned */
	bool ssrc_known;           /* of the lock; false: it is open */
	bool previous_known, previous_open; /* open: without an SSRC */
	uint32_t ssrc;             /* of the lock */
	struct endpoint source;    /* the lock */
	uint64_t since;            /* µs: learning began; when locked: it locked */
	uint64_t signalled_at;     /* µs */
	uint64_t last;             /* µs: last packet of the lock's own stream */
	uint64_t plausible;        /* µs: last packet of rank 1 to 3 while not locked */
	struct learn_track candidate; /* of rank 1 to 3; when locked: what it might move to */
	struct learn_track outsider;  /* of rank 4; also while locked */
	uint64_t crowded;          /* µs: last time that two outside sources were heard */
	struct endpoint previous;  /* the lock before an address was signalled anew */
	uint32_t previous_ssrc;
};

/* How a component learns from now on; what was learned is forgotten. Also for the flag `reset`. */
void learn_start(struct learning *l, enum learn_mode mode, bool outside_allowed, uint64_t now);

/*
 * The party's SDP says, for the first time or again, where it receives: stored as c->signalled and c->also (port 0: no second
 * one). Call it for both components of every stream that an offer or answer of the party concerns, after c->stream->party->
 * sip_source is set. The address that stands already, or that is locked already, keeps the lock; so does a port 0 or a zero
 * address (hold), which says nothing. Another address, another SIP source under a lock of rank 3, or `strict` under a lock of
 * rank 4, begins a new learning.
 * True: the lock is gone, or the signalled address is another, so what may be offloaded has changed.
 */
bool learn_signalled(struct component *c, const struct endpoint *to, const struct endpoint *also, uint64_t now);

/* Where the party is sent to: its lock, else (or asymmetric, or mode off) what was signalled for this component; NULL: nowhere. */
const struct endpoint *learn_destination(const struct component *c);

/* 1..4 */
unsigned learn_rank(const struct component *c, const struct endpoint *source);

enum learn_event {
	LEARN_SAME = 0,
	LEARN_LOCKS,      /* learning.rank says how */
	LEARN_FILLS,      /* an open lock has its SSRC now */
	LEARN_MOVES,      /* the lock is another source or SSRC now */
	LEARN_TAKEN_BACK  /* a lock of rank 4 was given up for a plausible source */
};

struct learn_result {
	bool taken;              /* it is the party's; else ... */
	bool wrong_ssrc;         /* ... from its source, but not its stream */
	enum learn_event event;
};

/* A well-formed packet at `c` (a component that is open). Never called for malformed ones: they teach nothing. */
struct learn_result learn_packet(struct component *c, const struct rtp_header *h, const struct endpoint *source, uint64_t now);

#endif
