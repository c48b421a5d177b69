/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls that outlast the relay's process: what has changed is written to the log (session_log.h) a moment later, all in one piece, so
 * that a call which lives no longer than that costs nothing; at the start what is found there goes on.
 *
 * Counters alone are no change. A call that carries media is written again every ten seconds all the same, so that what a sudden end
 * loses of its counters, and of when it was last heard, is no more than that.
 */
#ifndef RELAY_SESSIONS_H
#define RELAY_SESSIONS_H

#include "core/relay.h"
#include "session_log.h"

#define SESSIONS_MOMENT_US 100000u

struct sessions;

struct sessions_counts {
	uint64_t restored, dropped;  /* calls, at the start */
	uint64_t written;            /* records */
	uint64_t failed;             /* times that nothing could be written */
	unsigned saved;              /* calls that are in the log now */
};

/* `dropped` is told of calls of before that cannot go on. Owns `log`. NULL: no memory. */
struct saved_head;
typedef void sessions_dropped(void *context, const struct saved_head *call);
struct sessions *sessions_new(struct session_log *log, sessions_dropped *dropped, void *context);
void sessions_free(struct sessions *s); /* writes what is left of calls that ended; NULL: nothing */

/* Makes the calls that were saved; what cannot go on is said with its Call-ID. `r` is served from then on. */
void sessions_serve(struct sessions *s, struct relay *r, uint64_t now);

/* As struct relay_shell has them. touched: true where sessions_write() is wanted SESSIONS_MOMENT_US from now. */
bool sessions_touched(struct sessions *s);
bool sessions_ended(struct sessions *s, const struct call *c);
/* True: there is more to be written, so it wants to be called again in a moment. */
bool sessions_write(struct sessions *s, uint64_t now);
/* Once a second; as sessions_touched(). */
bool sessions_tick(struct sessions *s, uint64_t now);

/* Writes every call as it is now, for the next process; their counters were refreshed. 0 or -errno. */
int sessions_leave(struct sessions *s, uint64_t now);

const struct sessions_counts *sessions_counts(const struct sessions *s);
uint64_t sessions_bytes(const struct sessions *s); /* of the log's newest file */

#endif
