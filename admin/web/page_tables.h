/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pages that all tables have (page_tables.c, page_table_*.c), and what single tables add to them (page_more.c). */
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

/*
 * The forms of a table and what they send: a new row, a change of the row "key", its end; each form by GET, what it sends by POST.
 */
int page_table_new(struct request *r);
int page_table_add(struct request *r);
int page_table_edit(struct request *r);
int page_table_save(struct request *r);
int page_table_delete(struct request *r);
int page_table_gone(struct request *r);

/* Where whoever asks sees the table of the route. */
const struct view *page_table_view(const struct request *r);
/* What was sent, for the views; valid as long as the request. */
struct fields page_table_sent(const struct request *r);
/*
 * Kamailio is told what it must load anew after a change of the row, or its end; where it cannot be, the change is stored all the same, and
 * it finds out when it starts.
 */
void page_table_told(struct request *r, const struct table *t, const char *key, bool deleted);

#define PAGE_KEY_MAX 190 /* bytes of "key" */

/* What can be done with a row beside editing and deleting it. */
extern const struct view_act page_table_acts[];
/* Above a list; 0 or -errno of the data layer. */
int page_table_above(struct request *r, const struct page *page, const char *table);
/* Below the facts of a row; 0 or -errno of the data layer. */
int page_table_more(struct request *r, const struct data_rows *row);

#endif
