/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A subscriber's own data (E1): Own SIP Profile, Subscriber Data. */
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
#include <string.h>

#define SUBSCRIBER "/siremis/user/subscriber"

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
		if (c->type == TYPE_TIME)
			html_text(h, " UTC");
		html_close(h);
	}
	html_close(h);
}

static void show_web_password(struct html *h, const struct page *page, const struct form_said *said)
{
	html_element(h, "h2", NULL, "Web password");
	form_begin(h, page, SUBSCRIBER "/web-password");
	html_open(h, "div");
	html_attr(h, "class", "panel");
	form_said_input(h, said, "now", "Current web password", "password", "current-password", NULL);
	form_said_input(h, said, "new-web", "New web password", "password", "new-password", NULL);
	form_said_input(h, said, "again-web", "New web password again", "password", "new-password", NULL);
	html_close(h);
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
	html_open(h, "div");
	html_attr(h, "class", "panel");
	form_said_input(h, said, "email", "Address", "email", "email", typed ? typed : data_named(login, 0, "email"));
	html_close(h);
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

/* ---- e-mail, web password ---- */

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
	int rc = session_logout_elsewhere(r->db, &r->scope, &r->session);

	return rc ? rc : say(r, 200, MESSAGE_GOOD, "Sessions elsewhere have ended.");
}

/* ---- routes ---- */

static const struct field password_fields[] = {SIP_PASSWORD_FIELDS, {0}};

static const struct field email_fields[] = {{"email", FIELD_TEXT, TYPED_MAX}, {VIEW_VERSION, FIELD_LINE, 32}, {0}};

static const struct field web_fields[] = {{"now", FIELD_SECRET, TYPED_MAX}, {"new-web", FIELD_SECRET, TYPED_MAX},
		{"again-web", FIELD_SECRET, TYPED_MAX}, {0}};

const struct route user_routes[] = {
		ROUTE_GET(SUBSCRIBER, MAY_SUBSCRIBER, get_subscriber),
		ROUTE_POST(SUBSCRIBER "/password", MAY_SUBSCRIBER, post_password, .fields = password_fields),
		ROUTE_POST(SUBSCRIBER "/email", MAY_SUBSCRIBER, post_email, .fields = email_fields),
		ROUTE_POST(SUBSCRIBER "/web-password", MAY_SUBSCRIBER, post_web_password, .fields = web_fields),
		ROUTE_POST(SUBSCRIBER "/sessions/end", MAY_SUBSCRIBER, post_end),
		{0},
};
