/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of the test codec, and releasing them (B9). */
#include "listing.h"
#include "page_calls.h"
#include "page_now.h"
#include "respond.h"
#include "routes.h"

#include "data/data.h"

#include <errno.h>
#include <string.h>

static const struct listing_column line_columns[] = {{"Caller", "digits"}, {"Since (UTC)", "time"}, {"For", "time"}, {"Media", "word"},
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
		put_duration(l.h, call_seconds(data_named(rows, i, "since")));
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

	q.filters[q.filter_count++] = (struct data_filter){"callee", FILTER_IS, now_test_codec(r)};
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
				now_test_codec(r));
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
		rc = call_end(r, live, data_key(&rows, i), now_test_codec(r));
		rc = rc == -ENOENT ? 0 : rc;
	}
	data_rows_free(&rows);
	return rc;
}

static int post_release(struct request *r)
{
	struct live live = now_live(r);
	bool all = strcmp(param(r, "id"), "all") == 0;
	int rc = all ? release_all(r, &live) : call_end(r, &live, param(r, "id"), now_test_codec(r));

	if (rc && live.error[0] && rc != -ENOENT)
		return show_testcodec(r, 502, live.error);
	return rc && rc != -ENOENT ? rc : respond_to(r, "/testcodec"); /* a line that is free already needs no release */
}

static const struct field line_fields[] = {{"id", FIELD_LINE, CALL_ID_MAX}, {0}};

const struct route testcodec_routes[] = {
		ROUTE_GET("/testcodec", MAY_OPERATORS, get_testcodec),
		ROUTE_POST("/testcodec/release", MAY_WRITERS, post_release, .fields = line_fields),
		{0},
};
