/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A subscriber's own pages (E1): Own SIP Profile (Subscriber Data, Location Records) and Accounting (Call Data Records). */
#include "login.h"
#include "page_sip_password.h"
#include "respond.h"
#include "routes.h"
#include "view.h"

#include "data/data.h"
#include "data/operators.h"
#include "data/passwords.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUBSCRIBER "/siremis/user/subscriber"
#define CDRS       "/siremis/user/cdrs"

/* ---- Subscriber Data ---- */

/* What of the account is of use to its subscriber, as far as there is something. */
static void show_account(struct html *h, const struct scope *s, const struct data_rows *row)
{
	static const char *const names[] = {"number", "kind", "state_now", "valid_until", "prefix", "media_now", "presence", "presence_since",
			"user_agent", "last_seen", "product", "serial"};

	html_open(h, "dl");
	html_attr(h, "class", "facts");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = data_named(row, 0, names[i]);
		const struct column *c = column_find(row->table, names[i]);

		if (!value || !*value)
			continue;
		html_element(h, "dt", NULL, c->label);
		html_open(h, "dd");
		view_value(h, s, c, value);
		html_close(h);
	}
	html_close(h);
}

static void show_web_password(struct html *h, const struct page *page, const struct form_said *said)
{
	html_element(h, "h2", NULL, "Web password");
	form_begin(h, page, SUBSCRIBER "/web-password");
	form_said_input(h, said, "now", "Web password until now", "password", "current-password", NULL);
	form_said_input(h, said, "new-web", "New web password, at least 10 characters", "password", "new-password", NULL);
	form_said_input(h, said, "again-web", "Once more", "password", "new-password", NULL);
	form_button(h, NULL, "Change the web password");
	html_close(h);
}

static void show_sessions(struct html *h, const struct page *page)
{
	html_element(h, "h2", NULL, "Sessions");
	form_begin(h, page, SUBSCRIBER "/sessions/end");
	form_button(h, "plain", "Log out everywhere else");
	html_close(h);
}

/* `typed`: the address as it was sent; NULL: not yet. */
static void show_email(struct html *h, const struct page *page, const struct data_rows *login, const struct form_said *said, const char *typed)
{
	html_element(h, "h2", NULL, "E-mail");
	form_begin(h, page, SUBSCRIBER "/email");
	form_hidden(h, VIEW_VERSION, data_version(login, 0));
	html_element(h, "p", NULL, "Kept for what concerns this number; no mail is sent there yet.");
	form_said_input(h, said, "email", "Address", "email", "email", typed ? typed : data_named(login, 0, "email"));
	form_button(h, NULL, "Save");
	html_close(h);
}

/* `email`: as it was typed; NULL: not yet. */
static int show_subscriber(struct request *r, const struct form_said *said, const char *email)
{
	struct data_rows account = {0}, login = {0};
	struct html *h = &r->body;
	struct page page;
	int rc = data_show(r->db, &r->scope, table_find("accounts"), r->session.who, &account);

	if (rc == 0)
		rc = data_show(r->db, &r->scope, table_find("web-logins"), r->session.who, &login);
	if (rc == 0) {
		request_page(r, &page, "Subscriber Data");
		page.path = SUBSCRIBER; /* also where a form has been sent elsewhere */
		page_begin(h, &page);
		form_said_show(h, said);
		show_account(h, &r->scope, &account);
		rc = sip_password_show(r, &page, r->session.who, SUBSCRIBER "/password", said);
		show_email(h, &page, &login, said, email);
		show_web_password(h, &page, said);
		show_sessions(h, &page);
		page_end(h, &page);
		if (rc == 0)
			rc = respond_page(r, said->status);
	}
	data_rows_free(&account);
	data_rows_free(&login);
	return rc;
}

static int say(struct request *r, unsigned status, enum message_kind kind, const char *sentence)
{
	const struct form_said said = {.status = status, .kind = kind, .sentence = sentence};

	return show_subscriber(r, &said, NULL);
}

static int get_subscriber(struct request *r)
{
	return say(r, 200, MESSAGE_NOTE, NULL);
}

static int post_password(struct request *r)
{
	struct form_said said = {0};
	int rc = sip_password_post(r, r->session.who, &said);

	if (rc == 0)
		rc = show_subscriber(r, &said, NULL);
	explicit_bzero(&said, sizeof(said));
	return rc;
}

/* A form again, with what is wrong at its field. */
static int refuse_field(struct request *r, unsigned status, const char *field, const char *fault, const char *email)
{
	struct form_said said = {0};

	form_said_refuse(&said, status, field, fault);
	return show_subscriber(r, &said, email);
}

/* ---- Subscriber Data: e-mail, web password ---- */

