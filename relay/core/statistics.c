/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "statistics.h"

#include "rtp.h"

/* How far a sequence number may jump ahead and still be loss (RFC 3550 A.1). Back it is the window. */
#define DROPOUT_MAX 3000u
/* So many packets in a row that were far off, each following the one before, begin the sequence anew. Of another payload type it
 * takes more of them: parity FEC in between has numbers of its own (RFC 5109). */
#define RESTART_SAME  2u
#define RESTART_OTHER 16u

#define TICK_BITS     20
#define MEASURE_US    2000000u  /* the clock rate is measured over so long ... */
#define MEASURE_MAX   10000000u /* ... and given up, and begun again, after so long */
#define US_PER_S      1000000u

const char *refusal_name(enum refusal why)
{
	static const char *const names[] = {
		"",
#define X(id, name) name,
		REFUSALS(X)
#undef X
	};

	return (unsigned)why < REFUSALS_COUNT ? names[why] : "";
}

/* ---- sequence ---- */

static bool seen(struct leg_statistics *s, uint16_t sequence, bool set)
{
	unsigned at = sequence % STATISTICS_WINDOW;
	uint64_t bit = 1ull << (at % 64), *word = &s->seen[at / 64];
	bool was = (*word & bit) != 0;

	*word = set ? *word | bit : *word & ~bit;
	return was;
}

static void recount(struct leg_statistics *s)
{
	uint64_t lost = s->expected > s->unique ? s->expected - s->unique : 0;

	s->lost = lost > UINT32_MAX ? UINT32_MAX : (uint32_t)lost;
}

static void sequence_begins(struct leg_statistics *s, const struct rtp_header *h)
{
	memset(s->seen, 0, sizeof(s->seen));
	seen(s, h->sequence, true);
	s->highest_sequence = h->sequence;
	s->cycles = 0;
	s->bad_count = 0;
	s->run = 1;
	s->expected++;
	s->unique++;
}

static void went_ahead(struct leg_statistics *s, uint16_t sequence, uint16_t by)
{
	if (by >= STATISTICS_WINDOW) {
		memset(s->seen, 0, sizeof(s->seen));
	} else {
		for (uint16_t i = 1; i < by; i++)
			seen(s, (uint16_t)(s->highest_sequence + i), false);
	}
	seen(s, sequence, true);
	if (sequence < s->highest_sequence)
		s->cycles++;
	s->highest_sequence = sequence;
	s->run += by;
	s->expected += by;
	s->unique++;
}

static void came_late(struct leg_statistics *s, uint16_t sequence, uint16_t behind)
{
	if (seen(s, sequence, true)) {
		s->duplicates++;
		return;
	}
	s->reordered++;
	if (behind < s->run) /* else it is older than the first, and nobody missed it */
		s->unique++;
}

/* True: the sequence begins anew with this packet. */
static bool went_astray(struct leg_statistics *s, const struct rtp_header *h)
{
	bool follows = s->bad_count && h->sequence == s->bad_sequence && h->type == s->bad_type;

	s->bad_count = follows ? s->bad_count + 1 : 1;
	s->bad_sequence = (uint16_t)(h->sequence + 1);
	s->bad_type = h->type;
	return s->bad_count >= (h->type == s->last_type ? RESTART_SAME : RESTART_OTHER);
}

/* ---- jitter ---- */

static void measure_begins(struct leg_statistics *s, const struct rtp_header *h, uint64_t now)
{
	s->first_timestamp = h->timestamp;
	s->first_arrival = now;
}

static void clock_is(struct leg_statistics *s, uint32_t rate)
{
	s->clock_rate = rate;
	s->tick = (uint32_t)(((uint64_t)US_PER_S << TICK_BITS) / rate);
}

/* The static payload types of RFC 3551 say it; of the others it is measured. (G.722's is 8000 by history.) */
static uint32_t static_rate(uint8_t type)
{
	static const uint16_t rates[] = {
		[0] = 8000, [3] = 8000, [4] = 8000, [5] = 8000, [6] = 16000, [7] = 8000, [8] = 8000, [9] = 8000, [10] = 44100,
		[11] = 44100, [12] = 8000, [15] = 8000, [16] = 11025, [17] = 22050, [18] = 8000,
	};

	if (type == 14 || (type >= 25 && type <= 34))
		return 90000;
	return type < sizeof(rates) / sizeof(rates[0]) ? rates[type] : 0;
}

