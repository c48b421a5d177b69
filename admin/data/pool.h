/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections to the database that threads share: each is one thread's at a time. One that the server has ended, or that does not answer,
 * is made anew before anybody gets it.
 */
#ifndef AETA_DATA_POOL_H
#define AETA_DATA_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct config;
struct db;

struct pool;

/* At most `size` connections, made when they are wanted. `c` must outlive it. NULL: no memory. */
struct pool *pool_open(const struct config *c, unsigned size);
void pool_close(struct pool *p); /* all must have been given back */

/*
 * Takes one, waits up to `wait_ms` for it. 0; -EBUSY: none came free; -EHOSTUNREACH and others as db_open(), with the sentence in
 * `error`. `*db` is NULL after an error.
 */
int pool_take(struct pool *p, unsigned wait_ms, struct db **db, char *error, size_t size);

/* `broken`: it is not used again. */
void pool_give(struct pool *p, struct db *db, bool broken);

unsigned pool_made(struct pool *p); /* how many there are */

#endif
