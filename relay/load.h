/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How busy the machine is, and this thread. */
#ifndef RELAY_LOAD_H
#define RELAY_LOAD_H

#include "options.h"

struct load {
	double average;        /* of the last minute, as uptime shows it */
	double machine, thread;/* 0..1: processors in use; the calling thread on one */
	uint64_t busy, total;  /* of the machine, so far */
	uint64_t thread_us, at;/* of the thread, so far; when that was */
};

/* Once a second, in the thread that is measured. */
void load_tick(struct load *l, uint64_t now);
/* The text of a load limit that holds now, or NULL. */
const char *load_limit(const struct load *l, const struct options *o);

#endif
