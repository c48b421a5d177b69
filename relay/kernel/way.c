/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/way.h"

#include "kernel/neighbours.h"
#include "kernel/netlink.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/ipv6.h>
#include <sys/socket.h>

#define ETHERNET 6

/* ---- the route ---- */

/* An IPv4 route may lead to an IPv6 neighbour. */
static void take_gateway(struct way *w, const struct nlmsghdr *m)
{
	const void *gateway = netlink_bytes(m, sizeof(struct rtmsg), RTA_GATEWAY, netlink_length(&w->to));
	const struct rtvia *via = netlink_bytes(m, sizeof(struct rtmsg), RTA_VIA, sizeof(struct rtvia) + 4);

	if (gateway)
		w->via = netlink_address(netlink_family(&w->to), gateway);
	else if (via)
		w->via = netlink_address((uint8_t)via->rtvia_family, via->rtvia_addr);
	else
		w->via = w->to;
}

/* Of the route's metrics; 0: it says nothing. */
static uint32_t route_mtu(const struct nlmsghdr *m)
{
	const struct rtattr *metrics = netlink_attribute(m, sizeof(struct rtmsg), RTA_METRICS, 0);
	const struct rtattr *mtu = netlink_inner(metrics, RTAX_MTU, sizeof(uint32_t));

	return mtu ? *(const uint32_t *)RTA_DATA(mtu) : 0;
}

/* `from` of family 0: from any address. */
static int ask_route(struct netlink *n, const struct address *from, const struct address *to, union netlink_answer *answer)
{
	struct netlink_question q = netlink_question(RTM_GETROUTE, sizeof(q.route));
	int rc;

	q.route.rtm_family = netlink_family(to);
	q.route.rtm_dst_len = (uint8_t)(8 * netlink_length(to));
	netlink_add_address(&q, RTA_DST, to);
	if (from->family) {
		q.route.rtm_src_len = q.route.rtm_dst_len;
		netlink_add_address(&q, RTA_SRC, from);
	}
	rc = netlink_ask(n, &q, answer);
	return rc == -ENETUNREACH || rc == -EINVAL ? -EHOSTUNREACH : rc;
}

/* Asked for, because the kernel looks at it itself for IPv4 only, and calls it EINVAL like much else. */
static int check_own(struct netlink *n, const struct address *from)
{
	static const struct address any;
	union netlink_answer answer;
	const struct rtmsg *route = NLMSG_DATA(&answer.head);
	int rc = ask_route(n, &any, from, &answer);

	if (rc && rc != -EHOSTUNREACH)
		return rc;
	return rc == 0 && route->rtm_type == RTN_LOCAL ? 0 : -EADDRNOTAVAIL;
}

static int find_route(struct netlink *n, struct way *w, uint32_t *mtu)
{
	union netlink_answer answer;
	const struct rtmsg *route = NLMSG_DATA(&answer.head);
	int rc = check_own(n, &w->from);

	if (!rc)
		rc = ask_route(n, &w->from, &w->to, &answer);
	if (rc)
		return rc;
	if (route->rtm_type == RTN_LOCAL)
		return -ELOOP;
	if (route->rtm_type != RTN_UNICAST)
		return -EHOSTUNREACH;
	if (netlink_attribute(&answer.head, sizeof(*route), RTA_ENCAP_TYPE, sizeof(uint16_t)))
		return -EOPNOTSUPP;
	w->hop.ifindex = netlink_number(&answer.head, sizeof(*route), RTA_OIF);
	*mtu = route_mtu(&answer.head);
	take_gateway(w, &answer.head);
	return w->hop.ifindex ? 0 : -EHOSTUNREACH;
}

/* ---- the link ---- */

/* A router may have said that IPv6 packets have to be shorter on this link; it is one of the interface's settings. */
static uint32_t link_mtu(const struct nlmsghdr *m, bool ipv6)
{
	uint32_t mtu = netlink_number(m, sizeof(struct ifinfomsg), IFLA_MTU), mtu6;
	const struct rtattr *of6 = netlink_inner(netlink_attribute(m, sizeof(struct ifinfomsg), IFLA_AF_SPEC, 0), AF_INET6, 0);
	const struct rtattr *settings = netlink_inner(of6, IFLA_INET6_CONF, (DEVCONF_MTU6 + 1) * sizeof(mtu6));

	if (!ipv6 || !settings)
		return mtu;
	mtu6 = ((const uint32_t *)RTA_DATA(settings))[DEVCONF_MTU6];
	return mtu6 && mtu6 < mtu ? mtu6 : mtu;
}

/* `mtu`: the route's; 0: it has none. */
static int find_link(struct netlink *n, struct way *w, uint32_t mtu)
{
	struct netlink_question q = netlink_question(RTM_GETLINK, sizeof(q.link));
	union netlink_answer answer;
	const struct ifinfomsg *link = NLMSG_DATA(&answer.head);
	const void *mac;
	uint32_t own;
	int rc;

	q.link.ifi_index = (int)w->hop.ifindex;
	rc = netlink_ask(n, &q, &answer);
	if (rc)
		return rc;
	mac = netlink_bytes(&answer.head, sizeof(*link), IFLA_ADDRESS, ETHERNET);
	if (link->ifi_type != ARPHRD_ETHER || !mac)
		return -EOPNOTSUPP;
	if (!(link->ifi_flags & IFF_UP) || !(link->ifi_flags & IFF_RUNNING))
		return -ENETDOWN;
	own = link_mtu(&answer.head, w->to.family == 6);
	if (mtu == 0 || mtu > own)
		mtu = own;
	w->hop.mtu = (uint16_t)(mtu > UINT16_MAX ? UINT16_MAX : mtu);
	memcpy(w->hop.mac_from, mac, ETHERNET);
	return 0;
}

/* ---- the neighbour ---- */

static int find_neighbour(struct netlink *n, struct way *w)
{
	int rc = neighbours_find(n, w->hop.ifindex, &w->via, w->hop.mac_to);

	if (rc != -EAGAIN)
		return rc;
	neighbours_resolve(n, w->hop.ifindex, &w->via);
	/* Where there is nothing to resolve (no ARP) the kernel knows it from now on, and gives no news of it. */
	return neighbours_find(n, w->hop.ifindex, &w->via, w->hop.mac_to);
}

int way_find(struct netlink *n, struct way *w)
{
	uint32_t mtu = 0;
	int rc = find_route(n, w, &mtu);

	if (!rc)
		rc = find_link(n, w, mtu);
	if (!rc)
		rc = find_neighbour(n, w);
	return rc;
}
