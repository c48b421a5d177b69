/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to the lists: which rows. */
#ifndef AETA_ADMIN_WHERE_H
#define AETA_ADMIN_WHERE_H

#include "statement.h"

/* " WHERE" the rows of the scope that the filters and the search of `q` leave. -EINVAL for a filter that cannot be. */
int where_put(struct db *db, struct statement *st, const struct scope *s, const struct table *t, const struct data_query *q);

#endif
