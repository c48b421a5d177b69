/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Has anything changed in the accounts since a row of them was read? A process of the module's own asks the database every
 * second for the number in the table of the parameter generation_table, which each change of an account or of its credentials
 * makes another one. So a change counts within three seconds whoever made it, and at once if Kamailio is told of it
 * (aeta.accounts_changed).
 */
#ifndef AETA_GENERATION_H
#define AETA_GENERATION_H

#include <stdbool.h>
#include <stdint.h>

/* mod_init(), child_init(PROC_MAIN), destroy(): 0 or -1. All do nothing where the parameter accounts_kept is 0. */
int aeta_generation_init(void);
int aeta_generation_start(void);
void aeta_generation_destroy(void);

/*
 * The present generation, to be asked for before a row is read: what is read after that counts as long as this number is the
 * same. 0: nothing may be believed; the database has not said for three seconds that nothing has changed.
 */
uint32_t aeta_generation(void);

/*
 * The generation that was believed last, while aeta_generation() is 0, and for accounts_grace seconds; *then: when it was
 * believed last, by aeta_generation_now(). 0: there is none, or it is too long ago.
 */
uint32_t aeta_generation_before(uint32_t *then);

/* True if the process that asks has waited for a second, or its last question got no answer in a second: the database hangs. */
bool aeta_generation_hangs(void);

/* All that was read before this counts no more. */
void aeta_generation_end(void);

/* Seconds on the clock that aeta_generation() goes by. */
uint32_t aeta_generation_now(void);

#endif
