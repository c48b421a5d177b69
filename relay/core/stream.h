/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole data model on one page.
 *
 *   relay ─┬─ call (Call-ID) ─┬─ party "caller" (tag) ──┬─ stream 0 ─┬─ component RTP   local port, even
 *          │                  │                         │            └─ component RTCP  local port, odd
 *          │                  │                         └─ stream 1 ...
 *          │                  ├─ party "callee" (branch, then tag) ── stream 0, 1, ...
 *          │                  └─ party of another branch (a hunt's next member, a fork)
 *          └─ ports: the free pairs of each local address
 *
 * A stream's local ports face its own party: it is told to send there, and what its peer sends leaves from there. An SDP that
 * comes from P fills P's streams (where P receives) and goes out with the ports of P's peer's streams. Several m-lines on one
 * port share a stream. Of a caller's several branches one is its peer: the one that answered last.
 *
 * Memory: one block a call and one a party (more only where m-lines are added later); nothing is allocated for a packet.
 */
#ifndef RELAY_CORE_STREAM_H
#define RELAY_CORE_STREAM_H

#include "arena.h"
#include "learn.h"
#include "statistics.h"

struct call;
struct party;
struct stream;
struct interface;
struct recording; /* the shell's: a pcap file that is being written */

enum component_kind { COMPONENT_RTP = 0, COMPONENT_RTCP = 1 };

struct component {
	struct stream *stream;
	uint8_t kind;              /* enum component_kind */
	bool open;                 /* the shell has a socket for it */
	uint16_t port;             /* local; 0: none (muxed, or a transport without RTCP) */
	struct endpoint signalled; /* where the party's SDP says it receives this; port 0: nowhere (yet) */
	struct endpoint also;      /* another m-line of the same stream says this; a source of rank 1 as well */
	struct learning learning;  /* where it really sends from, and so where it is sent to (learn.h) */
	struct leg_statistics in;  /* what came from the party */
	uint64_t out_packets, out_bytes, out_errors; /* what was sent to it */
	uint64_t last_here, last_elsewhere; /* µs: accepted by relay_packet(), told by relay_flowed(); 0: none */
	uint64_t kernel_packets, kernel_bytes; /* of the kernel's counters of this port: what is in in.packets and in.bytes already */
	void *io;                  /* the shell's handle */
};

enum mux_answer { MUX_AS_ANSWERED = 0, MUX_ACCEPTED, MUX_REFUSED };

struct stream {
	struct party *party;
	struct stream *peer;       /* of the party's peer; NULL: nobody hears this yet */
	struct interface *interface;
	struct component rtp, rtcp;
	uint64_t payload_types[2]; /* signalled by the party or by its peer; both 0: any */
	uint8_t transport;         /* enum sdp_transport */
	uint8_t direction;         /* enum sdp_direction, as the party's SDP says */
	bool in_use;               /* false: rejected, or not negotiated any more; it has no ports */
	bool muxed;                /* the party sends RTCP to the RTP port */
	bool offered_mux;          /* we offered it, and take both until the answer says */
	bool held;
	bool strict;               /* nothing but signalled addresses is ever learned (F2) */
	bool asymmetric;           /* it is sent to where its SDP says, whatever it sends from */
	bool handover;             /* media-handover: the same SSRC may move when the old source is silent */
	/* What the party sends goes nowhere / as silence / without RFC 4733: by command on the call, the party or the stream, summed
	 * up here by the core. A packet's fate needs no other look. */
	bool blocked, silenced, dtmf_blocked;
	bool pierce;               /* send something first, to open the party's side */
	bool wait;                 /* NAT-wait: nothing is sent to the party before it has been heard */
	int16_t tos;               /* set on what is sent to the party; -1: kept as it came */
	uint64_t dtmf_types[2];    /* those of them that are telephone-event: one for each clock rate */
	uint64_t said_types[2], said_dtmf[2]; /* the party's own; the above are the sum of both sides' */
	/* An offer's word on the stream, true once it is answered (RFC 3264: until then both the old and the new hold). */
	uint8_t offered_direction;
	bool offered_rejected, offered_held, offers_mux;
	uint8_t mux_answer;        /* enum mux_answer: what the party is told of the multiplexing that it offered */
	bool mux_required;         /* the party takes RTCP on the RTP port alone, without being asked */
	uint8_t media_type, profile; /* of its first m-line; names in report.c */
	uint8_t proto;             /* 1 RTP/AVP, 2 RTP/AVPF: the party offered this, and its peer was offered the other; 0: alike */
};

#define NO_STREAM 255

struct party {
	struct call *call;
	struct party *next;        /* of the call */
	struct party *peer;        /* whom it hears and speaks to; NULL: nobody yet */
	struct party *of;          /* the party whose offer brought it into the call: of a branch the caller, of the caller NULL */
	struct interface *interface; /* all its streams are on one address */
	struct arena memory;       /* holds the party itself, its streams and its texts */
	struct text tag, branch, label;
	struct text origin_username, origin_id, session_name; /* what SDPs sent to it keep, with `replace`; once such an SDP was sent */
	bool origin_kept;
	struct stream *spare;      /* exchanged streams, to be used again; linked by `peer` */
	struct address sip_source; /* received-from of its last SDP; rank 3 of learning */
	uint8_t family;            /* of the addresses that it is given: 4, 6 */
	bool answered;             /* it has given an SDP */
	bool final;                /* its answer was no provisional one (flag `provisional`) */
	bool blocked, silenced, dtmf_blocked; /* the whole of it, by command */
	uint16_t stream_count, media_count;
	uint16_t stream_room, media_room;
	struct stream **streams;
	uint8_t *media_stream;     /* for each m-line of its session the index of its stream; NO_STREAM: not relayed */
	uint8_t *media_fec;        /* and of the stream of its parity FEC, where that has a port of its own (RFC 2733) */
	uint64_t hidden;           /* bit per m-line of the session that it was not shown (sdp-media-remove) */
	struct text hidden_lines;  /* those m-lines, rejected, one each: what its peer is shown in their place */
	uint64_t created;          /* µs */
	uint64_t sdp_version;      /* written last with replace sdp-version */
	uint64_t sdp_hash;         /* of what was written last, so that an unchanged SDP keeps its version */
};

#define CALL_GONE 8

struct call {
	struct call *next_in_bucket, *newer, *older; /* table of Call-IDs; list by age */
	struct relay *relay;
	struct text id;            /* behind the call in its block */
	struct party *parties;     /* oldest first */
	unsigned party_count;
	uint64_t created, last_signal; /* µs, the relay's clock */
	uint64_t last_media;       /* µs: a packet of either side that was accepted */
	uint64_t delete_at;        /* µs; 0: lives */
	uint64_t hash;             /* of the id */
	bool blocked, silenced, dtmf_blocked, dropping, recorded;
	bool answered;
	uint64_t gone[CALL_GONE];  /* hashes of the branches deleted last: a second delete of one must not touch the call */
	uint8_t gone_next;
	int16_t tos;               /* of new streams */
	struct recording *recording; /* the shell's, set by record_start(); NULL: none */
	struct text recording_file; /* where it is; the shell's as well, until record_stop() */
	char *metadata_memory;
	struct text metadata;
	struct call *touched_next, **touched_at; /* list of those that changed; NULL: not in it */
	uint64_t saved_at;         /* the shell's: µs, when and ... */
	uint32_t saved_in;         /* ... where it was saved; 0: nowhere */
};

#endif
