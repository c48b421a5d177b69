/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes of rows as commands make them, through the data layer: checked by its descriptions, and audited. */
#ifndef AETA_ADMIN_CHANGES_H
#define AETA_ADMIN_CHANGES_H

#include "ctl.h"
#include "data/data.h"

struct changes {
	struct data_change list[COLUMNS_MAX];
	size_t count;
};

void change_to(struct changes *c, const char *column, const char *value); /* NULL: leave it */

/* Return as data_insert(), data_update(), data_delete() for the person who runs this; the sentence is in data_error(). */
int changes_insert(struct ctl *ctl, const char *table, const struct changes *c);
int changes_update(struct ctl *ctl, const char *table, const char *key, const struct changes *c);
int changes_delete(struct ctl *ctl, const char *table, const char *key);

/* Takes over `list`, what a function of the data layer has listed with the status `rc`. Returns an exit status. */
int ctl_listed(struct ctl *ctl, const char *key, json_t *list, int rc);
/* The same of one row, whose columns go into the result itself; CTL_REFUSED with `missing` where there is none. */
int ctl_shown(struct ctl *ctl, const char *missing, json_t *list, int rc);

#endif
