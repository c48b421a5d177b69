/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replies that were sent, by cookie: a request that comes again (the client heard no answer, or not in time) gets the reply it
 * would have got, and is not carried out twice. The key is the cookie and the address it came from: two clients' cookies may be
 * the same.
 *
 * Two generations, swapped every 30 s: a reply is kept for 30 to 60 s. Memory is bounded: when both together are full, the older
 * one goes before its time, and never the newest replies. Finding and storing take constant time whatever is kept; a generation
 * is given back in large blocks.
 */
#ifndef RELAY_CORE_COOKIE_H
#define RELAY_CORE_COOKIE_H

#include "address.h"

#define COOKIE_SWAP_US 30000000u
#define COOKIE_BUDGET  (64u * 1024 * 1024) /* 30 s at a thousand calls a second; at least 1 MiB makes sense */

struct cookies;

/* At most about `budget` bytes; hashed under a secret `key`. NULL: no memory. */
struct cookies *cookies_new(size_t budget, const uint64_t key[2]);
void cookies_free(struct cookies *c);

/* The reply stored for this cookie of this source; false: there is none. Valid until the next call. `now` in µs, never going back. */
bool cookies_find(struct cookies *c, struct text cookie, const struct endpoint *source, uint64_t now, struct text *reply);

/* Stores a reply (copied). One that finds no memory, or is larger than half the budget, is not kept. */
void cookies_store(struct cookies *c, struct text cookie, const struct endpoint *source, uint64_t now, struct text reply);

/* Gives back what is too old; finding and storing do so, too. From time to time, so that an idle relay keeps nothing. */
void cookies_age(struct cookies *c, uint64_t now);

/* Bytes that are allocated, and replies that are kept. */
size_t cookies_bytes(const struct cookies *c);
size_t cookies_count(const struct cookies *c);

#endif
