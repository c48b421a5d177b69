/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that is given back all at once: a chain of blocks, zeroed, from which pieces are cut. Pieces never move. */
#ifndef RELAY_CORE_ARENA_H
#define RELAY_CORE_ARENA_H

#include "text.h"

struct arena_block;

struct arena {
	struct arena_block *blocks; /* the newest first; the oldest has room for what was asked of arena_init() */
};

/* `n` bytes are ready. 0 or -ENOMEM. */
int arena_init(struct arena *a, size_t n);
void arena_free(struct arena *a); /* the arena itself may lie in its own memory */
/* `n` zeroed bytes, aligned for anything; another block is taken when this one is full. NULL: no memory. */
void *arena_take(struct arena *a, size_t n);
/* Copies `t`; `to` may hold a text of the arena already: its place is used again where it is large enough. 0 or -ENOMEM. */
int arena_text(struct arena *a, struct text t, struct text *to);

#endif
