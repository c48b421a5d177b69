/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The relay's XDP program without the RTP statistics, which the relay itself has no switch for. */
#ifndef BENCH_RELAY_COUNTERS_H
#define BENCH_RELAY_COUNTERS_H

#include <stdint.h>

/* The relay's program at that interface of this namespace becomes one that keeps packets and bytes alone, on the relay's own maps. */
void counters_alone(uint32_t ifindex);

/* Undone; nothing is done where counters_alone() was not called. */
void counters_again(void);

#endif
