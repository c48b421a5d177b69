/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spare.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "core/dprint.h"
#include "core/globals.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"
#include "core/pt.h"
#include "core/script_cb.h"
#include "core/ut.h"
#include "stats.h"

#define BUSY_MS 10     /* an answer takes less; until somebody has waited for so long, all workers may ask */
#define PATIENCE_MS 50	/* what a moment of much to do may take; agents repeat a request after 500 */
#define SLOW_MS		200 /* somebody waits for so long already: this is no such moment */
#define HUNG_MS		2000 /* nobody repeats a request over TCP: it waits for so long, and then gets an answer */

/* One a process; written by it alone, under the lock. */
struct seat {
	const void *group; /* the UDP socket that it serves; of stream_group for TCP and TLS */
	uint64_t since;	   /* ms; 0: it does not ask the database */
};

static const char stream_group;
static struct seat *seats;
static int seat_count;
static gen_lock_t *lock;

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* The script has done with this process's request, however it ended. */
static int leave(sip_msg_t *msg, unsigned flags, void *param)
{
	(void)msg;
	(void)flags;
	(void)param;
	if (seats && process_no < seat_count)
		__atomic_store_n(&seats[process_no].since, 0, __ATOMIC_RELEASE);
	return 1;
}

int aeta_spare_init(void)
{
	lock = lock_alloc();
	if (!lock || !lock_init(lock)) {
		SHM_MEM_ERROR;
		return -1;
	}
	return register_script_cb(leave, POST_SCRIPT_CB | REQUEST_CB, NULL) < 0 ? -1 : 0;
}

int aeta_spare_ready(void)
{
	size_t size;

	seat_count = get_max_procs();
	size = (size_t)seat_count * sizeof(*seats);
	seats = shm_malloc(size);
	if (!seats) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(seats, 0, size);
	return 0;
}

void aeta_spare_destroy(void)
{
	if (lock) {
		lock_destroy(lock);
		lock_dealloc(lock);
		lock = NULL;
	}
	if (seats)
		shm_free(seats);
	seats = NULL;
}

/* How many workers serve what this message came by, and which. */
static int group_of(const sip_msg_t *msg, const void **group)
{
	const struct socket_info *s = msg->rcv.bind_address;

	if (msg->rcv.proto != PROTO_UDP || !s) {
		*group = &stream_group;
		return tcp_children_no;
	}
	*group = s;
	return s->workers > 0 ? s->workers : children_no;
}

/* Takes this process's seat unless that would leave the group of a slow database without a spare worker. `waited`: the longest wait of all, ms. */
static bool sit(const void *group, int size, uint64_t *waited)
{
	uint64_t now = now_ms();
	bool taken = false;
	int asking = 0;

	*waited = 0;
	lock_get(lock);
	for (int i = 0; i < seat_count; i++) {
		uint64_t since = __atomic_load_n(&seats[i].since, __ATOMIC_ACQUIRE);

		if (!since || i == process_no)
			continue;
		asking += seats[i].group == group;
		if (now > since && now - since > *waited)
			*waited = now - since;
	}
	if (*waited < HUNG_MS && (size < 2 || *waited < BUSY_MS || asking + 1 < size)) {
		seats[process_no].group = group;
		__atomic_store_n(&seats[process_no].since, now, __ATOMIC_RELEASE);
		taken = true;
	}
	lock_release(lock);
	return taken;
}

int aeta_spare_worker(sip_msg_t *msg)
{
	const void *group;
	uint64_t waited;
	int size = group_of(msg, &group);

	if (!seats || process_no >= seat_count || seats[process_no].since)
		return 1;
	for (int ms = 0; !sit(group, size, &waited); ms++) {
		if (waited >= HUNG_MS || ms >= HUNG_MS) {
			aeta_count(AETA_COUNT_DATABASE_HUNG);
			return -2;
		}
		if (group != &stream_group && (waited >= SLOW_MS || ms >= PATIENCE_MS)) {
			aeta_count(AETA_COUNT_WORKER_SPARED);
			return -1;
		}
		sleep_us(1000);
	}
	return 1;
}

int aeta_database_hangs(sip_msg_t *msg)
{
	uint64_t now = now_ms();

	(void)msg;
	for (int i = 0; seats && i < seat_count; i++) {
		uint64_t since = __atomic_load_n(&seats[i].since, __ATOMIC_ACQUIRE);

		if (i != process_no && since && now > since && now - since >= HUNG_MS)
			return 1;
	}
	return -1;
}
