/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of the NATs of accounts, in shared memory for all processes: the class of each account at each public address,
 * and whether its present binding uses STUN. Every function is cheap, takes no lock of usrloc's, and may be called from anywhere.
 */
#ifndef AETA_NAT_KNOWN_H
#define AETA_NAT_KNOWN_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "core/str.h"
#include "policy/address.h"
#include "policy/nat_class.h"
#include "policy/nat_table.h"

/* mod_init(): 0 or -1. */
int aeta_nat_known_init(void);
void aeta_nat_known_destroy(void);

/*
 * What is known of an account at the address that its SIP comes from (the port does not matter). False: nothing, and *out is
 * all zero. (Nothing is ever known of an account that is no number, or at what is no IP address.)
 */
bool aeta_nat_lookup(const str *account, const struct aeta_address *source, struct aeta_nat_known *out);

/* Is it to be probed, as aeta_nat_due() of policy/nat_table.h says? Then it counts as asked for. */
bool aeta_nat_ask(const str *account, const struct aeta_address *source, bool no_nat);

/* The outcome of a probing that ended at `when` (seconds since 1970). What media showed before is forgotten. */
void aeta_nat_set_probed(const str *account, const struct aeta_address *source, uint32_t evidence, time_t when);

/*
 * Adds evidence that came by itself (MEDIA, MEDIA_MOVED, ALG) to what is known; the class follows. True if it is another one now.
 */
bool aeta_nat_add_evidence(const str *account, const struct aeta_address *source, uint32_t evidence);

/*
 * Does the binding with the identity `binding` (not 0) use STUN? AETA_STUN_UNKNOWN takes back what was learned. True if it
 * was known otherwise, or of another binding.
 */
bool aeta_nat_set_stun(const str *account, const struct aeta_address *source, enum aeta_stun stun, uint64_t binding);

/* Copies of at most `room` rows that the database has yet to get; they count as written. How many. */
size_t aeta_nat_take_dirty(struct aeta_nat_row *out, size_t room);
/* What was taken and could not be written: it waits again. */
void aeta_nat_give_back(const struct aeta_nat_row *row);
/* A row as the database has it; does not take the place of one that has changed here and is yet to be written. */
void aeta_nat_put(aeta_number_t account, const struct aeta_address *address, const struct aeta_nat_known *known);
/* Calls `each` for what is known of an account, one address after the other, without a lock held. */
void aeta_nat_each(const str *account, void (*each)(void *p, const struct aeta_nat_row *row), void *p);

#endif
