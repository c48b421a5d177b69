/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory.h"

#include <stddef.h>

#define ROUNDS_MAX 100000 /* a loop of tests that never gets what it wants is an error, too */

static long allowed = -1, blocks;
static bool refused;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);

static bool granted(void)
{
	if (allowed == 0) {
		refused = true;
		return false;
	}
	if (allowed > 0)
		allowed--;
	return true;
}

static void *counted(void *p)
{
	blocks += p != NULL;
	return p;
}

void *__wrap_malloc(size_t size)
{
	return granted() ? counted(__real_malloc(size)) : NULL;
}

void *__wrap_calloc(size_t n, size_t size)
{
	return granted() ? counted(__real_calloc(n, size)) : NULL;
}

void *__wrap_realloc(void *p, size_t size)
{
	if (!granted())
		return NULL;
	return p ? __real_realloc(p, size) : counted(__real_realloc(NULL, size));
}

void __wrap_free(void *p)
{
	blocks -= p != NULL;
	__real_free(p);
}

void memory_allow(long n)
{
	allowed = n;
	refused = false;
}

bool memory_refused(void)
{
	return refused;
}

long memory_blocks(void)
{
	return blocks;
}

void memory_starve(void (*work)(void))
{
	long before = blocks;

	for (long n = 0; n < ROUNDS_MAX; n++) {
		memory_allow(n);
		work();
		allowed = -1; /* for what check needs; `refused` is still to be looked at */
		if (blocks != before)
			ck_abort_msg("%ld blocks are left after a run with %ld allocations", blocks - before, n);
		if (!refused)
			return;
	}
	ck_abort_msg("something was refused even with %d allocations", ROUNDS_MAX);
}
