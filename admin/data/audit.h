/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The audit (table aeta_audit): who did what to what, when, from where, and what changed by it. */
#ifndef AETA_ADMIN_AUDIT_ROW_H
#define AETA_ADMIN_AUDIT_ROW_H

#include "scope.h"

struct db;

/*
 * Adds a row for the scope's person. To be called in the transaction of the act, so that there is no act without its row and
 * no row without its act. `detail` and the JSON objects of what was and what is may be NULL; none may hold a secret. Control characters of
 * `detail` and `object` become '?'; what is too long is cut. Returns as db_exec().
 */
int audit_write(struct db *db, const struct scope *s, const char *action, const char *object, const char *detail,
		const char *old_values, const char *new_values);

/* Takes out some rows that are older than they are kept. Returns as db_exec(). */
int audit_prune(struct db *db);

#endif
