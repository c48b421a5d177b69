/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counting the packets of one source, as learning wants it (learn.h); for learn.c alone. */
#ifndef RELAY_CORE_LEARN_TRACK_H
#define RELAY_CORE_LEARN_TRACK_H

#include "learn.h"

/* A packet, as far as it teaches. */
struct heard {
	const struct endpoint *source;
	uint64_t now;
	uint32_t ssrc;
	uint16_t sequence;
	uint8_t type;
	bool rtp;     /* the transport is RTP */
	bool stream;  /* RTP on its port, RTCP on its own */
	bool control; /* RTCP */
	bool valid;   /* of a stream: its payload type was signalled */
};

static inline void track_clear(struct learn_track *t)
{
	t->source.port = 0;
}

/*
 * Counts a packet of a candidate; the number of consecutive ones so far, 0: another candidate is being counted. One that is
 * heard gives way only to a better rank and, without a sequence, to one with. So nobody disturbs it by sending in between.
 */
unsigned track_count(struct learn_track *t, const struct heard *h, unsigned rank);

/* Counts a packet of the one source that `t` follows, or of a new one in its place; 0 while it is not consistent. */
unsigned track_follow(struct learn_track *t, const struct heard *h, unsigned rank);

#endif
