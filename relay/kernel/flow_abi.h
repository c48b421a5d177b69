/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the programs in the kernel (flow.bpf.c) and the daemon share: the maps' layout. Included by both, and by the tests.
 *
 *   flow_config    ARRAY of one             the local addresses and their port ranges, the daemon's heartbeat      mapped by both
 *   flow_table     ARRAY, one a local port  struct flow: whose packets are forwarded there, and where to           mapped by both
 *   flow_states    ARRAY, one a local port  struct flow_state: the statistics of its RTP stream                    mapped by both
 *   flow_counters  PERCPU_ARRAY, as above   struct flow_counters
 *   flow_verdicts  PERCPU_ARRAY, one a verdict   __u64: what became of every packet (enum flow_verdict)
 *   flow_devices   DEVMAP_HASH              ifindex -> ifindex: through which interfaces XDP may redirect
 *   flow_alive     SOCKMAP of one           a socket of the daemon, which the kernel takes out when that dies
 *   flow_scratch   PERCPU_ARRAY of one      the programs' own (arrival.h)
 *
 * "Mapped" means BPF_F_MMAPABLE: the daemon writes with plain stores and needs no system call; each element begins a cache line.
 * The index of a local port is first + port - port_min of its address (struct flow_address4, struct flow_address6). The daemon sets
 * max_entries of the three per-port maps before it loads.
 *
 * A flow is all that arrives at one local port from the party that was learned there. It is written by flow_write() and taken
 * away by flow_withdraw(); a program never acts on one that is half written. Everything that has no flow, or does not fit its
 * flow, goes up to user space, as does what the kernel has no next hop for.
 *
 * Numbers are in host order, but __be16 and __be32; addresses and ports as they stand in packets. Times are CLOCK_MONOTONIC.
 */
#ifndef RELAY_KERNEL_FLOW_ABI_H
#define RELAY_KERNEL_FLOW_ABI_H

#include <linux/types.h>

/* Another layout or another meaning is another version; flow_config.version says which one a pinned map has. */
#define FLOW_ABI_VERSION 0x61650002u

#define FLOW_ADDRESSES_MAX 16 /* of each family */
#define FLOW_DEVICES_MAX   256

/* ---- flow_config ---- */

/* One local address (bound, not advertised) with one port range; an address with two ranges has two entries. */
struct flow_address4 {
	__be32 address;
	__u32 first;     /* index of port_min in the per-port maps */
	__u16 port_min, ports; /* `ports` many from port_min on */
	__u32 spare;
};

struct flow_address6 {
	__u8 address[16];
	__u32 first;
	__u16 port_min, ports;
};

struct flow_config {
	__u32 version;     /* FLOW_ABI_VERSION; anything else (0: not filled in yet) and the programs pass every packet */
	__u32 count4, count6; /* of the addresses below; an address is written before it is counted */
	/*
	 * 1: the daemon is dead when flow_alive is empty. Until flows end (below), packets to local ports that would go to user space, and
	 * find no socket there, are dropped and counted: they must not draw an ICMP error. 0: it is not to be told.
	 */
	__u32 watched;
	__u64 outlive_ns;  /* flows end, within 1024 packets each, when the heartbeat is older; 0: they do not */
	__u32 generic;     /* 1: XDP is the kernel's, which finishes checksums behind the program: unfinished ones go up */
	__u32 spare0;
	__u64 spare1[4];
	__u64 heartbeat_ns; /* when the daemon was last alive; it writes that about once a second */
	__u64 spare2[7];
	struct flow_address4 address4[FLOW_ADDRESSES_MAX];
	struct flow_address6 address6[FLOW_ADDRESSES_MAX];
};

/* ---- flow_table ---- */

#define FLOW_IN_IPV6    0x01 /* the family of the local address, and of the source */
#define FLOW_OUT_IPV6   0x02 /* the family that it leaves by */
#define FLOW_RTP        0x04 /* RTP, of `ssrc`. With neither this nor FLOW_RTCP: any datagram of the source (T.38) */
#define FLOW_RTCP       0x08 /* RTCP on its own port, of `ssrc` */
#define FLOW_SET_DSCP   0x10 /* the DSCP of `tos` is set; otherwise it is kept. ECN is kept always */
#define FLOW_XDP        0x40 /* next hop: `ifindex` is in flow_devices, so XDP may redirect there; or it is the interface it comes from */
#define FLOW_RTCP_TO_USER 0x20 /* with FLOW_RTP: RTCP on this port goes to user space. Without: that of `ssrc` is forwarded too */

/*
 * The first line is all that IPv4 on both sides needs. Made complete by flow_seal() (rewrite.h), which adds the checksum terms.
 * A packet is forwarded if it comes from source and source_port, is what the flags say, and fits the mtu; it leaves as
 * from:from_port -> to:to_port, its TTL one less.
 */
struct flow {
	__u32 generation;  /* 0: no flow here. Anything else, different each time that it is written */
	__u16 flags;
	__u8 tos;
	__u8 spare0;
	__be32 ssrc;
	__be16 source_port;
	__u16 sum_in;      /* checksum terms, see flow_seal(): of the pseudo-header as it arrives, without the length ... */
	__be32 source4, from4, to4;
	__be16 from_port, to_port;
	__u16 delta_addresses, delta_ports; /* ... and new less old */
	__u32 ifindex;     /* next hop: the interface; 0: not known, then the kernel's routing is asked for each packet */
	__u8 mac_to[6], mac_from[6]; /* next hop: the Ethernet header */
	__u16 mtu;         /* next hop: longest IP packet; longer ones go to user space */
	__u8 spare1[10];
	__u8 source6[16], from6[16], to6[16];
	/* The daemon's own: what flow_counters had when it installed the flow, so that the next daemon knows what is the flow's of them. */
	__u64 base_packets, base_bytes;
} __attribute__((aligned(8)));

