/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Has this machine IPsec policies? What the programs forward does not go through them: it would leave in the clear where the daemon's
 * own packets are encrypted, and be taken in the clear where those are refused.
 */
#ifndef RELAY_KERNEL_IPSEC_H
#define RELAY_KERNEL_IPSEC_H

struct netlink;

/*
 * How many policies there are for what comes in and goes out, sockets' own not among them; -errno: it cannot be told (CAP_NET_ADMIN).
 * `n`: of NETLINK_XFRM.
 */
int ipsec_policies(struct netlink *n);

#endif
