/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dashboard: the figures of the service and its relays. */
#include "page_now.h"

#include "cards.h"
#include "listing.h"
#include "page_mail.h"
#include "respond.h"
#include "routes.h"

#include "data/audit.h"
#include "data/data.h"
#include "data/now.h"
#include "live/counts.h"
#include "live/relays.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RELAY_WAIT_MS 300

/* ---- what these pages share ---- */

struct live now_live(const struct request *r)
{
	return (struct live){.socket = r->web->settings.config.rpc_socket};
}

const char *now_test_codec(const struct request *r)
{
	return r->web->settings.config.test_codec;
}

void now_begin(struct request *r, struct page *page, const char *title, enum message_kind kind, const char *message)
{
	request_page(r, page, title);
	page->wide = true;
	page_begin(&r->body, page);
	if (message)
		page_message(&r->body, kind, message);
}

int now_end(struct request *r, const struct page *page, unsigned status)
{
	page_end(&r->body, page);
	return respond_page(r, status);
}

void now_part(struct html *h, const char *address)
{
	html_open(h, "div");
	html_attr(h, "id", WATCHING_PART);
	html_url_made(h, "hx-get", address);
	html_attr(h, "hx-trigger", "every 5s");
	html_attr(h, "hx-select", "#" WATCHING_PART);
	html_attr(h, "hx-swap", "outerHTML");
}

void now_refresh(struct html *h, const char *path)
{
	time_t now = time(NULL);
	char text[20];
	struct tm tm;

	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", gmtime_r(&now, &tm));
	html_open(h, "p");
	html_attr(h, "class", "quiet no-print");
	html_text(h, "As of ");
	put_time(h, text);
	html_text(h, " UTC. ");
	html_open(h, "a");
	html_url_made(h, "href", path);
	html_text(h, "Refresh");
	html_close(h);
	html_close(h);
}

int now_audit(struct request *r, const char *action, const char *object, const char *detail)
{
	return audit_act(r->db, &r->scope, action, object, detail);
}

/* ---- figures ---- */

static void cards_of_calls(struct html *h, const struct now_figures *f, const struct live_counts *c)
{
	char more[80];

	card_begin(h, false);
	card_figure(h, "/location", c->registered != LIVE_UNKNOWN ? c->registered : f->registered, "registered", "registered");
	snprintf(more, sizeof(more), "of %lld accounts", f->accounts);
	card_more(h, more);

	card_begin(h, false);
	card_figure(h, "/calls", f->calls, "call now", "calls now");
	snprintf(more, sizeof(more), c->calls.ringing == LIVE_UNKNOWN ? "how many ring is not known" : "and %ld ringing", c->calls.ringing);
	card_more(h, more);

	card_begin(h, false);
	card_figure(h, "/calls?path=relayed", f->relayed, "relayed call", "relayed calls");
	snprintf(more, sizeof(more), "and %lld direct", f->direct);
	card_more(h, more);

	card_begin(h, false);
	card_figure(h, "/testcodec", f->test_lines, "line in use", "lines in use");
	card_more(h, "of the test codec");
}

/* The list of the failures that a figure counts: those of the last hour, with the filters that follow in `u`. */
static void failures_begin(struct url *u)
{
	time_t since = time(NULL) - 3600;
	char text[20];
	struct tm tm;

	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", gmtime_r(&since, &tm));
	url_begin(u, "/blocked");
	url_add(u, "from.last_at", text);
}

static void cards_of_failures(struct html *h, const struct now_figures *f, const struct live_counts *c)
{
	struct url u;
	char more[80];

	failures_begin(&u);
	url_add(&u, "f.cause", "wrong-password");
	card_begin(h, f->wrong_passwords > 0);
	card_figure(h, u.text, f->wrong_passwords, "wrong password", "wrong passwords");
	snprintf(more, sizeof(more), "of %lld number%s, in the last hour", f->numbers_tried, f->numbers_tried == 1 ? "" : "s");
	card_more(h, more);

	card_begin(h, c->bans > 0);
	card_figure(h, "/bans", c->bans, "ban", "bans");
	card_more(h, "in force");

	failures_begin(&u);
	url_add(&u, "f.kind", "call");
	url_add(&u, "f.stopped_by", "service");
	card_begin(h, false);
	card_figure(h, u.text, f->refused, "call refused", "calls refused");
	card_more(h, "by rule, in the last hour");
}

