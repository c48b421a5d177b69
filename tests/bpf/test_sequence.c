/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Streams at random, whole and harmed, through the statistics of both paths: the same figures after every packet. */
#include "core/rtp.h"
#include "core/statistics.h"
#include "kernel/sequence.h"
#include "packets.h"
#include "suites.h"

#include <stdio.h>

#define SEED    0x5eed0015u
#define PACKETS 4000
#define STREAMS (RANDOM_PACKETS / 10000)

static uint64_t state = SEED;

static unsigned below(unsigned n)
{
	return (unsigned)(packet_random(&state) % n);
}

struct pair {
	struct leg_statistics user;
	struct flow_state kernel;
};

static void packet(struct pair *p, const struct rtp_header *h, uint64_t now)
{
	struct sequence_packet s = {.sequence = h->sequence, .type = h->type, .timestamp = h->timestamp, .now = now};

	statistics_packet(&p->user, h, 172, now);
	sequence_any(&p->kernel, now);
	sequence_media(&p->kernel, &s);
}

static void compare(const struct pair *p, unsigned stream, unsigned i)
{
	const struct leg_statistics *u = &p->user;
	const struct flow_state *k = &p->kernel;

#define SAME(name) HOT_ASSERT(u->name == k->name, "seed %#x, stream %u, packet %u: " #name " is %llu in user space, %llu in the kernel", \
	SEED, stream, i, (unsigned long long)u->name, (unsigned long long)k->name)
	SAME(last); SAME(expected); SAME(unique); SAME(last_arrival); SAME(first_arrival);
	SAME(last_timestamp); SAME(first_timestamp); SAME(tick); SAME(clock_rate); SAME(jitter); SAME(run);
	SAME(seen[0]); SAME(seen[1]); SAME(seen[2]); SAME(seen[3]);
	SAME(largest_gap_us); SAME(highest_sequence); SAME(cycles); SAME(duplicates); SAME(reordered); SAME(restarts);
	SAME(type_changes); SAME(bad_sequence); SAME(bad_count); SAME(bad_type); SAME(last_type); SAME(started);
#undef SAME
}

/* What may happen to a stream between two packets. */
static void harm(struct rtp_header *h, unsigned rate, uint64_t *now)
{
	unsigned step = 1, what = below(200);

	if (what < 6)
		step += below(what < 3 ? 5 : 300); /* loss */
	else if (what == 6)
		step += below(40000); /* a jump, or a restart */
	else if (what == 7)
		h->type = (uint8_t)below(128);
	else if (what == 8)
		*now += below(6000000); /* a pause */
	else if (what == 9)
		h->timestamp = (uint32_t)packet_random(&state);
	h->sequence = (uint16_t)(h->sequence + step);
	if (what != 10) /* one frame in two packets */
		h->timestamp += step * (rate / 50);
	*now += (uint64_t)step * 20000 + below(3000) - below(1500);
}

START_TEST(both_paths_count_alike)
{
	static const unsigned rates[] = {8000, 11025, 16000, 24000, 44100, 48000, 90000, 12345};
	static const uint8_t types[] = {0, 3, 6, 8, 9, 10, 14, 16, 17, 25, 34, 96, 97, 110, 127};

	printf("sequences: seed %#x, %u packets\n", SEED, STREAMS * PACKETS);
	for (unsigned stream = 0; stream < STREAMS; stream++) {
		struct pair p = {0};
		struct rtp_header h = {.kind = RTP_MEDIA, .ssrc = 1, .sequence = (uint16_t)below(65536), .type = types[below(sizeof(types))],
				.timestamp = (uint32_t)packet_random(&state)};
		unsigned rate = rates[below(sizeof(rates) / sizeof(rates[0]))];
		bool harmed = stream % 3 != 0;
		uint64_t now = 1000000000 + below(1000000000);

		for (unsigned i = 0; i < PACKETS; i++) {
			struct rtp_header late = h;

			packet(&p, &h, now);
			compare(&p, stream, i);
			if (harmed && below(50) == 0) { /* again, or one that is late */
				late.sequence = (uint16_t)(late.sequence - below(below(4) ? 5 : 700));
				late.timestamp -= (uint32_t)(uint16_t)(h.sequence - late.sequence) * (rate / 50);
				packet(&p, &late, now + 100);
				compare(&p, stream, i);
			}
			if (harmed) {
				harm(&h, rate, &now);
			} else {
				h.sequence++;
				h.timestamp += rate / 50;
				now += 20000 + below(200);
			}
		}
	}
}
END_TEST

/* Every gap that the window can hold, from everywhere in it. */
START_TEST(every_gap)
{
	for (unsigned start = 0; start < 300; start++)
		for (unsigned gap = 1; gap < 260; gap++) {
			struct pair p = {0};
			struct rtp_header h = {.kind = RTP_MEDIA, .type = 8, .sequence = (uint16_t)(65400 + start)};

			packet(&p, &h, 1);
			for (unsigned i = 0; i < FLOW_WINDOW; i++) { /* all seen before */
				h.sequence++;
				packet(&p, &h, 2 + i);
			}
			h.sequence = (uint16_t)(h.sequence + gap);
			packet(&p, &h, 300);
			compare(&p, start, gap);
		}
}
END_TEST

/* Every clock rate that can be measured. */
START_TEST(every_clock_rate)
{
	for (unsigned rate = 1; rate < 220000; rate += 1 + rate / 5000) {
		struct pair p = {0};
		struct rtp_header h = {.kind = RTP_MEDIA, .type = 96};

		packet(&p, &h, 1000000);
		h.sequence++;
		h.timestamp = rate * 2;
		packet(&p, &h, 3000000);
		compare(&p, rate, 0);
	}
}
END_TEST

Suite *sequence_suite(void)
{
	const TTest *const tests[] = {both_paths_count_alike, every_gap, every_clock_rate, NULL};

	return suite_of("sequence", tests);
}
