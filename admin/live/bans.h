/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is banned at which source (F1), and lifting it. */
#ifndef AETA_ADMIN_LIVE_BANS_H
#define AETA_ADMIN_LIVE_BANS_H

#include "live.h"

struct live_ban {
	char source[64]; /* an IPv4 address, or 64 bits of IPv6 as "2001:db8::/64" */
	char user[64];   /* as it called itself; "": the source with all users there */
	char since[32];  /* UTC, "2026-01-05T10:00:00Z" */
	long failures, users, left_s; /* wrong responses, users that failed there, seconds yet */
};

struct live_bans {
	struct live_ban *at; /* to be freed with live_bans_free() */
	size_t n;
	long more; /* that are not among them; LIVE_UNKNOWN: not said */
};

int live_bans(struct live *l, struct live_bans *out);
void live_bans_free(struct live_bans *bans);

/* Is that an address as people write it, in brackets or not, or as the list shows it? */
bool live_is_source(const char *text);

/* Is an address in a source as the list shows it? Any notation of it will do. */
bool live_source_has(const char *source, const char *address);

struct live_lifted {
	long users, sources; /* bans that there were */
};

/* Ends the ban of `user` at `source`, or with NULL that of the source and of all users there. -ENOENT: there is none. */
int live_ban_lift(struct live *l, const char *source, const char *user, struct live_lifted *out);

#endif
