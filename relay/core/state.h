/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The relay's insides, for the files of the core alone. */
#ifndef RELAY_CORE_STATE_H
#define RELAY_CORE_STATE_H

#include "ports.h"

struct call_table {
	struct call **buckets;
	size_t size;             /* a power of two */
	unsigned count;
	struct call *oldest, *newest;
};

struct relay {
	struct relay_config config;
	struct relay_shell shell;
	struct ports ports;
	struct call_table calls;
	struct relay_totals totals;
	char mark[17];           /* what loop-protect writes into an SDP */
	uint64_t started, retried; /* µs; when pairs that failed were last given another chance */
	bool draining;
};

#endif
