/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/neighbours.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define MESSAGE_MAX 16384
#define ANSWER_MS   200 /* the kernel answers at once */
#define KNOWN (NUD_PERMANENT | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY)

struct question {
	struct nlmsghdr head;
	union {
		struct rtmsg route;
		struct ndmsg neighbour;
	};
	char attributes[64];
};

static void add(struct question *q, uint16_t type, const void *bytes, uint16_t n)
{
	struct rtattr *a = (struct rtattr *)(void *)((char *)q + NLMSG_ALIGN(q->head.nlmsg_len));

	a->rta_type = type;
	a->rta_len = (uint16_t)RTA_LENGTH(n);
	memcpy(RTA_DATA(a), bytes, n);
	q->head.nlmsg_len = (uint32_t)(NLMSG_ALIGN(q->head.nlmsg_len) + RTA_ALIGN(a->rta_len));
}

static const void *attribute(const void *first, size_t bytes, uint16_t type, size_t n)
{
	const struct rtattr *a = first;
	int left = (int)bytes;

	for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
		if ((a->rta_type & NLA_TYPE_MASK) == type && RTA_PAYLOAD(a) >= n)
			return RTA_DATA(a);
	return NULL;
}

static uint8_t family_of(const struct address *a)
{
	return a->family == 6 ? AF_INET6 : AF_INET;
}

static uint16_t length_of(const struct address *a)
{
	return a->family == 6 ? 16 : 4;
}

int neighbours_open(void)
{
	const struct timeval wait = {.tv_usec = ANSWER_MS * 1000};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), rc;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) == 0)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

/* What came too late for an earlier question must not be taken for the answer to this one. */
static void drain(int fd)
{
	char old[MESSAGE_MAX];

	while (recv(fd, old, sizeof(old), MSG_DONTWAIT) >= 0)
		;
}

/* ---- the list ---- */

struct list {
	unsigned ifindex, count;
	struct neighbour *to;
};

static void take(struct list *l, const struct nlmsghdr *m)
{
	const struct ndmsg *n = NLMSG_DATA(m);
	const char *first = (const char *)n + NLMSG_ALIGN(sizeof(*n));
	size_t size = m->nlmsg_len - NLMSG_LENGTH(sizeof(*n));
	struct neighbour *to = &l->to[l->count];
	const void *address, *mac;

	if (m->nlmsg_type != RTM_NEWNEIGH || m->nlmsg_len < NLMSG_LENGTH(sizeof(*n)) || n->ndm_ifindex != (int)l->ifindex ||
		!(n->ndm_state & KNOWN) || n->ndm_type != RTN_UNICAST || l->count == NEIGHBOURS_MAX)
		return;
	if (n->ndm_family != AF_INET && n->ndm_family != AF_INET6)
		return;
	*to = (struct neighbour){.address.family = n->ndm_family == AF_INET6 ? 6 : 4};
	address = attribute(first, size, NDA_DST, length_of(&to->address));
	mac = attribute(first, size, NDA_LLADDR, sizeof(to->mac));
	if (!address || !mac)
		return;
	memcpy(to->address.bytes, address, length_of(&to->address));
	memcpy(to->mac, mac, sizeof(to->mac));
	l->count++;
}

/* True: there is more to come. */
static bool take_all(struct list *l, const struct nlmsghdr *m, size_t left)
{
	for (; NLMSG_OK(m, left); m = NLMSG_NEXT(m, left)) {
		if (m->nlmsg_type == NLMSG_DONE || m->nlmsg_type == NLMSG_ERROR)
			return false;
		take(l, m);
	}
	return true;
}

unsigned neighbours_list(int netlink, unsigned ifindex, struct neighbour to[NEIGHBOURS_MAX])
{
	struct question q = {.head = {.nlmsg_len = NLMSG_LENGTH(sizeof(q.neighbour)), .nlmsg_type = RTM_GETNEIGH,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP}, .neighbour.ndm_family = AF_UNSPEC};
	struct list l = {.ifindex = ifindex, .to = to};
	_Alignas(struct nlmsghdr) char answer[MESSAGE_MAX];
	ssize_t n;

	drain(netlink);
	add(&q, NDA_IFINDEX, &ifindex, sizeof(ifindex));
	if (send(netlink, &q, q.head.nlmsg_len, 0) < 0)
		return 0;
	do
		n = recv(netlink, answer, sizeof(answer), 0);
	while (n > 0 && take_all(&l, (const struct nlmsghdr *)(const void *)answer, (size_t)n));
	return l.count;
}

/* ---- routers ---- */

static void resolve(int netlink, unsigned ifindex, const struct address *router)
{
	struct question q = {.head = {.nlmsg_len = NLMSG_LENGTH(sizeof(q.neighbour)), .nlmsg_type = RTM_NEWNEIGH,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE}, .neighbour = {.ndm_family = family_of(router), .ndm_ifindex = (int)ifindex,
		.ndm_flags = NTF_USE}};

	add(&q, NDA_DST, router->bytes, length_of(router));
	send(netlink, &q, q.head.nlmsg_len, 0);
}

/* The router by which the interface leads to `to`, if there is one. */
static bool find_router(int netlink, unsigned ifindex, const struct address *to, struct address *router)
{
	struct question q = {.head = {.nlmsg_len = NLMSG_LENGTH(sizeof(q.route)), .nlmsg_type = RTM_GETROUTE, .nlmsg_flags = NLM_F_REQUEST},
		.route = {.rtm_family = family_of(to), .rtm_dst_len = (uint8_t)(8 * length_of(to))}};
	_Alignas(struct nlmsghdr) char answer[MESSAGE_MAX];
	const struct nlmsghdr *m = (const struct nlmsghdr *)(const void *)answer;
	const void *found;
	ssize_t n;

	drain(netlink);
	add(&q, RTA_DST, to->bytes, length_of(to));
	add(&q, RTA_OIF, &ifindex, sizeof(ifindex));
	if (send(netlink, &q, q.head.nlmsg_len, 0) < 0)
		return false;
	n = recv(netlink, answer, sizeof(answer), 0);
	if (n < (ssize_t)NLMSG_LENGTH(sizeof(struct rtmsg)) || m->nlmsg_type != RTM_NEWROUTE)
		return false;
	found = attribute((const char *)NLMSG_DATA(m) + NLMSG_ALIGN(sizeof(struct rtmsg)), (size_t)n - NLMSG_LENGTH(sizeof(struct rtmsg)),
		RTA_GATEWAY, length_of(to));
	if (!found)
		return false;
	*router = (struct address){.family = to->family};
	memcpy(router->bytes, found, length_of(to));
	return true;
}

/* Of the default route, which nearly every address of the internet takes; nothing is sent to these two. */
bool neighbours_resolve_routers(int netlink, unsigned ifindex)
{
	static const struct address somewhere[] = {{4, {128, 0, 0, 1}}, {6, {0x20, 0x01, 0xff, 0xff}}};
	struct address router;
	bool any = false;

	for (unsigned i = 0; i < sizeof(somewhere) / sizeof(somewhere[0]); i++) {
		if (!find_router(netlink, ifindex, &somewhere[i], &router))
			continue;
		resolve(netlink, ifindex, &router);
		any = true;
	}
	return any;
}
