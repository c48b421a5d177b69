/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page of one row, with the rows of other tables that belong to it. */
#include "page_tables.h"

#include "respond.h"
#include "view.h"

#include "data/data.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NAME_SIZE   80

/* Rows of another table that belong to the row that is shown. */
struct related {
	const char *table, *of, *column; /* rows of `of`, filtered by `column` with the key of the row */
	const char *without;             /* columns that say the same in each row */
};

static const struct related related[] = {
		{"customers", "contacts", "customer_id", "customer"},
		{"customers", "groups", "customer_id", "customer"},
		{"groups", "accounts", "prefix", "prefix customer"},
		{"accounts", "web-logins", "account", "account"},
		{"groups", "exceptions", "prefix", "prefix"},
		{"announcements", "mails", "announcement", "announcement subject created_at"},
		{"relay-sets", "relays", "set_number", "set"},
		{0},
};

static void put_all_link(struct html *h, const struct view *v, const struct data_query *q, const struct data_rows *rows)
{
	struct url u;

	if (!v || (!rows->more && rows->count >= rows->total))
		return;
	view_list_url(&u, v->path, q, 0);
	html_open(h, "p");
	html_open(h, "a");
	html_url_made(h, "href", u.text);
	html_textf(h, "All %llu", rows->total);
	html_close(h);
	html_close(h);
}

/* A new row of that table, which the row that is shown is chosen in already. */
static void put_new_button(struct html *h, const struct related *rel, const struct table *t, const struct scope *s, const char *key)
{
	char label[NAME_SIZE], path[NAME_SIZE];
	struct url u;

	if (!scope_may(s, t->insert))
		return;
	snprintf(path, sizeof(path), "%s/new", view_of(rel->of)->path);
	snprintf(label, sizeof(label), "New %c%s", tolower((unsigned char)*t->one), t->one + 1);
	url_begin(&u, path);
	url_add(&u, rel->column, key);
	html_open(h, "p");
	html_attr(h, "class", "actions");
	html_open(h, "a");
	html_attr(h, "class", "button plain");
	html_url_made(h, "href", u.text);
	html_text(h, label);
	html_close(h);
	html_close(h);
}

static int put_related(struct request *r, const struct related *rel, const char *key)
{
	const struct table *t = table_find(rel->of);
	struct data_query q = {.filters = {{rel->column, FILTER_IS, key}}, .filter_count = 1};
	struct data_rows rows = {0};
	struct html *h = &r->body;
	int rc = table_visible(t, &r->scope) ? data_list(r->db, &r->scope, t, &q, &rows) : -ENOENT;

	if (rc == 0) {
		html_element(h, "h2", NULL, t->label);
		if (rows.count)
			view_table_of(h, &r->scope, &rows, rel->without);
		else
			html_element(h, "p", "quiet", "None.");
		put_all_link(h, view_for(&r->scope, rel->of), &q, &rows);
		put_new_button(h, rel, t, &r->scope, key);
	}
	data_rows_free(&rows);
	return rc == -ENOENT ? 0 : rc;
}

static int put_all_related(struct request *r, const char *table, const char *key)
{
	int rc = 0;

	for (const struct related *rel = related; rel->table && rc == 0; rel++) {
		if (!strcmp(rel->table, table))
			rc = put_related(r, rel, key);
	}
	return rc;
}

static void put_facts(struct request *r, const struct view *v, const struct data_rows *rows)
{
	struct url u;

	url_begin(&u, v->path);
	url_segment(&u, data_key(rows, 0));
	html_open(&r->body, "div");
	if (view_is_watched(v))
		page_watch(&r->body, u.text);
	view_facts(&r->body, &r->scope, rows);
	html_close(&r->body);
}

int page_table_row(struct request *r)
{
	const struct view *v = page_table_view(r);
	const struct table *t = view_table(v);
	struct data_rows rows = {0};
	char title[CELL_TEXT_MAX];
	struct page page;
	int rc = data_show(r->db, &r->scope, t, param(r, "key"), &rows);

	if (rc == 0) {
		view_title(t, &rows, title, sizeof(title));
		request_page(r, &page, title);
		view_under(&page, v);
		page_begin(&r->body, &page);
		view_actions(&r->body, v, &r->scope, &rows, page_table_acts);
		put_facts(r, v, &rows);
		rc = page_table_more(r, &rows);
		if (rc == 0)
			rc = put_all_related(r, t->name, data_key(&rows, 0));
		page_end(&r->body, &page);
		if (rc == 0)
			rc = respond_page(r, 200);
	}
	data_rows_free(&rows);
	return rc;
}
