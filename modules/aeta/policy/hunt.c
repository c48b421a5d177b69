/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hunt.h"

#include <stdio.h>

#define THROUGH (AETA_SERIES_MAX + 1) /* aeta_hunt.next behind the last place */

void aeta_hunt_start(struct aeta_hunt *h, const struct aeta_group *g, uint32_t now_s)
{
	*h = (struct aeta_hunt){.prefix = g->prefix, .next = 1, .until_s = now_s + g->hunt_max_s};
}

unsigned aeta_hunt_candidate(const struct aeta_hunt *h)
{
	return h->next < THROUGH ? AETA_SEQ_HUNT + (unsigned)h->next : 0;
}

void aeta_hunt_skip(struct aeta_hunt *h, bool busy)
{
	if (h->next < THROUGH)
		h->next++;
	if (busy)
		h->busy = 1;
}

void aeta_hunt_rung(struct aeta_hunt *h)
{
	aeta_hunt_skip(h, false);
	h->rung++;
}

/* Seconds until the bound, on a clock that may wrap; 0 when it is reached. */
static uint32_t left(const struct aeta_hunt *h, uint32_t now_s)
{
	int32_t s = (int32_t)(h->until_s - now_s);

	return s > 0 ? (uint32_t)s : 0;
}

static bool says_busy(const struct aeta_group *g, unsigned code)
{
	return code == 486 || code == 600 || (code == 603 && (g->options & AETA_HUNT_BUSY_603));
}

static bool says_absent(const struct aeta_group *g, unsigned code)
{
	if (code == 488)
		return g->options & AETA_HUNT_NEXT_488;
	return code == 404 || code == 408 || code == 410 || code == 480 || (code >= 500 && code <= 599);
}

/* Nothing final came in time: was it nothing at all (absent), or did it ring? */
static enum aeta_hunt_step timed_out(struct aeta_hunt *h, const struct aeta_group *g, const struct aeta_answer *a,
		uint32_t now_s)
{
	if (left(h, now_s) && (!a->provisional || g->no_answer_s))
		return AETA_HUNT_NEXT;
	h->until_s = now_s; /* the server's timer may have fired a moment before the bound */
	return AETA_HUNT_OVER;
}

enum aeta_hunt_step aeta_hunt_answer(struct aeta_hunt *h, const struct aeta_group *g, const struct aeta_answer *a, uint32_t now_s)
{
	if (a->timeout)
		return timed_out(h, g, a, now_s);
	if (says_busy(g, a->code)) {
		h->busy = 1;
		return AETA_HUNT_NEXT;
	}
	return says_absent(g, a->code) ? AETA_HUNT_NEXT : AETA_HUNT_STOP;
}

enum aeta_rule aeta_hunt_bound(const struct aeta_hunt *h, uint32_t now_s)
{
	if (h->rung >= AETA_HUNT_TRIES_MAX)
		return h->busy ? AETA_RULE_HUNT_LIMIT_BUSY : AETA_RULE_HUNT_LIMIT;
	if (!left(h, now_s))
		return h->busy ? AETA_RULE_HUNT_TIMEOUT_BUSY : AETA_RULE_HUNT_TIMEOUT;
	return AETA_RULE_NONE;
}

enum aeta_rule aeta_hunt_end(const struct aeta_hunt *h)
{
	return h->busy ? AETA_RULE_HUNT_BUSY : AETA_RULE_HUNT_ABSENT;
}

uint32_t aeta_hunt_ring_s(const struct aeta_hunt *h, const struct aeta_group *g, uint32_t now_s)
{
	uint32_t s = left(h, now_s);

	if (g->no_answer_s && g->no_answer_s < s)
		s = g->no_answer_s;
	return s ? s : 1;
}

size_t aeta_hunt_format(const struct aeta_hunt *h, char *out, size_t size)
{
	int n = snprintf(out, size, "%u,%u,%u,%u,%u", h->prefix, h->next, h->rung, h->busy, h->until_s);

	return n > 0 && (size_t)n < size ? (size_t)n : 0;
}

/* One decimal field up to `max`; moves *s behind it. No sign, no space, no leading zero: only what format() writes. */
static bool field(const char **s, const char *end, uint32_t max, uint32_t *out)
{
	const char *p = *s;
	uint64_t v = 0;

	while (p < end && *p >= '0' && *p <= '9' && v <= max)
		v = v * 10 + (unsigned)(*p++ - '0');
	if (p == *s || v > max || (**s == '0' && p - *s > 1))
		return false;
	*s = p;
	*out = (uint32_t)v;
	return true;
}

bool aeta_hunt_parse(struct aeta_hunt *h, const char *s, size_t len)
{
	static const uint32_t max[5] = {AETA_PREFIX_MAX, THROUGH, AETA_SERIES_MAX, 1, UINT32_MAX};
	const char *end = s + len;
	uint32_t v[5];

	for (int i = 0; i < 5; i++) {
		if (i > 0 && (s >= end || *s++ != ','))
			return false;
		if (s >= end || !field(&s, end, max[i], &v[i]))
			return false;
	}
	if (s != end || v[0] < AETA_PREFIX_MIN || v[1] < 1 || v[2] >= v[1])
		return false;
	*h = (struct aeta_hunt){.prefix = (uint16_t)v[0], .next = (uint16_t)v[1], .rung = (uint16_t)v[2],
			.busy = (uint16_t)v[3], .until_s = v[4]};
	return true;
}
