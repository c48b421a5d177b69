/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The load of ./dev bench relay: one program, one thread; each kind of load prints one JSON object. */
#ifndef BENCH_RELAY_LOAD_H
#define BENCH_RELAY_LOAD_H

#include "ng.h"

#include <stdint.h>
#include <time.h>

struct options {
	struct sockaddr_in ng;         /* the relay's control port */
	struct sockaddr_in callers, callees; /* addresses of the agents; ports count up from these by twos */
	unsigned calls, clients;
	unsigned rate;                 /* packets a second, all flows together */
	unsigned seconds, warm;        /* of packets that are counted, and before them */
	bool across;                   /* callers and callees have different addresses: ng_call.across */
};

static inline uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* The call with that number, with its agents' addresses. */
struct ng_call load_call(const struct options *o, unsigned number);

/* Prints what has been printed, and waits for the end of standard input. */
void load_wait(void);

/* Ends calls 0 to o->calls - 1. False if one could not be. */
bool load_end(const struct options *o, int socket);

/* load_media() across: when the packets are over the streams are said, and the calls stay up as load_hold()'s do. */
int load_control(const struct options *o); /* offer, answer, delete, by `clients` at a time */
int load_hold(const struct options *o);    /* `calls` calls that stay up; they end when standard input does */
int load_media(const struct options *o);   /* packets in both directions of `calls` calls, with the time each takes */

#endif