/* ---- relays ---- */

static const struct listing_column relay_columns[] = {{"Set", "word"}, {"Relay", NULL}, {"State", "word"}, {"Calls", "number"},
		{"Packets a second", "number"}, {"kbit/s", "number"}, {"Ports used", "number"}, {"Ports", "number"}, {"Running for", "time"}, {0}};

static void put_state(struct html *h, enum live_relay_state state, bool enabled)
{
	if (!enabled)
		html_element(h, "span", "badge quiet", "switched off");
	else if (state == LIVE_RELAY_UP)
		html_element(h, "span", "badge good", "up");
	else if (state == LIVE_RELAY_UNKNOWN)
		html_element(h, "span", "badge quiet", "not known");
	else
		html_element(h, "span", "badge bad", live_relay_state_name(state));
}

static void put_relay(struct listing *l, const struct data_rows *rows, size_t i, const struct live_load *load, enum live_relay_state state)
{
	const char *enabled = data_named(rows, i, "enabled");

	listing_row(l);
	listing_text(l, data_named(rows, i, "set"));
	listing_text(l, load->url);
	listing_cell(l);
	put_state(l->h, state, enabled && *enabled != '0');
	html_close(l->h);
	listing_number(l, load->calls);
	listing_number(l, load->packets_s);
	listing_number(l, load->bytes_s < 0 ? -1 : load->bytes_s * 8 / 1000);
	listing_number(l, load->ports_used);
	listing_number(l, load->ports);
	listing_cell(l);
	put_duration(l->h, load->uptime_s);
	html_close(l->h);
}

/* `running`: NULL where Kamailio was not asked. */
static void put_relay_table(struct html *h, const struct data_rows *rows, const struct live_load *loads, const struct live_relays *running)
{
	struct listing l = {h, relay_columns, 0, 0};

	listing_begin(&l, "State as the SIP server sees it; load as each relay reports it");
	for (size_t i = 0; i < rows->count; i++)
		put_relay(&l, rows, i, &loads[i], running ? live_relay_state(running, loads[i].url) : LIVE_RELAY_UNKNOWN);
	listing_end(&l);
}

static int put_relays(struct request *r, struct live *live)
{
	struct data_rows rows;
	struct live_relays running;
	struct live_load *loads;
	int rc = data_list(r->db, &r->scope, table_find("relays"), &(struct data_query){.sort = "set", .per_page = DATA_PER_PAGE_MAX}, &rows);

	loads = rc ? NULL : calloc(rows.count ? rows.count : 1, sizeof(*loads));
	if (loads) {
		bool asked = live_relays(live, &running) == 0;

		for (size_t i = 0; i < rows.count; i++)
			loads[i].url = data_named(&rows, i, "url") ? data_named(&rows, i, "url") : "";
		live_relay_loads(loads, rows.count, RELAY_WAIT_MS);
		if (rows.count)
			put_relay_table(&r->body, &rows, loads, asked ? &running : NULL);
		else
			html_element(&r->body, "p", "empty", "There is no relay yet.");
		live_relays_free(&running);
	}
	free(loads);
	data_rows_free(&rows);
	return rc;
}

/* ---- the page ---- */

static int get_dashboard(struct request *r)
{
	struct live live = now_live(r);
	struct now_figures figures;
	struct live_counts counts;
	struct page page;
	bool asked;
	int rc = now_figures(r->db, &r->scope, now_test_codec(r), &figures);

	if (rc)
		return rc;
	asked = live_counts(&live, &counts) == 0;
	now_begin(r, &page, "Dashboard", MESSAGE_NOTE, NULL);
	now_part(&r->body, "/");
	if (!asked)
		page_message(&r->body, MESSAGE_BAD, live.error);
	html_open(&r->body, "ul");
	html_attr(&r->body, "class", "cards");
	cards_of_calls(&r->body, &figures, &counts);
	cards_of_failures(&r->body, &figures, &counts);
	rc = mail_cards(r);
	if (rc)
		return rc;
	html_close(&r->body);
	html_element(&r->body, "h2", NULL, "Relays");
	rc = put_relays(r, &live);
	if (rc)
		return rc;
	now_refresh(&r->body, "/");
	html_close(&r->body);
	return now_end(r, &page, 200);
}

const struct route now_routes[] = {
		ROUTE_GET("/", MAY_OPERATORS, get_dashboard),
		{0},
};
