/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the commands on groups and numbers share: the options as a table, the hunting series. */
#ifndef AETA_ADMIN_GROUP_H
#define AETA_ADMIN_GROUP_H

#include "ctl.h"

#include <policy/directory.h>

/*
 * X(column of aeta_group, option, type, min, max, bit of the policy's option, bit is set where the column is, help).
 * Bit 0: a value, or an option that routing does not look at.
 */
#define GROUP_OPTIONS(X) \
	X(block_incoming, "--block-incoming", ARG_SWITCH, 0, 1, AETA_BLOCK_INCOMING, true, \
			"calls from outside the group are refused (B4)") \
	X(block_outgoing, "--block-outgoing", ARG_SWITCH, 0, 1, AETA_BLOCK_OUTGOING, true, \
			"members reach only their group and the exceptions (B5)") \
	X(hunting, "--hunting", ARG_SWITCH, 0, 1, AETA_HUNTING, true, "PREFIX6000 rings 6001, 6002, ... (B7)") \
	X(hunt_direct, "--hunt-direct", ARG_SWITCH, 0, 1, AETA_HUNT_NO_DIRECT, false, \
			"6001, 6002, ... may be called directly (B8)") \
	X(hunt_busy_603, "--hunt-busy-603", ARG_SWITCH, 0, 1, AETA_HUNT_BUSY_603, true, "answer 603 counts as busy") \
	X(hunt_busy_in_call, "--hunt-busy-in-call", ARG_SWITCH, 0, 1, AETA_HUNT_BUSY_IN_CALL, true, \
			"a member in a call counts as busy") \
	X(hunt_next_488, "--hunt-next-488", ARG_SWITCH, 0, 1, AETA_HUNT_NEXT_488, true, \
			"answer 488 moves on to the next member") \
	X(no_answer_s, "--no-answer", ARG_NUMBER, 0, 120, 0, true, \
			"seconds a member rings before the next one, 0 = no limit") \
	X(hunt_max_s, "--hunt-max", ARG_NUMBER, 10, 600, 0, true, "seconds, the whole hunt") \
	X(self_management, "--self-management", ARG_SWITCH, 0, 1, 0, true, "web login for each account (E1)") \
	X(call_log, "--call-log", ARG_SWITCH, 0, 1, 0, true, "quarterly call log (E2); kept, not sent yet")

#define SERIES_WARNING 28 /* members; a hunt rings no more in one transaction of the server (B7) */

/* Warns where the series is longer than one hunt can ring. */
void warn_long_series(struct ctl *ctl, long prefix);

#endif
