/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"
#include "core/pt.h"
#include "core/timer.h"

#define REAP_EVERY_S 5

struct block {
	struct block *retired; /* the one retired before this */
	time_t at;
	unsigned generation;
	_Alignas(8) unsigned char directory[];
};

struct shared {
	_Atomic(struct block *) current;
	struct block *retired; /* under `lock`, as all that is not atomic */
	unsigned generations;
	gen_lock_t lock;    /* the lists */
	gen_lock_t loading; /* held for a whole reload, only by those who reload */
};

/* A cache line each: every verdict writes its slot, and no process should wait for another's. */
struct reader {
	_Atomic(struct block *) reads;
	char apart[64 - sizeof(struct block *)];
};

static struct shared *shared;
static struct reader *slots; /* one for each process: the block it reads, or NULL */
static int slots_n;

static struct block *block_of(void *directory)
{
	return (struct block *)((unsigned char *)directory - offsetof(struct block, directory));
}

static bool in_use(const struct block *b)
{
	for (int i = 0; i < slots_n; i++)
		if (atomic_load(&slots[i].reads) == b)
			return true;
	return false;
}

/* Frees the retired blocks that nobody reads; the caller holds the lock. */
static void reap_locked(void)
{
	struct block **link = &shared->retired;

	while (*link) {
		struct block *b = *link;

		if (in_use(b)) {
			link = &b->retired;
			continue;
		}
		*link = b->retired;
		shm_free(b);
	}
}

static void reap(unsigned ticks, void *param)
{
	(void)ticks;
	(void)param;
	if (!shared->retired)
		return;
	lock_get(&shared->lock);
	reap_locked();
	lock_release(&shared->lock);
}

int aeta_store_init(void)
{
	shared = shm_malloc(sizeof(*shared));
	if (!shared) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(shared, 0, sizeof(*shared));
	if (!lock_init(&shared->lock) || !lock_init(&shared->loading)) {
		LM_ERR("cannot make a lock\n");
		return -1;
	}
	return register_timer(reap, NULL, REAP_EVERY_S);
}

int aeta_store_ready(void)
{
	slots_n = get_max_procs();
	slots = shm_malloc((size_t)slots_n * sizeof(*slots));
	if (!slots) {
		SHM_MEM_ERROR;
		return -1;
	}
	for (int i = 0; i < slots_n; i++)
		atomic_init(&slots[i].reads, NULL);
	return 0;
}

void aeta_store_destroy(void)
{
	struct block *b;

	if (!shared)
		return;
	while ((b = shared->retired)) {
		shared->retired = b->retired;
		shm_free(b);
	}
	if ((b = atomic_load(&shared->current)))
		shm_free(b);
	if (slots)
		shm_free(slots);
	shm_free(shared);
	shared = NULL;
	slots = NULL;
}

const struct aeta_directory *aeta_store_acquire(void)
{
	struct block *b;

	if (!shared || !slots || process_no >= slots_n)
		return NULL;
	/* Say it first, then look again: a swap in between may have been blind to what we said. */
	do {
		b = atomic_load(&shared->current);
		atomic_store(&slots[process_no].reads, b);
	} while (b != atomic_load(&shared->current));
	return b ? (const struct aeta_directory *)b->directory : NULL;
}

void aeta_store_release(void)
{
	atomic_store_explicit(&slots[process_no].reads, NULL, memory_order_release);
}

const struct aeta_domains *aeta_store_domains(const struct aeta_directory *d)
{
	return (const struct aeta_domains *)((const unsigned char *)d + aeta_directory_bytes(d));
}

void *aeta_store_alloc(size_t size)
{
	struct block *b = shm_malloc(sizeof(*b) + size);

	if (!b) {
		SHM_MEM_ERROR;
		return NULL;
	}
	return b->directory;
}

void aeta_store_drop(void *mem)
{
	if (mem)
		shm_free(block_of(mem));
}

unsigned aeta_store_publish(void *mem)
{
	struct block *b = block_of(mem), *old;
	unsigned generation;

	lock_get(&shared->lock);
	generation = ++shared->generations;
	b->generation = generation;
	b->retired = NULL;
	b->at = time(NULL);
	old = atomic_exchange(&shared->current, b);
	if (old) {
		old->retired = shared->retired;
		shared->retired = old;
	}
	reap_locked();
	lock_release(&shared->lock);
	return generation;
}

void aeta_store_lock(void)
{
	lock_get(&shared->loading);
}

void aeta_store_unlock(void)
{
	lock_release(&shared->loading);
}

unsigned aeta_store_generation(time_t *at)
{
	struct block *b;
	unsigned generation = 0;

	lock_get(&shared->lock); /* a block that is current cannot be freed under the lock */
	b = atomic_load(&shared->current);
	if (b) {
		generation = b->generation;
		if (at)
			*at = b->at;
	}
	lock_release(&shared->lock);
	return generation;
}
