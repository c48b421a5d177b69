/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A relay without sockets: its shell keeps in memory what is open, refuses ports on demand, and moves the clock by hand. After
 * each step world_check() looks whether the core's books are right.
 */
#ifndef AETA_TESTS_WORLD_H
#define AETA_TESTS_WORLD_H

#include "core/party.h"
#include "core/relay.h"

#define WORLD_INTERFACES 3

struct world { /* large: static or allocated */
	struct relay_config config;
	struct relay *relay;
	struct out reply;
	uint64_t now;
	unsigned opened, closed;       /* sockets, ever */
	struct component *sockets[WORLD_INTERFACES][65536]; /* by address and port */
	unsigned refuse;               /* so many opens are refused, with -refuse_error */
	int refuse_error;
	unsigned refuse_after;         /* the opens before are granted */
	unsigned changes, touched;
	bool touch_closing;            /* the call of a port that closes is touched: its stream comes back from the kernel */
	unsigned forwarded_closing;    /* so many packets have come to an RTP port that closes by the kernel */
	unsigned recordings_started, recordings_stopped, recordings_discarded;
	int record_error;
	unsigned record_exists;        /* so many file names are taken */
	char record_file[64];          /* the newest that was asked for */
	unsigned ended[RELAY_SHUTDOWN + 1];
	const char *overload;          /* what the machine's load limit says */
	char log[256];                 /* the newest line */
	unsigned requests;             /* cookies given */
};

/* Two logical interfaces, "ext" (192.0.2.1, 2001:db8::1) and "int" (10.9.8.7), ports 20000..29999. */
void world_configure(struct world *w);
/* By its configuration; false: no memory. */
bool world_start(struct world *w);
/* Every call ends; what is wrong then (a socket left open), or NULL. */
const char *world_stop(struct world *w);

/*
 * Another relay takes this one's place, with the calls that it saved: what is wrong with them, or with what they are when they are
 * saved again, or NULL. Totals are taken over; replies that were stored, and pairs that failed, are not.
 */
const char *world_restart(struct world *w);

/* Sends `dict` with a new cookie from `source` (NULL: 127.0.0.1:4000). The reply's dictionary; empty: there was none. */
struct text world_ask(struct world *w, struct text dict, const struct endpoint *source);
void world_wait(struct world *w, unsigned seconds); /* with a tick each second */

/*
 * What is wrong with the core's books, or NULL: every pair is free, set aside or of exactly one stream; what is open is what the
 * shell has; peers are mutual, and streams' links are those of their parties.
 */
const char *world_check(struct world *w);
unsigned world_open_sockets(const struct world *w);

#endif
