/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The statistics of an RTP stream, as core/statistics.c has them of the user path: to the same packets the same figures come
 * out (tests/bpf/test_sequence.c compares them). Pure; for the program, and compiled on the host for that test.
 */
#ifndef RELAY_KERNEL_SEQUENCE_H
#define RELAY_KERNEL_SEQUENCE_H

#include "flow_abi.h"

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

#define SEQUENCE_DROPOUT_MAX   3000u /* how far a number may jump ahead and still be loss (RFC 3550 A.1); back it is the window */
#define SEQUENCE_RESTART_SAME  2u    /* so many in a row that were far off begin anew ... */
#define SEQUENCE_RESTART_OTHER 16u   /* ... and so many of another payload type (parity FEC has numbers of its own) */
#define SEQUENCE_TICK_BITS     20
#define SEQUENCE_MEASURE_US    2000000u
#define SEQUENCE_MEASURE_MAX   10000000u
#define SEQUENCE_SECOND        1000000u

#define SEQUENCE_HIDE(x) asm volatile("" : "+r"(x))

struct sequence_packet {
	__u16 sequence;
	__u8 type;
	__u32 timestamp;
	__u64 now; /* µs */
};

/* ---- sequence ---- */

static __always_inline __u64 sequence_bit(__u16 sequence)
{
	return 1ull << (sequence % 64);
}

static __always_inline __u64 *sequence_word(struct flow_state *s, __u16 sequence)
{
	return &s->seen[sequence % FLOW_WINDOW / 64];
}

static __always_inline void sequence_forget(struct flow_state *s)
{
	s->seen[0] = s->seen[1] = s->seen[2] = s->seen[3] = 0;
}

/* The lowest `n` bits; none below 0, all from 64 on. Without a branch, and hidden from the compiler, which would make some. */
static __always_inline __u64 sequence_low(__s64 n)
{
	__s64 positive = ~(n >> 63), whole = (63 - n) >> 63;

	SEQUENCE_HIDE(positive);
	SEQUENCE_HIDE(whole);
	return (((1ull << (n & 63)) - 1) & (__u64)positive) | (__u64)whole;
}

/* In the word of the ring that begins `at` behind the first missing number: which bits are among the `n` missing. */
static __always_inline __u64 sequence_gap(__s64 at, __s64 n)
{
	__s64 round = (__s64)FLOW_WINDOW - at; /* so many bits until the first comes again */

	return sequence_low(n - at) | (sequence_low(round + n) & ~sequence_low(round));
}

/* `n` numbers from `first` on have not come; n < FLOW_WINDOW. Not a loop: see arrival.h, UNROLLED. */
static __always_inline void sequence_missing(struct flow_state *s, __u16 first, __u16 n)
{
	s->seen[0] &= ~sequence_gap((0 - first) & 255, n);
	s->seen[1] &= ~sequence_gap((64 - first) & 255, n);
	s->seen[2] &= ~sequence_gap((128 - first) & 255, n);
	s->seen[3] &= ~sequence_gap((192 - first) & 255, n);
}

static __always_inline void sequence_begins(struct flow_state *s, const struct sequence_packet *p)
{
	sequence_forget(s);
	*sequence_word(s, p->sequence) |= sequence_bit(p->sequence);
	s->highest_sequence = p->sequence;
	s->cycles = 0;
	s->bad_count = 0;
	s->run = 1;
	s->expected++;
	s->unique++;
}

static __always_inline void sequence_ahead(struct flow_state *s, __u16 sequence, __u16 by)
{
	if (by >= FLOW_WINDOW)
		sequence_forget(s);
	else if (by > 1)
		sequence_missing(s, (__u16)(s->highest_sequence + 1), by - 1);
	*sequence_word(s, sequence) |= sequence_bit(sequence);
	if (sequence < s->highest_sequence)
		s->cycles++;
	s->highest_sequence = sequence;
	s->run += by;
	s->expected += by;
	s->unique++;
}

static __always_inline void sequence_late(struct flow_state *s, __u16 sequence, __u16 behind)
{
	__u64 *word = sequence_word(s, sequence), bit = sequence_bit(sequence);

	if (*word & bit) {
		s->duplicates++;
		return;
	}
	*word |= bit;
	s->reordered++;
	if (behind < s->run) /* else it is older than the first, and nobody missed it */
		s->unique++;
}

/* True: the sequence begins anew with this packet. */
static __always_inline int sequence_astray(struct flow_state *s, const struct sequence_packet *p)
{
	int follows = s->bad_count && p->sequence == s->bad_sequence && p->type == s->bad_type;

	s->bad_count = follows ? s->bad_count + 1 : 1;
	s->bad_sequence = (__u16)(p->sequence + 1);
	s->bad_type = p->type;
	return s->bad_count >= (p->type == s->last_type ? SEQUENCE_RESTART_SAME : SEQUENCE_RESTART_OTHER);
}

/* ---- timing ---- */

static __always_inline void timing_measure(struct flow_state *s, const struct sequence_packet *p)
{
	s->first_timestamp = p->timestamp;
	s->first_arrival = p->now;
}

