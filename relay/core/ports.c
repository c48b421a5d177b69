/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ports.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#define NONE UINT16_MAX

enum pair_state { PAIR_FREE = 0, PAIR_USED, PAIR_FAILED };

struct pair {
	uint16_t next, before; /* in the queue it is in */
	uint8_t state; /* enum pair_state */
};

struct queue {
	uint16_t first, last; /* NONE: empty */
	unsigned n;
};

struct pair_pool {
	uint16_t base;  /* the first even port */
	uint16_t count; /* at most 32767 pairs */
	unsigned used;
	struct queue free, failed;
	struct pair pairs[];
};

static void queue_push(struct pair_pool *p, struct queue *q, uint16_t i)
{
	p->pairs[i].next = NONE;
	p->pairs[i].before = q->n ? q->last : NONE;
	if (q->n++)
		p->pairs[q->last].next = i;
	else
		q->first = i;
	q->last = i;
}

static void queue_take(struct pair_pool *p, struct queue *q, uint16_t i)
{
	const struct pair *pair = &p->pairs[i];

	if (--q->n == 0)
		return;
	if (i == q->first)
		q->first = pair->next;
	else
		p->pairs[pair->before].next = pair->next;
	if (i == q->last)
		q->last = pair->before;
	else
		p->pairs[pair->next].before = pair->before;
}

static uint16_t queue_pop(struct pair_pool *p, struct queue *q)
{
	uint16_t i = q->first;

	if (q->n == 0)
		return NONE;
	queue_take(p, q, i);
	return i;
}

static struct pair_pool *pool_new(const struct relay_interface *on, uint64_t start)
{
	unsigned base = (on->port_min + 1u) & ~1u;
	unsigned count = on->port_max > base ? (on->port_max - base + 1u) / 2 : 0;
	struct pair_pool *p;

	if (count == 0 || base == 0)
		return NULL;
	p = calloc(1, sizeof(*p) + count * sizeof(p->pairs[0]));
	if (!p)
		return NULL;
	p->base = (uint16_t)base;
	p->count = (uint16_t)count;
	for (unsigned i = 0; i < count; i++)
		queue_push(p, &p->free, (uint16_t)((start % count + i) % count));
	return p;
}

/* The pool of an interface before this one that has the same address and range. */
static struct pair_pool *pool_shared(const struct ports *p, const struct relay_interface *on)
{
	for (unsigned i = 0; i < p->count; i++) {
		const struct relay_interface *is = &p->at[i].is;

		if (address_equal(&is->address, &on->address) && is->port_min == on->port_min && is->port_max == on->port_max)
			return p->at[i].pool;
	}
	return NULL;
}

int ports_init(struct ports *p, const struct relay_config *config)
{
	memset(p, 0, sizeof(*p));
	for (unsigned i = 0; i < config->interface_count; i++) {
		const struct relay_interface *on = &config->interfaces[i];
		struct interface *to = &p->at[p->count];

		if (!on->address.family || on->port_min == 0 || on->port_max <= ((on->port_min + 1u) & ~1u))
			goto invalid;
		to->is = *on;
		to->pool = pool_shared(p, on);
		to->owner = !to->pool;
		if (to->owner)
			to->pool = pool_new(on, config->first_pair);
		if (!to->pool) {
			ports_free(p);
			return -ENOMEM;
		}
		p->count++;
	}
	if (p->count)
		return 0;
invalid:
	ports_free(p);
	return -EINVAL;
}

void ports_free(struct ports *p)
{
	for (unsigned i = 0; i < p->count; i++)
		if (p->at[i].owner)
			free(p->at[i].pool);
	p->count = 0;
}

/* ---- which address ---- */

static bool is_named(const struct interface *i, struct text name)
{
	return text_equal(text_of(i->is.name), name);
}

bool ports_named(const struct ports *p, struct text name)
{
	for (unsigned i = 0; i < p->count; i++)
		if (is_named(&p->at[i], name))
			return true;
	return false;
}

bool ports_own(const struct ports *p, const struct endpoint *e)
{
	for (unsigned i = 0; i < p->count; i++) {
		const struct interface *at = &p->at[i];

		if (e->port < at->is.port_min || e->port > at->is.port_max)
			continue;
		if (address_equal(&e->address, &at->is.address) || address_equal(&e->address, interface_shown(at)))
			return true;
	}
	return false;
}

