/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What single tables add to the pages that all tables have (page_tables.c); in page_more.c. */
#ifndef AETA_WEB_PAGE_TABLES_H
#define AETA_WEB_PAGE_TABLES_H

#include "web.h"

#include "data/data.h"

/* Above the facts of a row, e.g. buttons. */
void page_table_head(struct request *r, const struct data_rows *row);
/* Below them; 0 or -errno of the data layer. */
int page_table_more(struct request *r, const struct data_rows *row);

#endif
