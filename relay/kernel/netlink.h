/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Questions to the kernel by netlink: routes, links, neighbours (NETLINK_ROUTE), IPsec policies (NETLINK_XFRM). The kernel answers at
 * once; whoever asks waits 200 ms for it at most. An answer that comes later than that is never taken for another question's.
 */
#ifndef RELAY_KERNEL_NETLINK_H
#define RELAY_KERNEL_NETLINK_H

#include "core/address.h"

#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>

#define NETLINK_MESSAGE_MAX 16384

struct netlink {
	int fd; /* -1: not open */
	uint32_t number; /* of the last question */
};

/* 0; -errno: it is not open then. -EPROTONOSUPPORT: a kernel without that. */
int netlink_open(struct netlink *n, int protocol);
void netlink_close(struct netlink *n); /* one that is not open is allowed */

/* ---- questions ---- */

struct netlink_question {
	struct nlmsghdr head;
	union {
		struct rtmsg route;
		struct ndmsg neighbour;
		struct ifinfomsg link;
		uint32_t number;
	};
	char attributes[128]; /* several addresses and numbers */
};

/* `body`: the size of the union's member that is used; the caller fills it in. */
struct netlink_question netlink_question(uint16_t type, size_t body);
void netlink_add(struct netlink_question *q, uint16_t type, const void *bytes, uint16_t n);
void netlink_add_address(struct netlink_question *q, uint16_t type, const struct address *a);

/* The first (and only) message of the answer is `head`. */
union netlink_answer {
	struct nlmsghdr head;
	char bytes[NETLINK_MESSAGE_MAX];
};

/* 0 or -errno, the kernel's own too; -EIO: no answer came. */
int netlink_ask(struct netlink *n, struct netlink_question *q, union netlink_answer *to);
/* Something that the kernel does not answer; should it refuse it all the same, nobody hears of that. */
void netlink_tell(struct netlink *n, struct netlink_question *q);
/* Asks for a whole table: `take` is called with each message. 0 or -errno, and then not all were seen. */
int netlink_dump(struct netlink *n, struct netlink_question *q, void (*take)(void *context, const struct nlmsghdr *m), void *context);

/* ---- attributes; `body`: the size of the message's own struct, which they follow ---- */

/* The one of that type that has at least `n` bytes; NULL. */
const struct rtattr *netlink_attribute(const struct nlmsghdr *m, size_t body, uint16_t type, size_t n);
/* The same of those that are in `in`, which may be NULL. */
const struct rtattr *netlink_inner(const struct rtattr *in, uint16_t type, size_t n);
/* The attribute's bytes; NULL. */
const void *netlink_bytes(const struct nlmsghdr *m, size_t body, uint16_t type, size_t n);
/* 0 where there is none. */
uint32_t netlink_number(const struct nlmsghdr *m, size_t body, uint16_t type);

/* ---- addresses ---- */

uint8_t netlink_family(const struct address *a); /* AF_INET or AF_INET6 */
uint16_t netlink_length(const struct address *a); /* bytes */
struct address netlink_address(uint8_t family, const void *bytes);

#endif
