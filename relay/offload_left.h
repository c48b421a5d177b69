/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flows that a relay before this one has left in the kernel, and whose calls are not known (yet). They go on; what is known is taken
 * off the list by the one who takes it over, and what is still there after a time of grace is ended.
 */
#ifndef RELAY_OFFLOAD_LEFT_H
#define RELAY_OFFLOAD_LEFT_H

#include "kernel/flow_set.h"

struct offload_left;

/* NULL: no memory. `set` outlives it. In *generation the highest one that a flow has. */
struct offload_left *left_new(struct flow_set *set, uint32_t *generation);
void left_free(struct offload_left *l);
unsigned left_count(const struct offload_left *l);

bool left_has(const struct offload_left *l, uint32_t index);
/* It is somebody's: no more of it here. */
void left_take(struct offload_left *l, uint32_t index);
/* It must not go on, if it is there. */
void left_end(struct offload_left *l, uint32_t index);
/* Nor must those that leave from this port, which is about to be another call's. */
void left_end_from(struct offload_left *l, const struct endpoint *from);
/* All that are left. */
void left_end_all(struct offload_left *l);

/* Do these forward the same packets to the same place? By which way they go there is another matter. */
bool left_is_like(const struct flow *a, const struct flow *b);

#endif
