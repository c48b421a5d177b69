/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long finished rows are kept (table aeta_retention), and taking out older ones in small batches. */
#ifndef AETA_ADMIN_RETENTION_H
#define AETA_ADMIN_RETENTION_H

#include "scope.h"
#include <stddef.h>

struct db;

#define RETENTIONS_MAX  16
#define RETENTION_BATCH 500 /* rows of one transaction */

struct retention {
	char subject[17];       /* "cdr": call records; "audit" */
	long months, least;     /* kept so long; and no shorter than that */
	char since[20];         /* UTC: what is older goes */
	unsigned long long due; /* rows that are older */
};

/* All of them, to operators. 0 or as db_query(); -ENOENT outside that scope. */
int retention_list(struct db *db, const struct scope *s, struct retention out[RETENTIONS_MAX], size_t *count);

/* Changes one, audited; administrators. -ENOENT: no such subject, or outside the scope; -EPERM: fewer months than `least`. */
int retention_set(struct db *db, const struct scope *s, const char *subject, long months);

/*
 * Deletes rows of `subject` that are too old, the oldest first: at most `batches` transactions of RETENTION_BATCH rows, 0 = until
 * none is left. `*deleted`: how many, also after an error. Audited where any was deleted. Administrators, and the timer of aeta-admin
 * (which is one for the audit).
 */
int retention_prune(struct db *db, const struct scope *s, const char *subject, unsigned batches, unsigned long long *deleted);

#endif
