/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media past user space: streams that are settled on both sides (relay_flow()) are forwarded by the kernel (kernel/flow_set.h),
 * and the core's counters are kept as if it had seen every packet.
 *
 * A stream is looked at once a second. It is given to the kernel, with a next hop. When packets of it come to user space all the same,
 * and none is forwarded for a second, it is stuck and comes back: for 5 s, next time for 10 s, up to 320 s, or until there is another way
 * for it. It comes back at once when the core says that something changed.
 */
#ifndef RELAY_OFFLOAD_H
#define RELAY_OFFLOAD_H

#include "core/relay.h"
#include "kernel/flow_set.h"

struct offload;

struct offload_counts {
	uint64_t installed, withdrawn, stuck; /* times; stuck: of them for counters that did not move */
	unsigned flows;                       /* now */
};

/* NULL, with the reason in `error`: without it everything works, in user space. `interfaces`: see flow_set_attach(). */
struct offload *offload_new(const struct relay_config *c, enum flow_path wanted, char error[FLOW_SET_ERROR_MAX]);
/* Without offload: what a relay that was killed has left in the kernel must not go on. */
void offload_sweep(const struct relay_config *c);
void offload_free(struct offload *o);
void offload_serve(struct offload *o, struct relay *r);
int offload_fd(const struct offload *o); /* news of routes and neighbours: to be polled; then offload_read() */
void offload_read(struct offload *o);

/* A stream was changed, or one of its components closes: its flows, and those that leave from it, come back. */
void offload_changed(struct offload *o, struct stream *s);
void offload_closed(struct offload *o, struct component *c);
/* Around relay_packet() of a packet that came to `c` all the same; `now` as in there. */
void offload_before(struct offload *o, struct component *c);
void offload_after(struct offload *o, struct component *c, uint64_t now);
/* A call's counters are wanted. */
void offload_refresh(struct offload *o, struct call *c);
void offload_refresh_all(struct offload *o); /* the totals are */
/* Once a second, before relay_tick(). */
void offload_tick(struct offload *o, uint64_t now);

const struct offload_counts *offload_counts(const struct offload *o);

#endif
