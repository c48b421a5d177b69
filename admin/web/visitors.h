/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections that are open: how many of one network, how long they take to send a request, and how slowly they take an answer. Strangers
 * who hold theirs open, by a byte now and then, must not take all. May be used by several threads. Times are milliseconds of any clock that only goes forward.
 */
#ifndef AETA_WEB_VISITORS_H
#define AETA_WEB_VISITORS_H

#include <stdbool.h>
#include <stdint.h>

#define VISITORS_PER_NET 48    /* an IPv4 address, or the first 64 bits of an IPv6 one, which are one customer's */
#define VISITORS_SEND_MS 60000 /* from the begin of a connection, or the end of the answer before, until a request is there */
#define VISITORS_SOON_MS 1000  /* so long a request may well be under way */

#define VISITORS_TAKE_MS 60000 /* of an answer they take, in so long each time, */
#define VISITORS_TAKE_BYTES 30720 /* so much: 512 bytes/s. A slow line may take hours over a long file, a peer that only waits may not. */

struct sockaddr;
struct visitor;
struct visitors;

/* For at most `size` connections. NULL: no memory. */
struct visitors *visitors_new(unsigned size);
void visitors_free(struct visitors *v); /* NULL is fine */

/* Are there fewer of that network than VISITORS_PER_NET? */
bool visitors_has_room(struct visitors *v, const struct sockaddr *from);

/* A connection is there: `fd` stays its owner's, and open until visitors_leave(). NULL: there are too many, it is not looked after. */
struct visitor *visitors_enter(struct visitors *v, const struct sockaddr *from, int fd, int64_t now);
void visitors_leave(struct visitors *v, struct visitor *one); /* NULL is fine, here and below */

/* It is theirs to send (again), from `now` on; the request is there, and it is ours to answer. */
void visitors_theirs(struct visitors *v, struct visitor *one, int64_t now);
void visitors_ours(struct visitors *v, struct visitor *one);

/* The answer begins to go, and is theirs to take. */
void visitors_take(struct visitors *v, struct visitor *one, int64_t now);

/* Is it somebody's to send since less than VISITORS_SOON_MS? To close such a connection would be to lose what is coming. */
bool visitors_expected(struct visitors *v, int64_t now);

/* Shuts those sockets down that take longer than VISITORS_SEND_MS, or take less than VISITORS_TAKE_BYTES; how many. To be called every few seconds. */
unsigned visitors_sweep(struct visitors *v, int64_t now);

#endif
