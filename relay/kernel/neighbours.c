/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/neighbours.h"

#include "kernel/netlink.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <string.h>
#include <sys/socket.h>

#define RESOLVED (NUD_PERMANENT | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY)

/* ---- one ---- */

const uint8_t *neighbours_told(const struct nlmsghdr *m)
{
	const struct ndmsg *is = NLMSG_DATA(m);

	if (m->nlmsg_type != RTM_NEWNEIGH || !(is->ndm_state & (RESOLVED | NUD_NOARP)))
		return NULL;
	return netlink_bytes(m, sizeof(*is), NDA_LLADDR, NEIGHBOURS_MAC);
}

int neighbours_find(struct netlink *n, unsigned ifindex, const struct address *a, uint8_t mac[NEIGHBOURS_MAC])
{
	struct netlink_question q = netlink_question(RTM_GETNEIGH, sizeof(q.neighbour));
	union netlink_answer answer;
	const uint8_t *is;
	int rc;

	q.neighbour = (struct ndmsg){.ndm_family = netlink_family(a), .ndm_ifindex = (int)ifindex};
	netlink_add_address(&q, NDA_DST, a);
	rc = netlink_ask(n, &q, &answer);
	if (rc && rc != -ENOENT)
		return rc;
	is = rc ? NULL : neighbours_told(&answer.head);
	if (!is)
		return -EAGAIN;
	memcpy(mac, is, NEIGHBOURS_MAC);
	return 0;
}

void neighbours_resolve(struct netlink *n, unsigned ifindex, const struct address *a)
{
	struct netlink_question q = netlink_question(RTM_NEWNEIGH, sizeof(q.neighbour));

	q.head.nlmsg_flags |= NLM_F_CREATE | NLM_F_REPLACE;
	q.neighbour = (struct ndmsg){.ndm_family = netlink_family(a), .ndm_ifindex = (int)ifindex, .ndm_flags = NTF_USE};
	netlink_add_address(&q, NDA_DST, a);
	netlink_tell(n, &q);
}

/* ---- the list ---- */

struct list {
	unsigned ifindex, count;
	struct neighbour *to;
};

static void take(void *context, const struct nlmsghdr *m)
{
	struct list *l = context;
	const struct ndmsg *is = NLMSG_DATA(m);
	struct neighbour *to = &l->to[l->count];
	const void *address, *mac;

	if (m->nlmsg_type != RTM_NEWNEIGH || m->nlmsg_len < NLMSG_LENGTH(sizeof(*is)) || is->ndm_ifindex != (int)l->ifindex ||
		!(is->ndm_state & RESOLVED) || is->ndm_type != RTN_UNICAST || l->count == NEIGHBOURS_MAX)
		return;
	if (is->ndm_family != AF_INET && is->ndm_family != AF_INET6)
		return;
	address = netlink_bytes(m, sizeof(*is), NDA_DST, is->ndm_family == AF_INET6 ? 16 : 4);
	mac = netlink_bytes(m, sizeof(*is), NDA_LLADDR, sizeof(to->mac));
	if (!address || !mac)
		return;
	to->address = netlink_address(is->ndm_family, address);
	memcpy(to->mac, mac, sizeof(to->mac));
	l->count++;
}

unsigned neighbours_list(struct netlink *n, unsigned ifindex, struct neighbour to[NEIGHBOURS_MAX])
{
	struct netlink_question q = netlink_question(RTM_GETNEIGH, sizeof(q.neighbour));
	struct list l = {.ifindex = ifindex, .to = to};

	q.neighbour.ndm_family = AF_UNSPEC;
	netlink_add(&q, NDA_IFINDEX, &ifindex, sizeof(ifindex));
	netlink_dump(n, &q, take, &l);
	return l.count;
}

/* ---- routers ---- */

/* The router by which the interface leads to `to`, if there is one. */
static bool find_router(struct netlink *n, unsigned ifindex, const struct address *to, struct address *router)
{
	struct netlink_question q = netlink_question(RTM_GETROUTE, sizeof(q.route));
	union netlink_answer answer;
	const void *found;

	q.route.rtm_family = netlink_family(to);
	q.route.rtm_dst_len = (uint8_t)(8 * netlink_length(to));
	netlink_add_address(&q, RTA_DST, to);
	netlink_add(&q, RTA_OIF, &ifindex, sizeof(ifindex));
	if (netlink_ask(n, &q, &answer) != 0)
		return false;
	found = netlink_bytes(&answer.head, sizeof(q.route), RTA_GATEWAY, netlink_length(to));
	if (found)
		*router = netlink_address(q.route.rtm_family, found);
	return found;
}

/* Of the default route, which nearly every address of the internet takes; nothing is sent to these two. */
bool neighbours_resolve_routers(struct netlink *n, unsigned ifindex)
{
	static const struct address somewhere[] = {{4, {128, 0, 0, 1}}, {6, {0x20, 0x01, 0xff, 0xff}}};
	struct address router;
	bool any = false;

	for (unsigned i = 0; i < sizeof(somewhere) / sizeof(somewhere[0]); i++) {
		if (!find_router(n, ifindex, &somewhere[i], &router))
			continue;
		neighbours_resolve(n, ifindex, &router);
		any = true;
	}
	return any;
}
