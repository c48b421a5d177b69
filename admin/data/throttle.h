/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How often logins are tried, in the database, so that it counts on both nodes and over a restart. A try is counted before it is
 * looked at. Counted apart: the source, the name from that source, the name from anywhere. After a few free ones there is a wait of
 * two seconds, and after each further one twice as long, at most five minutes (one minute for a name); a quarter of an hour without a try
 * forgets it all. So that strangers, who can come from many addresses, cannot lock the owner of a name out, the last of the three does
 * not count for a source from which that name has logged in during the last 30 days.
 */
#ifndef AETA_DATA_THROTTLE_H
#define AETA_DATA_THROTTLE_H

struct db;

/*
 * Counts a try. `name`: what was typed, with what kind of login it is; `address`: where from, an IP address.
 * 0, -EBUSY: too many, with the seconds to wait in *wait_s; or as db_exec().
 */
int throttle_take(struct db *db, const char *name, const char *address, unsigned *wait_s);

/* That try was not looked at: it does not count. As db_exec(). */
int throttle_undo(struct db *db, const char *name, const char *address);

/* That try was right: it no longer counts, and none of that name from there, which is known to come from there now. As db_exec(). */
int throttle_forget(struct db *db, const char *name, const char *address);

/* Takes out what does not count any more, at most 100,000 rows. As db_exec(). */
int throttle_tidy(struct db *db);

#endif
