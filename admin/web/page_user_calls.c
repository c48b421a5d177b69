/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A subscriber's Accounting (E1): Call Data Records, originated and received. */
#include "respond.h"
#include "routes.h"
#include "view.h"

#include "data/data.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CDRS "/siremis/user/cdrs"

static bool is_received(const struct request *r)
{
	return strcmp(param(r, "tab"), "received") == 0;
}

/* The calls that this number began, or those that it was called by. */
static void query_of(const struct request *r, struct data_query *q)
{
	*q = (struct data_query){.filters = {{is_received(r) ? "final" : "caller", FILTER_IS, r->session.who}}, .filter_count = 1};
	q->page = (unsigned)param_number(r, "page", 1);
	if (*param(r, "from"))
		q->filters[q->filter_count++] = (struct data_filter){"start_time", FILTER_FROM, param(r, "from")};
	if (*param(r, "until"))
		q->filters[q->filter_count++] = (struct data_filter){"start_time", FILTER_UNTIL, param(r, "until")};
}

static void tab(struct html *h, const char *label, const char *word, bool here)
{
	html_open(h, "a");
	html_url(h, "href", CDRS "?tab=%s", word);
	html_attr(h, "aria-current", here ? "page" : NULL);
	html_text(h, label);
	html_close(h);
}

static void add_range(struct url *u, const struct request *r)
{
	url_add(u, "tab", is_received(r) ? "received" : "originated");
	url_add(u, "from", param(r, "from"));
	url_add(u, "until", param(r, "until"));
}

static void turn(struct html *h, const struct request *r, unsigned to, const char *label)
{
	char number[16];
	struct url u;

	snprintf(number, sizeof(number), "%u", to);
	url_begin(&u, CDRS);
	add_range(&u, r);
	url_add(&u, "page", number);
	html_open(h, "a");
	html_url_made(h, "href", u.text);
	html_text(h, label);
	html_close(h);
}

static void range_end(struct html *h, const char *name, const char *label, const char *value)
{
	html_open(h, "label");
	html_attr(h, "class", "small");
	html_text(h, label);
	html_void(h, "input");
	html_attr(h, "type", "date");
	html_attr(h, "name", name);
	html_attr(h, "value", value);
	html_close(h);
}

static void show_range(struct html *h, const struct request *r)
{
	html_open(h, "div");
	html_attr(h, "class", "tools");
	html_open(h, "form");
	html_attr(h, "method", "get");
	html_attr(h, "class", "filters");
	html_url(h, "action", CDRS);
	form_hidden(h, "tab", is_received(r) ? "received" : "originated");
	range_end(h, "from", "From", param(r, "from"));
	range_end(h, "until", "Until", param(r, "until"));
	form_button(h, "plain", "Show");
	html_close(h);
	html_close(h);
}

static void show_csv(struct html *h, const struct request *r)
{
	struct url u;

	url_begin(&u, CDRS ".csv");
	add_range(&u, r);
	html_open(h, "a");
	html_url_made(h, "href", u.text);
	html_flag(h, "download", true);
	html_text(h, "Download as CSV");
	html_close(h);
}

/* `asked`: from and until could be asked for. */
static void show_cdrs(struct html *h, const struct request *r, const struct data_rows *rows, bool asked)
{
	html_open(h, "div");
	html_attr(h, "class", "tabs");
	html_attr(h, "role", "navigation");
	html_attr(h, "aria-label", "Which calls");
	tab(h, "Originated", "originated", !is_received(r));
	tab(h, "Received", "received", is_received(r));
	html_close(h);
	show_range(h, r);
	if (!asked)
		page_message(h, MESSAGE_BAD, "From and Until are dates, such as 2026-03-31.");
	if (rows->count == 0) {
		html_element(h, "p", "empty", "No calls here.");
		return;
	}
	view_table_of(h, &r->scope, rows, NULL);
	html_open(h, "div");
	html_attr(h, "class", "pages");
	html_attr(h, "role", "navigation");
	html_attr(h, "aria-label", "Pages");
	html_open(h, "span");
	html_attr(h, "class", "where");
	html_textf(h, "Page %u, %s%llu call%s", rows->page, rows->more ? "more than " : "", rows->total, rows->total == 1 ? "" : "s");
	html_close(h);
	if (rows->page > 1)
		turn(h, r, rows->page - 1, "Later calls");
	if ((unsigned long long)rows->page * rows->per_page < rows->total)
		turn(h, r, rows->page + 1, "Earlier calls");
	show_csv(h, r);
	html_close(h);
}

static int get_cdrs(struct request *r)
{
	struct data_query q;
	struct data_rows rows;
	struct page page;
	int rc;

	query_of(r, &q);
	rc = data_list(r->db, &r->scope, table_find("cdrs"), &q, &rows);
	if (rc == 0 || rc == -EINVAL) {
		request_page(r, &page, "Call Data Records");
		page.wide = true;
		page_begin(&r->body, &page);
		show_cdrs(&r->body, r, &rows, rc == 0);
		page_end(&r->body, &page);
		rc = respond_page(r, 200);
	}
	data_rows_free(&rows);
	return rc;
}

static int get_csv(struct request *r)
{
	struct data_query q;
	char *text = NULL, name[SESSION_WHO_SIZE + 32];
	size_t length = 0;
	FILE *f = open_memstream(&text, &length);
	int rc;

	if (!f)
		return -ENOMEM;
	query_of(r, &q);
	rc = data_csv(r->db, &r->scope, table_find("cdrs"), &q, f);
	if (fclose(f) != 0 && rc == 0)
		rc = -ENOMEM;
	if (rc) {
		free(text);
		return rc == -EINVAL ? respond_error(r, 400, "From and Until are dates, such as 2026-03-31. No file was made: go back and mend them.") : rc;
	}
	snprintf(name, sizeof(name), "calls-%s-%s.csv", r->session.who, is_received(r) ? "received" : "originated");
	return respond_download(r, "text/csv; charset=utf-8", name, text, length);
}

static const struct field cdr_fields[] = {{"tab", FIELD_LINE, 16}, {"page", FIELD_TEXT, TYPED_MAX}, {"from", FIELD_TEXT, TYPED_MAX},
		{"until", FIELD_TEXT, TYPED_MAX}, {0}};

const struct route user_call_routes[] = {
		ROUTE_GET(CDRS, MAY_SUBSCRIBER, get_cdrs, .fields = cdr_fields),
		ROUTE_GET(CDRS ".csv", MAY_SUBSCRIBER, get_csv, .fields = cdr_fields),
		{0},
};
