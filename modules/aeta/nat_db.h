/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of NATs (nat_known.h), in the database: written behind, read at the start. */
#ifndef AETA_NAT_DB_H
#define AETA_NAT_DB_H

#include <stdbool.h>

/* mod_init(): reads what was known before. A failure is said in the log and costs no more than some relaying. */
void aeta_nat_load(void);

/*
 * Of the process that probes, now and then: reads what another server has written since it was last read, at most every five seconds. So a
 * backup that takes over knows what the other has found out.
 */
void aeta_nat_follow(void);

/*
 * Of the process that probes, now and then: writes what has changed, and deletes what nobody was seen at for 90 days. What
 * cannot be written is kept.
 */
void aeta_nat_write(void);

/* May this account be probed? 1, 0: its operator says no, or -EIO. */
int aeta_nat_may_probe(const char *account);

void aeta_nat_db_disconnect(void);

#endif
