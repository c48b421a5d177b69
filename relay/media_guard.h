/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guard against floods. Packets of strangers to a port whose party is locked are refused by the core, but each costs a reading, and
 * beyond what one processor can read they push the party's own packets out of the socket's queue. So a port that gets too many of
 * them is given a guard in the system: only the locked source comes to the queue. It is taken off after some seconds, and when the
 * stream changes; what it refused is counted as the core would have.
 */
#ifndef RELAY_MEDIA_GUARD_H
#define RELAY_MEDIA_GUARD_H

#include "media_port.h"

#define GUARD_REFUSED 200         /* packets of strangers in a second */
#define GUARD_US (3 * 1000000ull) /* it stays so long */
#define GUARD_NOT_US (6 * 1000000ull) /* not so soon after a source of rank 4 was locked (learn.h) */

/* A packet of a stranger was refused. */
void guard_refused(struct media *m, struct media_port *p, uint64_t now);
void guard_remove(struct media *m, struct media_port *p);
void guard_tick(struct media *m, uint64_t now);

#endif
