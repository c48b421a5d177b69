/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls that go on, ending one, and the lines of the test codec (B9). */
#include "listing.h"
#include "page_now.h"
#include "respond.h"
#include "routes.h"

#include "data/data.h"
#include "data/reasons.h"
#include "live/calls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ID_MAX     24
#define CALLER_MAX 18
#define WHY_SIZE   512

/* Seconds since "YYYY-MM-DD HH:MM:SS"; -1: that is no time. */
static long long seconds_since(const char *utc)
{
	struct tm tm = {0};

	if (!utc || !strptime(utc, "%Y-%m-%d %H:%M:%S", &tm))
		return -1;
	return (long long)(time(NULL) - timegm(&tm));
}

/* What agents write there may be anything; accounts have digits. */
static bool is_number(const char *s)
{
	return s && *s && strlen(s) <= CALLER_MAX && s[strspn(s, "0123456789")] == '\0';
}

/* ---- the list ---- */

static const struct listing_column call_columns[] = {{"Since", "time"}, {"For", "time"}, {"Caller", "digits"}, {"Dialled", "digits"},
		{"Answered by", "digits"}, {"Media", "word"}, {"Why", NULL}, {"", "word"}, {0}};

static void put_why(struct html *h, const char *list)
{
	char why[WHY_SIZE];

	reasons_sentence(list ? list : "", why, sizeof(why));
	html_text(h, *why ? why : "–");
}

/* With the caller: when the call has ended, nothing else says whose records to look at. */
static void put_end_link(struct html *h, const char *id, const char *caller)
{
	struct url u;

	url_begin(&u, "/calls");
	url_segment(&u, id);
	url_add(&u, "caller", is_number(caller) ? caller : NULL);
	html_open(h, "a");
	html_attr(h, "class", "button plain");
	html_url_made(h, "href", u.text);
	html_text(h, "Show, end");
	html_close(h);
}

static void put_call(struct listing *l, const struct data_rows *rows, size_t i, bool may_end)
{
	listing_row(l);
	listing_time(l, data_named(rows, i, "since"));
	listing_cell(l);
	put_duration(l->h, seconds_since(data_named(rows, i, "since")));
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
	put_why(l->h, data_named(rows, i, "path_reason"));
	html_close(l->h);
	listing_cell(l);
	if (may_end)
		put_end_link(l->h, data_key(rows, i), data_named(rows, i, "caller"));
	html_close(l->h);
}

