/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What outlives the daemon: its maps and its XDP links, by name in a file system of the kernel's (bpffs). A pinned map, and what is in
 * it, stays until its name is taken away; a program that is attached by a pinned link goes on working. (TC's filters stay anyway, and
 * hold their maps.)
 *
 *   DIRECTORY/NET-PORT/flow_table …   the maps, by their own names
 *                      xdp-IFINDEX    the links
 *
 * NET is the network namespace's cookie, which no other one ever gets while the machine runs (its inode number comes again): what is
 * found there is always of this namespace. PORT is the first media port: relays that run beside one another have different ones. The
 * directory is 0700 and the relay's user's, or it is not used. Names are found through a descriptor of it, so they can be taken away by
 * a user who may not enter what is above it. One process at a time has it; the kernel sees to that.
 */
#ifndef RELAY_KERNEL_FLOW_PINS_H
#define RELAY_KERNEL_FLOW_PINS_H

#include "kernel/flow_abi.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define FLOW_PINS_ERROR_MAX 200

struct bpf_object;
struct flow_pins;

struct flow_pins_place {
	const char *directory; /* in bpffs; it is made if only its last part is missing */
	uint16_t port_min;
	uid_t user;            /* whose everything is to be */
	gid_t group;
	bool make;             /* false: only if there is something already */
};

/*
 * Opens the relay's own directory. NULL with -errno in *rc and the reason in `error`; -EBUSY: a relay that runs has it; -ENOENT, where
 * `make` is not set: nothing is there.
 */
struct flow_pins *flow_pins_open(const struct flow_pins_place *at, int *rc, char error[FLOW_PINS_ERROR_MAX]);
void flow_pins_close(struct flow_pins *p); /* everything stays; NULL is allowed */
void flow_pins_remove(struct flow_pins *p); /* all that is pinned, and the directory if nothing else is in it */

/* A descriptor of what has that name there, or -errno. */
int flow_pins_get(const struct flow_pins *p, const char *name);
/* Gives the name to what the descriptor stands for. 0 or -errno, -EEXIST: it is something else's. */
int flow_pins_put(const struct flow_pins *p, const char *name, int fd);

/*
 * Before `o` is loaded: has it use the maps that are pinned, if they are those that it would make, and flow_config says the same as
 * `wanted` (its version, its addresses). 1: it does; 0: none is pinned; -errno: they do not fit, `error` says what; `o` is of no use then.
 */
int flow_pins_take(struct flow_pins *p, struct bpf_object *o, const struct flow_config *wanted, char error[FLOW_PINS_ERROR_MAX]);
/* After it is loaded: pins those that are not. 0 or -errno, and then none is pinned. */
int flow_pins_keep(struct flow_pins *p, struct bpf_object *o);

/* A descriptor of the link to this interface that is pinned; -1: there is none that works. */
int flow_pins_link(struct flow_pins *p, unsigned ifindex);
int flow_pins_keep_link(struct flow_pins *p, unsigned ifindex, int fd); /* 0 or -errno */
/* Takes away links for which `kept` says false: their programs are detached. */
void flow_pins_sweep_links(struct flow_pins *p, bool (*kept)(const void *context, unsigned ifindex), const void *context);

#endif
