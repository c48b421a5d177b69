/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cookie.h"

#include <stdlib.h>

#define BLOCK       (256 * 1024) /* large enough to be given back to the system on its own */
#define SLOTS_MIN   64

struct entry {
	struct endpoint source;
	uint32_t cookie, reply; /* lengths; the bytes follow */
	char bytes[];
};

/* Entries are placed one after the other; they are given back together. */
struct block {
	struct block *older;
	size_t size, used;
	_Alignas(struct entry) char bytes[];
};

/*
 * Nearly every request is a new one: that its cookie is not there is seen in the slots alone, without a look at an entry, which has
 * left the processor's caches long ago.
 */
struct slot {
	uint64_t hash;
	struct entry *entry; /* NULL: free */
};

struct generation {
	struct block *blocks;
	struct slot *slots; /* half of them free, so that searches end; NULL: none yet */
	size_t slot_count, count, bytes; /* the first one a power of two */
};

struct cookies {
	uint64_t key[2];
	size_t budget;
	uint64_t begun; /* of the young generation */
	struct generation young, old;
};

static void generation_free(struct generation *g)
{
	while (g->blocks) {
		struct block *b = g->blocks;

		g->blocks = b->older;
		free(b);
	}
	free(g->slots);
	*g = (struct generation){0};
}

struct cookies *cookies_new(size_t budget, const uint64_t key[2])
{
	struct cookies *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->budget = budget;
	c->key[0] = key[0];
	c->key[1] = key[1];
	return c;
}

void cookies_free(struct cookies *c)
{
	if (!c)
		return;
	generation_free(&c->young);
	generation_free(&c->old);
	free(c);
}

/* ---- generations ---- */

static void swap(struct cookies *c, uint64_t now)
{
	generation_free(&c->old);
	c->old = c->young;
	c->young = (struct generation){0};
	c->begun = now;
}

void cookies_age(struct cookies *c, uint64_t now)
{
	uint64_t since = now - c->begun;

	if (since < COOKIE_SWAP_US)
		return;
	swap(c, now);
	if (since >= 2 * (uint64_t)COOKIE_SWAP_US)
		swap(c, now);
}

/* The first slot where an entry of that hash may be; more may be in the next ones, up to a free one. */
static struct slot *first_slot(const struct generation *g, uint64_t hash)
{
	return &g->slots[hash & (g->slot_count - 1)];
}

static struct slot *next_slot(const struct generation *g, struct slot *s)
{
	return s + 1 < g->slots + g->slot_count ? s + 1 : g->slots;
}

static void put(struct generation *g, const struct slot *what)
{
	struct slot *to = first_slot(g, what->hash);

	while (to->entry)
		to = next_slot(g, to);
	*to = *what;
}

/* Twice the slots, or the first ones. */
static bool grow(struct generation *g)
{
	struct generation bigger = *g;

	bigger.slot_count = g->slot_count ? 2 * g->slot_count : SLOTS_MIN;
	bigger.slots = calloc(bigger.slot_count, sizeof(*bigger.slots));
	if (!bigger.slots)
		return false;
	for (size_t i = 0; i < g->slot_count; i++)
		if (g->slots[i].entry)
			put(&bigger, &g->slots[i]);
	bigger.bytes += (bigger.slot_count - g->slot_count) * sizeof(*bigger.slots);
	free(g->slots);
	*g = bigger;
	return true;
}

static bool needs_slots(const struct generation *g)
{
	return 2 * (g->count + 1) > g->slot_count;
}

/* ---- entries ---- */

/* The source's address and port are in the hash as well as the cookie. */
static uint64_t hash_of(const struct cookies *c, struct text cookie, const struct endpoint *source)
{
	char id[19];
	uint64_t key[2] = {c->key[0], 0};

	memcpy(id, source->address.bytes, 16);
	id[16] = (char)(source->port >> 8);
	id[17] = (char)source->port;
	id[18] = (char)source->address.family;
	key[1] = text_hash((struct text){id, sizeof(id)}, c->key);
	return text_hash(cookie, key);
}

static struct text cookie_of(const struct entry *e)
{
	return (struct text){e->bytes, e->cookie};
}

static const struct entry *find(const struct generation *g, uint64_t hash, struct text cookie, const struct endpoint *source)
{
	if (!g->slots)
		return NULL;
	for (struct slot *s = first_slot(g, hash); s->entry; s = next_slot(g, s))
		if (s->hash == hash && text_equal(cookie_of(s->entry), cookie) && endpoint_equal(&s->entry->source, source))
			return s->entry;
	return NULL;
}

bool cookies_find(struct cookies *c, struct text cookie, const struct endpoint *source, uint64_t now, struct text *reply)
{
	uint64_t hash = hash_of(c, cookie, source);
	const struct entry *e;

	cookies_age(c, now);
	e = find(&c->young, hash, cookie, source);
	if (!e)
		e = find(&c->old, hash, cookie, source);
	if (!e)
		return false;
	*reply = (struct text){e->bytes + e->cookie, e->reply};
	return true;
}

static size_t aligned(size_t n)
{
	return (n + _Alignof(struct entry) - 1) & ~(_Alignof(struct entry) - 1);
}

/* What storing `size` bytes more will take in the worst case. */
static size_t cost(const struct generation *g, size_t size)
{
	size_t bytes = 0;

	if (!g->blocks || g->blocks->size - g->blocks->used < size)
		bytes = sizeof(struct block) + (size > BLOCK ? size : BLOCK);
	if (needs_slots(g))
		bytes += (g->slot_count ? g->slot_count : SLOTS_MIN) * sizeof(*g->slots);
	return bytes;
}

/* A generation may take half the budget. A young one that is full becomes old before its time. */
static bool make_room(struct cookies *c, size_t size, uint64_t now)
{
	static const struct generation none;

	if (cost(&none, size) > c->budget / 2)
		return false;
	if (c->young.bytes + cost(&c->young, size) > c->budget / 2)
		swap(c, now);
	return true;
}

static struct entry *place(struct generation *g, size_t size)
{
	struct block *b = g->blocks;

	if (!b || b->size - b->used < size) {
		size_t room = size > BLOCK ? size : BLOCK;

		b = malloc(sizeof(*b) + room);
		if (!b)
			return NULL;
		*b = (struct block){.older = g->blocks, .size = room};
		g->blocks = b;
		g->bytes += sizeof(*b) + room;
	}
	b->used += size;
	return (struct entry *)(void *)(b->bytes + b->used - size);
}

void cookies_store(struct cookies *c, struct text cookie, const struct endpoint *source, uint64_t now, struct text reply)
{
	size_t size = aligned(sizeof(struct entry) + cookie.n + reply.n);
	struct generation *g = &c->young;
	struct slot at = {.hash = hash_of(c, cookie, source)};
	struct entry *e;

	cookies_age(c, now);
	if (cookie.n + reply.n > UINT32_MAX / 2 || !make_room(c, size, now))
		return;
	e = !needs_slots(g) || grow(g) ? place(g, size) : NULL;
	if (!e)
		return;
	*e = (struct entry){.source = *source, .cookie = (uint32_t)cookie.n, .reply = (uint32_t)reply.n};
	if (cookie.n)
		memcpy(e->bytes, cookie.s, cookie.n);
	if (reply.n)
		memcpy(e->bytes + cookie.n, reply.s, reply.n);
	at.entry = e;
	put(g, &at);
	g->count++;
}

size_t cookies_bytes(const struct cookies *c)
{
	return c->young.bytes + c->old.bytes;
}

size_t cookies_count(const struct cookies *c)
{
	return c->young.count + c->old.count;
}