/* The usual rate that is nearest to what was measured, if it is within a twentieth of it. */
static uint32_t usual_rate(uint64_t measured)
{
	static const uint32_t rates[] = {8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 90000, 96000, 192000};
	uint32_t best = 0;
	uint64_t distance = measured / 20;

	for (unsigned i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		uint64_t d = measured > rates[i] ? measured - rates[i] : rates[i] - measured;

		if (d <= distance) {
			best = rates[i];
			distance = d;
		}
	}
	return best;
}

static void measure_clock(struct leg_statistics *s, const struct rtp_header *h, uint64_t now)
{
	uint64_t took = now - s->first_arrival;

	if (took < MEASURE_US)
		return;
	if (took <= MEASURE_MAX) {
		uint32_t rate = usual_rate((uint64_t)(uint32_t)(h->timestamp - s->first_timestamp) * US_PER_S / took);

		if (rate) {
			clock_is(s, rate);
			return;
		}
	}
	measure_begins(s, h, now); /* a pause, or talk spurts: measure again */
}

/*
 * RFC 3550 A.8, in µs: D is how much later than its timestamp says a packet came, against the one before it. Of several packets
 * of one timestamp (a video frame) the first counts; timestamps that jump tell nothing about the network.
 */
static void jitter_goes_on(struct leg_statistics *s, const struct rtp_header *h, uint64_t now)
{
	int64_t took = (int64_t)(now - s->last_arrival);
	int64_t should = ((int64_t)(int32_t)(h->timestamp - s->last_timestamp) * s->tick) >> TICK_BITS;
	int64_t d = took > should ? took - should : should - took;

	if (d < (int64_t)10 * US_PER_S)
		s->jitter += (uint32_t)d - ((s->jitter + 8) >> 4);
}

static void timing(struct leg_statistics *s, const struct rtp_header *h, uint64_t now)
{
	if (h->timestamp == s->last_timestamp)
		return;
	if (s->tick)
		jitter_goes_on(s, h, now);
	else
		measure_clock(s, h, now);
	s->last_timestamp = h->timestamp;
	s->last_arrival = now;
}

static void timing_begins(struct leg_statistics *s, const struct rtp_header *h, uint64_t now)
{
	uint32_t rate = static_rate(h->type);

	s->clock_rate = s->tick = 0;
	if (rate)
		clock_is(s, rate);
	measure_begins(s, h, now);
	s->last_timestamp = h->timestamp;
	s->last_arrival = now;
}

/* ---- RTP ---- */

static void stream_begins(struct leg_statistics *s, const struct rtp_header *h, uint64_t now)
{
	if (s->started)
		s->ssrc_changes++;
	s->started = true;
	s->ssrc = h->ssrc;
	s->last_type = h->type;
	sequence_begins(s, h);
	timing_begins(s, h, now);
}

/* Another type may run on another clock (that of DTMF often does): timing begins anew, the estimate stays. True: it changed. */
static bool type_changed(struct leg_statistics *s, const struct rtp_header *h)
{
	if (h->type == s->last_type)
		return false;
	s->type_changes++;
	s->last_type = h->type;
	return true;
}

static void media_came(struct leg_statistics *s, const struct rtp_header *h, uint64_t now)
{
	uint16_t ahead = (uint16_t)(h->sequence - s->highest_sequence), behind = (uint16_t)-ahead;

	if (!s->started || h->ssrc != s->ssrc) {
		stream_begins(s, h, now);
		return;
	}
	if (behind < STATISTICS_WINDOW) { /* 0: the highest again */
		s->bad_count = 0;
		came_late(s, h->sequence, behind);
	} else if (ahead < DROPOUT_MAX) {
		s->bad_count = 0;
		went_ahead(s, h->sequence, ahead);
		if (type_changed(s, h))
			timing_begins(s, h, now);
		else
			timing(s, h, now);
	} else if (went_astray(s, h)) {
		s->restarts++;
		type_changed(s, h);
		sequence_begins(s, h);
		timing_begins(s, h, now);
	}
	recount(s);
}

void statistics_packet(struct leg_statistics *s, const struct rtp_header *h, size_t bytes, uint64_t now)
{
	uint64_t gap = s->last ? now - s->last : 0;

	if (h->kind == RTP_KEEPALIVE) {
		s->keepalives++;
		return;
	}
	s->packets++;
	s->bytes += bytes;
	if (!s->first)
		s->first = now;
	if (gap > s->largest_gap_us)
		s->largest_gap_us = gap > UINT32_MAX ? UINT32_MAX : (uint32_t)gap;
	s->last = now;
	if (h->kind == RTP_MEDIA)
		media_came(s, h, now);
}
