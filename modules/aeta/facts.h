/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of an account at the moment of a call (A2, A7): one indexed query on the account table, or the row of an
 * earlier one, kept as long as nothing has changed there (accounts.h). So an account made by plain SQL works at once, and a
 * locked one is refused within three seconds. With the parameter account_cache a row found is believed for that many seconds
 * in this process, whatever changes; a missing row never is.
 */
#ifndef AETA_FACTS_H
#define AETA_FACTS_H

#include "core/str.h"
#include "policy/kept.h"

/* Opens this process' database handle; -1 (logged) if the database is out of reach. */
int aeta_facts_open(void);
void aeta_facts_close(void);

/* Facts of `number` (0: kind NONE). 0, or -EIO when the database did not answer (logged once a second at most). */
int aeta_facts(aeta_number_t number, struct aeta_account *out);

/*
 * Account and credentials of `number`, read from the database. 0 and `out` with its HA1; -ENOENT: it has no credentials;
 * -EIO when the database did not answer (logged once a second at most).
 */
int aeta_facts_credentials(aeta_number_t number, struct aeta_row *out);

/* The next question for this account in this message is answered by what is told here, and not by the database. 0, -ENOMEM. */
int aeta_facts_tell(const struct aeta_account *account);

#endif
