/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/next_hop.h"

#include "kernel/ipsec.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/ipv6.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define WAYS 2048            /* a power of two; two that meet in one place are just found more often */
#define MESSAGE_MAX 16384
#define ANSWER_MS 200        /* the kernel answers at once */
#define IN_USE 3000000u      /* µs: so long after it was asked for */
#define FRESHEN 5000000u     /* µs: so often a neighbour is */
#define RENEW 60000000u      /* µs: so long an answer is believed: MTUs (of paths, of router advertisements) change without news */
#define NEWS_BYTES 1048576   /* so much may wait: a thousand neighbours and more */
#define ETHERNET 6
#define KNOWN (NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY)

struct way {
	struct address from, to, via; /* family 0: none; via: the neighbour's address */
	struct next_hop hop;
	int result;
	uint64_t found, asked, freshened; /* µs */
	bool valid;
};

struct next_hops {
	int events, questions, ipsec; /* ipsec: negative where the kernel has none */
	bool secured;
	uint32_t number;
	void (*changed)(void *context);
	void *context;
	uint64_t now;
	struct way ways[WAYS];
};

struct question {
	struct nlmsghdr head;
	union {
		struct rtmsg route;
		struct ndmsg neighbour;
		struct ifinfomsg link;
	};
	char attributes[128];
};

/* ---- netlink ---- */

static void add(struct question *q, uint16_t type, const void *bytes, uint16_t n)
{
	struct rtattr *a = (struct rtattr *)(void *)((char *)q + NLMSG_ALIGN(q->head.nlmsg_len));

	a->rta_type = type;
	a->rta_len = (uint16_t)RTA_LENGTH(n);
	memcpy(RTA_DATA(a), bytes, n);
	q->head.nlmsg_len = (uint32_t)(NLMSG_ALIGN(q->head.nlmsg_len) + RTA_ALIGN(a->rta_len));
}

static uint8_t family_of(const struct address *a)
{
	return a->family == 6 ? AF_INET6 : AF_INET;
}

static uint16_t length_of(const struct address *a)
{
	return a->family == 6 ? 16 : 4;
}

static struct question question(uint16_t type, size_t body)
{
	return (struct question){.head = {.nlmsg_len = (uint32_t)NLMSG_LENGTH(body), .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST}};
}

/* The answer is in `to`; an earlier question's, which came too late, is passed over. 0 or -errno, the kernel's own too. */
static int ask(struct next_hops *h, struct question *q, void *to, size_t size)
{
	q->head.nlmsg_seq = ++h->number;
	if (send(h->questions, q, q->head.nlmsg_len, 0) < 0)
		return -errno;
	for (;;) {
		ssize_t n = recv(h->questions, to, size, 0);
		const struct nlmsghdr *answer = to;

		if (n < 0)
			return -EIO;
		if (!NLMSG_OK(answer, (size_t)n) || answer->nlmsg_seq != h->number)
			continue;
		return answer->nlmsg_type == NLMSG_ERROR ? ((const struct nlmsgerr *)NLMSG_DATA(answer))->error : 0;
	}
}

/* The attribute of that type with at least `n` bytes, among those of `left` bytes from `a` on; NULL. */
static const struct rtattr *one_of(const struct rtattr *a, int left, uint16_t type, size_t n)
{
	for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
		if ((a->rta_type & NLA_TYPE_MASK) == type && RTA_PAYLOAD(a) >= n)
			return a;
	return NULL;
}

/* `body`: of the message's own struct. */
static const struct rtattr *outer(const struct nlmsghdr *m, size_t body, uint16_t type, size_t n)
{
	const char *first = (const char *)NLMSG_DATA(m) + NLMSG_ALIGN(body);

	return one_of((const struct rtattr *)(const void *)first, (int)(m->nlmsg_len - NLMSG_LENGTH(body)), type, n);
}

/* Of those that are in `in`, which may be NULL. */
static const struct rtattr *inner(const struct rtattr *in, uint16_t type, size_t n)
{
	return in ? one_of(RTA_DATA(in), (int)RTA_PAYLOAD(in), type, n) : NULL;
}

