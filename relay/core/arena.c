/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "arena.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>

#define BLOCK_MIN 256

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	alignas(16) char bytes[];
};

static size_t aligned(size_t n)
{
	return (n + 15) & ~(size_t)15;
}

int arena_init(struct arena *a, size_t n)
{
	a->blocks = calloc(1, sizeof(struct arena_block) + aligned(n));
	if (!a->blocks)
		return -ENOMEM;
	a->blocks->size = aligned(n);
	return 0;
}

void arena_free(struct arena *a)
{
	struct arena_block *next;

	for (struct arena_block *b = a->blocks; b; b = next) {
		next = b->next;
		free(b);
	}
}

void *arena_take(struct arena *a, size_t n)
{
	struct arena_block *b = a->blocks;
	struct arena more;
	void *piece;

	n = aligned(n);
	if (n > b->size - b->used) {
		if (arena_init(&more, n > BLOCK_MIN ? n : BLOCK_MIN) < 0)
			return NULL;
		more.blocks->next = b;
		a->blocks = b = more.blocks;
	}
	piece = b->bytes + b->used;
	b->used += n;
	return piece;
}

int arena_text(struct arena *a, struct text t, struct text *to)
{
	char *place = (char *)to->s;

	if (t.n > aligned(to->n)) {
		place = arena_take(a, t.n);
		if (!place)
			return -ENOMEM;
	}
	if (t.n)
		memcpy(place, t.s, t.n);
	*to = (struct text){place, t.n};
	return 0;
}
