/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "learn_track.h"

#define AHEAD_MAX 10u /* a gap is at most so wide */
#define BACK_MAX  64u /* a copy or a late packet is at most so old; it neither counts nor disturbs */

static unsigned begin(struct learn_track *t, const struct heard *h, unsigned rank)
{
	*t = (struct learn_track){.source = *h->source, .rank = (uint8_t)rank, .count = 1, .type = h->type,
			.stream = h->stream, .sequence = h->sequence, .ssrc = h->ssrc, .last = h->now};
	return 1;
}

static bool is_followed(const struct learn_track *t, const struct heard *h)
{
	return t->source.port && t->stream == h->stream && (!h->stream || t->ssrc == h->ssrc) &&
			endpoint_equal(&t->source, h->source);
}

/* True: consistent with what came before (counted, or a copy of it). */
static bool goes_on(struct learn_track *t, const struct heard *h)
{
	uint16_t ahead = (uint16_t)(h->sequence - t->sequence);

	t->last = h->now;
	if (h->rtp && h->stream && !h->control) {
		if ((uint16_t)-ahead <= BACK_MAX)
			return true;
		if (ahead > AHEAD_MAX || (ahead > 1 && ++t->gaps > LEARN_GAPS))
			return false;
		t->sequence = h->sequence;
		t->type = h->type;
	}
	if (t->count < UINT8_MAX)
		t->count++;
	return true;
}

/* Of another type, and not in the sequence: parity FEC has numbers of its own (RFC 5109). It neither counts nor disturbs. */
static bool is_aside(const struct learn_track *t, const struct heard *h)
{
	uint16_t ahead = (uint16_t)(h->sequence - t->sequence);

	return h->rtp && h->stream && !h->control && h->type != t->type && ahead > AHEAD_MAX && (uint16_t)-ahead > BACK_MAX &&
			h->now - t->last < LEARN_QUIET;
}

static bool gives_way(const struct learn_track *t, const struct heard *h, unsigned rank)
{
	if (!t->source.port || h->now - t->last >= LEARN_QUIET)
		return true;
	return t->stream == h->stream ? rank < t->rank : h->stream;
}

unsigned track_count(struct learn_track *t, const struct heard *h, unsigned rank)
{
	if (!is_followed(t, h))
		return gives_way(t, h, rank) ? begin(t, h, rank) : 0;
	if (is_aside(t, h) || goes_on(t, h))
		return t->count;
	/* It begins again, but whoever comes next may be first: nonsense does not hold the place. */
	track_clear(t);
	return 0;
}

unsigned track_follow(struct learn_track *t, const struct heard *h, unsigned rank)
{
	if (!h->stream || !h->valid) {
		if (endpoint_equal(&t->source, h->source))
			t->last = h->now;
		return 0;
	}
	if (is_followed(t, h) && (is_aside(t, h) || goes_on(t, h)))
		return t->count;
	return begin(t, h, rank);
}