/* Its bytes; NULL. */
static const void *attribute(const struct nlmsghdr *m, size_t body, uint16_t type, size_t n)
{
	const struct rtattr *a = outer(m, body, type, n);

	return a ? RTA_DATA(a) : NULL;
}

static uint32_t number_in(const struct nlmsghdr *m, size_t body, uint16_t type)
{
	const void *at = attribute(m, body, type, sizeof(uint32_t));
	uint32_t value = 0;

	if (at)
		memcpy(&value, at, sizeof(value));
	return value;
}

static void take_address(struct address *to, uint8_t family, const void *bytes)
{
	*to = (struct address){.family = family == AF_INET6 ? 6 : 4};
	memcpy(to->bytes, bytes, length_of(to));
}

/* ---- the three questions ---- */

/* An IPv4 route may lead to an IPv6 neighbour. */
static void take_gateway(struct way *w, const struct nlmsghdr *m)
{
	const void *gateway = attribute(m, sizeof(struct rtmsg), RTA_GATEWAY, length_of(&w->to));
	const struct rtvia *via = attribute(m, sizeof(struct rtmsg), RTA_VIA, sizeof(struct rtvia) + 4);

	if (gateway)
		take_address(&w->via, family_of(&w->to), gateway);
	else if (via)
		take_address(&w->via, (uint8_t)via->rtvia_family, via->rtvia_addr);
	else
		w->via = w->to;
}

/* Of the route's metrics; 0: it says nothing. */
static uint32_t route_mtu(const struct nlmsghdr *m)
{
	const struct rtattr *mtu = inner(outer(m, sizeof(struct rtmsg), RTA_METRICS, 0), RTAX_MTU, sizeof(uint32_t));

	return mtu ? *(const uint32_t *)RTA_DATA(mtu) : 0;
}

/* A router may have said that IPv6 packets have to be shorter on this link; it is one of the interface's settings. */
static uint32_t link_mtu(const struct nlmsghdr *m, bool ipv6)
{
	uint32_t mtu = number_in(m, sizeof(struct ifinfomsg), IFLA_MTU), mtu6;
	const struct rtattr *of6 = inner(outer(m, sizeof(struct ifinfomsg), IFLA_AF_SPEC, 0), AF_INET6, 0);
	const struct rtattr *settings = inner(of6, IFLA_INET6_CONF, (DEVCONF_MTU6 + 1) * sizeof(mtu6));

	if (!ipv6 || !settings)
		return mtu;
	mtu6 = ((const uint32_t *)RTA_DATA(settings))[DEVCONF_MTU6];
	return mtu6 && mtu6 < mtu ? mtu6 : mtu;
}

/* `from` of family 0: from any address. */
static int ask_route(struct next_hops *h, const struct address *from, const struct address *to, char answer[MESSAGE_MAX])
{
	struct question q = question(RTM_GETROUTE, sizeof(q.route));
	int rc;

	q.route.rtm_family = family_of(to);
	q.route.rtm_dst_len = (uint8_t)(8 * length_of(to));
	add(&q, RTA_DST, to->bytes, length_of(to));
	if (from->family) {
		q.route.rtm_src_len = q.route.rtm_dst_len;
		add(&q, RTA_SRC, from->bytes, length_of(from));
	}
	rc = ask(h, &q, answer, MESSAGE_MAX);
	return rc == -ENETUNREACH || rc == -EINVAL ? -EHOSTUNREACH : rc;
}

/* Asked for, because the kernel looks at it itself for IPv4 only, and calls it EINVAL like much else. */
static int check_own(struct next_hops *h, const struct address *from)
{
	static const struct address any;
	_Alignas(struct nlmsghdr) char answer[MESSAGE_MAX];
	const struct rtmsg *route = NLMSG_DATA((const struct nlmsghdr *)(const void *)answer);
	int rc = ask_route(h, &any, from, answer);

	if (rc && rc != -EHOSTUNREACH)
		return rc;
	return rc == 0 && route->rtm_type == RTN_LOCAL ? 0 : -EADDRNOTAVAIL;
}

