/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of the NATs of accounts (nat_class.h), one row for an account at a public address: a table of a fixed size
 * in memory that the caller gives. A full set gives up the row that was not used for the longest time. What changed since it
 * was last written to the database is told by a mark on the row. The locks, one for some sets, are the caller's.
 */
#ifndef AETA_POLICY_NAT_TABLE_H
#define AETA_POLICY_NAT_TABLE_H

#include "address.h"
#include "guard_table.h"
#include "nat_class.h"
#include "number.h"

struct aeta_nat_row {
	struct aeta_slot slot; /* of the table: do not touch */
	aeta_number_t account;
	struct aeta_address address; /* port 0 */
	struct aeta_nat_known known;
	aeta_usec_t asked; /* when a probing was last asked for; 0 = not yet */
	bool dirty;        /* the database does not have it as it is */
};

struct aeta_nat_table {
	struct aeta_table table;
	uint64_t key[2];
};

size_t aeta_nat_table_bytes(unsigned rows);

/* `memory`: so many bytes, all zero at first, aligned as malloc() does; `key` random, the same for all who share it. */
void aeta_nat_table_init(struct aeta_nat_table *t, void *memory, unsigned rows, const uint64_t key[2]);

/* The key of a row; 0 = an account that is no number or an address that is no IP address has none. */
uint64_t aeta_nat_key(const struct aeta_nat_table *t, aeta_number_t account, const struct aeta_address *address);

/* The set of a key, below t->table.sets: hold its lock for what follows. */
static inline unsigned aeta_nat_set(const struct aeta_nat_table *t, uint64_t key)
{
	return aeta_table_set(&t->table, key);
}

/* The row of a key, or NULL. */
struct aeta_nat_row *aeta_nat_find(const struct aeta_nat_table *t, uint64_t key);

/* The row of an account and address that have a key, made where there is none. `now` is any steady clock. */
struct aeta_nat_row *aeta_nat_take(const struct aeta_nat_table *t, aeta_number_t account, const struct aeta_address *address,
		aeta_usec_t now);

/*
 * Need it not be probed? `no_nat`: what its Contact says now; `wall_s`: seconds since 1970; `every_s`: how long a class is
 * believed. A registration that looks different (another agent, as it seems) is not believed.
 */
bool aeta_nat_believed(const struct aeta_nat_known *k, bool no_nat, int64_t wall_s, unsigned every_s);

#define AETA_NAT_ASK_AGAIN_S 120u /* a probing that was asked for and came to nothing is asked for again */

/* Is this row to be probed: not believed, and not asked for lately? Notes that it was asked for. */
bool aeta_nat_due(struct aeta_nat_row *row, bool no_nat, aeta_usec_t now, int64_t wall_s, unsigned every_s);

/*
 * Is there room for this key: is it there, or a place that is free, or one that nobody has used for an hour? Ask before
 * aeta_nat_take(): agents that are there would otherwise drive each other out of a set that is too small for them, for ever.
 */
bool aeta_nat_room(const struct aeta_nat_table *t, uint64_t key, aeta_usec_t now);

/* The AETA_TABLE_WAYS rows of a set; a row whose slot.key is 0 is free. */
struct aeta_nat_row *aeta_nat_rows(const struct aeta_nat_table *t, unsigned set);

/* The first dirty row of one set, or NULL. */
struct aeta_nat_row *aeta_nat_dirty(const struct aeta_nat_table *t, unsigned set);

#endif
