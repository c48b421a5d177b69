/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The published directory, in shared memory. A reload builds a new one aside and swaps one pointer; readers never wait:
 *
 *      current ----> directory 8          each process says in a slot of its own which directory it reads;
 *      retired ----> directory 7 -> 6     one that stands in no slot is freed, at the next swap or by a timer
 *
 * A process reads one directory at a time: acquire and release come in pairs and do not nest.
 */
#ifndef AETA_STORE_H
#define AETA_STORE_H

#include <time.h>

#include "policy/directory.h"
#include "policy/domains.h"

/* mod_init(): before any process forks. 0 or -1. */
int aeta_store_init(void);
/* child_init(PROC_INIT): when the number of processes is known. 0 or -1. */
int aeta_store_ready(void);
void aeta_store_destroy(void);

/* The directory as it is now, or NULL before the first load. Stays valid until aeta_store_release(). */
const struct aeta_directory *aeta_store_acquire(void);
void aeta_store_release(void);

/* The domains that were loaded with a directory: they stand behind it in its block. */
const struct aeta_domains *aeta_store_domains(const struct aeta_directory *d);

/* Room for a directory of `size` bytes (its domains counted in) in shared memory; NULL if there is none. Publish it or drop it. */
void *aeta_store_alloc(size_t size);
void aeta_store_drop(void *mem);
/* Makes the sealed directory at `mem`, from aeta_store_alloc(), the current one. Returns its generation, counted from 1. */
unsigned aeta_store_publish(void *mem);

/* Serialises those who build a directory. */
void aeta_store_lock(void);
void aeta_store_unlock(void);

/* Generation of the current directory and when it was published; 0 before the first load. */
unsigned aeta_store_generation(time_t *at);

#endif