static int find_route(struct next_hops *h, struct way *w, uint32_t *mtu)
{
	_Alignas(struct nlmsghdr) char answer[MESSAGE_MAX];
	const struct nlmsghdr *m = (const struct nlmsghdr *)(const void *)answer;
	const struct rtmsg *route = NLMSG_DATA(m);
	int rc = check_own(h, &w->from);

	if (!rc)
		rc = ask_route(h, &w->from, &w->to, answer);
	if (rc)
		return rc;
	if (route->rtm_type == RTN_LOCAL)
		return -ELOOP;
	if (route->rtm_type != RTN_UNICAST)
		return -EHOSTUNREACH;
	if (attribute(m, sizeof(*route), RTA_ENCAP_TYPE, sizeof(uint16_t)))
		return -EOPNOTSUPP;
	w->hop.ifindex = number_in(m, sizeof(*route), RTA_OIF);
	*mtu = route_mtu(m);
	take_gateway(w, m);
	return w->hop.ifindex ? 0 : -EHOSTUNREACH;
}

static int find_link(struct next_hops *h, struct way *w, uint32_t mtu)
{
	struct question q = question(RTM_GETLINK, sizeof(q.link));
	_Alignas(struct nlmsghdr) char answer[MESSAGE_MAX];
	const struct nlmsghdr *m = (const struct nlmsghdr *)(const void *)answer;
	const struct ifinfomsg *link = NLMSG_DATA(m);
	const void *mac;
	uint32_t own;
	int rc;

	q.link.ifi_index = (int)w->hop.ifindex;
	rc = ask(h, &q, answer, sizeof(answer));
	if (rc)
		return rc;
	mac = attribute(m, sizeof(*link), IFLA_ADDRESS, ETHERNET);
	if (link->ifi_type != ARPHRD_ETHER || !mac)
		return -EOPNOTSUPP;
	if (!(link->ifi_flags & IFF_UP) || !(link->ifi_flags & IFF_RUNNING))
		return -ENETDOWN;
	own = link_mtu(m, w->to.family == 6);
	if (mtu == 0 || mtu > own)
		mtu = own;
	w->hop.mtu = (uint16_t)(mtu > UINT16_MAX ? UINT16_MAX : mtu);
	memcpy(w->hop.mac_from, mac, ETHERNET);
	return 0;
}

/* Has the kernel look after its entry: resolve it, or see whether it is still true. It answers nothing. */
static void freshen(struct next_hops *h, struct way *w)
{
	struct question q = question(RTM_NEWNEIGH, sizeof(q.neighbour));

	q.head.nlmsg_flags |= NLM_F_CREATE | NLM_F_REPLACE;
	q.neighbour = (struct ndmsg){.ndm_family = family_of(&w->via), .ndm_ifindex = (int)w->hop.ifindex, .ndm_flags = NTF_USE};
	add(&q, NDA_DST, w->via.bytes, length_of(&w->via));
	q.head.nlmsg_seq = ++h->number;
	send(h->questions, &q, q.head.nlmsg_len, 0);
	w->freshened = h->now;
}

/* -EAGAIN: the kernel does not know it (now). */
static int ask_neighbour(struct next_hops *h, struct way *w)
{
	struct question q = question(RTM_GETNEIGH, sizeof(q.neighbour));
	_Alignas(struct nlmsghdr) char answer[MESSAGE_MAX];
	const struct nlmsghdr *m = (const struct nlmsghdr *)(const void *)answer;
	const struct ndmsg *neighbour = NLMSG_DATA(m);
	const void *mac;
	int rc;

	q.neighbour = (struct ndmsg){.ndm_family = family_of(&w->via), .ndm_ifindex = (int)w->hop.ifindex};
	add(&q, NDA_DST, w->via.bytes, length_of(&w->via));
	rc = ask(h, &q, answer, sizeof(answer));
	if (rc && rc != -ENOENT)
		return rc;
	mac = rc ? NULL : attribute(m, sizeof(*neighbour), NDA_LLADDR, ETHERNET);
	if (!mac || !(neighbour->ndm_state & KNOWN))
		return -EAGAIN;
	memcpy(w->hop.mac_to, mac, ETHERNET);
	return 0;
}

static int find_neighbour(struct next_hops *h, struct way *w)
{
	int rc = ask_neighbour(h, w);

	if (rc != -EAGAIN)
		return rc;
	freshen(h, w);
	/* Where there is nothing to resolve (no ARP) the kernel knows it from now on, and gives no news of it. */
	return ask_neighbour(h, w);
}

