/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call as bytes, and back: all that it needs to go on as before in another process. What is kept where is the shell's affair; a
 * record is whole in itself, so that it can lie in a file, or with a standby.
 *
 *      version, who wrote it ─ call ─┬─ party ─┬─ stream ─┬─ RTP: address, learning, statistics
 *                                    │         │          └─ RTCP
 *                                    └─ ...    └─ ...
 *
 * Not kept are the sockets, which are opened anew, and the open recording: the call is recorded on, into another file. Times are those
 * of the writer's clock, whose distance from 1970 is in the record.
 */
#ifndef RELAY_CORE_SAVED_H
#define RELAY_CORE_SAVED_H

#include "relay.h"

#define SAVED_VERSION 1

/* Appends the record of `c`; to->failed where it has no room. Its counters are as they stand (relay_shell's refresh() is not called). */
void saved_write(struct call *c, struct out *to);

/* What a record is about, without what follows it; false: another version, or no record. Texts are views into it. */
struct saved_head {
	struct text id;               /* Call-ID */
	struct text from_tag, to_tag; /* of the party that called first, and of the one that it speaks to; empty: nobody, or not known */
	uint64_t created;             /* µs of the writer's clock */
};
bool saved_head(struct text record, struct saved_head *head);

/*
 * Makes the call of a record, its ports and all, in the order of its age. `same_clock`: the record is of this machine, and of this boot;
 * else its times are taken from the time of day. 0, or nothing has changed and `why` says the reason in words:
 * -EPROTO: another version; -EBADMSG: no whole record; -EEXIST: there is such a call; -EADDRNOTAVAIL: no local address, or no port
 * range, that the call has; -ENOMEM; or what the shell said of a port.
 */
#define SAVED_WHY_MAX 128
int saved_restore(struct relay *r, struct text record, bool same_clock, uint64_t now, char why[SAVED_WHY_MAX]);

#endif
