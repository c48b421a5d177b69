/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is known on a link, from the kernel's own tables: asked by netlink, never by packets of ours. */
#ifndef RELAY_KERNEL_NEIGHBOURS_H
#define RELAY_KERNEL_NEIGHBOURS_H

#include "core/address.h"

#define NEIGHBOURS_MAX 8

struct neighbour {
	struct address address;
	uint8_t mac[6];
};

/* A netlink socket for the two below, or -errno; the caller closes it. */
int neighbours_open(void);
/* Those of the interface whose link address is known, of both families, at most NEIGHBOURS_MAX; how many, 0 also where none can be told. */
unsigned neighbours_list(int netlink, unsigned ifindex, struct neighbour to[NEIGHBOURS_MAX]);
/*
 * Has the kernel resolve the routers that the interface leads to, as it does with the first packet there; neighbours_list() has them then.
 * False: there is none.
 */
bool neighbours_resolve_routers(int netlink, unsigned ifindex);

#endif
