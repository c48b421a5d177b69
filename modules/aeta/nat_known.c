/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nat_known.h"

#include <stdatomic.h>
#include <string.h>

#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "guard.h"
#include "params.h"
#include "policy/nat_table.h"
#include "shared.h"
#include "stats.h"

#define LOCKS 64u

static struct aeta_nat_table table; /* of each process, the same in all: what changes is in `shared` */
static struct aeta_shared shared;
static _Atomic unsigned *changes; /* counts the rows that became dirty */

int aeta_nat_known_init(void)
{
	unsigned rows = (unsigned)aeta_params.nat_known;
	uint64_t key[2];

	if (aeta_shared_take(&shared, aeta_nat_table_bytes(rows), LOCKS, key) < 0)
		return -1;
	changes = shm_malloc(sizeof(*changes));
	if (!changes) {
		SHM_MEM_ERROR;
		return -1;
	}
	atomic_init(changes, 0);
	aeta_nat_table_init(&table, shared.memory, rows, key);
	return 0;
}

void aeta_nat_known_destroy(void)
{
	aeta_shared_give(&shared);
	if (changes)
		shm_free(changes);
	changes = NULL;
}

/* ---- one row, under its lock ---- */

static aeta_number_t number_of(const str *account)
{
	return account->len > 0 ? aeta_number_parse(account->s, (size_t)account->len) : 0;
}

static void lock_of(uint64_t key)
{
	aeta_shared_lock(&shared, aeta_nat_set(&table, key) % LOCKS);
}

static void unlock_of(uint64_t key)
{
	aeta_shared_unlock(&shared, aeta_nat_set(&table, key) % LOCKS);
}

bool aeta_nat_lookup(const str *account, const struct aeta_address *source, struct aeta_nat_known *out)
{
	uint64_t key = shared.memory ? aeta_nat_key(&table, number_of(account), source) : 0;
	struct aeta_nat_row *row;

	*out = (struct aeta_nat_known){.cls = AETA_NAT_UNKNOWN};
	if (!key)
		return false;
	lock_of(key);
	row = aeta_nat_find(&table, key);
	if (row) {
		row->slot.seen = aeta_guard_now();
		*out = row->known;
	}
	unlock_of(key);
	return row != NULL;
}

static void make_dirty(struct aeta_nat_row *row)
{
	row->dirty = true;
	atomic_fetch_add(changes, 1);
}

/* Locks the row of an account and address, made where there is none; NULL: it can have none, and nothing is locked. */
static struct aeta_nat_row *lock_row(const str *account, const struct aeta_address *source, uint64_t *key)
{
	aeta_number_t number = number_of(account);
	aeta_usec_t now = aeta_guard_now();

	*key = shared.memory ? aeta_nat_key(&table, number, source) : 0;
	if (!*key)
		return NULL;
	lock_of(*key);
	if (aeta_nat_room(&table, *key, now))
		return aeta_nat_take(&table, number, source, now);
	unlock_of(*key);
	aeta_count(AETA_COUNT_NAT_FULL);
	return NULL;
}

bool aeta_nat_ask(const str *account, const struct aeta_address *source, bool no_nat)
{
	uint64_t key;
	struct aeta_nat_row *row = lock_row(account, source, &key);
	bool due;

	if (!row)
		return false;
	if (!no_nat && !(row->known.evidence & AETA_EVIDENCE_NATTED)) {
		row->known.evidence |= AETA_EVIDENCE_NATTED;
		make_dirty(row);
	}
	due = aeta_nat_due(row, no_nat, aeta_guard_now(), time(NULL), (unsigned)aeta_params.probe_every);
	unlock_of(key);
	return due;
}

void aeta_nat_set_probed(const str *account, const struct aeta_address *source, uint32_t evidence, time_t when)
{
	uint64_t key;
	struct aeta_nat_row *row = lock_row(account, source, &key);

	if (!row)
		return;
	evidence |= row->known.evidence & AETA_EVIDENCE_NATTED;
	row->known.cls = (uint8_t)aeta_nat_classify(evidence);
	row->known.evidence = evidence;
	row->known.probed = true;
	row->known.when = when;
	make_dirty(row);
	unlock_of(key);
}

