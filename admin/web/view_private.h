/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the views (view_*.c) share; view.h is for all others. */
#ifndef AETA_WEB_VIEW_PRIVATE_H
#define AETA_WEB_VIEW_PRIVATE_H

#include "view.h"

#define NAME_SIZE 80 /* of a parameter: a column's name with what stands before it */

/* ---- lists (view_query.c, view_filters.c, view_table.c) ---- */

/* Is `name` one of `names`, which have blanks between them (NULL: none)? */
bool view_is_listed(const char *names, const char *name);
/* How a column is compared with what was typed, and what stands before its name in the address then. */
enum filter_op view_filter_op(const struct column *c);
const char *view_filter_prefix(enum filter_op op);
/* The query's search and filters but for `without` (NULL: all), and an order (NULL: none), as parameters. */
void view_url_filters(struct url *u, const struct data_query *q, const struct data_filter *without);
void view_url_sort(struct url *u, const char *column, bool descending);

/* The form over a list. */
void view_filters(struct html *h, const struct view *v, const struct scope *s, const struct data_query *q);
/* What is filtered by, where no field shows it; each can be taken off. */
void view_chips(struct html *h, const struct view *v, const struct data_query *q);
/* Links in the element that is open exchange the list, not the page. */
void view_exchange(struct html *h);
/* The table. `q` NULL: its heads sort nothing; then `v` may be NULL. */
void view_rows(struct html *h, const struct view *v, const struct scope *s, const struct data_query *q, const struct data_rows *rows,
		const char *without);

/* ---- forms (view_sent.c, view_field.c, view_form.c) ---- */

bool view_may_set(const struct column *c, const struct scope *s, bool is_new);
/* What the form showed of a column; NULL: it does not say. */
const char *view_was(const struct column *c, const struct fields *sent);
/* What its user made of a column; NULL: nothing. */
const char *view_changed(const struct column *c, const struct fields *sent);
/* What is by now; "" for nothing. */
const char *view_now(const struct view_form *f, const struct column *c);
/* What a column may choose from; NULL: it refers to nothing. */
const struct view_choices *view_choices_of(const struct view_form *f, const struct column *c);
/* The name of the row that a value refers to, where the form knows it; else the value. */
const char *view_name_of(const struct view_choices *choices, const char *value);
/* A field for the name of a row, where there are too many to choose from (view_find.c); `value` is the key that is chosen now. */
void view_find(struct html *h, const struct view_form *f, const struct view_choices *choices, const char *value, const char *problem);

/* The label of a field; then the field, with view_field_name() and view_field_described() in it; then what stands behind it. */
void view_field_begin(struct html *h, const char *name, const char *label, bool needed);
void view_field_name(struct html *h, const char *name);
void view_field_described(struct html *h, const char *name, const char *help, const char *problem);
void view_field_end(struct html *h, const char *name, const char *label, const char *help, const char *problem);
/* An <option>; `chosen` NULL: not this one. */
void view_option(struct html *h, const char *value, const char *label, const char *chosen);

/* The form of the columns that the scope may set; `version` of the row that its user has seen. */
void view_put_form(struct html *h, const struct view_form *f, const char *version, const char *label);

#endif
