/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "generation.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/sr_module.h"
#include "core/timer_proc.h"
#include "db.h"
#include "params.h"

#define ASK_EVERY_S  1
#define BELIEVED_MS  3000u
#define HANGS_MS     1000u
#define COMPLAIN_MS  60000u

/*
 * The number in the database is only compared with the one before; what rows are marked with is counted here. So a database
 * that is put back from a copy, where the same number may stand for other rows, does no harm.
 */
static struct shared {
	_Atomic uint32_t generation; /* from 1, never 0 */
	_Atomic uint64_t asked_ms;   /* when the question was sent that was answered last; 0: none was */
	_Atomic uint64_t waits_ms;   /* when the question was sent that is not answered yet, or got no answer in time; else 0 */
} *shared;

/* Of the process that asks. */
static db1_con_t *handle;
static long long last_number;
static uint64_t complained_ms;

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u + 1u; /* never 0 */
}

static int ask(long long *number)
{
	static str column = str_init("accounts");
	db_key_t columns[1] = {&column};
	db1_res_t *res = NULL;
	int rc = -1;

	if (!handle && !(handle = aeta_db_connect()))
		return -1;
	if (aeta_dbf.use_table(handle, &aeta_params.generation_table) < 0 ||
			aeta_dbf.query(handle, NULL, NULL, NULL, columns, 0, 1, NULL, &res) < 0)
		return -1;
	if (res && RES_ROW_N(res) == 1)
		rc = aeta_value_int(ROW_VALUES(&RES_ROWS(res)[0]), number) == 0 ? 0 : -1;
	if (res)
		aeta_dbf.free_result(handle, res);
	return rc;
}

static void complain(uint64_t now)
{
	if (complained_ms && now - complained_ms < COMPLAIN_MS)
		return;
	complained_ms = now;
	LM_WARN("the table %.*s does not say whether accounts have changed: each request asks the database for its account\n",
			aeta_params.generation_table.len, aeta_params.generation_table.s);
}

static void look(unsigned ticks, void *param)
{
	uint64_t now = now_ms();
	long long number;

	(void)ticks;
	(void)param;
	if (!aeta_generation_hangs())
		atomic_store(&shared->waits_ms, now);
	if (ask(&number) < 0) {
		if (now_ms() - now < HANGS_MS)
			atomic_store(&shared->waits_ms, 0);
		complain(now);
		return;
	}
	atomic_store(&shared->waits_ms, 0);
	if (number != last_number)
		aeta_generation_end();
	last_number = number;
	atomic_store(&shared->asked_ms, now);
}

int aeta_generation_init(void)
{
	if (aeta_params.accounts_kept == 0)
		return 0;
	shared = shm_malloc(sizeof(*shared));
	if (!shared) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(shared, 0, sizeof(*shared));
	atomic_init(&shared->generation, 1);
	return register_basic_timers(1);
}

int aeta_generation_start(void)
{
	if (!shared)
		return 0;
	return fork_basic_timer(PROC_TIMER, "aeta accounts", 1, look, NULL, ASK_EVERY_S) < 0 ? -1 : 0;
}

void aeta_generation_destroy(void)
{
	aeta_db_disconnect(handle);
	handle = NULL;
	if (shared)
		shm_free(shared);
	shared = NULL;
}

uint32_t aeta_generation(void)
{
	uint64_t asked;

	if (!shared || (asked = atomic_load(&shared->asked_ms)) == 0 || now_ms() - asked >= BELIEVED_MS)
		return 0;
	return atomic_load(&shared->generation);
}

uint32_t aeta_generation_before(uint32_t *then)
{
	uint64_t asked = shared ? atomic_load(&shared->asked_ms) : 0, silent = now_ms() - asked;

	if (!asked || silent < BELIEVED_MS || silent - BELIEVED_MS >= (uint64_t)aeta_params.accounts_grace * 1000u)
		return 0;
	*then = (uint32_t)((asked + BELIEVED_MS) / 1000u);
	return atomic_load(&shared->generation);
}

bool aeta_generation_hangs(void)
{
	uint64_t since = shared ? atomic_load(&shared->waits_ms) : 0;

	return since && now_ms() - since >= HANGS_MS;
}

void aeta_generation_end(void)
{
	if (shared && atomic_fetch_add(&shared->generation, 1) == UINT32_MAX)
		atomic_fetch_add(&shared->generation, 1);
}

uint32_t aeta_generation_now(void)
{
	return (uint32_t)(now_ms() / 1000u);
}
