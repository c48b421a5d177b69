/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters of the statistics group `aeta`; kept per process, summed by Kamailio when they are read. */
#ifndef AETA_STATS_H
#define AETA_STATS_H

#include <stdbool.h>

#include "policy/media.h"

enum aeta_count {
	AETA_COUNT_HUNT_STARTED,
	AETA_COUNT_HUNT_RUNG,
	AETA_COUNT_HUNT_SKIPPED,
	AETA_COUNT_DUPLICATE_USE,
	AETA_COUNT_WORKER_SPARED,
	AETA_COUNT_DATABASE_HUNG,
	AETA_COUNT_TRACE_LOST,
	AETA_COUNT_ATTEMPTS_NOTED,
	AETA_COUNT_ATTEMPTS_BOUNDED,
	AETA_COUNT_ATTEMPTS_LOST,
	AETA_COUNT_ATTEMPTS_WRITTEN,
	AETA_COUNT_ATTEMPTS_PRUNED,
	AETA_COUNT_MEDIA_CONTRADICTED,
	AETA_COUNT_MEDIA_REDIALLED,
	AETA_COUNT_MEDIA_MOVED,
	AETA_COUNT_REFRESH_SPARED,
	AETA_COUNT_ACCOUNTS_KEPT,
	AETA_COUNT_ACCOUNTS_ASKED,
	AETA_COUNT_ACCOUNTS_GRACE,
	AETA_COUNT_FAILURES, /* of the guard, from here */
	AETA_COUNT_PAIR_BANS,
	AETA_COUNT_SOURCE_BANS,
	AETA_COUNT_SPARED_BOUND,
	AETA_COUNT_SPARED_DIALOG,
	AETA_COUNT_BANS_LIFTED,
	AETA_COUNT_REFUSED_BANNED,
	AETA_COUNT_DROPPED_BANNED,
	AETA_COUNT_DROPPED_FLOOD,
	AETA_COUNT_DROPPED_STRAY,
	AETA_COUNT_DROPPED_SCANNER,
	AETA_COUNT_DROPPED_SQL,
	AETA_COUNT_DIALOG_RATE,
	AETA_COUNT_ACCOUNT_RATE,
	AETA_COUNT_DROPPED_DOMAIN,
	AETA_COUNT_NAT_SENT, /* of the prober, from here */
	AETA_COUNT_NAT_ANSWERS,
	AETA_COUNT_NAT_PROBED,
	AETA_COUNT_NAT_LOST,
	AETA_COUNT_NAT_FULL,
	AETA_COUNT_NAT_IN_CALL,
	AETA_COUNT_NAT_UNKNOWN, /* one for each class, in the order of enum aeta_nat_class */
	AETA_COUNT_NAT_OPEN,
	AETA_COUNT_NAT_EIM,
	AETA_COUNT_NAT_CHANGED,
	AETA_COUNT_NAT_WALLED,
	AETA_COUNT_NAT_LEAKY,
	AETA_COUNTS,
};

/* mod_init(): 0 or -1. */
int aeta_stats_init(void);

void aeta_count(enum aeta_count what);
void aeta_count_add(enum aeta_count what, long by);
void aeta_stats_verdict(enum aeta_action action, enum aeta_rule rule);
/* Counts the path, and for a relayed call each reason. */
void aeta_stats_media(const struct aeta_media_verdict *v);
void aeta_stats_reload(bool good);

/* Calls `each` with name and value of every counter, in the order of the manual. */
void aeta_stats_walk(void (*each)(void *p, const char *name, long value), void *p);

#endif
