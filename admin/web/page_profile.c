/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The own login of an operator, or of a customer's technical contact: password, second factor, where else it is logged in. */
#include "login.h"
#include "qr.h"
#include "respond.h"
#include "routes.h"
#include "view.h"

#include "data/contact_logins.h"
#include "data/data.h"
#include "data/operators.h"
#include "data/passwords.h"
#include "data/totp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PATH_SIZE 64

/* ---- the page ---- */

static bool is_contact(const struct request *r)
{
	return r->session.kind == SESSION_CONTACT;
}

static const char *home(const struct request *r)
{
	return is_contact(r) ? "/customer/profile" : "/profile";
}

/* A form that is sent to a page below this one. */
static void form_below(struct html *h, const struct page *page, const char *below)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/%s", page->path, below);
	html_open(h, "form");
	html_attr(h, "method", "post");
	html_url_made(h, "action", path);
	form_token(h, page);
}

static void panel_begin(struct html *h)
{
	html_open(h, "div");
	html_attr(h, "class", "panel");
}

#define PASSWORD_FIELD .type = "password", .max = PASSWORDS_MAX, .required = true, .plain = true

static void show_password(struct html *h, const struct page *page)
{
	const struct view_field now = {.name = "now", .label = "Current password", .autocomplete = "current-password", PASSWORD_FIELD};
	const struct view_field new = {.name = "new", .label = "New password", .autocomplete = "new-password", .help = "At least 10 characters.",
			PASSWORD_FIELD};
	const struct view_field again = {.name = "again", .label = "New password again", .autocomplete = "new-password", PASSWORD_FIELD};

	html_element(h, "h2", NULL, "Password");
	html_element(h, "p", NULL, "A change ends the sessions that you have elsewhere.");
	form_below(h, page, "password");
	panel_begin(h);
	view_input(h, &now);
	view_input(h, &new);
	view_input(h, &again);
	html_close(h);
	form_button(h, NULL, "Change the password");
	html_close(h);
}

static void show_factor(const struct request *r, struct html *h, const struct page *page)
{
	html_element(h, "h2", NULL, "Second factor");
	html_element(h, "p", NULL,
			r->session.has_totp ? "An authenticator app is set up. A new one takes its place."
								: "None is set up: your password alone logs you in. Set up an authenticator app, and a code of it is asked for, too.");
	form_below(h, page, "factor/new");
	form_button(h, NULL, r->session.has_totp ? "Set up another app" : "Set up an app");
	html_close(h);
}

/* What the service knows of a contact; its address is where announcements go, so whoever runs the service changes it. */
static int show_contact(struct request *r, struct html *h)
{
	struct data_rows row = {0};
	char key[24];
	int rc;

	snprintf(key, sizeof(key), "%lld", r->session.person);
	rc = data_show(r->db, &r->scope, table_find("contacts"), key, &row);
	if (rc == 0) {
		view_facts(h, &r->scope, &row);
		html_element(h, "p", "note", "Ask whoever runs the service to change these. The login stays as it is when the address changes.");
	}
	data_rows_free(&row);
	return rc;
}

static int show_sessions(struct request *r, struct html *h, const struct page *page)
{
	const struct data_query all = {.per_page = DATA_PER_PAGE_MAX};
	struct data_rows rows = {0};
	int rc = is_contact(r) ? data_list(r->db, &r->scope, table_find("sessions"), &all, &rows) : 0;

	if (rc == 0) {
		html_element(h, "h2", NULL, "Sessions");
		if (rows.count)
			view_table_of(h, &r->scope, &rows, "who");
		form_below(h, page, "sessions/end");
		form_button(h, "plain", "Log out everywhere else");
		html_close(h);
	}
	data_rows_free(&rows);
	return rc;
}

static int show_profile(struct request *r, unsigned status, enum message_kind kind, const char *sentence)
{
	struct html *h = &r->body;
	struct page page;
	int rc = 0;

	request_page(r, &page, "My login");
	page.path = home(r);
	page_begin(h, &page);
	if (sentence)
		page_message(h, kind, sentence);
	if (!is_contact(r) && r->web->settings.require_factor && !r->session.has_totp)
		page_message(h, MESSAGE_NOTE, "This service asks operators for a second factor: set up an app to go on.");
	if (is_contact(r))
		rc = show_contact(r, h);
	show_password(h, &page);
	show_factor(r, h, &page);
	if (rc == 0)
		rc = show_sessions(r, h, &page);
	page_end(h, &page);
	return rc ? rc : respond_page(r, status);
}

static int get_profile(struct request *r)
{
	return show_profile(r, 200, MESSAGE_NOTE, NULL);
}

/* What to say to whoever does not know the password. */
struct refusal {
	unsigned status;
	char sentence[160];
};

/* The password is asked for again. 0: it is right; 1: it is not, with what to say; or -errno. */
static int confirm(struct request *r, struct refusal *no)
{
	struct login_try t = login_of(r, r->session.who, param(r, "now"));
	unsigned wait_s;
	int rc = login_confirm(r->db, &t, &r->session, &wait_s);

	if (rc != -EACCES && rc != -EBUSY)
		return rc;
	login_confirm_sentence(rc, wait_s, "your password", no->sentence);
	no->status = rc == -EBUSY ? 429 : 403;
	return 1;
}

/* ---- password ---- */

