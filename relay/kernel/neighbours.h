/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is known on a link, from the kernel's own tables: asked by netlink (`n`: of NETLINK_ROUTE), never by packets of ours. To have the
 * kernel resolve one needs CAP_NET_ADMIN.
 */
#ifndef RELAY_KERNEL_NEIGHBOURS_H
#define RELAY_KERNEL_NEIGHBOURS_H

#include "core/address.h"

#define NEIGHBOURS_MAX 8
#define NEIGHBOURS_MAC 6

struct netlink;
struct nlmsghdr;

struct neighbour {
	struct address address;
	uint8_t mac[NEIGHBOURS_MAC];
};

/* Its link address. 0; -EAGAIN: the kernel does not know it (now); other -errno. */
int neighbours_find(struct netlink *n, unsigned ifindex, const struct address *a, uint8_t mac[NEIGHBOURS_MAC]);
/* The link address that a message of the kernel's tells of it; NULL: that it is not known (any more). */
const uint8_t *neighbours_told(const struct nlmsghdr *m);
/* Has the kernel look after its entry, as with a packet there: resolve it, or see whether it is still true. It answers nothing. */
void neighbours_resolve(struct netlink *n, unsigned ifindex, const struct address *a);

/* Those of the interface whose link address is known, of both families, at most NEIGHBOURS_MAX; how many, 0 also where none can be told. */
unsigned neighbours_list(struct netlink *n, unsigned ifindex, struct neighbour to[NEIGHBOURS_MAX]);
/* Has the kernel resolve the routers that the interface leads to; neighbours_list() has them then. False: there is none. */
bool neighbours_resolve_routers(struct netlink *n, unsigned ifindex);

#endif
