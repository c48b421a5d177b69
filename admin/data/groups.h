/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Groups, beyond the generic functions of data.h. */
#ifndef AETA_ADMIN_GROUPS_H
#define AETA_ADMIN_GROUPS_H

#include "data.h"
#include "numbers.h"
#include "rows.h"

/*
 * As data_update() on the table groups; where `changes` switch hunting on, its regular numbers that lack one also get their twin in the
 * hunting series, in the same transaction. `twins`: what was made, to be told once; numbers_forget() when done, also after an error.
 */
int group_update(struct db *db, const struct scope *s, const char *realm, const char *key, const char *version,
		const struct data_change *changes, size_t count, struct data_problems *problems, struct numbers_sold *twins);

/* Members of the hunting series; 0 where there is none, or it cannot be read. */
long group_series(struct db *db, const struct scope *s, long prefix);

/*
 * Lists as arrays of objects, the caller's to decref, empty after an error. Operators; -ENOENT for others, else as db_query().
 *      group_list        {prefix, customer, name, block_incoming, block_outgoing, hunting, premium, last_seq}, `customer` 0: all
 *      group_show        one, with all its options, or none
 *      group_exceptions  {prefix, number} that its members may call, whether it blocks outgoing calls or not
 */
int group_list(struct db *db, const struct scope *s, long long customer, json_t **list);
int group_show(struct db *db, const struct scope *s, long prefix, json_t **list);
int group_exceptions(struct db *db, const struct scope *s, long prefix, json_t **list);

#endif
