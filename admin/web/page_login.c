/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logging in and out: operators at /login, subscribers and technical contacts at /siremis/user/login; then /login/code. */
#include "login.h"

#include "answer.h"
#include "back.h"
#include "dispatch.h"
#include "respond.h"
#include "routes.h"
#include "view.h"

#include "data/passwords.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LOGINS_AT_A_TIME 8 /* of all that come in */
#define LOGIN_MAX        128 /* bytes */

/* ---- what the pages share ---- */

struct login_try login_of(const struct request *r, const char *name, const char *password)
{
	const struct settings *s = &r->web->settings;

	return (struct login_try){.name = name, .password = password, .at = {r->address, r->user_agent}, .limits = {.idle_s = s->idle_s, .long_s = s->long_s}};
}

int login_note(struct request *r, const char *kind, const char *who, int rc)
{
	struct counters *c = &r->web->counters;

	if (rc == 0)
		atomic_fetch_add(&c->logins_ok, 1);
	else if (rc == -EBUSY)
		atomic_fetch_add(&c->logins_throttled, 1);
	else if (rc == -EACCES)
		atomic_fetch_add(&c->logins_wrong, 1);
	/* A name that is no login may be a password in the wrong field. */
	fprintf(stderr, "aeta-admin: %s login from %s: %s%s\n", kind, r->address,
			rc == 0 ? "ok, " : rc == -EBUSY ? "too many tries" : "refused", rc == 0 ? who : "");
	return rc;
}

void login_sentence(int rc, unsigned wait_s, char out[160])
{
	if (rc == -EBUSY)
		snprintf(out, 160, "Too many tries: wait %u second%s, then try again.", wait_s, wait_s == 1 ? "" : "s");
	else
		snprintf(out, 160, "That does not match, or this login may not be used now.");
}

void login_confirm_sentence(int rc, unsigned wait_s, const char *which, char out[160])
{
	if (rc == -EBUSY)
		login_sentence(rc, wait_s, out);
	else
		snprintf(out, 160, "This is not %s.", which);
}

void login_fault(const char *words, char out[160])
{
	snprintf(out, 160, "%c%s.", toupper((unsigned char)*words), words + 1);
}

void login_switch(struct html *h, const char *name, const char *label, const char *help, bool on)
{
	html_open(h, "div");
	html_attr(h, "class", "field");
	html_open(h, "label");
	html_attrf(h, "for", "field-%s", name);
	html_text(h, label);
	html_close(h);
	html_void(h, "input");
	html_attr(h, "type", "checkbox");
	html_attrf(h, "id", "field-%s", name);
	html_attr(h, "name", name);
	html_attr(h, "value", "1");
	html_flag(h, "checked", on);
	html_element(h, "span", "help", help);
	html_close(h);
}

/* ---- the forms ---- */

/* The two doors, the same form. */
struct door {
	unsigned who; /* gets in by it: enum who */
	const char *path, *title, *label, *password, *help, *kind;
	int (*login)(struct db *db, const struct login_try *t, struct session *s, char token[SESSION_TOKEN_SIZE], unsigned *wait_s);
	const char *other, *other_label;
	bool is_customers; /* people write numbers with blanks, and addresses with capitals */
};

static const struct door doors[] = {
		{MAY_OPERATORS, "/login", "Operator login", "Login name", "Password", NULL, "operator", login_operator, "/siremis/user/login",
				"Subscribers log in here", false},
		{MAY_CUSTOMERS, "/siremis/user/login", "Subscriber login", "Number, or e-mail address of a technical contact", "Web password",
				"The password of these pages, not the SIP password of the device.", "subscriber", login_subscriber, "/login",
				"Operators log in here", true},
};

/* Where the login leads to: the page that was asked for before, if it is one of `who`, or `otherwise`. */
static const char *target(const struct request *r, unsigned who, const char *otherwise)
{
	return back_is_page(param(r, BACK), who) ? param(r, BACK) : otherwise;
}

/* The same of somebody who is in, or half. */
static const char *target_of(const struct request *r, const struct session *s, const char *otherwise)
{
	static const unsigned who[] = {[SESSION_OPERATOR] = MAY_OPERATORS, [SESSION_CONTACT] = MAY_CONTACT, [SESSION_ACCOUNT] = MAY_SUBSCRIBER};

	return target(r, who[s->kind], otherwise);
}

