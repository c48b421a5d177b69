/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/ipsec.h"

#include <errno.h>
#include <limits.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define ANSWER_MS   200 /* the kernel answers at once */
#define MESSAGE_MAX 1024

int ipsec_open(void)
{
	const struct timeval wait = {.tv_usec = ANSWER_MS * 1000};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_XFRM), rc;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) == 0)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

static int read_answer(const struct nlmsghdr *m)
{
	const struct rtattr *a = (const struct rtattr *)(const void *)((const char *)NLMSG_DATA(m) + NLMSG_ALIGN(sizeof(uint32_t)));
	int left = (int)(m->nlmsg_len - NLMSG_LENGTH(sizeof(uint32_t)));
	struct xfrmu_spdinfo info;
	uint64_t count;

	if (m->nlmsg_type == NLMSG_ERROR)
		return ((const struct nlmsgerr *)NLMSG_DATA(m))->error;
	for (; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		if (a->rta_type != XFRMA_SPD_INFO || RTA_PAYLOAD(a) < sizeof(info))
			continue;
		memcpy(&info, RTA_DATA(a), sizeof(info));
		count = (uint64_t)info.incnt + info.outcnt;
		return count > INT_MAX ? INT_MAX : (int)count;
	}
	return -EBADMSG;
}

int ipsec_policies(int fd)
{
	static uint32_t number;
	struct {
		struct nlmsghdr head;
		uint32_t flags;
	} question = {.head = {.nlmsg_len = NLMSG_LENGTH(sizeof(uint32_t)), .nlmsg_type = XFRM_MSG_GETSPDINFO, .nlmsg_flags = NLM_F_REQUEST,
			.nlmsg_seq = ++number}};
	_Alignas(struct nlmsghdr) char answer[MESSAGE_MAX];
	const struct nlmsghdr *m = (const struct nlmsghdr *)(const void *)answer;

	if (send(fd, &question, sizeof(question), 0) < 0)
		return -errno;
	for (;;) {
		ssize_t n = recv(fd, answer, sizeof(answer), 0);

		if (n < 0)
			return -errno;
		if (NLMSG_OK(m, (size_t)n) && m->nlmsg_seq == number) /* else it came too late */
			return read_answer(m);
	}
}
