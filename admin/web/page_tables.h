/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pages that all tables have (page_tables.c), and what single tables add to them (page_more.c). */
#ifndef AETA_WEB_PAGE_TABLES_H
#define AETA_WEB_PAGE_TABLES_H

#include "view.h"
#include "web.h"

#include "data/data.h"

/*
 * Handlers of a list, of the same as CSV, and of one row (parameter "key"), of the table that the route is about, as whoever asks sees it
 * (view_for()). page_table_field declares what lists and CSV take: search, filters of columns, order, page.
 */
int page_table_list(struct request *r);
int page_table_csv(struct request *r);
int page_table_row(struct request *r);
const struct field *page_table_field(const struct route *route, const char *name, struct field *room);

#define PAGE_KEY_MAX 190 /* bytes of "key" */

/* What can be done with a row beside editing and deleting it. */
extern const struct view_act page_table_acts[];
/* Below the facts of a row; 0 or -errno of the data layer. */
int page_table_more(struct request *r, const struct data_rows *row);

#endif