static __always_inline void timing_clock(struct flow_state *s, __u32 rate)
{
	s->clock_rate = rate;
	s->tick = (__u32)(((__u64)SEQUENCE_SECOND << SEQUENCE_TICK_BITS) / rate);
}

/* Of the static payload types of RFC 3551; 0: it is to be measured. */
static __always_inline __u32 timing_static(__u8 type)
{
	switch (type) {
	case 0: case 3: case 4: case 5: case 7: case 8: case 9: case 12: case 15: case 18:
		return 8000;
	case 6:
		return 16000;
	case 10: case 11:
		return 44100;
	case 16:
		return 11025;
	case 17:
		return 22050;
	case 14:
		return 90000;
	default:
		return type >= 25 && type <= 34 ? 90000 : 0;
	}
}

/* `rate` if from <= measured <= to, else 0; without a branch, like sequence_low(). */
static __always_inline __u32 timing_rate(__s64 measured, __s64 from, __s64 to, __u32 rate)
{
	return rate & (__u32)~(((measured - from) | (to - measured)) >> 63);
}

/* The usual rate that is nearest to what was measured, if it is within a twentieth of it. */
static __always_inline __u32 timing_usual(__u64 measured)
{
	__s64 m = (__s64)measured;

	return timing_rate(m, 7620, 8421, 8000) | timing_rate(m, 10500, 11512, 11025) | timing_rate(m, 11513, 12631, 12000) |
			timing_rate(m, 15239, 16842, 16000) | timing_rate(m, 21000, 23024, 22050) | timing_rate(m, 23025, 25263, 24000) |
			timing_rate(m, 30477, 33684, 32000) | timing_rate(m, 42000, 46049, 44100) | timing_rate(m, 46050, 50526, 48000) |
			timing_rate(m, 60953, 67368, 64000) | timing_rate(m, 85715, 92999, 90000) | timing_rate(m, 93000, 101052, 96000) |
			timing_rate(m, 182858, 202105, 192000);
}

static __always_inline void timing_find_clock(struct flow_state *s, const struct sequence_packet *p)
{
	__u64 took = p->now - s->first_arrival;
	__u32 rate = 0;

	if (took < SEQUENCE_MEASURE_US)
		return;
	if (took <= SEQUENCE_MEASURE_MAX)
		rate = timing_usual((__u64)(__u32)(p->timestamp - s->first_timestamp) * SEQUENCE_SECOND / took);
	if (rate)
		timing_clock(s, rate);
	else
		timing_measure(s, p); /* a pause, or talk spurts: measure again */
}

/* RFC 3550 A.8 */
static __always_inline void timing_jitter(struct flow_state *s, const struct sequence_packet *p)
{
	__s64 took = (__s64)(p->now - s->last_arrival);
	__s64 should = ((__s64)(__s32)(p->timestamp - s->last_timestamp) * s->tick) >> SEQUENCE_TICK_BITS;
	__s64 d = took > should ? took - should : should - took;

	if (d < 10ll * SEQUENCE_SECOND)
		s->jitter += (__u32)d - ((s->jitter + 8) >> 4);
}

static __always_inline void timing_goes_on(struct flow_state *s, const struct sequence_packet *p)
{
	if (p->timestamp == s->last_timestamp)
		return;
	if (s->tick)
		timing_jitter(s, p);
	else
		timing_find_clock(s, p);
	s->last_timestamp = p->timestamp;
	s->last_arrival = p->now;
}

static __always_inline void timing_begins(struct flow_state *s, const struct sequence_packet *p)
{
	__u32 rate = timing_static(p->type);

	s->clock_rate = s->tick = 0;
	if (rate)
		timing_clock(s, rate);
	timing_measure(s, p);
	s->last_timestamp = p->timestamp;
	s->last_arrival = p->now;
}

/* ---- packets ---- */

/* Any packet of the flow, at `now` µs. */
static __always_inline void sequence_any(struct flow_state *s, __u64 now)
{
	__u64 gap = s->last ? now - s->last : 0;

	if (gap > s->largest_gap_us)
		s->largest_gap_us = gap > 0xffffffff ? 0xffffffff : (__u32)gap;
	s->last = now;
}

/* An RTP packet of the flow, after sequence_any(). */
static __always_inline void sequence_media(struct flow_state *s, const struct sequence_packet *p)
{
	__u16 ahead = (__u16)(p->sequence - s->highest_sequence), behind = (__u16)-ahead;
	int begins = !s->started, other = p->type != s->last_type;

	if (begins) {
		s->started = 1;
		s->last_type = p->type;
		other = 0;
	} else if (behind < FLOW_WINDOW) { /* 0: the highest again */
		s->bad_count = 0;
		sequence_late(s, p->sequence, behind);
		return;
	} else if (ahead < SEQUENCE_DROPOUT_MAX) {
		s->bad_count = 0;
		sequence_ahead(s, p->sequence, ahead);
		if (!other) {
			timing_goes_on(s, p);
			return;
		}
	} else if (sequence_astray(s, p)) {
		s->restarts++;
		begins = 1;
	} else {
		return;
	}
	if (begins)
		sequence_begins(s, p);
	s->type_changes += (__u32)other;
	s->last_type = p->type;
	timing_begins(s, p);
}

#endif
