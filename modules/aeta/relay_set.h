/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What aeta_save() notes of a REGISTER, in the branch flags that registrar keeps with the binding (C2, C5, C7): Kamailio writes them
 * to the location table and replicates them as it does the rest, they cost no write of their own, and they end with the
 * registration. From the flag of the parameter branch_flag on:
 *
 *      +0     noted: the rest is true
 *      +1     the Via was not where the REGISTER came from
 *      +2..5  number of the relay set of the domain under which the agent registered
 *      +6..8  class of the agent's NAT (policy/nat_class.h), as it was known then; it counts where nat_known.h has none
 *      +9     its evidence NATTED
 */
#ifndef AETA_RELAY_SET_H
#define AETA_RELAY_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "core/flags.h"
#include "core/parser/msg_parser.h"

#define AETA_BRANCH_FLAGS 10 /* that the module keeps for itself */

struct aeta_noted {
	bool noted; /* false: the binding was not saved by aeta_save() */
	bool via_mismatch;
	bool natted;
	uint8_t cls; /* enum aeta_nat_class */
	unsigned relay_set;
};

/* Sets the flags on a REGISTER, before it is saved. */
void aeta_note_register(sip_msg_t *msg);

/* Reads them from the flags of a binding. */
struct aeta_noted aeta_noted_of(unsigned cflags);

/* The relay set of a domain of the service; -ENOENT: it is none. */
int aeta_relay_set_of(const str *domain);

#endif
