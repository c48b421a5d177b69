/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows that no database had, what a form sent, and what a browser sees of the views of these. Memory is had, or the program stops. */
#ifndef AETA_TESTS_VIEW_SCENE_H
#define AETA_TESTS_VIEW_SCENE_H

#include "web/view.h"

/* What somebody hopes to get into a page. */
#define EVIL "\"><script>alert('1')</script>"

/* `count` rows of all columns that the scope may list (or show), each with the value `all`; key "45675001", version "7". */
void scene_rows(struct data_rows *rows, const char *table, const struct scope *s, bool show, size_t count, const char *all);
/* Sets a cell; the column is there. */
void scene_set(struct data_rows *rows, size_t row, const char *column, const char *value);

/* What was sent: pairs of name and value, ended by NULL. */
struct fields scene_sent(const char *const *pairs);

/* The journal (html_reader.h) of what was written in a <div>; `h` is empty after it. Valid until the next. */
const char *scene_seen(struct html *h);
/* Begins what scene_seen() ends. */
void scene_begin(struct html *h);

#endif