static int post_password(struct request *r)
{
	const char *fault = passwords_fault(param(r, "new"), r->session.who);
	struct refusal no;
	char sentence[160];
	int rc;

	if (!fault && strcmp(param(r, "new"), param(r, "again")) != 0)
		fault = "the two new passwords differ";
	if (fault) {
		login_fault(fault, sentence);
		return show_profile(r, 400, MESSAGE_BAD, sentence);
	}
	rc = confirm(r, &no);
	if (rc)
		return rc < 0 ? rc : show_profile(r, no.status, MESSAGE_BAD, no.sentence);
	if (is_contact(r))
		rc = contact_login_password(r->db, &r->scope, param(r, "new"), r->session.id);
	else
		rc = operator_password(r->db, &r->scope, r->session.who, NULL, param(r, "new"), r->session.id);
	return rc ? rc : show_profile(r, 200, MESSAGE_GOOD, "The password is changed. Sessions elsewhere have ended.");
}

static int post_end(struct request *r)
{
	int rc = session_logout_elsewhere(r->db, &r->scope, &r->session);

	return rc ? rc : show_profile(r, 200, MESSAGE_GOOD, "Sessions elsewhere have ended.");
}

/* ---- second factor ---- */

/*
 * The secret is shown once, on this page only, and stored when a code of it and the password have come: else whoever has the session
 * for a moment could set up an app of his own.
 */
static int show_secret(struct request *r, unsigned status, const char *secret, const char *sentence)
{
	const struct view_field code = {.name = "code", .label = "Code", .autocomplete = "one-time-code", .max = 8, .required = true,
			.plain = true, .help = "The six digits that the app shows now.", .focus = sentence};
	const struct view_field now = {.name = "now", .label = "Your password", .autocomplete = "current-password", PASSWORD_FIELD};
	const char *site = r->web->settings.text.service_name;
	struct html *h = &r->body;
	char uri[TOTP_URI_SIZE];
	struct page page;

	totp_uri(secret, *site ? site : "SIP service", r->session.who, uri);
	request_page(r, &page, "Set up an authenticator app");
	page.path = home(r);
	page.up[0] = (struct page_up){home(r), "My login"};
	page_begin(h, &page);
	if (sentence)
		page_message(h, MESSAGE_BAD, sentence);
	html_element(h, "p", NULL, "Scan this picture with the app, or type the secret into it; then enter the code that it shows.");
	qr_draw(h, uri);
	html_open(h, "p");
	html_text(h, "Secret: ");
	html_element(h, "code", NULL, secret);
	html_close(h);
	form_below(h, &page, "factor");
	form_hidden(h, "secret", secret);
	panel_begin(h);
	view_input(h, &code);
	view_input(h, &now);
	html_close(h);
	html_open(h, "p");
	html_attr(h, "class", "actions");
	form_button(h, NULL, "Set it up");
	html_open(h, "a");
	html_attr(h, "class", "button plain");
	html_url(h, "href", "/profile");
	html_text(h, "Cancel");
	html_close(h);
	html_close(h);
	html_close(h);
	page_end(h, &page);
	explicit_bzero(uri, sizeof(uri));
	return respond_page(r, status);
}

static int post_factor_new(struct request *r)
{
	char secret[TOTP_SECRET_SIZE];
	int rc = totp_secret(secret);

	if (rc == 0)
		rc = show_secret(r, 200, secret, NULL);
	explicit_bzero(secret, sizeof(secret));
	return rc;
}

static int post_factor(struct request *r)
{
	const char *secret = param(r, "secret");
	struct refusal no;
	int rc;

	if (strlen(secret) != TOTP_SECRET_SIZE - 1 || strspn(secret, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != TOTP_SECRET_SIZE - 1)
		return -EINVAL;
	rc = confirm(r, &no);
	if (rc)
		return rc < 0 ? rc : show_secret(r, no.status, secret, no.sentence);
	if (is_contact(r))
		rc = contact_login_totp(r->db, &r->scope, secret, param(r, "code"), r->session.id);
	else
		rc = operator_totp(r->db, &r->scope, secret, param(r, "code"), r->session.id);
	if (rc == -EACCES)
		return show_secret(r, 403, secret, "That is not the code that the app shows for this secret now.");
	if (rc)
		return rc;
	r->session.has_totp = true;
	return show_profile(r, 200, MESSAGE_GOOD, "The app is set up: from the next login on its code is asked for. Sessions elsewhere have ended.");
}

static const struct field password_fields[] = {{"now", FIELD_SECRET, TYPED_MAX}, {"new", FIELD_SECRET, TYPED_MAX}, {"again", FIELD_SECRET, TYPED_MAX}, {0}};
static const struct field factor_fields[] = {{"secret", FIELD_SECRET, 64}, {"code", FIELD_SECRET, TYPED_MAX}, {"now", FIELD_SECRET, TYPED_MAX}, {0}};

const struct route profile_routes[] = {
		ROUTE_GET("/profile", MAY_OPERATORS | MAY_BARE, get_profile),
		ROUTE_POST("/profile/password", MAY_OPERATORS, post_password, .fields = password_fields),
		ROUTE_POST("/profile/sessions/end", MAY_OPERATORS, post_end),
		ROUTE_POST("/profile/factor/new", MAY_OPERATORS | MAY_BARE, post_factor_new),
		ROUTE_POST("/profile/factor", MAY_OPERATORS | MAY_BARE, post_factor, .fields = factor_fields),
		ROUTE_GET("/customer/profile", MAY_CONTACT, get_profile),
		ROUTE_POST("/customer/profile/password", MAY_CONTACT, post_password, .fields = password_fields),
		ROUTE_POST("/customer/profile/sessions/end", MAY_CONTACT, post_end),
		ROUTE_POST("/customer/profile/factor/new", MAY_CONTACT, post_factor_new),
		ROUTE_POST("/customer/profile/factor", MAY_CONTACT, post_factor, .fields = factor_fields),
		{0},
};
