/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table in shared memory: room of a fixed size, locks for its parts, and a random key for its hash. */
#ifndef AETA_SHARED_H
#define AETA_SHARED_H

#include <stddef.h>
#include <stdint.h>

#include "core/locking.h"

/* Zero-initialised: there is none. Each process has a copy of what mod_init() filled in. */
struct aeta_shared {
	void *memory; /* all zero at first */
	gen_lock_set_t *locks;
};

/* mod_init(): `bytes` of memory, `locks` locks and a key, the same for all processes. 0, or -1 with the reason in the log. */
int aeta_shared_take(struct aeta_shared *s, size_t bytes, unsigned locks, uint64_t key[2]);
/* destroy(): also of what was taken in part, or not at all. */
void aeta_shared_give(struct aeta_shared *s);

static inline void aeta_shared_lock(const struct aeta_shared *s, unsigned n)
{
	lock_set_get(s->locks, (int)n);
}

static inline void aeta_shared_unlock(const struct aeta_shared *s, unsigned n)
{
	lock_set_release(s->locks, (int)n);
}

#endif
