/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The programs and the maps of a flow_set: loaded, with what a relay before this one has left in them or empty, and mapped in. */
#ifndef RELAY_KERNEL_FLOW_TABLES_H
#define RELAY_KERNEL_FLOW_TABLES_H

#include "kernel/flow_set.h"

struct flow_bpf;

struct flow_tables {
	struct flow_bpf *program; /* NULL: not loaded */
	struct flow_config *config;
	struct flow *table;       /* by index, as the next */
	struct flow_state *states;
};

/*
 * `t` is all zero; `wanted`: the addresses; `ports`: how many indices there are. *pins, NULL: none, becomes NULL where nothing can be
 * pinned. 0, and in *start what came of the pins (with FLOW_SET_REFUSED `error` says why), or -errno, and then flow_tables_unload()
 * is wanted all the same.
 */
int flow_tables_load(struct flow_tables *t, const struct flow_config *wanted, unsigned ports, struct flow_pins **pins,
	enum flow_set_start *start, char error[FLOW_SET_ERROR_MAX]);
void flow_tables_unload(struct flow_tables *t); /* what is pinned, and what is attached, stays */

#endif
