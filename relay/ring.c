/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 *   | size | message, padded to 8 | size | message | 0 (the rest of the end is not used) |
 */
#define HEAD sizeof(uint64_t)

int ring_init(struct ring *r, size_t size)
{
	size_t rounded = 4096;

	while (rounded < size)
		rounded *= 2;
	*r = (struct ring){.bytes = calloc(1, rounded), .size = rounded};
	return r->bytes ? 0 : -ENOMEM;
}

void ring_free(struct ring *r)
{
	free(r->bytes);
	r->bytes = NULL;
}

static size_t padded(size_t n)
{
	return HEAD + (n + 7) / 8 * 8;
}

/* Bytes from `at` to the end of the memory. */
static size_t to_end(const struct ring *r, size_t at)
{
	return r->size - (at & (r->size - 1));
}

static void put_size(struct ring *r, size_t at, uint64_t n)
{
	memcpy(r->bytes + (at & (r->size - 1)), &n, sizeof(n));
}

void *ring_room(struct ring *r, size_t n, size_t reserve)
{
	size_t head = atomic_load_explicit(&r->head, memory_order_relaxed), need = padded(n), skip = 0;
	size_t used = head - atomic_load_explicit(&r->tail, memory_order_acquire);

	if (to_end(r, head) < need)
		skip = to_end(r, head);
	if (used + skip + need + reserve > r->size)
		return NULL;
	if (skip) {
		put_size(r, head, 0);
		head += skip;
		atomic_store_explicit(&r->head, head, memory_order_release);
	}
	return r->bytes + (head & (r->size - 1)) + HEAD;
}

void ring_send(struct ring *r, size_t n)
{
	size_t head = atomic_load_explicit(&r->head, memory_order_relaxed);

	put_size(r, head, n);
	atomic_store(&r->head, head + padded(n)); /* sequentially consistent: the reader may be falling asleep (recorder.c) */
}

void *ring_peek(struct ring *r, size_t *n)
{
	for (;;) {
		size_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
		uint64_t size;

		if (tail == atomic_load(&r->head))
			return NULL;
		memcpy(&size, r->bytes + (tail & (r->size - 1)), sizeof(size));
		*n = size;
		if (size)
			return r->bytes + (tail & (r->size - 1)) + HEAD;
		atomic_store_explicit(&r->tail, tail + to_end(r, tail), memory_order_release);
	}
}

void ring_taken(struct ring *r, size_t n)
{
	size_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

	atomic_store_explicit(&r->tail, tail + padded(n), memory_order_release);
}
