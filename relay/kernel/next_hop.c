/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/next_hop.h"

#include "kernel/ipsec.h"
#include "kernel/neighbours.h"
#include "kernel/netlink.h"
#include "kernel/way.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAYS 2048            /* a power of two; two that meet in one place are just found more often */
#define IN_USE 3000000u      /* µs: so long after it was asked for */
#define FRESHEN 5000000u     /* µs: so often a neighbour is */
#define RENEW 60000000u      /* µs: so long an answer is believed: MTUs (of paths, of router advertisements) change without news */
#define NEWS_BYTES 1048576   /* so much may wait: a thousand neighbours and more */

struct kept_way {
	struct way is;
	int result; /* of way_find() */
	uint64_t found, asked, freshened; /* µs */
	bool valid;
};

struct next_hops {
	int events;
	struct netlink questions, ipsec; /* ipsec: not open where the kernel has none */
	bool secured;
	void (*changed)(void *context);
	void *context;
	uint64_t now;
	struct kept_way ways[WAYS];
};

/* ---- what is kept ---- */

static bool forget_all(struct next_hops *h)
{
	for (unsigned i = 0; i < WAYS; i++)
		h->ways[i].valid = false;
	return true;
}

static struct kept_way *way_of(struct next_hops *h, const struct address *from, const struct address *to)
{
	uint32_t hash = 2166136261u; /* FNV-1a: addresses here are those of parties of calls, and a bad choice costs questions only */

	for (unsigned i = 0; i < 16; i++)
		hash = (hash ^ to->bytes[i]) * 16777619u;
	for (unsigned i = 0; i < 16; i++)
		hash = (hash ^ from->bytes[i]) * 16777619u;
	return &h->ways[(hash ^ hash >> 16) & (WAYS - 1)];
}

static int find(struct next_hops *h, struct way *w)
{
	return h->secured ? -EOPNOTSUPP : way_find(&h->questions, w);
}

int next_hops_find(struct next_hops *h, const struct address *from, const struct address *to, struct next_hop *out)
{
	struct kept_way *w = way_of(h, from, to);

	if (from->family != to->family)
		return -EAFNOSUPPORT;
	if (!w->valid || !address_equal(&w->is.from, from) || !address_equal(&w->is.to, to)) {
		*w = (struct kept_way){.is = {.from = *from, .to = *to}, .found = h->now, .freshened = h->now, .valid = true};
		w->result = find(h, &w->is);
	}
	w->asked = h->now;
	if (w->result == 0)
		*out = w->is.hop;
	return w->result;
}

/* What cannot be told stays as it was. */
static void look_at_ipsec(struct next_hops *h)
{
	int policies = h->ipsec.fd < 0 ? 0 : ipsec_policies(&h->ipsec);

	if (policies < 0 || (policies > 0) == h->secured)
		return;
	h->secured = policies > 0;
	forget_all(h);
}

bool next_hops_secured(const struct next_hops *h)
{
	return h->secured;
}

/* It is asked for, so the kernel has to keep the neighbour's entry true. */
static void freshen(struct next_hops *h, struct kept_way *w)
{
	neighbours_resolve(&h->questions, w->is.hop.ifindex, &w->is.via);
	w->freshened = h->now;
}

void next_hops_tick(struct next_hops *h, uint64_t now)
{
	h->now = now;
	look_at_ipsec(h);
	for (unsigned i = 0; i < WAYS; i++) {
		struct kept_way *w = &h->ways[i];
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
	const void *mac = neighbours_told(m), *dst = netlink_bytes(m, sizeof(*n), NDA_DST, n->ndm_family == AF_INET6 ? 16 : 4);
	bool news = false;

	for (unsigned i = 0; dst && i < WAYS; i++) {
		struct kept_way *w = &h->ways[i];

		if (!w->valid || w->is.hop.ifindex != (uint32_t)n->ndm_ifindex || netlink_family(&w->is.via) != n->ndm_family ||
			memcmp(w->is.via.bytes, dst, netlink_length(&w->is.via)) != 0)
			continue;
		if (w->result == 0 ? mac && memcmp(w->is.hop.mac_to, mac, NEIGHBOURS_MAC) == 0 : !mac)
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
	const uint8_t *prefix = bits ? netlink_bytes(m, sizeof(*r), RTA_DST, length) : any;
	bool news = false;

	if ((r->rtm_family != AF_INET && r->rtm_family != AF_INET6) || !prefix || bits > 8 * length)
		return false;
	for (unsigned i = 0; i < WAYS; i++) {
		struct kept_way *w = &h->ways[i];

		if (!w->valid || netlink_family(&w->is.to) != r->rtm_family ||
			!(is_in(&w->is.to, prefix, bits) || is_in(&w->is.from, prefix, bits)))
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
	union netlink_answer news;
	bool changed = false;
	ssize_t n;

	while ((n = recv(h->events, &news, sizeof(news), MSG_DONTWAIT)) >= 0 || errno == ENOBUFS) {
		const struct nlmsghdr *m = &news.head;

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

static int open_events(struct next_hops *h)
{
	struct sockaddr_nl name = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK | RTMGRP_NEIGH | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
		RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE | RTMGRP_IPV4_RULE};
	static const int more[] = {RTNLGRP_IPV6_RULE, RTNLGRP_NEXTHOP}; /* they have no RTMGRP_ */
	const int room = NEWS_BYTES;

	h->events = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (h->events < 0 || bind(h->events, (struct sockaddr *)&name, sizeof(name)) != 0)
		return -errno;
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		setsockopt(h->events, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &more[i], sizeof(more[i]));
	setsockopt(h->events, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	return 0;
}

static int open_all(struct next_hops *h)
{
	int rc = netlink_open(&h->questions, NETLINK_ROUTE);

	netlink_open(&h->ipsec, NETLINK_XFRM);
	return rc ? rc : open_events(h);
}

struct next_hops *next_hops_new(void (*changed)(void *context), void *context, int *rc)
{
	struct next_hops *h = calloc(1, sizeof(*h));

	*rc = -ENOMEM;
	if (!h)
		return NULL;
	h->events = -1;
	h->changed = changed;
	h->context = context;
	*rc = open_all(h);
	look_at_ipsec(h);
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
	netlink_close(&h->questions);
	netlink_close(&h->ipsec);
	free(h);
}