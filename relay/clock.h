/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The relay's clock: µs, monotonic. */
#ifndef RELAY_CLOCK_H
#define RELAY_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static inline uint64_t clock_now(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

#endif