/* Whoever is led here from another page learns why. */
static void put_why_here(struct request *r)
{
	if (!*param(r, BACK))
		return;
	page_message(&r->body, MESSAGE_NOTE,
			*param(r, BACK_LOST) ? "Your session has ended (or you have not logged in yet). What you sent was not stored."
						   : "Your session has ended (or you have not logged in yet).");
}

/* `login`: as it was typed before; NULL: nothing yet. */
static int show_door(struct request *r, const struct door *d, unsigned status, const char *sentence, const char *login)
{
	struct html *h = &r->body;
	struct page page;

	request_page(r, &page, d->title);
	page_begin(h, &page);
	if (sentence)
		page_message(h, MESSAGE_BAD, sentence);
	else
		put_why_here(r);
	html_open(h, "form");
	html_attr(h, "method", "post");
	html_url_made(h, "action", d->path);
	form_token(h, &page);
	form_hidden(h, BACK, target(r, d->who, ""));
	view_input(h, &(struct view_field){.name = "login", .label = d->label, .value = login, .autocomplete = "username",
								   .max = SESSION_WHO_SIZE - 1, .required = true, .plain = true, .focus = !login});
	view_input(h, &(struct view_field){.name = "password", .label = d->password, .type = "password", .autocomplete = "current-password",
								   .max = PASSWORDS_MAX, .required = true, .plain = true, .focus = login, .help = d->help});
	form_button(h, NULL, "Log in");
	html_close(h);
	html_open(h, "p");
	html_open(h, "a");
	html_url_made(h, "href", d->other);
	html_text(h, d->other_label);
	html_close(h);
	html_close(h);
	page_end(h, &page);
	return respond_page(r, status);
}

/* Whoever is logged in has no need of the form. */
static int get_door(struct request *r, const struct door *d)
{
	if (r->has_session && !r->session.whole)
		return back_to_login(r, "/login/code", target_of(r, &r->session, ""), false);
	if (r->has_session)
		return respond_to(r, target_of(r, &r->session, request_home(&r->session)));
	return show_door(r, d, 200, NULL, NULL);
}

/* A refusal of a try, as the page that it came from. */
static unsigned status_of(struct request *r, int rc, unsigned wait_s)
{
	r->answer->retry_after_s = rc == -EBUSY ? wait_s : 0;
	return rc == -EBUSY ? 429 : 403;
}

/* What was typed as the login; a number without its blanks, an address in lower case. */
static void typed_login(const struct request *r, const struct door *d, char out[LOGIN_MAX + 1])
{
	const char *typed = param(r, "login");
	size_t n = 0;

	for (; *typed && n < LOGIN_MAX; typed++) {
		if (!d->is_customers || *typed != ' ')
			out[n++] = d->is_customers ? (char)tolower((unsigned char)*typed) : *typed;
	}
	out[n] = '\0';
}

/* A session that the browser had before is over: a login always makes a new one. */
static int post_door(struct request *r, const struct door *d)
{
	char token[SESSION_TOKEN_SIZE], sentence[160], name[LOGIN_MAX + 1];
	struct login_try t = login_of(r, name, param(r, "password"));
	unsigned long long before = r->has_session ? r->session.id : 0;
	struct session s;
	unsigned wait_s;
	int rc;

	typed_login(r, d, name);
	t.now = &r->web->counters.logins_now;
	rc = login_note(r, d->kind, t.name, d->login(r->db, &t, &s, token, &wait_s));
	if (rc == -EACCES || rc == -EBUSY) {
		r->has_session = false;
		login_sentence(rc, wait_s, sentence);
		return show_door(r, d, status_of(r, rc, wait_s), sentence, name);
	}
	if (rc == 0 && before)
		rc = session_end(r->db, before);
	if (rc)
		return rc;
	respond_cookie(r, SESSION_COOKIE, token);
	explicit_bzero(token, sizeof(token));
	if (!s.whole)
		return back_to_login(r, "/login/code", target_of(r, &s, ""), false);
	return respond_to(r, target_of(r, &s, request_home(&s)));
}

