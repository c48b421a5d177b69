/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * By which interface and with which Ethernet header a packet leaves, as the kernel would send it (rtnetlink): found once, kept until
 * the kernel tells of a change. Questions are answered by the kernel at once; nothing waits for another machine.
 *
 * Packets that a program forwards do not keep a neighbour's entry fresh, so that is asked for here; it needs CAP_NET_ADMIN.
 */
#ifndef RELAY_KERNEL_NEXT_HOP_H
#define RELAY_KERNEL_NEXT_HOP_H

#include "core/address.h"

struct next_hop {
	uint32_t ifindex;
	uint8_t mac_to[6], mac_from[6];
	uint16_t mtu; /* longest IP packet */
};

struct next_hops;

/* `changed` is called from next_hops_read(), once, when what was found may not be true any more. NULL: -errno is in `rc`. */
struct next_hops *next_hops_new(void (*changed)(void *context), void *context, int *rc);
void next_hops_free(struct next_hops *h);
int next_hops_fd(const struct next_hops *h); /* to be polled for reading; then: */
void next_hops_read(struct next_hops *h);

/*
 * The way of a packet from `from`, an address of this machine, to `to`. 0; -EAGAIN: the neighbour is not known yet, and is being asked
 * for (`changed` comes); -EHOSTUNREACH: no route; -EADDRNOTAVAIL: `from` is not this machine's; -ELOOP: `to` is this machine itself;
 * -EOPNOTSUPP: the interface has no Ethernet header, or the route adds one of its own; -ENETDOWN: it is down; other -errno of the kernel.
 */
int next_hops_find(struct next_hops *h, const struct address *from, const struct address *to, struct next_hop *out);

/* This machine has IPsec policies (ipsec.h): so no way is found, -EOPNOTSUPP. Seen by next_hops_tick(). */
bool next_hops_secured(const struct next_hops *h);

/* About once a second, with the relay's clock: neighbours that were asked for lately are kept fresh. */
void next_hops_tick(struct next_hops *h, uint64_t now);

#endif