static int post_email(struct request *r)
{
	const struct data_change change = {"email", param(r, "email")};
	struct data_problems problems = {0};
	char fault[PROBLEM_SIZE + 16];
	int rc = data_update(r->db, &r->scope, table_find("web-logins"), r->session.who, param(r, VIEW_VERSION), &change, 1, &problems);

	if (rc == -EINVAL && problems.count) {
		snprintf(fault, sizeof(fault), "The address %s.", problems.list[0].text);
		return refuse_field(r, 400, "email", fault, param(r, "email"));
	}
	return rc ? rc : say(r, 200, MESSAGE_GOOD, "The e-mail address is saved.");
}

static int post_web_password(struct request *r)
{
	struct login_try t = login_of(r, r->session.who, param(r, "now"));
	const char *words = passwords_fault(param(r, "new-web"), r->session.who);
	char sentence[160];
	unsigned wait_s;
	int rc;

	if (words) {
		login_fault(words, sentence);
		return refuse_field(r, 400, "new-web", sentence, NULL);
	}
	if (strcmp(param(r, "new-web"), param(r, "again-web")) != 0)
		return refuse_field(r, 400, "again-web", "The two passwords differ.", NULL);
	rc = login_confirm(r->db, &t, &r->session, &wait_s);
	if (rc == -EACCES || rc == -EBUSY) {
		login_confirm_sentence(rc, wait_s, "your web password", sentence);
		return refuse_field(r, rc == -EBUSY ? 429 : 403, "now", sentence, NULL);
	}
	if (rc == 0)
		rc = web_login_password(r->db, &r->scope, r->session.who, param(r, "new-web"), r->session.id);
	return rc ? rc : say(r, 200, MESSAGE_GOOD, "The web password is changed. Sessions elsewhere have ended.");
}

static int post_end(struct request *r)
{
	int rc = session_end_others(r->db, SESSION_ACCOUNT, 0, r->session.who, r->session.id);

	return rc ? rc : say(r, 200, MESSAGE_GOOD, "Sessions elsewhere have ended.");
}

/* ---- Location Records ---- */

static int get_location(struct request *r)
{
	struct html *h = &r->body;
	struct data_rows row;
	struct page page;
	int rc = data_show(r->db, &r->scope, table_find("location"), r->session.who, &row);

	if (rc == 0 || rc == -ENOENT) {
		request_page(r, &page, "Location Records");
		page_begin(h, &page);
		if (rc == 0)
			view_facts(h, &r->scope, &row);
		else
			html_element(h, "p", "empty", "This number is not registered now.");
		page_end(h, &page);
		rc = respond_page(r, 200);
	}
	data_rows_free(&row);
	return rc;
}

/* ---- Call Data Records ---- */

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
	html_open(h, "form");
	html_attr(h, "method", "get");
	html_attr(h, "class", "filters");
	html_url(h, "action", CDRS);
	form_hidden(h, "tab", is_received(r) ? "received" : "originated");
	range_end(h, "from", "From", param(r, "from"));
	range_end(h, "until", "Until", param(r, "until"));
	form_button(h, "plain", "Show");
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
	html_textf(h, "Page %u, %llu%s calls", rows->page, rows->total, rows->more ? " and more" : "");
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
		return rc;
	}
	snprintf(name, sizeof(name), "calls-%s-%s.csv", r->session.who, is_received(r) ? "received" : "originated");
	return respond_download(r, "text/csv; charset=utf-8", name, text, length);
}

/* ---- routes ---- */

static const struct field password_fields[] = {SIP_PASSWORD_FIELDS, {0}};
static const struct field email_fields[] = {{"email", FIELD_TEXT, TYPED_MAX}, {VIEW_VERSION, FIELD_LINE, 32}, {0}};
static const struct field web_fields[] = {{"now", FIELD_SECRET, TYPED_MAX}, {"new-web", FIELD_SECRET, TYPED_MAX},
		{"again-web", FIELD_SECRET, TYPED_MAX}, {0}};
static const struct field cdr_fields[] = {{"tab", FIELD_LINE, 16}, {"page", FIELD_TEXT, TYPED_MAX}, {"from", FIELD_TEXT, TYPED_MAX},
		{"until", FIELD_TEXT, TYPED_MAX}, {0}};

const struct route user_routes[] = {
		ROUTE_GET(SUBSCRIBER, MAY_SUBSCRIBER, get_subscriber),
		ROUTE_POST(SUBSCRIBER "/password", MAY_SUBSCRIBER, post_password, .fields = password_fields),
		ROUTE_POST(SUBSCRIBER "/email", MAY_SUBSCRIBER, post_email, .fields = email_fields),
		ROUTE_POST(SUBSCRIBER "/web-password", MAY_SUBSCRIBER, post_web_password, .fields = web_fields),
		ROUTE_POST(SUBSCRIBER "/sessions/end", MAY_SUBSCRIBER, post_end),
		ROUTE_GET("/siremis/user/location", MAY_SUBSCRIBER, get_location),
		ROUTE_GET(CDRS, MAY_SUBSCRIBER, get_cdrs, .fields = cdr_fields),
		ROUTE_GET(CDRS ".csv", MAY_SUBSCRIBER, get_csv, .fields = cdr_fields),
		{0},
};
