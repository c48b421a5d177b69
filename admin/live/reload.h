/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells Kamailio that something was changed in the database, so that it counts at once. */
#ifndef AETA_ADMIN_LIVE_RELOAD_H
#define AETA_ADMIN_LIVE_RELOAD_H

#include "live.h"

#include <time.h>

/* What Kamailio has to load anew; or-ed. */
enum live_reload {
	LIVE_PLAN = 1 << 0,    /* groups, exceptions, the relay sets of domains */
	LIVE_DOMAINS = 1 << 1, /* which domains are ours */
	LIVE_RELAYS = 1 << 2,  /* relays, where its configuration has any */
	LIVE_ALL = LIVE_PLAN | LIVE_DOMAINS | LIVE_RELAYS
};

#define LIVE_RELOADS 4

struct live_reloaded {
	struct live_told {
		const char *method; /* "aeta.reload"; of static storage */
		bool done;
		char reason[512]; /* why not */
	} told[LIVE_RELOADS];
	unsigned n;
	time_t relays_by;          /* the relays count by then at the latest, without anybody's doing; 0: they do already, or not at all */
	const char *relays_failed; /* the method for whose failure the relays are not loaded and will not be; or NULL */
	const char *relays_reason; /* why; in `told` */
};

/*
 * Has Kamailio load `what` anew. -EPERM: it refuses the data and goes on with the old. The change itself is in the database in any
 * case; where Kamailio was not reached it counts when that starts.
 */
int live_reload(struct live *l, unsigned what, struct live_reloaded *out);

/* An account or its credentials have changed. Where Kamailio is not told it finds out by itself, within three seconds. */
void live_accounts_changed(struct live *l);

#endif
