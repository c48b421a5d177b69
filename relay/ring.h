/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages from one thread to one other, in order, through memory of a fixed size; neither waits for the other. */
#ifndef RELAY_RING_H
#define RELAY_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring {
	uint8_t *bytes;
	size_t size;              /* a power of two */
	_Atomic size_t head, tail;/* written up to; read up to; both only grow */
};

int ring_init(struct ring *r, size_t size); /* 0 or -ENOMEM; the size is rounded up to a power of two */
void ring_free(struct ring *r);
/* Room for a message of `n` bytes that leaves at least `reserve` free; NULL: there is none. It is sent by ring_send(). */
void *ring_room(struct ring *r, size_t n, size_t reserve);
void ring_send(struct ring *r, size_t n);
/* The oldest message and its size, NULL: none. It stays until ring_taken(). */
void *ring_peek(struct ring *r, size_t *n);
void ring_taken(struct ring *r, size_t n);

#endif
