/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "learn.h"

#include "learn_track.h"
#include "rtp.h"
#include "sdp.h"
#include "stream.h"

/* ---- what signalling says ---- */

void learn_start(struct learning *l, enum learn_mode mode, bool outside_allowed, uint64_t now)
{
	*l = (struct learning){.mode = (uint8_t)mode, .outside_allowed = outside_allowed, .since = now, .signalled_at = now};
}

static bool is_somewhere(const struct endpoint *e)
{
	return e->port && e->address.family && !address_is_any(&e->address);
}

static bool is_signalled(const struct component *c, const struct endpoint *e)
{
	return endpoint_equal(e, &c->signalled) || endpoint_equal(e, &c->also);
}

/* The lock was made because SIP came from there, and it comes from elsewhere now. */
static bool sip_moved(const struct component *c)
{
	const struct address *sip = &c->stream->party->sip_source;

	return c->learning.rank == 3 && sip->family && !address_equal(sip, &c->learning.source.address);
}

/* Learning begins anew; who was locked may still be heard. */
static void unlock(struct learning *l, uint64_t now)
{
	struct learning anew = {.mode = l->mode, .outside_allowed = l->outside_allowed, .signalled_at = l->signalled_at,
			.outsider = l->outsider, .crowded = l->crowded, .since = now};

	if (l->state == LEARN_LOCKED) {
		anew.previous_known = true;
		anew.previous = l->source;
		anew.previous_ssrc = l->ssrc;
		anew.previous_open = !l->ssrc_known;
	} else if (l->previous_known) {
		anew.previous_known = true;
		anew.previous = l->previous;
		anew.previous_ssrc = l->previous_ssrc;
		anew.previous_open = l->previous_open;
	}
	*l = anew;
}

/* Is the lock one that signalling, as it is now, would not have made? */
static bool is_outdated(const struct component *c)
{
	return c->learning.state == LEARN_LOCKED && (sip_moved(c) || (c->stream->strict && c->learning.rank == 4));
}

bool learn_signalled(struct component *c, const struct endpoint *to, const struct endpoint *also, uint64_t now)
{
	struct learning *l = &c->learning;
	bool same = endpoint_equal(to, &c->signalled), outside = l->rank == 4;

	l->signalled_at = now;
	if (!is_somewhere(to))
		return false;
	c->signalled = *to;
	c->also = is_somewhere(also) ? *also : (struct endpoint){0};
	if (l->state == LEARN_LOCKED && is_signalled(c, &l->source)) {
		l->rank = 1;
		return !same;
	}
	if (same && !is_outdated(c))
		return false;
	unlock(l, now);
	if (outside && c->stream->strict)
		l->previous_known = false;
	return true;
}

/* ---- who is who ---- */

static bool is_rtcp(const struct component *c)
{
	return c->kind == COMPONENT_RTCP;
}

unsigned learn_rank(const struct component *c, const struct endpoint *source)
{
	const struct stream *s = c->stream;
	const struct learning *rtp = &s->rtp.learning;

	if (is_signalled(c, source))
		return 1;
	if (is_rtcp(c) && rtp->state == LEARN_LOCKED)
		return address_equal(&source->address, &rtp->source.address) ? 2 : 4;
	if (address_equal(&source->address, &c->signalled.address) || address_equal(&source->address, &c->also.address))
		return 2;
	if (is_rtcp(c) && address_equal(&source->address, &s->rtp.signalled.address))
		return 2;
	return address_equal(&source->address, &s->party->sip_source) ? 3 : 4;
}

const struct endpoint *learn_destination(const struct component *c)
{
	const struct learning *l = &c->learning;

	if (l->state != LEARN_LOCKED && c->stream->wait)
		return NULL;
	if (l->state == LEARN_LOCKED && l->mode != LEARN_OFF && !c->stream->asymmetric)
		return &l->source;
	return c->signalled.port ? &c->signalled : NULL;
}

/* By its own SDP, or since the other side does not want to hear it. */
static bool only_receives(const struct stream *s)
{
	return (s->direction & SDP_RECVONLY) || (s->peer && (s->peer->direction & SDP_SENDONLY));
}

/* ---- locking ---- */

/* RTCP follows: a lock of it elsewhere than RTP's is nobody's, and after a move nor is one at the address that RTP has left. */
static void rtcp_follows(struct stream *s, bool moved)
{
	struct learning *l = &s->rtcp.learning;

	if (l->state != LEARN_LOCKED || l->rank == 1)
		return;
	if (moved || !address_equal(&l->source.address, &s->rtp.learning.source.address)) {
		unlock(l, l->since);
		l->previous_known = false;
	}
}

static struct learn_result lock(struct component *c, const struct heard *h, unsigned rank)
{
	struct learning *l = &c->learning;
	bool moves = l->state == LEARN_LOCKED, elsewhere = moves && !endpoint_equal(&l->source, h->source);

