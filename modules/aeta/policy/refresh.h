/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A5, D2: which refreshes of a registration need to reach the database. */
#ifndef AETA_POLICY_REFRESH_H
#define AETA_POLICY_REFRESH_H

#include <stdbool.h>
#include <stdint.h>

/*
 * An agent refreshes its binding at `now`, changes nothing of it, and refreshed it last at `before` (seconds since 1970). It
 * is granted `granted` seconds each time. True if this refresh has to be written.
 *
 * Time is cut into periods of half the grant, and the first refresh of each period is written. So what is written is never
 * older than half the grant when an agent refreshes, and an agent that refreshes more often than that finds its binding in
 * the database still valid at its next refresh; one that refreshes less often is written each time. Nothing is remembered
 * for it. `phase`, any number that stays with the binding, keeps the agents' periods apart.
 */
bool aeta_refresh_due(int64_t before, int64_t now, int64_t granted, uint32_t phase);

#endif
