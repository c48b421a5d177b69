/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's table of flows (flow_abi.h) and the programs that forward by it (flow.bpf.c), attached to interfaces.
 *
 * Linux 6.1, CAP_BPF and CAP_NET_ADMIN, also after the start: counters are asked for by system calls. What is attached goes with
 * flow_set_free(); where the process is killed, TC's filter stays until the next flow_set of the same ports takes its place.
 */
#ifndef RELAY_KERNEL_FLOW_SET_H
#define RELAY_KERNEL_FLOW_SET_H

#include "core/address.h"
#include "kernel/flow_abi.h"

#define FLOW_SET_ERROR_MAX 200

enum flow_path { FLOW_PATH_OFF = 0, FLOW_PATH_AUTO, FLOW_PATH_XDP, FLOW_PATH_TC };

struct flow_set;

struct flow_range {
	struct address address;
	uint16_t port_min, port_max;
};

/* NULL, with the reason in `error`, where the system does not allow it. At most FLOW_ADDRESSES_MAX ranges. */
struct flow_set *flow_set_new(const struct flow_range *ranges, unsigned count, char error[FLOW_SET_ERROR_MAX]);
void flow_set_free(struct flow_set *s);

/*
 * Has packets that come in by this interface forwarded. AUTO: XDP where the interface's own driver does it and is no virtual pair,
 * else TC; XDP: nothing but that. Returns the path, FLOW_PATH_XDP or _TC; FLOW_PATH_OFF with the reason in `error`. Twice is once.
 */
enum flow_path flow_set_attach(struct flow_set *s, unsigned ifindex, enum flow_path wanted, char error[FLOW_SET_ERROR_MAX]);

/* May XDP send packets out there? */
bool flow_set_xdp(const struct flow_set *s, unsigned ifindex);

/* Takes away what a relay of these ports that was killed has left at the interface, if there is something. */
void flow_set_sweep(unsigned ifindex, uint16_t port_min);

/* How many indices there are. */
unsigned flow_set_ports(const struct flow_set *s);
/* The index of a local port in the table; -1: it is in no range. */
int64_t flow_set_index(const struct flow_set *s, const struct endpoint *local);
struct flow *flow_set_flow(struct flow_set *s, uint32_t index);
struct flow_state *flow_set_state(struct flow_set *s, uint32_t index);
/* Sums up all processors'. 0 or -errno. */
int flow_set_counters(struct flow_set *s, uint32_t index, struct flow_counters *sum);

#endif
