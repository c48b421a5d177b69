/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the tables of groups, exceptions and domains into a new directory and publishes it; on any error the old one stays. */
#ifndef AETA_LOAD_H
#define AETA_LOAD_H

#include <stddef.h>

struct aeta_loaded {
	size_t groups, exceptions, domains, bytes;
	unsigned generation;
	char error[256]; /* table, row and why; empty where the load was good */
};

/* 0, or -1 with `r->error`. Opens a database handle of its own. Logs the outcome and counts it. */
int aeta_load(struct aeta_loaded *r);

#endif
