/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of an account at the moment of a call (A2, A7): one indexed query on the account table, so an account made
 * by plain SQL works at once, and a locked one is refused at once. With the parameter account_cache a row found is believed
 * for that many seconds in this process; a missing row never is.
 */
#ifndef AETA_FACTS_H
#define AETA_FACTS_H

#include "policy/verdict.h"

/* Opens this process' database handle; -1 (logged) if the database is out of reach. */
int aeta_facts_open(void);
void aeta_facts_close(void);

/* Facts of `number` (0: kind NONE). 0, or -EIO when the database did not answer (logged once a second at most). */
int aeta_facts(aeta_number_t number, struct aeta_account *out);

#endif