static int find(struct next_hops *h, struct way *w)
{
	uint32_t mtu = 0;
	int rc;

	w->hop = (struct next_hop){0};
	if (h->secured)
		return -EOPNOTSUPP;
	rc = find_route(h, w, &mtu);
	if (!rc)
		rc = find_link(h, w, mtu);
	if (!rc)
		rc = find_neighbour(h, w);
	return rc;
}

/* ---- what is kept ---- */

static bool forget_all(struct next_hops *h)
{
	for (unsigned i = 0; i < WAYS; i++)
		h->ways[i].valid = false;
	return true;
}

static struct way *way_of(struct next_hops *h, const struct address *from, const struct address *to)
{
	uint32_t hash = 2166136261u; /* FNV-1a: addresses here are those of parties of calls, and a bad choice costs questions only */

	for (unsigned i = 0; i < 16; i++)
		hash = (hash ^ to->bytes[i]) * 16777619u;
	for (unsigned i = 0; i < 16; i++)
		hash = (hash ^ from->bytes[i]) * 16777619u;
	return &h->ways[(hash ^ hash >> 16) & (WAYS - 1)];
}

int next_hops_find(struct next_hops *h, const struct address *from, const struct address *to, struct next_hop *out)
{
	struct way *w = way_of(h, from, to);

	if (from->family != to->family)
		return -EAFNOSUPPORT;
	if (!w->valid || !address_equal(&w->from, from) || !address_equal(&w->to, to)) {
		*w = (struct way){.from = *from, .to = *to, .valid = true};
		w->result = find(h, w);
		w->found = h->now;
		if (w->result == 0)
			w->freshened = h->now;
	}
	w->asked = h->now;
	if (w->result == 0)
		*out = w->hop;
	return w->result;
}

/* What cannot be told stays as it was. */
static void look_at_ipsec(struct next_hops *h)
{
	int policies = h->ipsec < 0 ? 0 : ipsec_policies(h->ipsec);

	if (policies < 0 || (policies > 0) == h->secured)
		return;
	h->secured = policies > 0;
	forget_all(h);
}

bool next_hops_secured(const struct next_hops *h)
{
	return h->secured;
}

void next_hops_tick(struct next_hops *h, uint64_t now)
{
	h->now = now;
	look_at_ipsec(h);
	for (unsigned i = 0; i < WAYS; i++) {
		struct way *w = &h->ways[i];
		bool usable = w->result == 0 || w->result == -EAGAIN;

		if (!w->valid)
			continue;
		if (!usable || now - w->asked >= IN_USE || now - w->found >= RENEW)
			w->valid = false; /* an error is looked at again */
		else if (now - w->freshened >= FRESHEN)
			freshen(h, w);
	}
}

/* ---- news ---- */

/* Entries age and are renewed all the time; only another address, or none, is news. */
static bool hear_neighbour(struct next_hops *h, const struct nlmsghdr *m)
{
	const struct ndmsg *n = NLMSG_DATA(m);
	const void *mac = attribute(m, sizeof(*n), NDA_LLADDR, ETHERNET), *dst = attribute(m, sizeof(*n), NDA_DST, 4);
	bool known = m->nlmsg_type == RTM_NEWNEIGH && mac && n->ndm_state & KNOWN, news = false;

	for (unsigned i = 0; dst && i < WAYS; i++) {
		struct way *w = &h->ways[i];

		if (!w->valid || w->hop.ifindex != (uint32_t)n->ndm_ifindex || family_of(&w->via) != n->ndm_family ||
			memcmp(w->via.bytes, dst, length_of(&w->via)) != 0)
			continue;
		if (w->result == 0 ? known && memcmp(w->hop.mac_to, mac, ETHERNET) == 0 : !known)
			continue;
		w->valid = false;
		news = true;
	}
	return news;
}

static bool is_in(const struct address *a, const uint8_t *prefix, unsigned bits)
{
	unsigned rest = bits % 8, whole = bits / 8;

	return memcmp(a->bytes, prefix, whole) == 0 && (!rest || (a->bytes[whole] ^ prefix[whole]) >> (8 - rest) == 0);
}