/* ---- flow_states ---- */

#define FLOW_WINDOW 256u /* sequence numbers back from the highest of which it is known whether they came */

/*
 * The RTP part of struct leg_statistics (core/statistics.h), same names, meaning and unit (µs). It is copied in before a flow
 * begins, and out when one ends; what a flow never sees (another SSRC) stays with the daemon. RTCP and other flows use `last` and
 * `largest_gap_us` alone. Two processors that forward packets of one flow at a time may miscount here, which is rare (a network
 * card keeps a stream on one queue) and harmless.
 */
struct flow_state {
	__u64 last;
	__u64 expected, unique;
	__u64 last_arrival, first_arrival;
	__u32 last_timestamp, tick;
	__u32 jitter, run;
	__u32 clock_rate, first_timestamp;
	__u64 seen[FLOW_WINDOW / 64];
	__u32 largest_gap_us;
	__u16 highest_sequence, cycles;
	__u32 duplicates, reordered, restarts, type_changes;
	__u16 bad_sequence;
	__u8 bad_count, bad_type, last_type, started;
	__u8 spare[2];
};

/* ---- flow_counters ---- */

/* Per processor; the sum is what was forwarded. Counts go on when a flow is written again, unless the daemon zeroes them. */
struct flow_counters {
	__u64 packets, bytes;                 /* UDP payload bytes */
	__u64 control_packets, control_bytes; /* of RTCP on an RTP port; not in the above */
	__u64 last_ns;                        /* 0 where the programs do not keep all statistics */
};

/* ---- flow_verdicts ---- */

/* X(ID, name in metrics). Forwarded; to user space; dropped. Packets to other addresses and ports are "not-ours". */
#define FLOW_VERDICTS(X) \
	X(TX, "tx")                 /* forwarded through the interface that it came from */ \
	X(REDIRECT, "redirect")     /* forwarded through another */ \
	X(NOT_OURS, "not-ours")     /* to user space: no UDP packet to a local port */ \
	X(FRAGMENT, "fragment")     /* to user space, like all below: a piece of a packet to a local address */ \
	X(OPTIONS, "options")       /* IP options, extension headers */ \
	X(MALFORMED, "malformed")   /* lengths that do not fit; not RTP, or not RTCP, where the flow is */ \
	X(AGGREGATE, "aggregate")   /* several packets in one (GRO) */ \
	X(NO_FLOW, "no-flow")       /* a local port without a flow */ \
	X(CHANGING, "changing")     /* the flow was written meanwhile */ \
	X(SOURCE, "source")         /* not from the flow's source */ \
	X(SSRC, "ssrc")             /* from its source, but not its stream */ \
	X(STUN, "stun") \
	X(CONTROL, "control")       /* RTCP, where the flow says so */ \
	X(TTL, "ttl")               /* has come to its end */ \
	X(CHECKSUM, "checksum")     /* none, and IPv6 wants one; unfinished, and too long to finish */ \
	X(MTU, "mtu")               /* too long for the next hop */ \
	X(NEIGHBOUR, "neighbour")   /* the next hop's link address is not known */ \
	X(ROUTE, "route")           /* the kernel's routing forwards no such packet */ \
	X(DEVICE, "device")         /* XDP cannot redirect there (a VLAN, a bridge): not in flow_devices */ \
	X(HEADROOM, "headroom")     /* no room for the longer header */ \
	X(STALE, "stale")           /* dropped: would go to user space, but the daemon is dead */ \
	X(FAILED, "failed")         /* dropped: the kernel refused in the middle of it */

enum flow_verdict {
#define X(id, name) FLOW_##id,
	FLOW_VERDICTS(X)
#undef X
	FLOW_VERDICTS_COUNT
};

_Static_assert(sizeof(struct flow_address4) == 16, "");
_Static_assert(sizeof(struct flow_address6) == 24, "");
_Static_assert(sizeof(struct flow_config) == 128 + 16 * 16 + 16 * 24, "");
_Static_assert(__builtin_offsetof(struct flow_config, heartbeat_ns) == 64, "a line of its own: it is written all the time");
_Static_assert(sizeof(struct flow) == 128, "");
_Static_assert(__builtin_offsetof(struct flow, source6) == 64, "IPv4 needs one line");
_Static_assert(__builtin_offsetof(struct flow, mac_from) == __builtin_offsetof(struct flow, mac_to) + 6, "as in a packet");
_Static_assert(sizeof(struct flow_state) == 128, "");
_Static_assert(sizeof(struct flow_counters) == 40, "");

#ifndef __bpf__
/* ---- the daemon's side of the mapped table ---- */

/* No packet is judged by this flow any more, but those that are being judged right now. */
static inline void flow_withdraw(struct flow *at)
{
	__atomic_store_n(&at->generation, 0, __ATOMIC_SEQ_CST);
}

/* `f` is sealed, and its generation neither 0 nor the one that `at` had. */
static inline void flow_write(struct flow *at, const struct flow *f)
{
	flow_withdraw(at);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	__builtin_memcpy((char *)at + sizeof(at->generation), (const char *)f + sizeof(f->generation),
			sizeof(*f) - sizeof(f->generation));
	__atomic_store_n(&at->generation, f->generation, __ATOMIC_RELEASE);
}
#endif

#endif
