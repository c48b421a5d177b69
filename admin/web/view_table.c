/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of a list as a table, whose heads sort it. */
#include "view_private.h"

#include <string.h>

static const char *class_of(const struct column *c)
{
	static const char *const classes[] = {
			[TYPE_NUMBER] = "number", [TYPE_SWITCH] = "word", [TYPE_WORD] = "word", [TYPE_TIME] = "time", [TYPE_DIGITS] = "digits", [TYPE_EMAIL] = "email"};

	return c->type == TYPE_NUMBER && (c->refers || c->names) ? "digits" : c->type <= TYPE_EMAIL ? classes[c->type] : NULL;
}

/* Heads of columns say it, so that the times need not. */
static const char *zone_of(const struct column *c)
{
	return c->type == TYPE_TIME ? " (UTC)" : "";
}

/* Links in the heads and below the table exchange the table, not the page. */
void view_exchange(struct html *h)
{
	html_attr(h, "hx-boost", "true");
	html_attr(h, "hx-target", "#list");
	html_attr(h, "hx-select", "#list");
	html_attr(h, "hx-swap", "outerHTML show:none");
}

static void put_sort_link(struct html *h, const struct view *v, const struct data_query *q, const struct column *c, bool descending)
{
	struct url u;

	url_begin(&u, v->path);
	view_url_filters(&u, q, NULL);
	view_url_sort(&u, c->name, descending);
	html_open(h, "a");
	html_attrf(h, "id", "sort-%s", c->name); /* htmx finds the focus again by it */
	html_url_made(h, "href", u.text);
	html_textf(h, "%s%s", c->label, zone_of(c));
	html_close(h);
}

static void put_head(struct html *h, const struct view *v, const struct data_query *q, const struct data_rows *rows, const struct column *c)
{
	const char *sort = q ? q->sort : NULL;
	bool descending = q && q->descending, here;

	if (!sort) {
		sort = rows->table->sort;
		descending = rows->table->descending;
	}
	here = q && !strcmp(sort, c->name);
	html_open(h, "th");
	html_attr(h, "scope", "col");
	html_attr(h, "class", class_of(c));
	html_attr(h, "aria-sort", !here ? NULL : descending ? "descending" : "ascending");
	if (q && !c->unsorted)
		put_sort_link(h, v, q, c, here ? !descending : c->type == TYPE_TIME);
	else
		html_textf(h, "%s%s", c->label, zone_of(c));
	html_close(h);
}

static void put_cell(struct html *h, const struct scope *s, const struct data_rows *rows, size_t row, size_t column)
{
	const struct column *c = rows->columns[column];
	const struct view *v = view_for(s, rows->table->name);
	const char *value = data_cell(rows, row, column), *key = data_key(rows, row), *class_name = class_of(c);

	html_open(h, "td");
	if (!value || !*value)
		html_attrf(h, "class", "none%s%s", class_name ? " " : "", class_name ? class_name : "");
	else
		html_attr(h, "class", class_name);
	html_attrf(h, "data-label", "%s%s", c->label, zone_of(c));
	if (v && key && rows->table->title && !strcmp(c->name, rows->table->title)) {
		view_link(h, v, key, NULL, value && *value ? value : key);
	} else {
		view_value(h, s, c, value);
	}
	html_close(h);
}

/* Only the rows are exchanged: heads, focus there, and how far the box is scrolled stay. */
static void watch(struct html *h, const struct view *v, const struct data_query *q, const struct data_rows *rows)
{
	struct url u;

	view_list_url(&u, v->path, q, rows->page);
	page_watch(h, u.text);
}

void view_rows(struct html *h, const struct view *v, const struct scope *s, const struct data_query *q, const struct data_rows *rows,
		const char *without)
{
	html_open(h, "div");
	html_attr(h, "class", "scroll");
	html_attr(h, "tabindex", "0"); /* a box that scrolls is reached by the keyboard */
	html_attr(h, "role", "region");
	html_attr(h, "aria-label", rows->table->label);
	html_open(h, "table");
	html_attr(h, "class", "list");
	html_open(h, "thead");
	html_open(h, "tr");
	if (q)
		view_exchange(h);
	for (size_t i = 0; i < rows->column_count; i++) {
		if (!view_is_listed(without, rows->columns[i]->name))
			put_head(h, v, q, rows, rows->columns[i]);
	}
	html_close(h);
	html_close(h);
	html_open(h, "tbody");
	if (v && q && view_is_watched(v))
		watch(h, v, q, rows);
	for (size_t row = 0; row < rows->count; row++) {
		html_open(h, "tr");
		for (size_t i = 0; i < rows->column_count; i++) {
			if (!view_is_listed(without, rows->columns[i]->name))
				put_cell(h, s, rows, row, i);
		}
		html_close(h);
	}
	html_close(h);
	html_close(h);
	html_close(h);
}

void view_table_of(struct html *h, const struct scope *s, const struct data_rows *rows, const char *without)
{
	view_rows(h, NULL, s, NULL, rows, without);
}
