/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is banned at which source (F1), and lifting it. */
#include "listing.h"
#include "page_now.h"
#include "respond.h"
#include "routes.h"

#include "live/bans.h"

#include <errno.h>
#include <stdio.h>

static const struct listing_column columns[] = {{"Source", NULL}, {"Number", "digits"}, {"Wrong passwords", "number"},
		{"Numbers tried", "number"}, {"Since", "time"}, {"Ends in", "time"}, {"", "word"}, {0}};

static void put_lift(struct html *h, const struct page *page, const struct live_ban *b)
{
	form_begin(h, page, "/bans/lift");
	form_hidden(h, "source", b->source);
	form_hidden(h, "user", b->user);
	form_button(h, "plain", "Lift");
	html_close(h);
}

static void put_ban(struct listing *l, const struct page *page, const struct live_ban *b, bool may)
{
	listing_row(l);
	listing_text(l, b->source);
	listing_cell(l);
	if (b->user[0])
		put_number(l->h, b->user);
	else
		html_element(l->h, "span", "badge bad", "everybody there");
	html_close(l->h);
	listing_number(l, b->failures);
	listing_number(l, b->user[0] ? -1 : b->users);
	listing_time(l, b->since);
	listing_cell(l);
	put_duration(l->h, b->left_s);
	html_close(l->h);
	listing_cell(l);
	if (may)
		put_lift(l->h, page, b);
	html_close(l->h);
}

static void put_bans(struct request *r, const struct page *page, const struct live_bans *bans)
{
	struct listing l = {&r->body, columns, 0, 0};

	if (!bans->n) {
		html_element(&r->body, "p", "empty", "Nobody is banned.");
		return;
	}
	listing_begin(&l, "Bans in force");
	for (size_t i = 0; i < bans->n; i++)
		put_ban(&l, page, &bans->at[i], scope_may(&r->scope, BY_STAFF));
	listing_end(&l);
	if (bans->more > 0) {
		html_open(&r->body, "p");
		html_textf(&r->body, "%ld more are not shown.", bans->more);
		html_close(&r->body);
	}
}

static int show_bans(struct request *r, unsigned status, enum message_kind kind, const char *message)
{
	struct live live = now_live(r);
	struct live_bans bans;
	struct page page;
	int rc = live_bans(&live, &bans);

	now_begin(r, &page, "Bans", kind, message);
	html_element(&r->body, "p", NULL,
			"Wrong passwords ban a number at one source for five minutes at most; the right password works at once all the same. "
			"A whole source is banned only for failing with many numbers, and never while an agent is registered or a call is up there.");
	now_part(&r->body, "/bans");
	if (rc == 0)
		put_bans(r, &page, &bans);
	else
		page_message(&r->body, MESSAGE_BAD, live.error);
	now_refresh(&r->body, "/bans");
	html_close(&r->body);
	live_bans_free(&bans);
	return now_end(r, &page, rc && status == 200 ? 502 : status);
}

static int get_bans(struct request *r)
{
	return show_bans(r, 200, MESSAGE_NOTE, NULL);
}

static int post_lift(struct request *r)
{
	const char *source = param(r, "source"), *user = param(r, "user");
	struct live live = now_live(r);
	struct live_lifted lifted;
	int rc;

	if (!live_is_source(source))
		return show_bans(r, 400, MESSAGE_BAD, "That is no IP address.");
	rc = now_audit(r, "ban lift", *user ? user : "everybody", source);
	if (rc)
		return rc;
	rc = live_ban_lift(&live, source, *user ? user : NULL, &lifted);
	if (rc == -ENOENT)
		return show_bans(r, 200, MESSAGE_NOTE, "That ban had ended already.");
	return rc ? show_bans(r, 502, MESSAGE_BAD, live.error) : show_bans(r, 200, MESSAGE_GOOD, "The ban is lifted.");
}

static const struct field lift_fields[] = {{"source", FIELD_LINE, 64}, {"user", FIELD_LINE, 64}, {0}};

const struct route ban_routes[] = {
		ROUTE_GET("/bans", MAY_OPERATORS, get_bans),
		ROUTE_POST("/bans/lift", MAY_WRITERS, post_lift, .fields = lift_fields),
		{0},
};
