/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An account as the running service sees it: its registration, what NAT it is behind and what that means, bans, the latest attempts and
 * why they came to what they did, and its SIP trace. The words are those of aetactl why and nat.
 */
#include "page_account.h"

#include "listing.h"
#include "page_now.h"
#include "respond.h"
#include "routes.h"

#include "data/data.h"
#include "data/nat.h"
#include "data/trace.h"
#include "data/why.h"
#include "live/agent.h"
#include "live/bans.h"
#include "live/binding.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NUMBER_MAX    18
#define ATTEMPTS      10
#define TRACE_MINUTES 10

/* What the panel is about. */
struct panel {
	struct request *r;
	struct html *h;
	struct page page; /* for the token of its forms */
	const char *number;
	bool may; /* ask, end, trace */
	struct live live;
	struct live_binding binding;
	int bound; /* of live_binding() */
	char here[64];
};

/* A button that does something with the account. */
static void act(struct panel *p, const char *what, const char *label)
{
	form_begin(p->h, &p->page, "/accounts/%s/%s", p->number, what);
	form_button(p->h, "plain", label);
	html_close(p->h);
}

/* ---- registration ---- */

static void fact(struct html *h, const char *label, const char *text)
{
	html_element(h, "dt", NULL, label);
	html_element(h, "dd", NULL, text && *text ? text : "–");
}

