/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page of a list: search, table, and what stands below it. */
#include "view_private.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* "12,345" */
static void group_digits(unsigned long long n, char out[32])
{
	char plain[24];
	size_t length = (size_t)snprintf(plain, sizeof(plain), "%llu", n), at = 0;

	for (size_t i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = plain[i];
	}
	out[at] = '\0';
}

static void put_where(struct html *h, const struct data_rows *rows)
{
	unsigned long long first = (unsigned long long)(rows->page - 1) * rows->per_page + 1;
	char from[32], to[32], total[32];

	group_digits(first, from);
	group_digits(first + rows->count - 1, to);
	group_digits(rows->total, total);
	html_open(h, "span");
	html_attr(h, "class", "where");
	html_attr(h, "role", "status");
	if (rows->count)
		html_textf(h, "%s to %s of %s%s", from, to, rows->more ? "more than " : "", total);
	else
		html_text(h, "None");
	html_close(h);
}

static void put_page_link(struct html *h, const struct view *v, const struct data_query *q, const char *id, unsigned page, const char *label)
{
	struct url u;

	view_list_url(&u, v->path, q, page);
	html_open(h, "a");
	html_attr(h, "id", id);
	html_url_made(h, "href", u.text);
	html_text(h, label);
	html_close(h);
}

static void put_csv_link(struct html *h, const struct view *v, const struct data_query *q)
{
	char path[NAME_SIZE];
	struct url u;

	snprintf(path, sizeof(path), "%s.csv", v->path);
	view_list_url(&u, path, q, 0);
	html_open(h, "a");
	html_url_made(h, "href", u.text);
	html_flag(h, "download", true);
	html_attr(h, "hx-boost", "false");
	html_text(h, "Download as CSV");
	html_close(h);
}

static void put_pages(struct html *h, const struct view *v, const struct data_query *q, const struct data_rows *rows)
{
	html_open(h, "div");
	html_attr(h, "class", "pages");
	view_exchange(h);
	put_where(h, rows);
	if (rows->page > 2)
		put_page_link(h, v, q, "page-first", 1, "First page");
	if (rows->page > 1)
		put_page_link(h, v, q, "page-back", rows->page - 1, "Previous page");
	if ((unsigned long long)rows->page * rows->per_page < rows->total)
		put_page_link(h, v, q, "page-next", rows->page + 1, "Next page");
	put_csv_link(h, v, q);
	html_close(h);
}

static void put_empty(struct html *h, const struct view *v, const struct data_query *q, const char *refused)
{
	bool asked = q->search || q->filter_count;

	html_open(h, "div");
	html_attr(h, "class", "empty");
	if (refused)
		page_message(h, MESSAGE_BAD, refused);
	html_element(h, "p", NULL, asked ? "Nothing here is like that." : "There is nothing here yet.");
	if (asked) {
		html_open(h, "p");
		html_open(h, "a");
		html_url_made(h, "href", v->path);
		html_text(h, "Show all");
		html_close(h);
		html_close(h);
	} else if (v->empty) {
		html_element(h, "p", NULL, v->empty);
	}
	html_close(h);
}

void view_list(struct html *h, const struct view *v, const struct scope *s, const struct data_query *q, const struct data_rows *rows,
		const char *refused)
{
	char label[NAME_SIZE];

	if (v->about)
		html_element(h, "p", "quiet", v->about);
	html_open(h, "div");
	html_attr(h, "class", "tools");
	view_filters(h, v, s, q);
	if (scope_may(s, v->add ? v->add : rows->table->insert)) {
		snprintf(label, sizeof(label), "New %c%s", tolower((unsigned char)*rows->table->one), rows->table->one + 1);
		view_button(h, v, "new", NULL, "button", label);
	}
	html_close(h);
	html_open(h, "div");
	html_attr(h, "id", "list");
	view_chips(h, v, q);
	if (rows->count)
		view_rows(h, v, s, q, rows, view_unlisted(v));
	else
		put_empty(h, v, q, refused);
	if (!refused)
		put_pages(h, v, q, rows);
	html_close(h);
}
