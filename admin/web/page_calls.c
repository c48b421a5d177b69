/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that go on: the list. */
#include "listing.h"
#include "page_calls.h"
#include "page_now.h"
#include "respond.h"
#include "routes.h"

#include "data/data.h"
#include "live/calls.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct listing_column call_columns[] = {{"Since (UTC)", "time"}, {"For", "time"}, {"Caller", "digits"}, {"Dialled", "digits"},
		{"Answered by", "digits"}, {"Media", "word"}, {"Why", NULL}, {"", "word"}, {0}};

/* With the caller: when the call has ended, nothing else says whose records to look at. */
static void put_details_link(struct html *h, const char *id, const char *caller)
{
	struct url u;

	url_begin(&u, "/calls");
	url_segment(&u, id);
	url_add(&u, "caller", call_is_number(caller) ? caller : NULL);
	html_open(h, "a");
	html_attr(h, "class", "button plain");
	html_url_made(h, "href", u.text);
	html_text(h, "Details");
	html_close(h);
}

static void put_call(struct listing *l, const struct data_rows *rows, size_t i)
{
	listing_row(l);
	listing_time(l, data_named(rows, i, "since"));
	listing_cell(l);
	put_duration(l->h, call_seconds(data_named(rows, i, "since")));
	html_close(l->h);
	listing_cell(l);
	put_number(l->h, data_named(rows, i, "caller"));
	html_close(l->h);
	listing_text(l, data_named(rows, i, "dialled"));
	listing_cell(l);
	put_number(l->h, data_named(rows, i, "callee"));
	html_close(l->h);
	listing_cell(l);
	put_path(l->h, data_named(rows, i, "path"));
	html_close(l->h);
	listing_cell(l);
	call_why(l->h, data_named(rows, i, "path_reason"));
	html_close(l->h);
	listing_cell(l);
	put_details_link(l->h, data_key(rows, i), data_named(rows, i, "caller"));
	html_close(l->h);
}

/* What was not found may well be in a call that was not asked for. */
static void put_none(struct request *r)
{
	struct html *h = &r->body;

	html_open(h, "div");
	html_attr(h, "class", "empty");
	if (*param(r, "q") || *param(r, "path")) {
		html_element(h, "p", NULL, "No call that goes on is like that.");
		html_open(h, "p");
		html_open(h, "a");
		html_url(h, "href", "/calls");
		html_text(h, "Show all calls");
		html_close(h);
		html_close(h);
	} else {
		html_element(h, "p", NULL, "Nobody is in a call.");
	}
	html_close(h);
}

static void put_calls(struct request *r, const struct data_rows *rows, const char *caption)
{
	struct listing l = {&r->body, call_columns, 0, 0};

	if (!rows->count) {
		put_none(r);
		return;
	}
	listing_begin(&l, caption);
	for (size_t i = 0; i < rows->count; i++)
		put_call(&l, rows, i);
	listing_end(&l);
}

/* What the address asks for; its texts are the request's. */
static void query_of(const struct request *r, struct data_query *q)
{
	*q = (struct data_query){.search = *param(r, "q") ? param(r, "q") : NULL, .per_page = 50};
	q->page = (unsigned)param_number(r, "page", 1);
	if (*param(r, "path"))
		q->filters[q->filter_count++] = (struct data_filter){"path", FILTER_IS, param(r, "path")};
}

static void list_address(const struct request *r, unsigned page, struct url *u)
{
	char number[16];

	snprintf(number, sizeof(number), "%u", page);
	url_begin(u, "/calls");
	url_add(u, "q", param(r, "q"));
	url_add(u, "path", param(r, "path"));
	url_add(u, "page", page > 1 ? number : NULL);
}

static void put_page_link(struct request *r, unsigned page, const char *label)
{
	struct url u;

	list_address(r, page, &u);
	html_open(&r->body, "a");
	html_url_made(&r->body, "href", u.text);
	html_text(&r->body, label);
	html_close(&r->body);
}

static void put_pages(struct request *r, const struct data_rows *rows)
{
	if (rows->total <= rows->per_page)
		return;
	html_open(&r->body, "p");
	html_attr(&r->body, "class", "pages");
	html_open(&r->body, "span");
	html_attr(&r->body, "class", "where");
	html_textf(&r->body, "%llu calls, page %u", rows->total, rows->page);
	html_close(&r->body);
	if (rows->page > 1)
		put_page_link(r, rows->page - 1, "Newer");
	if ((unsigned long long)rows->page * rows->per_page < rows->total)
		put_page_link(r, rows->page + 1, "Older");
	html_close(&r->body);
}

static void put_search(struct request *r)
{
	struct html *h = &r->body;

	html_open(h, "div");
	html_attr(h, "class", "tools");
	html_open(h, "form");
	html_attr(h, "class", "filters");
	html_attr(h, "role", "search");
	html_attr(h, "method", "get");
	html_url(h, "action", "/calls");
	html_open(h, "label");
	html_text(h, "Number");
	html_void(h, "input");
	html_attr(h, "type", "search");
	html_attr(h, "name", "q");
	html_attr(h, "value", param(r, "q"));
	html_attr(h, "maxlength", "64");
	html_attr(h, "inputmode", "numeric");
	html_close(h);
	form_button(h, "plain", "Search");
	html_close(h);
	html_close(h);
}

static void put_ringing(struct request *r)
{
	struct live live = now_live(r);
	struct live_call_counts counts;

	if (live_call_counts(&live, &counts) != 0)
		page_message(&r->body, MESSAGE_BAD, live.error);
	else if (counts.ringing > 0)
		html_element(&r->body, "p", NULL,
				counts.ringing == 1 ? "One more call rings." : "More calls ring; they are listed when they are answered.");
}

static int get_calls(struct request *r)
{
	char ended[CALL_CALLER_MAX + 32] = "";
	struct data_query q;
	struct data_rows rows;
	struct page page;
	struct url u;
	int rc;

	query_of(r, &q);
	rc = data_list(r->db, &r->scope, table_find("calls"), &q, &rows);
	if (rc == 0 || rc == -EINVAL) { /* a path that there is not is that of no call */
		if (*param(r, "ended"))
			snprintf(ended, sizeof(ended), "The call of %s was ended.", param(r, "ended"));
		now_begin(r, &page, "Calls now", MESSAGE_GOOD, *ended ? ended : NULL);
		put_search(r);
		list_address(r, rows.page, &u);
		now_part(&r->body, u.text);
		put_calls(r, &rows, "Answered calls, the newest first");
		put_pages(r, &rows);
		put_ringing(r);
		now_refresh(&r->body, u.text);
		html_close(&r->body);
		rc = now_end(r, &page, 200);
	}
	data_rows_free(&rows);
	return rc;
}

static const struct field list_fields[] = {{"q", FIELD_TEXT, TYPED_MAX}, {"path", FIELD_TEXT, TYPED_MAX}, {"page", FIELD_TEXT, TYPED_MAX},
		{"ended", FIELD_NUMBER, CALL_CALLER_MAX}, {0}};

const struct route calls_routes[] = {
		ROUTE_GET("/calls", MAY_OPERATORS, get_calls, .fields = list_fields),
		{0},
};
