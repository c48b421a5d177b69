/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures of the running service, for a dashboard; each LIVE_UNKNOWN where it is not said. */
#ifndef AETA_ADMIN_LIVE_COUNTS_H
#define AETA_ADMIN_LIVE_COUNTS_H

#include "calls.h"

struct live_counts {
	long registered;    /* numbers that are registered */
	struct live_call_counts calls;
	long uptime_s;      /* of Kamailio; what follows is since its start */
	long media_direct, media_relayed; /* calls whose media was found to go so */
	long wrong_passwords;
	long bans;          /* in force now */
	long silent;        /* 0: answers of agents come in; else bits of policy/nat_probe.h, AETA_SILENT_… */
};

/* Several questions; a failure of one leaves its figures unknown, unless nobody is there at all. */
int live_counts(struct live *l, struct live_counts *out);

#endif