static int get_login(struct request *r)
{
	return get_door(r, &doors[0]);
}

static int post_login(struct request *r)
{
	return post_door(r, &doors[0]);
}

static int get_user_login(struct request *r)
{
	return get_door(r, &doors[1]);
}

static int post_user_login(struct request *r)
{
	return post_door(r, &doors[1]);
}

/* ---- the second factor ---- */

static int show_code(struct request *r, unsigned status, const char *sentence)
{
	const struct view_field code = {.name = "code", .label = "Code", .autocomplete = "one-time-code", .max = 8, .required = true,
			.plain = true, .focus = true};
	struct html *h = &r->body;
	struct page page;

	request_page(r, &page, "Second factor");
	page_begin(h, &page);
	if (sentence)
		page_message(h, MESSAGE_BAD, sentence);
	html_element(h, "p", NULL, "Enter the six digits that your authenticator app shows for this service.");
	form_begin(h, &page, "/login/code");
	form_hidden(h, BACK, target_of(r, &r->session, ""));
	view_input(h, &code);
	form_button(h, NULL, "Go on");
	html_close(h);
	form_begin(h, &page, "/logout");
	form_button(h, "plain", "Begin again");
	html_close(h);
	page_end(h, &page);
	return respond_page(r, status);
}

static int get_code(struct request *r)
{
	return show_code(r, 200, NULL);
}

static int post_code(struct request *r)
{
	struct login_try t = login_of(r, r->session.who, param(r, "code"));
	char token[SESSION_TOKEN_SIZE], sentence[160];
	struct session s = r->session;
	unsigned wait_s;
	int rc = login_note(r, s.kind == SESSION_CONTACT ? "second factor of a contact" : "second factor of an operator", s.who, login_second(r->db, &t, &s, token, &wait_s));

	if (rc == -EACCES || rc == -EBUSY) {
		login_sentence(rc, wait_s, sentence);
		return show_code(r, status_of(r, rc, wait_s), sentence);
	}
	if (rc)
		return rc;
	atomic_fetch_add(&r->web->counters.logins_second, 1);
	respond_cookie(r, SESSION_COOKIE, token);
	explicit_bzero(token, sizeof(token));
	return respond_to(r, target_of(r, &s, request_home(&s)));
}

/* ---- out ---- */

static int post_logout(struct request *r)
{
	const char *door = r->has_session ? request_door(&r->session) : "/login";
	int rc = r->has_session ? session_logout(r->db, &r->scope, &r->session) : 0;

	if (rc)
		return rc;
	respond_cookie(r, SESSION_COOKIE, NULL);
	return respond_to(r, door);
}

static int get_user(struct request *r)
{
	return respond_to(r, "/siremis/user/subscriber");
}

/* A way back that is longer than ours leads nowhere, which is no reason to refuse the login. */
#define BACK_FIELDS {BACK, FIELD_TEXT, 8192}, {BACK_LOST, FIELD_TEXT, 8192}

static const struct field back_fields[] = {BACK_FIELDS, {0}};
static const struct field door_fields[] = {{"login", FIELD_TEXT, TYPED_MAX}, {"password", FIELD_SECRET, TYPED_MAX}, BACK_FIELDS, {0}};
static const struct field code_fields[] = {{"code", FIELD_SECRET, TYPED_MAX}, BACK_FIELDS, {0}};

const struct route login_routes[] = {
		ROUTE_GET("/login", MAY_ANYBODY, get_login, .fields = back_fields),
		ROUTE_POST("/login", MAY_ANYBODY, post_login, .fields = door_fields),
		ROUTE_GET("/login/code", MAY_HALF, get_code, .fields = back_fields),
		ROUTE_POST("/login/code", MAY_HALF, post_code, .fields = code_fields),
		ROUTE_POST("/logout", MAY_ANYBODY, post_logout),
		ROUTE_GET("/siremis/user/login", MAY_ANYBODY, get_user_login, .fields = back_fields),
		ROUTE_POST("/siremis/user/login", MAY_ANYBODY, post_user_login, .fields = door_fields),
		ROUTE_GET("/siremis/user", MAY_SUBSCRIBER, get_user),
		{0},
};
