/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nat_table.h"

#include <string.h>

size_t aeta_nat_table_bytes(unsigned rows)
{
	unsigned sets;

	return aeta_table_bytes(sizeof(struct aeta_nat_row), rows, &sets);
}

/* Any row can be found out again. */
static bool none_is_precious(const void *entry, aeta_usec_t now)
{
	(void)entry;
	(void)now;
	return false;
}

void aeta_nat_table_init(struct aeta_nat_table *t, void *memory, unsigned rows, const uint64_t key[2])
{
	*t = (struct aeta_nat_table){.table = {.memory = memory, .entry = sizeof(struct aeta_nat_row), .precious = none_is_precious},
			.key = {key[0], key[1]}};
	aeta_table_bytes(sizeof(struct aeta_nat_row), rows, &t->table.sets);
}

uint64_t aeta_nat_key(const struct aeta_nat_table *t, aeta_number_t account, const struct aeta_address *address)
{
	unsigned char what[sizeof(account) + 1 + sizeof(address->bytes)];

	if (!account || !aeta_address_is_ip(address))
		return 0;
	memcpy(what, &account, sizeof(account));
	what[sizeof(account)] = address->family;
	memcpy(what + sizeof(account) + 1, address->bytes, sizeof(address->bytes));
	return aeta_keyed_hash(t->key, what, sizeof(what));
}

struct aeta_nat_row *aeta_nat_find(const struct aeta_nat_table *t, uint64_t key)
{
	return key ? aeta_table_find(&t->table, key) : NULL;
}

struct aeta_nat_row *aeta_nat_take(const struct aeta_nat_table *t, aeta_number_t account, const struct aeta_address *address,
		aeta_usec_t now)
{
	struct aeta_nat_row *row = aeta_table_take(&t->table, aeta_nat_key(t, account, address), now);

	row->account = account;
	row->address = *address;
	row->address.port = 0;
	return row;
}

#define UNUSED ((aeta_usec_t)3600u * 1000000u)

bool aeta_nat_room(const struct aeta_nat_table *t, uint64_t key, aeta_usec_t now)
{
	const struct aeta_nat_row *rows = aeta_nat_rows(t, aeta_nat_set(t, key));

	for (unsigned way = 0; way < AETA_TABLE_WAYS; way++)
		if (!rows[way].slot.key || rows[way].slot.key == key || now - rows[way].slot.seen >= UNUSED)
			return true;
	return false;
}

struct aeta_nat_row *aeta_nat_rows(const struct aeta_nat_table *t, unsigned set)
{
	return (void *)(t->table.memory + (size_t)set * AETA_TABLE_WAYS * t->table.entry);
}

struct aeta_nat_row *aeta_nat_dirty(const struct aeta_nat_table *t, unsigned set)
{
	struct aeta_nat_row *rows = aeta_nat_rows(t, set);

	for (unsigned way = 0; way < AETA_TABLE_WAYS; way++)
		if (rows[way].slot.key && rows[way].dirty)
			return &rows[way];
	return NULL;
}

bool aeta_nat_believed(const struct aeta_nat_known *k, bool no_nat, int64_t wall_s, unsigned every_s)
{
	bool as_before = ((k->evidence & AETA_EVIDENCE_NO_NAT) != 0) == no_nat;

	return k->probed && as_before && wall_s >= k->when && wall_s - k->when < (int64_t)every_s;
}

bool aeta_nat_due(struct aeta_nat_row *row, bool no_nat, aeta_usec_t now, int64_t wall_s, unsigned every_s)
{
	if (row->asked && now - row->asked < (aeta_usec_t)AETA_NAT_ASK_AGAIN_S * 1000000u)
		return false;
	if (aeta_nat_believed(&row->known, no_nat, wall_s, every_s))
		return false;
	row->asked = now;
	return true;
}
