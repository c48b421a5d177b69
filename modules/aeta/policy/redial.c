/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "redial.h"

#include <string.h>

size_t aeta_redial_bytes(unsigned rows)
{
	unsigned sets;

	return aeta_table_bytes(sizeof(struct aeta_redial_row), rows, &sets);
}

/* The table's clock is that of the rows, in its own unit. */
static aeta_usec_t use_of(int64_t now)
{
	return now > 0 ? (aeta_usec_t)now * 1000000u : 1;
}

/* A pair that is relayed outlives one that has only hung up. */
static bool is_precious(const void *entry, aeta_usec_t now)
{
	const struct aeta_redial_row *row = entry;

	return use_of(row->until) > now;
}

void aeta_redial_init(struct aeta_redial_table *t, void *memory, unsigned rows, const uint64_t key[2])
{
	memset(t, 0, sizeof(*t));
	t->table.memory = memory;
	t->table.precious = is_precious;
	t->table.entry = sizeof(struct aeta_redial_row);
	aeta_table_bytes(sizeof(struct aeta_redial_row), rows, &t->table.sets);
	memcpy(t->key, key, sizeof(t->key));
}

uint64_t aeta_redial_pair(const struct aeta_redial_table *t, aeta_number_t a, aeta_number_t b)
{
	aeta_number_t pair[2] = {a < b ? a : b, a < b ? b : a};

	if (!pair[0] || pair[0] == pair[1])
		return 0;
	return aeta_keyed_hash(t->key, pair, sizeof(pair));
}

uint64_t aeta_redial_key(const struct aeta_redial_table *t, const struct aeta_redial_party *a, const struct aeta_redial_party *b)
{
	if (!aeta_address_is_ip(&a->address) || !aeta_address_is_ip(&b->address))
		return 0;
	return aeta_redial_pair(t, a->number, b->number);
}

static void set_parties(struct aeta_redial_row *row, const struct aeta_redial_party *a, const struct aeta_redial_party *b)
{
	row->party[0] = a->number < b->number ? *a : *b;
	row->party[1] = a->number < b->number ? *b : *a;
}

static bool are_there(const struct aeta_redial_row *row, const struct aeta_redial_party *a, const struct aeta_redial_party *b)
{
	const struct aeta_redial_party *low = a->number < b->number ? a : b, *high = low == a ? b : a;

	return row->party[0].number == low->number && row->party[1].number == high->number &&
		   aeta_address_same(&row->party[0].address, &low->address) && aeta_address_same(&row->party[1].address, &high->address);
}

/* The row of a pair that is still where it was, or NULL. */
static struct aeta_redial_row *find(const struct aeta_redial_table *t, const struct aeta_redial_party *a,
		const struct aeta_redial_party *b)
{
	struct aeta_redial_row *row = aeta_table_find(&t->table, aeta_redial_key(t, a, b));

	return row && are_there(row, a, b) ? row : NULL;
}

bool aeta_redial_ended(const struct aeta_redial_table *t, const struct aeta_redial_party *a, const struct aeta_redial_party *b,
		int64_t now, int64_t lasted_s)
{
	struct aeta_redial_row *row;

	if (lasted_s < 0 || lasted_s > AETA_REDIAL_SHORT_S)
		return false;
	row = aeta_table_take(&t->table, aeta_redial_key(t, a, b), use_of(now));
	if (!are_there(row, a, b))
		row->until = 0;
	set_parties(row, a, b);
	row->ended = now;
	return true;
}

enum aeta_redial_answer aeta_redial_asked(const struct aeta_redial_table *t, const struct aeta_redial_party *a,
		const struct aeta_redial_party *b, int64_t now, int64_t within_s, bool asks_only, struct aeta_redial_row *out)
{
	struct aeta_redial_row *row = find(t, a, b);

	if (!row)
		return AETA_REDIAL_NO;
	if (row->until > now) {
		if (!asks_only)
			row->slot.seen = use_of(now);
		return AETA_REDIAL_RELAY;
	}
	if (!row->ended || now < row->ended || now - row->ended > within_s)
		return AETA_REDIAL_NO;
	if (asks_only)
		return AETA_REDIAL_BEGINS;
	row->until = now + AETA_REDIAL_DAYS * INT64_C(86400);
	row->ended = 0;
	row->slot.seen = use_of(now);
	*out = *row;
	return AETA_REDIAL_BEGINS;
}

bool aeta_redial_forget(const struct aeta_redial_table *t, uint64_t key, int64_t now)
{
	struct aeta_redial_row *row = key ? aeta_table_find(&t->table, key) : NULL;
	bool relayed = row && row->until > now;

	if (row)
		row->until = row->ended = 0;
	return relayed;
}

bool aeta_redial_restore(const struct aeta_redial_table *t, const struct aeta_redial_party *a, const struct aeta_redial_party *b,
		int64_t until)
{
	uint64_t key = aeta_redial_key(t, a, b);
	struct aeta_redial_row *row;

	if (!key)
		return false;
	row = aeta_table_take(&t->table, key, 1);
	set_parties(row, a, b);
	row->until = until;
	row->ended = 0;
	return true;
}
