/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How often logins are tried, in the database, so that it counts on both nodes and over a restart. A try is counted before it is
 * looked at. Counted apart: the name from that source, the source, the name from anywhere. After a few free ones there is a wait of
 * two seconds, and after each further one twice as long, at most five minutes (one minute for a name, so that strangers cannot lock
 * its owner out); a quarter of an hour without a try forgets it all.
 */
#ifndef AETA_DATA_THROTTLE_H
#define AETA_DATA_THROTTLE_H

struct db;

/*
 * Counts a try. `name`: what was typed, with what kind of login it is; `address`: where from, an IP address.
 * 0, -EBUSY: too many, with the seconds to wait in *wait_s; or as db_exec().
 */
int throttle_take(struct db *db, const char *name, const char *address, unsigned *wait_s);

/* That try was right: it no longer counts, and none of that name from there. As db_exec(). */
int throttle_forget(struct db *db, const char *name, const char *address);

/* Takes out what is a day old, at most 500 rows. As db_exec(). */
int throttle_tidy(struct db *db);

#endif