static void fact_seen(struct html *h, long at)
{
	time_t t = at;
	char text[20];
	struct tm tm;

	html_element(h, "dt", NULL, "Latest REGISTER");
	html_open(h, "dd");
	if (at == LIVE_UNKNOWN || strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", gmtime_r(&t, &tm)) == 0)
		html_text(h, "–");
	else
		put_utc(h, text);
	html_close(h);
}

static void put_binding(struct panel *p)
{
	const struct live_binding *b = &p->binding;
	struct html *h = p->h;

	html_open(h, "dl");
	html_attr(h, "class", "facts");
	fact(h, "Comes from", b->path[0] ? b->path : b->received[0] ? b->received : b->contact);
	fact(h, "Contact", b->contact);
	fact(h, "Server socket", b->socket);
	fact(h, "User agent", b->user_agent);
	fact_seen(h, b->modified);
	html_element(h, "dt", NULL, "Ends in");
	html_open(h, "dd");
	put_duration(h, b->expires_s);
	html_close(h);
	html_close(h);
}

static void put_registration(struct panel *p)
{
	html_element(p->h, "h2", NULL, "Registration now");
	if (p->bound == -ENOENT)
		html_element(p->h, "p", NULL, "It is not registered.");
	else if (p->bound)
		page_message(p->h, MESSAGE_BAD, p->live.error);
	else
		put_binding(p);
}

/* ---- NAT ---- */

static const struct listing_column nat_columns[] = {{"Address", NULL}, {"It is", NULL}, {"What follows", NULL}, {"What to do", NULL},
		{"STUN", "word"}, {"Asked at (UTC)", "time"}, {0}};

static void put_addresses(struct panel *p, const json_t *addresses)
{
	struct listing l = {p->h, nat_columns, 0, 0};
	const json_t *row;
	size_t i;

	listing_begin(&l, "What the agent was found to be behind, at each public address");
	json_array_foreach(addresses, i, row)
	{
		listing_row(&l);
		listing_cell(&l);
		html_open(p->h, "span");
		html_text(p->h, json_text(row, "address"));
		html_text(p->h, " ");
		if (json_is_true(json_object_get(row, "here")))
			page_badge(p->h, "note", "here now");
		html_close(p->h);
		html_close(p->h);
		listing_text(&l, json_text(row, "means"));
		listing_text(&l, json_text(row, "follows"));
		listing_text(&l, json_text(row, "advice"));
		listing_text(&l, json_text(row, "stun"));
		listing_time(&l, json_text(row, "asked_at"));
	}
	listing_end(&l);
}

static void put_nat_acts(struct panel *p, bool off)
{
	html_open(p->h, "div");
	html_attr(p->h, "class", "actions");
	if (p->bound == 0 && !off)
		act(p, "probe", "Ask it again");
	act(p, off ? "nat-on" : "nat-off", off ? "Let it be asked" : "Never ask it");
	html_close(p->h);
}

static int put_nat(struct panel *p)
{
	struct sentence now = {0};
	struct nat nat;
	int rc = nat_read(p->r->db, &p->r->scope, p->number, p->here, &nat);

	if (rc == 0) {
		html_element(p->h, "h2", NULL, "NAT or firewall");
		if (p->bound == 0) {
			say(&now, "It is ");
			nat_say(&now, &nat, p->here);
			say(&now, ".");
			html_element(p->h, "p", NULL, now.text);
		} else if (nat.off || !json_array_size(nat.addresses)) {
			html_element(p->h, "p", NULL, nat.off ? "Asking it is switched off." : "Nothing is known: it has not been asked yet.");
		}
		if (json_array_size(nat.addresses))
			put_addresses(p, nat.addresses);
		if (p->may)
			put_nat_acts(p, nat.off);
	}
	nat_free(&nat);
	return rc;
}

/* ---- attempts and bans ---- */

static const struct listing_column attempt_columns[] = {{"Last at (UTC)", "time"}, {"What", "word"}, {"With", NULL}, {"From", NULL},
		{"Outcome", NULL}, {0}};

static void put_attempts(struct panel *p, const json_t *attempts)
{
	struct listing l = {p->h, attempt_columns, 0, 0};
	const json_t *a;
	size_t i;

	if (json_array_size(attempts) == 0) {
		html_element(p->h, "p", "empty", "Nothing was tried with this number, or no agent that has it ever answered a challenge.");
		return;
	}
	listing_begin(&l, "By this number, and of others with it; the newest first");
	json_array_foreach(attempts, i, a)
	{
		listing_row(&l);
		listing_time(&l, json_text(a, "last_at"));
		listing_text(&l, json_text(a, "kind"));
		listing_text(&l, json_text(a, "with"));
		listing_cell(&l);
		html_textf(p->h, "%s %s", json_text(a, "source"), json_text(a, "user_agent"));
		html_close(p->h);
		listing_text(&l, json_text(a, "outcome"));
	}
	listing_end(&l);
}

/* Was the number tried from this source? */
static bool tried_from(const json_t *attempts, const char *source, const char *number)
{
	const json_t *a;
	size_t i;

	json_array_foreach(attempts, i, a)
	{
		if (strcmp(json_text(a, "account"), number) == 0 && live_source_has(source, json_text(a, "address")))
			return true;
	}
	return false;
}

static void put_bans(struct panel *p, const json_t *attempts)
{
	struct live_bans bans;
	char text[256];

	live_bans(&p->live, &bans);
	for (size_t i = 0; i < bans.n; i++) {
		const struct live_ban *b = &bans.at[i];

		if (strcmp(b->user, p->number) != 0 && (b->user[0] || !tried_from(attempts, b->source, p->number)))
			continue;
		snprintf(text, sizeof(text), "%s banned at %s for %ld s more.", b->user[0] ? "It is" : "Everybody is", b->source, b->left_s);
		page_message(p->h, MESSAGE_BAD, text);
	}
	live_bans_free(&bans);
}

static int put_why(struct panel *p)
{
	json_t *attempts;
	int rc = why_attempts(p->r->db, &p->r->scope, p->number, ATTEMPTS, &attempts);

	if (rc == 0) {
		html_element(p->h, "h2", NULL, "Latest attempts");
		put_bans(p, attempts);
		put_attempts(p, attempts);
	}
	json_decref(attempts);
	return rc;
}

/* ---- trace ---- */

static void put_trace_state(struct panel *p, const struct live_trace *t)
{
	html_open(p->h, "p");
	if (t->left_s > 0)
		html_textf(p->h, "It is traced: %ld message%s, %ld s left.", t->messages, t->messages == 1 ? "" : "s", t->left_s);
	else
		html_textf(p->h, "%ld message%s stored, for a day.", t->messages, t->messages == 1 ? " is" : "s are");
	if (t->lost > 0)
		html_textf(p->h, " %ld were lost.", t->lost);
	html_close(p->h);
}

static void put_trace(struct panel *p)
{
	struct live_trace t;

	if (!p->may || live_trace_state(&p->live, p->number, &t) != 0)
		return;
	html_element(p->h, "h2", NULL, "SIP trace");
	if (t.known)
		put_trace_state(p, &t);
	else
		html_element(p->h, "p", NULL,
				"Records the SIP messages of this number for ten minutes; proofs of passwords, media keys and texts are masked. "
				"The audit keeps who did it.");
	html_open(p->h, "div");
	html_attr(p->h, "class", "actions");
	if (t.left_s > 0)
		act(p, "trace-end", "End the trace");
	else
		act(p, "trace", "Trace for ten minutes");
	if (t.messages > 0) {
		act(p, "trace-text", "Download as text");
		act(p, "trace-pcap", "Download as pcap");
	}
	html_close(p->h);
}

int account_panel(struct request *r, const char *number)
{
	struct panel p = {.r = r, .h = &r->body, .number = number, .may = scope_may(&r->scope, BY_STAFF), .live = now_live(r)};
	int rc;

	request_page(r, &p.page, "");
	p.bound = live_binding(&p.live, number, &p.binding);
	if (p.bound == 0)
		live_binding_host(&p.binding, p.here, sizeof(p.here));
	put_registration(&p);
	rc = put_nat(&p);
	if (rc == 0)
		rc = put_why(&p);
	if (rc == 0)
		put_trace(&p);
	return rc;
}

/* ---- acts ---- */

/* The account must be one that the scope sees. 0 or -errno. */
static int find_account(struct request *r)
{
	struct data_rows row;
	int rc = data_show(r->db, &r->scope, table_find("accounts"), param(r, "key"), &row);

	data_rows_free(&row);
	return rc;
}

/* To the account's page, or a page that says what Kamailio has against it. `live` is read only then. */
static int answer(struct request *r, const struct live *live, int rc)
{
	char path[64];

	if (rc)
		return respond_error(r, rc == -EHOSTUNREACH ? 503 : 409, live->error);
	snprintf(path, sizeof(path), "/accounts/%s", param(r, "key"));
	return respond_to(r, path);
}

static int post_probe(struct request *r)
{
	struct live live = now_live(r);
	int rc = find_account(r);

	if (rc == 0)
		rc = now_audit(r, "nat ask", param(r, "key"), "");
	return rc ? rc : answer(r, &live, live_nat_ask(&live, param(r, "key")));
}

/* Kamailio reads it when the agent registers next. */
static int post_nat(struct request *r)
{
	int rc = find_account(r);

	if (rc == 0)
		rc = nat_turn(r->db, &r->scope, param(r, "key"), strcmp(r->route->about, "on") == 0);
	return rc ? rc : answer(r, NULL, 0);
}

static int post_trace(struct request *r)
{
	struct live live = now_live(r);
	int rc = find_account(r);

	if (rc == 0)
		rc = now_audit(r, "trace start", param(r, "key"), "for 10 min");
	return rc ? rc : answer(r, &live, live_trace_begin(&live, param(r, "key"), TRACE_MINUTES * 60));
}

static int post_trace_end(struct request *r)
{
	struct live live = now_live(r);
	int rc = find_account(r);

	if (rc == 0)
		rc = now_audit(r, "trace stop", param(r, "key"), "");
	return rc ? rc : answer(r, &live, live_trace_end(&live, param(r, "key")));
}

/* ---- the trace as a file ---- */

/* Writes it into memory; NULL: there is none to be had. */
static char *write_trace(const struct trace *t, bool pcap, size_t *length)
{
	char *bytes = NULL;
	FILE *f = open_memstream(&bytes, length);

	if (!f)
		return NULL;
	if (pcap)
		trace_write_pcap(f, t);
	else
		trace_write_text(f, t);
	if (fclose(f) == 0)
		return bytes;
	free(bytes);
	return NULL;
}

static int send_trace(struct request *r, const struct traces *stored, bool pcap)
{
	struct live live = now_live(r);
	struct live_trace state;
	struct trace t = {.number = param(r, "key"), .messages = stored->messages, .count = stored->count};
	time_t now = time(NULL);
	char name[64], when[20], *bytes;
	size_t length = 0;
	struct tm tm;

	if (live_trace_state(&live, t.number, &state) == 0 && state.lost > 0)
		t.lost = (unsigned)state.lost;
	bytes = write_trace(&t, pcap, &length);
	if (!bytes)
		return -ENOMEM;
	strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
	snprintf(name, sizeof(name), "%.18s-%s.%s", t.number, when, pcap ? "pcap" : "txt");
	return respond_download(r, pcap ? "application/vnd.tcpdump.pcap" : "text/plain; charset=utf-8", name, bytes, length);
}

/* A POST, since that somebody has read it is noted. */
static int post_file(struct request *r)
{
	bool pcap = strstr(r->route->path, "pcap") != NULL;
	struct traces stored;
	int rc = find_account(r);

	if (rc == 0)
		rc = now_audit(r, "trace read", param(r, "key"), pcap ? "pcap, by the web" : "text, by the web");
	if (rc)
		return rc;
	rc = traces_read(r->db, &r->scope, param(r, "key"), 0, true, &stored);
	if (rc == 0)
		rc = stored.count ? send_trace(r, &stored, pcap) : respond_error(r, 404, "Nothing is stored of this number.");
	traces_free(&stored);
	return rc;
}

static const struct field key_fields[] = {{"key", FIELD_NUMBER, NUMBER_MAX}, {0}};

const struct route account_routes[] = {
		ROUTE_POST("/accounts/:key/probe", MAY_WRITERS, post_probe, .fields = key_fields),
		ROUTE_POST("/accounts/:key/nat-on", MAY_WRITERS, post_nat, .fields = key_fields, .about = "on"),
		ROUTE_POST("/accounts/:key/nat-off", MAY_WRITERS, post_nat, .fields = key_fields, .about = "off"),
		ROUTE_POST("/accounts/:key/trace", MAY_WRITERS, post_trace, .fields = key_fields),
		ROUTE_POST("/accounts/:key/trace-end", MAY_WRITERS, post_trace_end, .fields = key_fields),
		ROUTE_POST("/accounts/:key/trace-text", MAY_WRITERS, post_file, .fields = key_fields),
		ROUTE_POST("/accounts/:key/trace-pcap", MAY_WRITERS, post_file, .fields = key_fields),
		{0},
};
