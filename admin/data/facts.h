/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the verdict on a call is made of, as the database has it (B10). */
#ifndef AETA_ADMIN_FACTS_H
#define AETA_ADMIN_FACTS_H

#include "rows.h"
#include "scope.h"

/*
 * Arrays of objects, the caller's to decref, empty after an error. Operators; -ENOENT for others, else as db_query().
 *      facts_groups      every group: {prefix, its options by the names of their columns}
 *      facts_exceptions  every exception: {prefix, number}
 *      facts_account     {kind, state}, or none; a state of "ended" for one whose end has come
 *      facts_series      {number, state}: members of the hunting series of a group, in their order
 *      facts_relay_set   {name} of the set of that number, or none
 *      facts_relays      {set, url, position}: who is asked for a relay of that set, in that order; the default set's where it has none
 */
int facts_groups(struct db *db, const struct scope *s, json_t **list);
int facts_exceptions(struct db *db, const struct scope *s, json_t **list);
int facts_account(struct db *db, const struct scope *s, const char *number, json_t **list);
int facts_series(struct db *db, const struct scope *s, long prefix, json_t **list);
int facts_relay_set(struct db *db, const struct scope *s, long long set, json_t **list);
int facts_relays(struct db *db, const struct scope *s, long long set, json_t **list);

#endif
