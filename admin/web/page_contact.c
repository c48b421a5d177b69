/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The web login of a customer's technical contact, as support and admins give it and take it away. A password is made here and shown once;
 * a form that is sent twice makes no second one.
 */
#include "login.h"
#include "respond.h"
#include "routes.h"
#include "view.h"

#include "data/contact_logins.h"
#include "data/data.h"
#include "data/secret.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- the forms ---- */

struct contact {
	struct data_rows row;
	const char *key, *login, *state;
	bool has_login, has_totp;
	char version[CONTACT_LOGIN_VERSION];
};

static int read_contact(struct request *r, struct contact *c)
{
	int rc = data_show(r->db, &r->scope, table_find("contacts"), param(r, "key"), &c->row);
	const char *totp;

	if (rc)
		return rc;
	totp = data_named(&c->row, 0, "totp");
	c->key = data_key(&c->row, 0);
	c->login = data_named(&c->row, 0, "login");
	c->state = data_named(&c->row, 0, "login_state");
	c->has_login = c->state && strcmp(c->state, "none") != 0;
	c->has_totp = totp && *totp == '1';
	return contact_login_version(r->db, &r->scope, c->key, c->version);
}

static void put_give(struct request *r, const struct page *page, const struct contact *c)
{
	const char *typed = param(r, "login"), *address = data_named(&c->row, 0, "email");
	const struct view_field login = {.name = "login", .label = "Login name", .value = *typed ? typed : c->has_login ? c->login : address,
			.required = true, .help = "Its e-mail address, or another name where that is the login of another customer's contact."};
	struct html *h = &r->body;

	html_element(h, "h2", NULL, c->has_login ? "New password" : "Give it a login");
	form_begin(h, page, "/contacts/%s/login", c->key);
	form_hidden(h, VIEW_VERSION, c->version);
	view_input(h, &login);
	if (c->has_totp)
		login_switch(h, "drop", "Remove the second factor", "Where the app is lost: the next login is by password alone.", false);
	form_button(h, NULL, "Make a password");
	html_close(h);
	if (c->has_login)
		html_element(h, "p", "note", "The old password stops at once, and the sessions end. A login that is disabled is enabled by it.");
}

static void put_take(struct html *h, const struct page *page, const struct contact *c)
{
	html_element(h, "h2", NULL, "Take it away");
	if (strcmp(c->state, "enabled") == 0) {
		form_begin(h, page, "/contacts/%s/login-disable", c->key);
		form_button(h, "danger", "Disable the login");
		html_close(h);
	}
	form_begin(h, page, "/contacts/%s/login-delete", c->key);
	form_button(h, "danger", "Delete the login");
	html_close(h);
	html_element(h, "p", "note", "Either logs the contact out at once. Deleted, its name and its second factor are gone, too.");
}

static int show_forms(struct request *r, unsigned status, const char *refused)
{
	struct contact c = {0};
	struct html *h = &r->body;
	char title[CELL_TEXT_MAX + 32];
	struct view_above above;
	struct page page;
	int rc = read_contact(r, &c);

	if (rc == 0) {
		snprintf(title, sizeof(title), "Web login of %s", data_named(&c.row, 0, "email"));
		request_page(r, &page, title);
		view_under_row(&page, view_of("contacts"), &c.row, &above);
		page_begin(h, &page);
		if (refused)
			page_message(h, MESSAGE_BAD, refused);
		html_element(h, "p", NULL,
				"A contact sees what belongs to its customer: groups, accounts, calls. It may set a new SIP password where a group has "
				"self-management, and change nothing else.");
		put_give(r, &page, &c);
		if (c.has_login)
			put_take(h, &page, &c);
		page_end(h, &page);
		rc = respond_page(r, status);
	}
	data_rows_free(&c.row);
	return rc;
}

static int get_forms(struct request *r)
{
	return show_forms(r, 200, NULL);
}

/* ---- the acts ---- */

static int show_given(struct request *r, const char *login, const char *password)
{
	char pages[ORIGIN_SIZE + 32];

	request_origin(r, pages, ORIGIN_SIZE);
	snprintf(pages + strlen(pages), sizeof(pages) - strlen(pages), "/siremis/user/login");
	return login_sheet(r, "Web login of a contact", view_of("contacts"), login, password, pages);
}

/* What the data layer said, as the page again. */
static int refuse(struct request *r, int rc)
{
	char sentence[512];

	if (rc == -ESTALE)
		return show_forms(r, 409,
				"Nothing was changed: this form has been sent already, or the login was changed since it was made. The password that was "
				"shown then is the one that counts.");
	if (rc != -EPERM && rc != -EEXIST)
		return rc;
	snprintf(sentence, sizeof(sentence), "%s", data_error(r->db)); /* the page asks the database anew */
	return show_forms(r, 409, sentence);
}

static int post_give(struct request *r)
{
	char password[SECRET_LENGTH + 1] = "", login[SESSION_WHO_SIZE];
	const struct contact_access access = {.login = param(r, "login"), .password = password, .drop_totp = *param(r, "drop") == '1',
			.version = param(r, VIEW_VERSION)};
	int rc = secret_generate(password);

	if (rc == 0)
		rc = contact_login_give(r->db, &r->scope, param(r, "key"), &access, login);
	rc = rc ? refuse(r, rc) : show_given(r, login, password);
	explicit_bzero(password, sizeof(password));
	return rc;
}

static int to_contact(struct request *r)
{
	struct url u;

	url_begin(&u, "/contacts");
	url_segment(&u, param(r, "key"));
	return respond_to(r, u.text);
}

static int post_disable(struct request *r)
{
	int rc = contact_login_disable(r->db, &r->scope, param(r, "key"));

	return rc ? rc : to_contact(r);
}

static int post_delete(struct request *r)
{
	int rc = contact_login_delete(r->db, &r->scope, param(r, "key"));

	return rc ? rc : to_contact(r);
}

static const struct field key_fields[] = {{"key", FIELD_NUMBER, 10}, {0}};
static const struct field give_fields[] = {{"key", FIELD_NUMBER, 10}, {"login", FIELD_TEXT, TYPED_MAX}, {"drop", FIELD_LINE, 1},
		{VIEW_VERSION, FIELD_NUMBER, 20}, {0}};

const struct route contact_routes[] = {
		ROUTE_GET("/contacts/:key/login", MAY_WRITERS, get_forms, .fields = give_fields),
		ROUTE_POST("/contacts/:key/login", MAY_WRITERS, post_give, .fields = give_fields),
		ROUTE_POST("/contacts/:key/login-disable", MAY_WRITERS, post_disable, .fields = key_fields),
		ROUTE_POST("/contacts/:key/login-delete", MAY_WRITERS, post_delete, .fields = key_fields),
		{0},
};
