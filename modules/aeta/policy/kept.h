/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accounts kept in memory (A2, A7): a row that the database gave is as good as a new question as long as nothing has changed
 * there. "Nothing has changed" is a number, the generation, that whoever holds the table learns from the database: a row
 * counts only under the generation that was known before it was read, and never longer than AETA_KEPT_MAX_S.
 *
 * The table lies in memory that the caller provides (at any address, the same for all processes, all bytes zero at first) and
 * never grows: sets of eight, and in a full set the row that was kept first gives way. It has no locks of its own.
 */
#ifndef AETA_POLICY_KEPT_H
#define AETA_POLICY_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "verdict.h"

#define AETA_HA1_LEN    32   /* hexadecimal digits of an MD5 */
#define AETA_KEPT_MAX_S 300u /* s; what the generation does not tell (a table that was emptied by TRUNCATE) counts after that */
#define AETA_NO_END     INT64_MAX

struct aeta_row {
	aeta_number_t number;
	int64_t end;               /* seconds since 1970 from which an active account has ended; AETA_NO_END: never */
	uint8_t kind, state;       /* enum aeta_kind; enum aeta_state, as the table has it */
	uint8_t media;             /* enum aeta_media_policy */
	bool has_ha1;              /* false: read for its facts alone, its credentials are not known */
	char ha1[AETA_HA1_LEN];    /* no NUL */
};

struct aeta_kept; /* the table */

/* Bytes of a table for at least `rows` rows, and how many sets that makes: a lock may be held for each set alone. */
size_t aeta_kept_size(unsigned rows);
unsigned aeta_kept_sets(unsigned rows);
/* The set, below `sets`, that a number is in. */
unsigned aeta_kept_set(unsigned sets, aeta_number_t number);

/*
 * Finds `number` in its set. `generation` is the present one, 0 = nothing is to be believed; `now` is any clock of seconds
 * that goes on. False: not kept, or not to be believed any more.
 */
bool aeta_kept_get(const struct aeta_kept *t, unsigned set, aeta_number_t number, uint32_t generation, uint32_t now,
		struct aeta_row *out);

/*
 * Keeps a row that was read when `generation` was known already; with 0 nothing is kept. A row without credentials does not
 * take the place of the same with them unless that is to be believed no more.
 */
void aeta_kept_put(struct aeta_kept *t, unsigned set, const struct aeta_row *row, uint32_t generation, uint32_t now);

/* What the row says of the account at the time `utc`, in seconds since 1970. */
struct aeta_account aeta_row_account(const struct aeta_row *row, int64_t utc);

#endif
