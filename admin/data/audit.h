/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The audit (table aeta_audit): who did what to what, when, from where, and what changed by it. */
#ifndef AETA_ADMIN_AUDIT_ROW_H
#define AETA_ADMIN_AUDIT_ROW_H

#include "scope.h"

#include <jansson.h>

struct db;

/*
 * Add a row for the scope's person. To be called in the transaction of the act, so that there is no act without its row and no row
 * without its act. Nothing of it may hold a secret. Control characters of `object` and `detail` become '?'; what is too long is cut.
 * Return as db_exec().
 */

/* An act that changes no values, or none that anybody may see; `detail` may be NULL. */
int audit_act(struct db *db, const struct scope *s, const char *action, const char *object, const char *detail);

/* A change: objects of what was (NULL: nothing, it is new) and of what is (NULL: it is gone). Takes both over. */
int audit_change(struct db *db, const struct scope *s, const char *action, const char *object, json_t *before, json_t *after);

/* Takes out some rows that are older than they are kept. Returns as db_exec(). */
int audit_prune(struct db *db);

#endif