/* Only of those destinations; or of addresses of this machine, of which the local table tells. A router hears of others all the time. */
static bool hear_route(struct next_hops *h, const struct nlmsghdr *m)
{
	static const uint8_t any[16];
	const struct rtmsg *r = NLMSG_DATA(m);
	unsigned length = r->rtm_family == AF_INET6 ? 16 : 4, bits = r->rtm_dst_len;
	const uint8_t *prefix = bits ? attribute(m, sizeof(*r), RTA_DST, length) : any;
	bool news = false;

	if ((r->rtm_family != AF_INET && r->rtm_family != AF_INET6) || !prefix || bits > 8 * length)
		return false;
	for (unsigned i = 0; i < WAYS; i++) {
		struct way *w = &h->ways[i];

		if (!w->valid || family_of(&w->to) != r->rtm_family || !(is_in(&w->to, prefix, bits) || is_in(&w->from, prefix, bits)))
			continue;
		w->valid = false;
		news = true;
	}
	return news;
}

static bool hear(struct next_hops *h, const struct nlmsghdr *m)
{
	switch (m->nlmsg_type) {
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		return hear_neighbour(h, m);
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		return hear_route(h, m);
	case RTM_NEWLINK:
	case RTM_DELLINK:
	case RTM_NEWADDR:
	case RTM_DELADDR:
	case RTM_NEWRULE:
	case RTM_DELRULE:
	case RTM_NEWNEXTHOP: /* of the routes that lead through it there may be no news */
	case RTM_DELNEXTHOP:
	case RTM_NEWNEXTHOPBUCKET:
		return forget_all(h);
	default:
		return false;
	}
}

void next_hops_read(struct next_hops *h)
{
	_Alignas(struct nlmsghdr) char news[MESSAGE_MAX];
	bool changed = false;
	ssize_t n;

	while ((n = recv(h->events, news, sizeof(news), MSG_DONTWAIT)) >= 0 || errno == ENOBUFS) {
		const struct nlmsghdr *m = (const struct nlmsghdr *)(const void *)news;

		if (n < 0) { /* there was more news than room */
			changed |= forget_all(h);
			continue;
		}
		for (size_t left = (size_t)n; NLMSG_OK(m, left); m = NLMSG_NEXT(m, left))
			changed |= hear(h, m);
	}
	if (changed)
		h->changed(h->context);
}

int next_hops_fd(const struct next_hops *h)
{
	return h->events;
}

/* ---- start and end ---- */

static int open_netlink(uint32_t groups)
{
	struct sockaddr_nl name = {.nl_family = AF_NETLINK, .nl_groups = groups};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), rc;

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&name, sizeof(name)) == 0)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

static int open_both(struct next_hops *h)
{
	const struct timeval wait = {.tv_usec = ANSWER_MS * 1000};
	static const int more[] = {RTNLGRP_IPV6_RULE, RTNLGRP_NEXTHOP}; /* they have no RTMGRP_ */
	const int room = NEWS_BYTES;

	h->events = open_netlink(RTMGRP_LINK | RTMGRP_NEIGH | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE |
		RTMGRP_IPV4_RULE);
	if (h->events < 0)
		return h->events;
	h->questions = open_netlink(0);
	if (h->questions < 0)
		return h->questions;
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		setsockopt(h->events, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &more[i], sizeof(more[i]));
	setsockopt(h->events, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	return setsockopt(h->questions, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) == 0 ? 0 : -errno;
}

struct next_hops *next_hops_new(void (*changed)(void *context), void *context, int *rc)
{
	struct next_hops *h = calloc(1, sizeof(*h));

	*rc = -ENOMEM;
	if (!h)
		return NULL;
	h->events = h->questions = -1;
	h->ipsec = ipsec_open();
	look_at_ipsec(h);
	h->changed = changed;
	h->context = context;
	*rc = open_both(h);
	if (!*rc)
		return h;
	next_hops_free(h);
	return NULL;
}

void next_hops_free(struct next_hops *h)
{
	if (!h)
		return;
	if (h->events >= 0)
		close(h->events);
	if (h->questions >= 0)
		close(h->questions);
	if (h->ipsec >= 0)
		close(h->ipsec);
	free(h);
}