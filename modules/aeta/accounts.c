/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "accounts.h"

#include <string.h>

#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"
#include "generation.h"
#include "params.h"
#include "stats.h"

#define LOCKS 64

static struct aeta_kept *table;
static gen_lock_set_t *locks;
static unsigned sets;

int aeta_accounts_init(void)
{
	size_t size = aeta_kept_size((unsigned)aeta_params.accounts_kept);

	if (aeta_params.accounts_kept == 0)
		return 0;
	sets = aeta_kept_sets((unsigned)aeta_params.accounts_kept);
	table = shm_malloc(size);
	locks = lock_set_alloc(LOCKS);
	if (!table || !locks || !lock_set_init(locks)) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(table, 0, size);
	return 0;
}

void aeta_accounts_destroy(void)
{
	if (locks) {
		lock_set_destroy(locks);
		lock_set_dealloc(locks);
		locks = NULL;
	}
	if (table)
		shm_free(table);
	table = NULL;
}

static bool get(aeta_number_t number, uint32_t generation, uint32_t when, struct aeta_row *out)
{
	unsigned set = aeta_kept_set(sets, number);
	bool found;

	lock_set_get(locks, (int)(set % LOCKS));
	found = aeta_kept_get(table, set, number, generation, when, out);
	lock_set_release(locks, (int)(set % LOCKS));
	return found;
}

bool aeta_accounts_get(aeta_number_t number, struct aeta_row *out)
{
	uint32_t generation = table ? aeta_generation() : 0;

	if (!generation || !get(number, generation, aeta_generation_now(), out))
		return false;
	aeta_count(AETA_COUNT_ACCOUNTS_KEPT);
	return true;
}

bool aeta_accounts_before(aeta_number_t number, struct aeta_row *out)
{
	uint32_t then, generation = table ? aeta_generation_before(&then) : 0;

	return generation && get(number, generation, then, out);
}

void aeta_accounts_put(const struct aeta_row *row, uint32_t generation)
{
	unsigned set;

	if (!table || !generation)
		return;
	set = aeta_kept_set(sets, row->number);
	lock_set_get(locks, (int)(set % LOCKS));
	aeta_kept_put(table, set, row, generation, aeta_generation_now());
	lock_set_release(locks, (int)(set % LOCKS));
}
