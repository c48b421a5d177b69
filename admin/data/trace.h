/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A SIP trace as it is read from the database, and the two files that are made of it. */
#ifndef AETA_ADMIN_TRACE_H
#define AETA_ADMIN_TRACE_H

#include "traces.h"

#include <stdio.h>

struct trace {
	const char *number;
	const struct trace_message *messages; /* in the order of time */
	size_t count;
	unsigned lost; /* known to be missing */
};

/* One line without its end: time, agent, direction, what. `width`: of the agents' column. */
void trace_line(FILE *f, const struct trace_message *m, int width);

/* The ladder, one part for each Call-ID, then every message in full. */
void trace_write_text(FILE *f, const struct trace *t);

/*
 * A pcap of raw IP packets, each message a UDP datagram with the addresses and the ports that it had. TCP and TLS have no
 * bytes of their own in a trace, so theirs are written as UDP, too. Returns how many could not be written whole: longer
 * than a datagram (then cut), or without an IP address (then left out).
 */
unsigned trace_write_pcap(FILE *f, const struct trace *t);

#endif