static void put_calls(struct request *r, const struct data_rows *rows, const char *caption)
{
	struct listing l = {&r->body, call_columns, 0, 0};

	if (!rows->count) {
		html_element(&r->body, "p", "empty", "Nobody is in a call.");
		return;
	}
	listing_begin(&l, caption);
	for (size_t i = 0; i < rows->count; i++)
		put_call(&l, rows, i, scope_may(&r->scope, BY_OPERATORS));
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
	struct data_query q;
	struct data_rows rows;
	struct page page;
	struct url u;
	int rc;

	query_of(r, &q);
	rc = data_list(r->db, &r->scope, table_find("calls"), &q, &rows);
	if (rc == 0 || rc == -EINVAL) { /* a path that there is not is that of no call */
		now_begin(r, &page, "Calls now", MESSAGE_NOTE, NULL);
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

/* ---- one call ---- */

static void fact(struct html *h, const char *label, const char *text)
{
	html_element(h, "dt", NULL, label);
	html_element(h, "dd", NULL, text && *text ? text : "–");
}

static void fact_number(struct html *h, const char *label, const char *number)
{
	html_element(h, "dt", NULL, label);
	html_open(h, "dd");
	put_number(h, number);
	html_close(h);
}

static void put_facts(struct html *h, const struct data_rows *row)
{
	html_open(h, "dl");
	html_attr(h, "class", "facts");
	fact_number(h, "Caller", data_named(row, 0, "caller"));
	fact(h, "Dialled", data_named(row, 0, "dialled"));
	fact_number(h, "Answered by", data_named(row, 0, "callee"));
	html_element(h, "dt", NULL, "Since");
	html_open(h, "dd");
	put_time(h, data_named(row, 0, "since"));
	html_text(h, " UTC, for ");
	put_duration(h, seconds_since(data_named(row, 0, "since")));
	html_close(h);
	html_element(h, "dt", NULL, "Media");
	html_open(h, "dd");
	put_path(h, data_named(row, 0, "path"));
	html_text(h, " ");
	put_why(h, data_named(row, 0, "path_reason"));
	html_close(h);
	fact(h, "Relay", data_named(row, 0, "relay"));
	fact(h, "Caller's address", data_named(row, 0, "caller_flow"));
	fact(h, "Callee's address", data_named(row, 0, "callee_flow"));
	fact(h, "Routed by rule", data_named(row, 0, "rule"));
	fact(h, "Call-ID", data_named(row, 0, "callid"));
	html_close(h);
}

static int show_call(struct request *r, unsigned status, const char *refused)
{
	struct data_rows row;
	struct page page;
	int rc = data_show(r->db, &r->scope, table_find("calls"), param(r, "id"), &row);

	if (rc == 0) {
		now_begin(r, &page, "Call", MESSAGE_BAD, refused);
		put_facts(&r->body, &row);
		if (scope_may(&r->scope, BY_STAFF)) {
			html_element(&r->body, "h2", NULL, "End this call");
			html_element(&r->body, "p", NULL,
					"Both parties are hung up on at once. The call record says how long it lasted; the audit says who ended it.");
			form_begin(&r->body, &page, "/calls/%s/end", param(r, "id"));
			form_hidden(&r->body, "caller", is_number(data_named(&row, 0, "caller")) ? data_named(&row, 0, "caller") : NULL);
			form_button(&r->body, "danger", "End the call");
			html_close(&r->body);
		}
		rc = now_end(r, &page, status);
	}
	data_rows_free(&row);
	return rc;
}

static void put_records_link(struct html *h, const char *caller)
{
	struct url u;

	url_begin(&u, "/cdrs");
	url_add(&u, "f.caller", caller);
	html_open(h, "p");
	html_open(h, "a");
	html_url_made(h, "href", u.text);
	html_textf(h, "Call records%s%s", *caller ? " of " : "", caller);
	html_close(h);
	html_close(h);
}

/* Calls end while somebody looks at them: that is no page that was not found. */
static int show_ended(struct request *r)
{
	struct page page;

	now_begin(r, &page, "Call", MESSAGE_NOTE, "This call has ended.");
	put_records_link(&r->body, param(r, "caller"));
	return now_end(r, &page, 404);
}

/* -ENOENT of the data layer, for what can be a call, as a page. */
static int or_ended(struct request *r, int rc)
{
	struct live_call_id id;

	return rc == -ENOENT && live_call_id_parse(param(r, "id"), &id) ? show_ended(r) : rc;
}

static int get_call(struct request *r)
{
	return or_ended(r, show_call(r, 200, NULL));
}

/* Ends a call that the scope sees; -EINVAL if another one than `callee` has answered it (NULL: whoever has). */
static int end_call(struct request *r, struct live *live, const char *text, const char *callee)
{
	struct live_call_id id;
	struct data_rows row;
	const char *answered_by;
	char parties[64];
	int rc;

	if (!live_call_id_parse(text, &id))
		return -ENOENT;
	rc = data_show(r->db, &r->scope, table_find("calls"), text, &row);
	if (rc == 0) {
		answered_by = data_named(&row, 0, "callee");
		snprintf(parties, sizeof(parties), "%s to %s", data_named(&row, 0, "caller") ? data_named(&row, 0, "caller") : "?",
				answered_by ? answered_by : "?");
		if (callee && (!answered_by || strcmp(answered_by, callee) != 0))
			rc = -EINVAL;
	}
	data_rows_free(&row);
	if (rc == 0)
		rc = now_audit(r, "call end", text, parties);
	return rc ? rc : live_call_end(live, id);
}

static int post_end(struct request *r)
{
	struct live live = now_live(r);
	int rc = end_call(r, &live, param(r, "id"), NULL);

	if (rc && live.error[0] && rc != -ENOENT)
		return or_ended(r, show_call(r, 502, live.error));
	return rc ? or_ended(r, rc) : respond_to(r, "/calls");
}

/* ---- the test codec ---- */

static const struct listing_column line_columns[] = {{"Caller", "digits"}, {"Since", "time"}, {"For", "time"}, {"Media", "word"},
		{"", "word"}, {0}};

static void put_release(struct html *h, const struct page *page, const char *id, const char *label)
{
	form_begin(h, page, "/testcodec/release");
	form_hidden(h, "id", id);
	form_button(h, "plain", label);
	html_close(h);
}

static void put_lines(struct request *r, const struct page *page, const struct data_rows *rows)
{
	struct listing l = {&r->body, line_columns, 0, 0};
	bool may = scope_may(&r->scope, BY_STAFF);

	listing_begin(&l, "Lines in use");
	for (size_t i = 0; i < rows->count; i++) {
		listing_row(&l);
		listing_cell(&l);
		put_number(l.h, data_named(rows, i, "caller"));
		html_close(l.h);
		listing_time(&l, data_named(rows, i, "since"));
		listing_cell(&l);
		put_duration(l.h, seconds_since(data_named(rows, i, "since")));
		html_close(l.h);
		listing_cell(&l);
		put_path(l.h, data_named(rows, i, "path"));
		html_close(l.h);
		listing_cell(&l);
		if (may)
			put_release(l.h, page, data_key(rows, i), "Release");
		html_close(l.h);
	}
	listing_end(&l);
}

static int read_lines(struct request *r, struct data_rows *rows)
{
	struct data_query q = {.per_page = DATA_PER_PAGE_MAX, .sort = "since"};

	q.filters[q.filter_count++] = (struct data_filter){"callee", FILTER_IS, now_test_number(r)};
	return data_list(r->db, &r->scope, table_find("calls"), &q, rows);
}

static int show_testcodec(struct request *r, unsigned status, const char *refused)
{
	struct html *h = &r->body;
	struct data_rows rows;
	struct page page;
	int rc = read_lines(r, &rows);

	if (rc == 0) {
		now_begin(r, &page, "Test codec", MESSAGE_BAD, refused);
		html_open(h, "p");
		html_textf(h, "Number %s answers at once, with an audio programme, for ten minutes at most. When its lines are full it is busy.",
				now_test_number(r));
		html_close(h);
		now_part(h, "/testcodec");
		if (rows.count)
			put_lines(r, &page, &rows);
		else
			html_element(h, "p", "empty", "No line is in use.");
		now_refresh(h, "/testcodec");
		html_close(h);
		if (rows.count > 1 && scope_may(&r->scope, BY_STAFF))
			put_release(h, &page, "all", "Release all lines");
		rc = now_end(r, &page, status);
	}
	data_rows_free(&rows);
	return rc;
}

static int get_testcodec(struct request *r)
{
	return show_testcodec(r, 200, NULL);
}

/* All of them; one that has ended meanwhile is no failure. */
static int release_all(struct request *r, struct live *live)
{
	struct data_rows rows;
	int rc = read_lines(r, &rows);

	for (size_t i = 0; rc == 0 && i < rows.count; i++) {
		rc = end_call(r, live, data_key(&rows, i), now_test_number(r));
		rc = rc == -ENOENT ? 0 : rc;
	}
	data_rows_free(&rows);
	return rc;
}

static int post_release(struct request *r)
{
	struct live live = now_live(r);
	bool all = strcmp(param(r, "id"), "all") == 0;
	int rc = all ? release_all(r, &live) : end_call(r, &live, param(r, "id"), now_test_number(r));

	if (rc && live.error[0] && rc != -ENOENT)
		return show_testcodec(r, 502, live.error);
	return rc && rc != -ENOENT ? rc : respond_to(r, "/testcodec"); /* a line that is free already needs no release */
}

static const struct field list_fields[] = {{"q", FIELD_TEXT, TYPED_MAX}, {"path", FIELD_TEXT, TYPED_MAX}, {"page", FIELD_TEXT, TYPED_MAX}, {0}};
static const struct field call_fields[] = {{"id", FIELD_LINE, ID_MAX}, {"caller", FIELD_NUMBER, CALLER_MAX}, {0}};
static const struct field line_fields[] = {{"id", FIELD_LINE, ID_MAX}, {0}};

const struct route call_routes[] = {
		ROUTE_GET("/calls", MAY_OPERATORS, get_calls, .fields = list_fields),
		ROUTE_GET("/calls/:id", MAY_OPERATORS, get_call, .fields = call_fields),
		ROUTE_POST("/calls/:id/end", MAY_WRITERS, post_end, .fields = call_fields),
		ROUTE_GET("/testcodec", MAY_OPERATORS, get_testcodec),
		ROUTE_POST("/testcodec/release", MAY_WRITERS, post_release, .fields = line_fields),
		{0},
};
