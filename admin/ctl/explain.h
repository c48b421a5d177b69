/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of explain that speaks of media. */
#ifndef AETA_ADMIN_EXPLAIN_H
#define AETA_ADMIN_EXPLAIN_H

#include "ctl.h"

/* Says path, its reasons, policy and relays of a call between two whole numbers; adds to `facts`. Returns an exit status. */
int explain_media(struct ctl *ctl, json_t *facts, const char *caller, const char *callee);

/* Adds path and reason to each of the `members` in the result. */
void explain_media_members(struct ctl *ctl, const char *caller);

#endif
