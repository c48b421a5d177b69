/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The audit (table aeta_audit): who did what to what, and when. The person is the one who logged in, also behind sudo or
 * su, as far as the system tells; the database's own user is the same for all of them.
 */
#ifndef AETA_ADMIN_AUDIT_H
#define AETA_ADMIN_AUDIT_H

#include "ctl.h"

/* An administrator: who runs this. */
void audit_person(struct scope *s);

/*
 * Adds a row, and takes out some that are older than 24 months. To be called before the act, so that none goes unnoted:
 * an exit status, with a refusal if it cannot be written.
 */
__attribute__((format(printf, 4, 5))) int audit(struct ctl *ctl, const char *action, const char *object,
		const char *format, ...);

#endif
