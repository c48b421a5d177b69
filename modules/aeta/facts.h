/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of an account at the moment of a call (A2, A7): one indexed query on the account table, so an account made
 * by plain SQL works at once, and a locked one is refused at once. With the parameter account_cache a row found is believed
 * for that many seconds in this process; a missing row never is.
 */
#ifndef AETA_FACTS_H
#define AETA_FACTS_H

#include "core/str.h"
#include "policy/verdict.h"

/* Opens this process' database handle; -1 (logged) if the database is out of reach. */
int aeta_facts_open(void);
void aeta_facts_close(void);

/* Facts of `number` (0: kind NONE). 0, or -EIO when the database did not answer (logged once a second at most). */
int aeta_facts(aeta_number_t number, struct aeta_account *out);

/*
 * The next question for `number` in this message is answered by `text`, "kind|state" as read a moment ago together with the
 * credentials (empty: there is no such account), and not by the database. 0; -EINVAL: that is no such text; -ENOMEM.
 */
int aeta_facts_tell(aeta_number_t number, const str *text);

#endif