struct interface *ports_at(struct ports *p, struct text name, const struct address *a)
{
	struct interface *found = NULL;

	for (unsigned i = 0; i < p->count; i++) {
		struct interface *at = &p->at[i];

		if (address_equal(&at->is.address, a) && (!found || is_named(at, name)))
			found = at;
	}
	return found;
}

static struct interface *most_free(struct ports *p, const struct text *name, uint8_t family)
{
	struct interface *best = NULL;

	for (unsigned i = 0; i < p->count; i++) {
		struct interface *at = &p->at[i];

		if ((name && !is_named(at, *name)) || (family && at->is.address.family != family))
			continue;
		if (!best || at->pool->free.n > best->pool->free.n)
			best = at;
	}
	return best;
}

struct interface *ports_choose(struct ports *p, struct text name, uint8_t family)
{
	struct interface *i;
	struct text first;

	if (p->count == 0)
		return NULL;
	first = text_of(p->at[0].is.name);
	if (name.n == 0 || !ports_named(p, name)) {
		if (!family && text_is(name, "internal"))
			family = 4;
		else if (!family && text_is(name, "external"))
			family = 6;
		name = first;
	}
	i = most_free(p, &name, family);
	if (!i)
		i = most_free(p, &first, family);
	return i ? i : most_free(p, NULL, family);
}

/* ---- pairs ---- */

uint16_t pair_take(struct interface *i)
{
	struct pair_pool *p = i->pool;
	uint16_t n = queue_pop(p, &p->free);

	if (n == NONE)
		return 0;
	p->pairs[n].state = PAIR_USED;
	p->used++;
	return (uint16_t)(p->base + 2 * n);
}

unsigned pairs_next(const struct interface *i, uint16_t ports[], unsigned n)
{
	const struct pair_pool *p = i->pool;
	uint16_t at = p->free.first;
	unsigned k;

	for (k = 0; k < n && k < p->free.n; k++) {
		ports[k] = (uint16_t)(p->base + 2 * at);
		at = p->pairs[at].next;
	}
	return k;
}

bool pair_take_this(struct interface *i, uint16_t port)
{
	struct pair_pool *p = i->pool;
	unsigned n = (port - p->base) / 2u;

	if (port < p->base || port % 2 != 0 || n >= p->count || p->pairs[n].state != PAIR_FREE)
		return false;
	queue_take(p, &p->free, (uint16_t)n);
	p->pairs[n].state = PAIR_USED;
	p->used++;
	return true;
}

static uint16_t put_back(struct pair_pool *p, uint16_t port, enum pair_state to)
{
	uint16_t n = (uint16_t)((port - p->base) / 2);

	assert(port >= p->base && port % 2 == 0 && n < p->count && p->pairs[n].state == PAIR_USED);
	p->pairs[n].state = (uint8_t)to;
	p->used--;
	return n;
}

void pair_give(struct interface *i, uint16_t port)
{
	queue_push(i->pool, &i->pool->free, put_back(i->pool, port, PAIR_FREE));
}

void pair_fail(struct interface *i, uint16_t port)
{
	queue_push(i->pool, &i->pool->failed, put_back(i->pool, port, PAIR_FAILED));
}

void ports_retry(struct ports *p)
{
	for (unsigned i = 0; i < p->count; i++) {
		struct pair_pool *pool = p->at[i].pool;

		while (pool->failed.n) {
			uint16_t n = queue_pop(pool, &pool->failed);

			pool->pairs[n].state = PAIR_FREE;
			queue_push(pool, &pool->free, n);
		}
	}
}

struct pair_counts interface_pairs(const struct interface *i)
{
	return (struct pair_counts){i->pool->used, i->pool->free.n, i->pool->failed.n};
}

struct pair_counts ports_pairs(const struct ports *p)
{
	struct pair_counts sum = {0};

	for (unsigned i = 0; i < p->count; i++) {
		struct pair_counts one = interface_pairs(&p->at[i]);

		if (!p->at[i].owner)
			continue;
		sum.used += one.used;
		sum.free += one.free;
		sum.failed += one.failed;
	}
	return sum;
}
