/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/ipsec.h"

#include "kernel/netlink.h"

#include <errno.h>
#include <limits.h>
#include <linux/xfrm.h>
#include <string.h>

int ipsec_policies(struct netlink *n)
{
	struct netlink_question q = netlink_question(XFRM_MSG_GETSPDINFO, sizeof(q.number));
	union netlink_answer answer;
	struct xfrmu_spdinfo info;
	const void *found;
	uint64_t count;
	int rc = netlink_ask(n, &q, &answer);

	if (rc)
		return rc;
	found = netlink_bytes(&answer.head, sizeof(uint32_t), XFRMA_SPD_INFO, sizeof(info));
	if (!found)
		return -EBADMSG;
	memcpy(&info, found, sizeof(info));
	count = (uint64_t)info.incnt + info.outcnt;
	return count > INT_MAX ? INT_MAX : (int)count;
}
