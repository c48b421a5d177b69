/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The accounts kept in shared memory (policy/kept.h), under locks. A row is believed only while generation.h says that nothing
 * has changed since it was read. HA1s lie here and nowhere else of the module: no log, no RPC and no variable shows one.
 */
#ifndef AETA_ACCOUNTS_H
#define AETA_ACCOUNTS_H

#include "policy/kept.h"

/* mod_init(), destroy(): 0 or -1. Nothing is kept where the parameter accounts_kept is 0. */
int aeta_accounts_init(void);
void aeta_accounts_destroy(void);

/* False: it is not kept, or must not be believed any more. */
bool aeta_accounts_get(aeta_number_t number, struct aeta_row *out);
/* The same while the database is silent, for accounts_grace seconds: what would have been believed when it fell silent. */
bool aeta_accounts_before(aeta_number_t number, struct aeta_row *out);
/* `generation` is what aeta_generation() said before the row was read. */
void aeta_accounts_put(const struct aeta_row *row, uint32_t generation);

#endif
