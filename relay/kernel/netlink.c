/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/netlink.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define ANSWER_MS 200

int netlink_open(struct netlink *n, int protocol)
{
	const struct timeval wait = {.tv_usec = ANSWER_MS * 1000};
	int rc;

	*n = (struct netlink){.fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)};
	if (n->fd < 0)
		return -errno;
	if (setsockopt(n->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) == 0)
		return 0;
	rc = -errno;
	netlink_close(n);
	return rc;
}

void netlink_close(struct netlink *n)
{
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
}

/* ---- questions ---- */

struct netlink_question netlink_question(uint16_t type, size_t body)
{
	return (struct netlink_question){
		.head = {.nlmsg_len = (uint32_t)NLMSG_LENGTH(body), .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST}};
}

void netlink_add(struct netlink_question *q, uint16_t type, const void *bytes, uint16_t n)
{
	struct rtattr *a = (struct rtattr *)(void *)((char *)q + NLMSG_ALIGN(q->head.nlmsg_len));

	a->rta_type = type;
	a->rta_len = (uint16_t)RTA_LENGTH(n);
	memcpy(RTA_DATA(a), bytes, n);
	q->head.nlmsg_len = (uint32_t)(NLMSG_ALIGN(q->head.nlmsg_len) + RTA_ALIGN(a->rta_len));
}

void netlink_add_address(struct netlink_question *q, uint16_t type, const struct address *a)
{
	netlink_add(q, type, a->bytes, netlink_length(a));
}

static int put(struct netlink *n, struct netlink_question *q)
{
	q->head.nlmsg_seq = ++n->number;
	return send(n->fd, q, q->head.nlmsg_len, 0) < 0 ? -errno : 0;
}

void netlink_tell(struct netlink *n, struct netlink_question *q)
{
	put(n, q);
}

/* How many bytes of an answer to the last question have come; -EIO. An earlier question's, which came too late, is passed over. */
static ssize_t get(struct netlink *n, union netlink_answer *to)
{
	for (;;) {
		ssize_t bytes = recv(n->fd, to, sizeof(*to), 0);

		if (bytes < 0)
			return -EIO;
		if (NLMSG_OK(&to->head, (size_t)bytes) && to->head.nlmsg_seq == n->number)
			return bytes;
	}
}

static int error_of(const struct nlmsghdr *m)
{
	return ((const struct nlmsgerr *)NLMSG_DATA(m))->error;
}

int netlink_ask(struct netlink *n, struct netlink_question *q, union netlink_answer *to)
{
	int rc = put(n, q);
	ssize_t bytes = rc ? rc : get(n, to);

	if (bytes < 0)
		return (int)bytes;
	return to->head.nlmsg_type == NLMSG_ERROR ? error_of(&to->head) : 0;
}

/* 1: there is more to come; 0: that was all; -errno. */
static int take_all(const struct nlmsghdr *m, size_t left, void (*take)(void *context, const struct nlmsghdr *m), void *context)
{
	for (; NLMSG_OK(m, left); m = NLMSG_NEXT(m, left)) {
		if (m->nlmsg_type == NLMSG_ERROR)
			return error_of(m);
		if (m->nlmsg_type == NLMSG_DONE)
			return 0;
		take(context, m);
	}
	return 1;
}

int netlink_dump(struct netlink *n, struct netlink_question *q, void (*take)(void *context, const struct nlmsghdr *m), void *context)
{
	union netlink_answer answer;
	int rc;

	q->head.nlmsg_flags |= NLM_F_DUMP;
	rc = put(n, q);
	if (rc)
		return rc;
	do {
		ssize_t bytes = get(n, &answer);

		rc = bytes < 0 ? (int)bytes : take_all(&answer.head, (size_t)bytes, take, context);
	} while (rc > 0);
	return rc;
}

/* ---- attributes ---- */

static const struct rtattr *one_of(const struct rtattr *a, int left, uint16_t type, size_t n)
{
	for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
		if ((a->rta_type & NLA_TYPE_MASK) == type && RTA_PAYLOAD(a) >= n)
			return a;
	return NULL;
}

const struct rtattr *netlink_attribute(const struct nlmsghdr *m, size_t body, uint16_t type, size_t n)
{
	const char *first = (const char *)NLMSG_DATA(m) + NLMSG_ALIGN(body);

	return one_of((const struct rtattr *)(const void *)first, (int)(m->nlmsg_len - NLMSG_LENGTH(body)), type, n);
}

const struct rtattr *netlink_inner(const struct rtattr *in, uint16_t type, size_t n)
{
	return in ? one_of(RTA_DATA(in), (int)RTA_PAYLOAD(in), type, n) : NULL;
}

const void *netlink_bytes(const struct nlmsghdr *m, size_t body, uint16_t type, size_t n)
{
	const struct rtattr *a = netlink_attribute(m, body, type, n);

	return a ? RTA_DATA(a) : NULL;
}

uint32_t netlink_number(const struct nlmsghdr *m, size_t body, uint16_t type)
{
	const void *at = netlink_bytes(m, body, type, sizeof(uint32_t));
	uint32_t value = 0;

	if (at)
		memcpy(&value, at, sizeof(value));
	return value;
}

/* ---- addresses ---- */

uint8_t netlink_family(const struct address *a)
{
	return a->family == 6 ? AF_INET6 : AF_INET;
}

uint16_t netlink_length(const struct address *a)
{
	return a->family == 6 ? 16 : 4;
}

struct address netlink_address(uint8_t family, const void *bytes)
{
	struct address a = {.family = family == AF_INET6 ? 6 : 4};

	memcpy(a.bytes, bytes, netlink_length(&a));
	return a;
}
