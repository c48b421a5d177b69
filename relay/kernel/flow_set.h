/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's table of flows (flow_abi.h) and the programs that forward by it (flow.bpf.c), attached to interfaces.
 *
 * Linux 6.1, CAP_BPF and CAP_NET_ADMIN, also after the start: counters are asked for by system calls. What is attached goes with
 * flow_set_free(), unless it is to be kept. Where the process is killed it stays: all of it where there are pins (flow_pins.h), and the
 * next flow_set takes over maps with what is in them, and changes the programs without a packet being lost; else TC's filter alone,
 * which the next one of the same ports replaces.
 */
#ifndef RELAY_KERNEL_FLOW_SET_H
#define RELAY_KERNEL_FLOW_SET_H

#include "core/address.h"
#include "kernel/flow_abi.h"
#include "kernel/flow_interface.h"
#include "kernel/flow_pins.h"

#define FLOW_SET_ERROR_MAX 200

struct flow_set;

struct flow_range {
	struct address address;
	uint16_t port_min, port_max;
};

/* What came of the pins. */
enum flow_set_start { FLOW_SET_FRESH = 0, FLOW_SET_TAKEN /* with the flows of the one before */, FLOW_SET_REFUSED /* those are gone */ };

/*
 * NULL, with the reason in `error`, where the system does not allow it. At most FLOW_ADDRESSES_MAX ranges. `pins`, NULL: none, is the
 * caller's, and is to outlive the set. `start` says what was found there; `error`, of FLOW_SET_REFUSED, why it was not taken.
 */
struct flow_set *flow_set_new(const struct flow_range *ranges, unsigned count, struct flow_pins *pins, enum flow_set_start *start,
	char error[FLOW_SET_ERROR_MAX]);
/* `keep`: what is pinned stays, and what is attached goes on forwarding. */
void flow_set_free(struct flow_set *s, bool keep);
/* The programs know of our death from now on: sockets that get what comes up are open. 0 or -errno: they do not. */
int flow_set_watch(struct flow_set *s);
/* It is alive, at `now` µs of CLOCK_MONOTONIC. Flows end when this was not said for `outlive_s` seconds. */
void flow_set_beat(struct flow_set *s, uint64_t now, uint32_t outlive_s);
/* All interfaces are attached that are to be: what the one before had attached elsewhere goes. */
void flow_set_settle(struct flow_set *s);

/*
 * Has packets that come in by this interface forwarded. AUTO: by XDP where the interface's own driver does it, is no virtual one, and is
 * shown to work (flow_interface.h), else by TC; XDP: nothing but that, be it the kernel's generic one. False: not by any. Twice is once.
 */
bool flow_set_attach(struct flow_set *s, unsigned ifindex, enum flow_path wanted);
/* After all are attached: waits until it is known what works, a moment at most. */
void flow_set_await(struct flow_set *s);

struct flow_news {
	unsigned ifindex;
	enum flow_path path; /* in force now: FLOW_PATH_XDP, _TC, _OFF */
	char text[FLOW_INTERFACE_TEXT_MAX]; /* behind "is forwarded" */
};

/* Once a second, until it returns false: what has become known of an interface since. Flows are to be written again then. */
bool flow_set_prove(struct flow_set *s, uint64_t now, struct flow_news *news);

/* Is there an interface by which packets are forwarded now? */
bool flow_set_forwards(const struct flow_set *s);
/* May XDP send packets out there? */
bool flow_set_xdp(const struct flow_set *s, unsigned ifindex);

/* Takes away what a relay of these ports that was killed has left at the interface; true: there was something. */
bool flow_set_sweep(unsigned ifindex, uint16_t port_min);
void flow_set_sweep_all(uint16_t port_min); /* at every interface */

/* How many indices there are. */
unsigned flow_set_ports(const struct flow_set *s);
/* The index of a local port in the table; -1: it is in no range. */
int64_t flow_set_index(const struct flow_set *s, const struct endpoint *local);
struct flow *flow_set_flow(struct flow_set *s, uint32_t index);
struct flow_state *flow_set_state(struct flow_set *s, uint32_t index);
/* Sums up all processors'. 0 or -errno. */
int flow_set_counters(struct flow_set *s, uint32_t index, struct flow_counters *sum);

#endif
