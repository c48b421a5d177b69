/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What single tables add to the pages that all tables have (page_tables.c); in page_more.c. */
#ifndef AETA_WEB_PAGE_TABLES_H
#define AETA_WEB_PAGE_TABLES_H

#include "view.h"
#include "web.h"

#include "data/data.h"

/* What can be done with a row beside editing and deleting it. */
extern const struct view_act page_table_acts[];
/* Below the facts of a row; 0 or -errno of the data layer. */
int page_table_more(struct request *r, const struct data_rows *row);

#endif
