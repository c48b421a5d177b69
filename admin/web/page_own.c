/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the technical contact of a customer sees: how it stands with its accounts, and their lists, which are those of operators. */
#include "cards.h"
#include "page_now.h"
#include "page_tables.h"
#include "respond.h"
#include "routes.h"
#include "view.h"

#include "data/data.h"
#include "data/now.h"

#include <errno.h>
#include <stdio.h>

#define OVERVIEW "/customer"
#define NEWEST   3 /* announcements on it */

/* ---- the overview ---- */

static void put_cards(struct html *h, const struct now_presence *n)
{
	const struct {
		const char *word, *one, *many;
		long long n;
		bool bad;
	} cards[] = {{"available", "available", "available", n->available, false}, {"in-call", "in a call", "in a call", n->in_call, false},
			{"unreachable", "registered, but does not answer", "registered, but do not answer", n->unreachable, n->unreachable > 0}, {"offline", "offline", "offline", n->offline, false}};
	char more[64];
	struct url u;

	snprintf(more, sizeof(more), "of %lld account%s", n->accounts, n->accounts == 1 ? "" : "s");
	html_open(h, "ul");
	html_attr(h, "class", "cards");
	for (size_t i = 0; i < sizeof(cards) / sizeof(*cards); i++) {
		url_begin(&u, OVERVIEW "/accounts");
		url_add(&u, "f.presence", cards[i].word);
		card_begin(h, cards[i].bad);
		card_figure(h, u.text, cards[i].n, cards[i].one, cards[i].many);
		card_more(h, more);
	}
	html_close(h);
}

/* The first rows of a table, under its name; `rows_max` 0: a page of them. */
static int put_table(struct request *r, const char *name, const char *heading, const char *none, unsigned rows_max)
{
	const struct table *t = table_find(name);
	const struct data_query first = {.per_page = rows_max};
	struct data_rows rows = {0};
	int rc = data_list(r->db, &r->scope, t, &first, &rows);

	html_element(&r->body, "h2", NULL, heading);
	if (rows.count)
		view_table_of(&r->body, &r->scope, &rows, NULL);
	else
		html_element(&r->body, "p", "empty", none);
	if (rows.total > rows.count) {
		html_open(&r->body, "p");
		html_open(&r->body, "a");
		html_url_made(&r->body, "href", view_for(&r->scope, name)->path);
		html_textf(&r->body, "All %llu", rows.total);
		html_close_to(&r->body, html_depth(&r->body) - 2);
	}
	data_rows_free(&rows);
	return rc;
}

static int get_overview(struct request *r)
{
	struct now_presence presence;
	struct page page;
	int rc = now_presence(r->db, &r->scope, &presence);

	if (rc)
		return rc;
	now_begin(r, &page, "Overview", MESSAGE_NOTE, NULL);
	now_part(&r->body, OVERVIEW);
	now_refresh(&r->body, OVERVIEW);
	put_cards(&r->body, &presence);
	rc = put_table(r, "calls", "Calls now", "None of your accounts is in a call.", 0);
	html_close(&r->body);
	if (rc == 0)
		rc = put_table(r, "announcements", "Announcements", "Nothing was announced yet.", NEWEST);
	if (rc == 0)
		rc = put_table(r, "groups", "Groups", "There is no group yet.", 0);
	return rc ? rc : now_end(r, &page, 200);
}

/* ---- routes ---- */

static const struct field key_fields[] = {{"key", FIELD_LINE, PAGE_KEY_MAX}, {0}};

#define LIST_ROUTE(path, table) ROUTE_GET(OVERVIEW path, MAY_CONTACT, page_table_list, .more = page_table_field, .about = table)
#define CSV_ROUTE(path, table)  ROUTE_GET(OVERVIEW path ".csv", MAY_CONTACT, page_table_csv, .more = page_table_field, .about = table)
#define ROW_ROUTE(path, table)  ROUTE_GET(OVERVIEW path "/:key", MAY_CONTACT, page_table_row, .fields = key_fields, .about = table)
#define TABLE_ROUTES(path, table) LIST_ROUTE(path, table), CSV_ROUTE(path, table), ROW_ROUTE(path, table)

const struct route own_routes[] = {
		ROUTE_GET(OVERVIEW, MAY_CONTACT, get_overview),
		TABLE_ROUTES("/announcements", "announcements"),
		TABLE_ROUTES("/groups", "groups"),
		TABLE_ROUTES("/accounts", "accounts"),
		TABLE_ROUTES("/contacts", "contacts"),
		TABLE_ROUTES("/calls", "calls"),
		TABLE_ROUTES("/location", "location"),
		TABLE_ROUTES("/cdrs", "cdrs"),
		TABLE_ROUTES("/blocked", "failures"),
		TABLE_ROUTES("/nat", "nat"),
		{0},
};
