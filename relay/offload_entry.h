/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of a local port whose stream the kernel forwards, or may: shared by the files of offload.h, and by nobody else.
 *
 *   offload.c        when a stream goes into the kernel and when it comes back
 *   offload_flow.c   how: the flow in the kernel's table
 *   offload_count.c  its packets become the core's
 *   offload_open.c   what it needs of the system: tables, programs, interfaces
 *   offload_left.h   flows of a relay before this one
 */
#ifndef RELAY_OFFLOAD_ENTRY_H
#define RELAY_OFFLOAD_ENTRY_H

#include "core/ports.h"
#include "kernel/next_hop.h"
#include "offload.h"
#include "offload_left.h"

enum entry_state { ENTRY_NONE = 0, ENTRY_INSTALLED, ENTRY_STUCK };

/* What is known of a local port. */
struct entry {
	struct component *at;      /* ENTRY_INSTALLED: whose packets the kernel forwards, ... */
	struct media_flow is;      /* ... how, ... */
	struct next_hop hop;       /* ... and by which way */
	uint64_t base_packets, base_bytes; /* of the kernel's counters, when it was installed */
	uint64_t since;            /* installed, or seen to have moved; ENTRY_STUCK: taken back */
	uint64_t media;            /* what media_of() was before the packet in hand */
	uint32_t here;             /* packets of its own that came to user space all the same, from UNDER_WAY after `since` on */
	uint32_t pause;            /* µs: when it was stuck last time, it waited so long; 0: it was not, or has moved since then */
	unsigned fed;              /* flows that leave from this port */
	uint32_t place;            /* in the list of installed ones */
	uint8_t state;             /* enum entry_state */
	bool moved;                /* after `since` */
};

struct offload {
	struct flow_set *set;
	struct flow_pins *pins;    /* NULL: none */
	struct offload_left *left; /* of the relay before this one */
	uint32_t outlive_s, grace_s;
	uint64_t grace_ends;
	struct next_hops *hops;
	struct relay *relay;
	struct entry *entries;     /* by index of the port */
	uint32_t *installed;       /* indices, counts.flows many */
	uint32_t generation;
	bool inherited;            /* there were tables of a relay before this one */
	bool ways_changed, secured; /* secured: the last that was said of it */
	uint64_t news_paid;        /* µs: when what looks after news have taken is no more than their share */
	struct offload_counts counts;
};

static inline uint32_t entry_index(const struct offload *o, const struct entry *e)
{
	return (uint32_t)(e - o->entries);
}

/* The entry of an open port; NULL: it has none. */
struct entry *entry_of(const struct offload *o, const struct component *c);
/* The same, if the kernel forwards what comes there. */
struct entry *entry_installed(const struct offload *o, const struct component *c);

/* ---- offload_flow.c ---- */

/* By which way the stream's packets leave; false: there is none for the kernel. */
bool entry_way(struct offload *o, const struct media_flow *f, struct next_hop *hop);
bool entry_same_hop(const struct next_hop *a, const struct next_hop *b);
/* The kernel forwards from now on what comes to `at`; `e` is its entry. Where that cannot be, nothing changes. */
void entry_install(struct offload *o, struct entry *e, struct component *at, const struct media_flow *f, const struct next_hop *hop,
	uint64_t now);
/* An installed one's next hop is another now. */
void entry_write(struct offload *o, struct entry *e);
/* An installed one comes back, and is `then`. The last in the list of installed ones takes its place there. */
void entry_withdraw(struct offload *o, struct entry *e, enum entry_state then);
/* The flow that a relay before this one has left is the one that would be installed: no packet notices. False: it is another one. */
bool entry_take_over(struct offload *o, struct entry *e, struct component *at, const struct media_flow *f, uint64_t now);

/* ---- offload_count.c ---- */

/* What the kernel has forwarded since the last time becomes the core's. */
void entry_refresh(struct offload *o, struct entry *e);
/* The kernel goes on with the statistics where the core is now. */
void entry_give_state(struct offload *o, const struct entry *e, const struct leg_statistics *from);

/* ---- offload_open.c ---- */

/* Says in the log what has become known of interfaces. */
void offload_say_news(struct offload *o, uint64_t now);

#endif
