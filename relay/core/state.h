/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The relay's insides, for the files of the core alone. */
#ifndef RELAY_CORE_STATE_H
#define RELAY_CORE_STATE_H

#include "cookie.h"
#include "ports.h"
#include "request.h"

struct call_table {
	struct call **buckets;
	size_t size;             /* a power of two */
	unsigned count;
	struct call *oldest, *newest;
};

/* Who sends commands, and how many. */
#define PROXIES_MAX 16 /* the first ones; others are counted in the totals alone */

struct proxy {
	struct address address;
	uint32_t commands[NG_COMMAND_COUNT], errors;
};

/* Of the calls that have ended. */
struct ended_calls {
	uint64_t microseconds; /* their durations, added up */
	uint64_t no_way, one_way; /* streams that carried nothing, or one direction alone */
};

/* What is relayed in a second. */
struct traffic {
	uint64_t packets, bytes, errors;
};

struct relay {
	struct relay_config config;
	struct relay_shell shell;
	struct ports ports;
	struct call_table calls;
	struct call *touched, **touched_end; /* that changed; oldest change first */
	struct relay_totals totals;
	struct cookies *cookies;
	struct ng_decoder *decoder;
	struct out sdp;          /* the SDP that is being written */
	struct ended_calls ended;
	struct proxy proxies[PROXIES_MAX];
	unsigned proxy_count;
	struct traffic until, rate; /* the totals when they were looked at last, and what came in a second between then and before */
	uint64_t rated;          /* µs: when that was */
	char mark[17];           /* what loop-protect writes into an SDP */
	uint64_t now;            /* µs: of the request or tick in hand */
	uint64_t started, retried; /* µs; when pairs that failed were last given another chance */
	bool draining;
};

#endif
