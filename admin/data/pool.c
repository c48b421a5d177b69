/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pool.h"

#include "db.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ASLEEP_S 5 /* unused for so long: asked whether it answers before it is used */

struct idle {
	struct db *db;
	time_t since;
};

struct pool {
	const struct config *config;
	pthread_mutex_t lock;
	pthread_cond_t given;
	unsigned size, made, idle_count;
	struct idle idle[];
};

static time_t seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

struct pool *pool_open(const struct config *c, unsigned size)
{
	struct pool *p = calloc(1, sizeof(*p) + size * sizeof(p->idle[0]));
	pthread_condattr_t monotonic;

	if (!p)
		return NULL;
	p->config = c;
	p->size = size;
	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&p->given, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return p;
}

void pool_close(struct pool *p)
{
	if (!p)
		return;
	for (unsigned i = 0; i < p->idle_count; i++)
		db_close(p->idle[i].db);
	pthread_cond_destroy(&p->given);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* An idle one, or leave to make one (*db NULL, 0); -EBUSY. */
static int wait_for_one(struct pool *p, unsigned wait_ms, struct idle *one)
{
	struct timespec end;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += (time_t)(wait_ms / 1000);
	end.tv_nsec += (long)(wait_ms % 1000) * 1000000;
	end.tv_sec += end.tv_nsec / 1000000000;
	end.tv_nsec %= 1000000000;
	*one = (struct idle){0};
	pthread_mutex_lock(&p->lock);
	while (rc == 0 && !p->idle_count && p->made == p->size)
		rc = pthread_cond_timedwait(&p->given, &p->lock, &end) == 0 ? 0 : -EBUSY;
	if (p->idle_count) {
		*one = p->idle[--p->idle_count];
		rc = 0;
	} else if (rc == 0) {
		p->made++;
	}
	pthread_mutex_unlock(&p->lock);
	return rc;
}

static void forget(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->made--;
	pthread_cond_signal(&p->given);
	pthread_mutex_unlock(&p->lock);
}

static bool is_good(const struct idle *one)
{
	return db_alive(one->db) && (seconds() - one->since < ASLEEP_S || db_ping(one->db) == 0);
}

int pool_take(struct pool *p, unsigned wait_ms, struct db **db, char *error, size_t size)
{
	struct idle one;
	int rc = wait_for_one(p, wait_ms, &one);

	*db = NULL;
	if (rc) {
		snprintf(error, size, "all %u connections to the database are in use", p->size);
		return rc;
	}
	if (one.db && !is_good(&one)) {
		db_close(one.db);
		one.db = NULL;
	}
	rc = one.db ? 0 : db_open(&one.db, p->config, error, size);
	if (rc)
		forget(p);
	*db = one.db;
	return rc;
}

void pool_give(struct pool *p, struct db *db, bool broken)
{
	if (broken) {
		db_close(db);
		forget(p);
		return;
	}
	pthread_mutex_lock(&p->lock);
	p->idle[p->idle_count++] = (struct idle){db, seconds()};
	pthread_cond_signal(&p->given);
	pthread_mutex_unlock(&p->lock);
}

unsigned pool_made(struct pool *p)
{
	unsigned n;

	pthread_mutex_lock(&p->lock);
	n = p->made;
	pthread_mutex_unlock(&p->lock);
	return n;
}