bool aeta_nat_add_evidence(const str *account, const struct aeta_address *source, uint32_t evidence)
{
	uint64_t key;
	struct aeta_nat_row *row = lock_row(account, source, &key);
	uint8_t cls;
	bool other;

	if (!row)
		return false;
	evidence |= row->known.evidence;
	cls = (uint8_t)aeta_nat_classify(evidence);
	other = cls != row->known.cls;
	if (other || evidence != row->known.evidence)
		make_dirty(row);
	row->known.cls = cls;
	row->known.evidence = evidence;
	unlock_of(key);
	return other;
}

bool aeta_nat_set_stun(const str *account, const struct aeta_address *source, enum aeta_stun stun, uint64_t binding)
{
	uint64_t key;
	struct aeta_nat_row *row = lock_row(account, source, &key);
	bool other;

	if (!row)
		return false;
	other = row->known.stun != stun || row->known.binding != binding;
	row->known.stun = (uint8_t)stun;
	row->known.binding = binding;
	if (other)
		make_dirty(row);
	unlock_of(key);
	return other;
}

/* ---- to and from the database ---- */

static unsigned take_set(unsigned set, struct aeta_nat_row *out, size_t room)
{
	struct aeta_nat_row *row;
	unsigned n = 0;

	aeta_shared_lock(&shared, set % LOCKS);
	while (n < room && (row = aeta_nat_dirty(&table, set))) {
		row->dirty = false;
		out[n++] = *row;
	}
	aeta_shared_unlock(&shared, set % LOCKS);
	return n;
}

/* Looks at all of the table, but only when something has changed since it was last seen to be clean. */
size_t aeta_nat_take_dirty(struct aeta_nat_row *out, size_t room)
{
	static unsigned seen; /* one process asks */
	unsigned before = changes ? atomic_load(changes) : seen;
	size_t n = 0;

	if (before == seen)
		return 0;
	for (unsigned set = 0; n < room && set < table.table.sets; set++)
		n += take_set(set, out + n, room - n);
	if (n < room)
		seen = before;
	return n;
}

void aeta_nat_give_back(const struct aeta_nat_row *row)
{
	uint64_t key = aeta_nat_key(&table, row->account, &row->address);
	struct aeta_nat_row *there;

	lock_of(key);
	there = aeta_nat_find(&table, key);
	if (there)
		make_dirty(there);
	unlock_of(key);
}

void aeta_nat_put(aeta_number_t account, const struct aeta_address *address, const struct aeta_nat_known *known)
{
	uint64_t key = shared.memory ? aeta_nat_key(&table, account, address) : 0;
	aeta_usec_t now = aeta_guard_now();
	struct aeta_nat_row *row;

	if (!key)
		return;
	lock_of(key);
	row = aeta_nat_find(&table, key);
	if (!row && aeta_nat_room(&table, key, now))
		row = aeta_nat_take(&table, account, address, now);
	if (row && !row->dirty)
		row->known = *known;
	unlock_of(key);
}

static unsigned copy_set(unsigned set, aeta_number_t account, struct aeta_nat_row out[AETA_TABLE_WAYS])
{
	const struct aeta_nat_row *rows;
	unsigned n = 0;

	aeta_shared_lock(&shared, set % LOCKS);
	rows = aeta_nat_rows(&table, set);
	for (unsigned way = 0; way < AETA_TABLE_WAYS; way++)
		if (rows[way].slot.key && rows[way].account == account)
			out[n++] = rows[way];
	aeta_shared_unlock(&shared, set % LOCKS);
	return n;
}

void aeta_nat_each(const str *account, void (*each)(void *p, const struct aeta_nat_row *row), void *p)
{
	struct aeta_nat_row rows[AETA_TABLE_WAYS];
	aeta_number_t number = number_of(account);

	for (unsigned set = 0; shared.memory && number && set < table.table.sets; set++)
		for (unsigned i = 0, n = copy_set(set, number, rows); i < n; i++)
			each(p, &rows[i]);
}
