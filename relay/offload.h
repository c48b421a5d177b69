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
	uint64_t taken, orphaned;             /* flows that a relay before this one has left: went on as they were, were ended as nobody's */
	unsigned flows;                       /* now */
};

struct offload_options {
	enum flow_path path;          /* see flow_set_attach() */
	struct flow_pins_place pins;  /* directory NULL: nothing outlives the process on purpose */
	uint32_t outlive_s, grace_s;  /* so long flows go on without a relay, and with one that does not know their calls */
};

/* NULL, with the reason in `error`: without it everything works, in user space. What was left by one before goes on meanwhile. */
struct offload *offload_new(const struct relay_config *c, const struct offload_options *options, char error[FLOW_SET_ERROR_MAX]);
/*
 * What a relay that is gone has left in the kernel must not go on. 1: there was something, 0: there was not; -EBUSY, and nothing is taken
 * away: a relay of these ports is running.
 */
int offload_sweep(const struct relay_config *c, const struct flow_pins_place *pins);
/* `keep`: what is in the kernel goes on, for the next one to take over (where there are pins); so free it before the calls end. */
void offload_free(struct offload *o, bool keep);
/* The relay has its calls, those of the one before, too: their flows are taken over. */
void offload_serve(struct offload *o, struct relay *r);
int offload_fd(const struct offload *o); /* news of routes and neighbours: to be polled; then offload_read() */
void offload_read(struct offload *o);

/* A port is opened: what is left there belongs to nobody. */
void offload_opened(struct offload *o, const struct component *c);
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
