/* SPDX-License-Identifier: GPL-2.0-or-later */
/* By which way a packet leaves: what the kernel's tables say of it now, of route, link and neighbour. next_hop.h keeps it. */
#ifndef RELAY_KERNEL_WAY_H
#define RELAY_KERNEL_WAY_H

#include "kernel/next_hop.h"

struct netlink;

struct way {
	struct address from, to; /* of the packet, of one family */
	struct address via;      /* the neighbour that gets it; family 0: none */
	struct next_hop hop;
};

/* Fills in `via` and `hop`, as far as it gets. `n`: of NETLINK_ROUTE. 0 or -errno, as next_hops_find(); -EAGAIN: it is being resolved. */
int way_find(struct netlink *n, struct way *w);

#endif