	l->state = LEARN_LOCKED;
	l->rank = (uint8_t)rank;
	l->source = *h->source;
	l->ssrc_known = h->rtp && h->stream && h->valid;
	l->ssrc = h->ssrc;
	l->since = l->last = h->now;
	l->previous_known = false;
	track_clear(&l->candidate);
	if (!is_rtcp(c))
		rtcp_follows(c->stream, elsewhere);
	return (struct learn_result){.taken = true, .event = moves ? LEARN_MOVES : LEARN_LOCKS};
}

/* ---- before the lock ---- */

/* Its four packets; of what comes without a sequence, and for RTCP that RTP vouches for, there are exceptions (learn.h). */
static bool heard_enough(const struct component *c, const struct heard *h, unsigned count)
{
	const struct learning *l = &c->learning, *rtp = &c->stream->rtp.learning;

	if (l->mode == LEARN_DELAYED && h->now - l->since < LEARN_DELAY)
		return false;
	if (count >= LEARN_PACKETS || l->mode == LEARN_IMMEDIATE)
		return true;
	if (is_rtcp(c) && h->stream && rtp->state == LEARN_LOCKED && rtp->ssrc_known && rtp->ssrc == h->ssrc)
		return true;
	return (is_rtcp(c) || !h->stream) && h->rtp && only_receives(c->stream);
}

static struct learn_result plausible(struct component *c, const struct heard *h, unsigned rank)
{
	struct learning *l = &c->learning;
	unsigned count;

	l->plausible = h->now;
	if (rank == 1)
		return lock(c, h, 1);
	if (l->state == LEARN_OPEN)
		l->state = LEARN_WATCHING;
	count = h->stream && !h->valid ? 0 : track_count(&l->candidate, h, rank);
	if (count && heard_enough(c, h, count))
		return lock(c, h, rank);
	return (struct learn_result){.taken = true};
}

/* One source that is heard on both sides of a call belongs to neither; nor does a side that is heard on the other's port. */
static bool is_sprayer(const struct component *c, const struct heard *h)
{
	const struct stream *peer = c->stream->peer;
	const struct learning *l = &peer->rtp.learning;
	const struct learn_track *t = &l->outsider;

	if (l->state == LEARN_LOCKED && endpoint_equal(&l->source, h->source))
		return true;
	if (l->state == LEARN_LOCKED && l->rank == 4 && address_equal(&l->source.address, &h->source->address))
		return true;
	return t->source.port && h->now - t->last < LEARN_TAKE_BACK && address_equal(&t->source.address, &h->source->address);
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static bool outside_may_lock(const struct component *c, const struct heard *h)
{
	const struct learning *l = &c->learning;
	const struct stream *s = c->stream;
	uint64_t missed = later(later(l->since, s->party->call->last_signal), later(l->plausible, l->crowded));

	return l->outside_allowed && l->mode != LEARN_OFF && !s->strict && h->rtp && !is_rtcp(c) && s->peer &&
			s->party->call->answered && !only_receives(s) && h->now >= missed + LEARN_SILENT && !is_sprayer(c, h);
}

/* Rank 4: never taken before it is locked. */
static struct learn_result outside(struct component *c, const struct heard *h)
{
	struct learning *l = &c->learning;
	struct learn_track *t = &l->outsider;

	if (t->source.port && !endpoint_equal(&t->source, h->source) && h->now - t->last < LEARN_SILENT) {
		l->crowded = h->now;
		return (struct learn_result){0};
	}
	if (track_follow(t, h, 4) >= LEARN_PACKETS && l->state != LEARN_LOCKED && outside_may_lock(c, h))
		return lock(c, h, 4);
	return (struct learn_result){0};
}

static bool is_previous(const struct learning *l, const struct heard *h)
{
	return l->previous_known && endpoint_equal(&l->previous, h->source) &&
			(!h->stream || l->previous_open || l->previous_ssrc == h->ssrc);
}

static struct learn_result previous(struct component *c, const struct heard *h)
{
	struct learning *l = &c->learning;

	if (h->stream && h->valid && h->now >= later(l->since, l->plausible) + LEARN_SILENT)
		return lock(c, h, learn_rank(c, h->source));
	return (struct learn_result){.taken = true};
}

static struct learn_result unlocked(struct component *c, const struct heard *h)
{
	unsigned rank = learn_rank(c, h->source);

	if (is_previous(&c->learning, h))
		return previous(c, h);
	return rank < 4 ? plausible(c, h, rank) : outside(c, h);
}

/* ---- after the lock ---- */

/* For how long an SSRC must have been silent. RTCP comes every few seconds (RFC 3550 6.2), so its silence means less. */
static uint64_t silence_needed(const struct heard *h, bool signalled)
{
	if (h->control)
		return LEARN_SILENT_RTCP;
	return signalled ? LEARN_QUIET : LEARN_SILENT;
}

/* Another SSRC of the locked source: refused while the old one lives. When it has stopped, it takes its place. */
static struct learn_result restarts(struct component *c, const struct heard *h)
{
	struct learning *l = &c->learning;
	bool signalled = h->now - l->signalled_at < LEARN_TAKE_BACK;
	struct learn_result refused = {.wrong_ssrc = true};

	if (!h->valid || (c->stream->strict && !signalled))
		return refused;
	if (track_count(&l->candidate, h, l->rank) < LEARN_PACKETS || h->now - l->last < silence_needed(h, signalled))
		return refused;
	return lock(c, h, l->rank);
}

/* RTCP on the RTP port: of the locked SSRC, or of one of its own, which is remembered with the RTCP component. */
static struct learn_result muxed(struct component *c, const struct heard *h)
{
	struct learning *l = &c->learning, *own = &c->stream->rtcp.learning;
	struct learn_result taken = {.taken = true}, refused = {.wrong_ssrc = true};

	if (!l->ssrc_known || h->ssrc == l->ssrc || (own->ssrc_known && h->ssrc == own->ssrc))
		return taken;
	if (own->ssrc_known || own->state == LEARN_LOCKED)
		return refused;
	if (track_count(&own->candidate, h, l->rank) < LEARN_PACKETS)
		return refused;
	own->ssrc_known = true;
	own->ssrc = h->ssrc;
	return taken;
}

/* From the locked source. */
static struct learn_result own(struct component *c, const struct heard *h)
{
	struct learning *l = &c->learning, *rtp = &c->stream->rtp.learning;
	struct learn_result taken = {.taken = true};

	if (!h->stream) {
		if (!l->ssrc_known)
			l->last = h->now;
		if (!l->candidate.stream)
			track_clear(&l->candidate);
		return h->control ? muxed(c, h) : taken;
	}
	if (!h->rtp)
		l->ssrc_known = false; /* a stream that has become T.38 */
	if (is_rtcp(c) && rtp->state == LEARN_LOCKED && rtp->ssrc_known && rtp->ssrc == h->ssrc)
		l->ssrc = h->ssrc;
	if (l->ssrc_known && l->ssrc != h->ssrc)
		return restarts(c, h);
	l->last = h->now;
	track_clear(&l->candidate);
	if (!l->ssrc_known && h->rtp && h->valid) {
		l->ssrc_known = true;
		l->ssrc = h->ssrc;
		taken.event = LEARN_FILLS;
	}
	return taken;
}

/* A plausible source puts out one from outside that has not been locked for long. */
static struct learn_result takes_back(struct component *c, const struct heard *h)
{
	struct learn_result result;

	unlock(&c->learning, h->now);
	c->learning.previous_known = false;
	rtcp_follows(c->stream, true);
	result = unlocked(c, h);
	result.event = LEARN_TAKEN_BACK;
	return result;
}

/* From elsewhere than the lock: refused, but for the few that may move it. */
static struct learn_result elsewhere(struct component *c, const struct heard *h)
{
	struct learning *l = &c->learning;
	const struct stream *s = c->stream;
	unsigned rank = learn_rank(c, h->source), count;
	bool stream = h->stream && h->valid, fills = h->rtp && !l->ssrc_known && rank < 4 && (stream || !h->stream);
	bool handover = s->handover && stream && l->ssrc_known && l->ssrc == h->ssrc && (rank < 4 || !s->strict);
	struct learn_result refused = {0};

	if (l->rank == 4 && rank < 4 && h->now - l->since < LEARN_TAKE_BACK)
		return takes_back(c, h);
	if (!fills && !handover && !(stream && rank == 1 && l->rank > 1)) {
		if (rank == 4 && !is_rtcp(c))
			outside(c, h);
		return refused;
	}
	count = track_count(&l->candidate, h, rank);
	if (count >= LEARN_PACKETS || (fills && stream && rank == 1))
		if (fills || h->now - l->last >= LEARN_QUIET)
			return lock(c, h, rank);
	refused.taken = fills && stream;
	return refused;
}

/*
 * What teaches how much: RTP on its port and RTCP on its own are streams with an SSRC, the datagrams of another transport one
 * without; everything else shows a source alone.
 */
struct learn_result learn_packet(struct component *c, const struct rtp_header *r, const struct endpoint *source, uint64_t now)
{
	const struct stream *s = c->stream;
	struct heard h = {.source = source, .now = now, .ssrc = r->ssrc, .sequence = r->sequence, .type = r->type};

	h.rtp = s->transport == SDP_RTP || s->transport == SDP_SRTP;
	h.control = r->kind == RTP_CONTROL;
	h.stream = is_rtcp(c) ? h.control : r->kind == (h.rtp ? RTP_MEDIA : RTP_OTHER);
	h.valid = h.control || !h.rtp || !(s->payload_types[0] | s->payload_types[1]) || rtp_type_in(s->payload_types, r->type);
	if (c->learning.state != LEARN_LOCKED)
		return unlocked(c, &h);
	return endpoint_equal(source, &c->learning.source) ? own(c, &h) : elsewhere(c, &h);
}
