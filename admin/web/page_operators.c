/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who runs the service: made, changed and deleted by admins, who prove with their own password that it is still they who sit there. A
 * password is made here and shown once. Nobody changes their own access, so that one admin is always left.
 */
#include "login.h"
#include "respond.h"
#include "routes.h"
#include "view.h"

#include "data/operators.h"
#include "data/passwords.h"
#include "data/secret.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* One page with one form, and what was wrong with what it sent. */
struct act {
	const char *path; /* behind /operators/KEY, "" for a new one */
	const char *title, *button;
	const char *class_name; /* of the button */
	const char *about;
	bool is_new, sets_access, has_password;
	int (*make)(struct request *r, const char *login, const char *password);
};

struct change {
	struct request *r;
	const struct act *act;
	const char *login;
	char password[SECRET_LENGTH + 1];
};

/* ---- the form ---- */

static void put_role(struct html *h, const char *chosen)
{
	static const char *const roles[] = {"viewer", "viewer: reads", "support", "support: sells and helps", "admin", "admin: everything", NULL};
	const struct view_field f = {.name = "role", .label = "Role", .value = chosen};

	view_select(h, &f, roles);
}

static void put_fields(struct request *r, const struct act *act, const struct data_rows *row)
{
	const struct view_field login = {.name = "login", .label = "Login name", .value = act->is_new ? param(r, "login") : NULL, .required = true,
			.help = "Lower-case letters, digits and . _ @ -"};
	const struct view_field name = {.name = "name", .label = "Name", .value = act->is_new ? param(r, "name") : NULL};
	const char *enabled = row ? data_named(row, 0, "enabled") : NULL;
	struct html *h = &r->body;

	if (act->is_new) {
		view_input(h, &login);
		view_input(h, &name);
	}
	if (act->is_new || act->sets_access)
		put_role(h, row ? data_named(row, 0, "role") : param(r, "role"));
	if (act->sets_access) {
		login_switch(h, "enabled", "Enabled", "Off: logged out at once, and no further login.", enabled && *enabled == '1');
		login_switch(h, "drop", "Remove the second factor", "Where the app is lost: the next login is by password alone.", false);
	}
}

static void put_form(struct request *r, const struct page *page, const struct act *act, const struct data_rows *row, const char *wrong)
{
	const struct view_field now = {.name = "now", .label = "Your own password", .type = "password", .required = true,
			.autocomplete = "current-password", .help = "To be sure that it is you.", .sentence = wrong};
	const char *key = row ? data_key(row, 0) : NULL;
	struct html *h = &r->body;
	struct url u;

	url_begin(&u, "/operators");
	if (key)
		url_segment(&u, key);
	url_segment(&u, act->path);
	html_open(h, "form");
	html_attr(h, "method", "post");
	html_url_made(h, "action", u.text);
	html_flag(h, "novalidate", true);
	form_token(h, page);
	if (row)
		form_hidden(h, VIEW_VERSION, wrong ? param(r, VIEW_VERSION) : data_version(row, 0)); /* a wrong password shows nothing new of it */
	html_open(h, "div");
	html_attr(h, "class", "panel");
	put_fields(r, act, row);
	view_input(h, &now);
	html_close(h);
	html_open(h, "p");
	html_attr(h, "class", "actions");
	form_button(h, act->class_name, act->button);
	html_open(h, "a");
	html_attr(h, "class", "button plain");
	html_url_made(h, "href", page->up[1].path ? page->up[1].path : "/operators");
	html_text(h, "Cancel");
	html_close_to(h, html_depth(h) - 3);
}

/* `refused` stands over the form, `wrong` at the own password. */
static int show_form(struct request *r, unsigned status, const char *refused, const char *wrong)
{
	const struct act *act = r->route->about;
	struct data_rows row = {0};
	struct view_above above;
	char title[128];
	struct page page;
	int rc = act->is_new ? 0 : data_show(r->db, &r->scope, table_find("operators"), param(r, "key"), &row);

	if (rc == 0) {
		snprintf(title, sizeof(title), "%s%s%.64s", act->title, act->is_new ? "" : " ", act->is_new ? "" : data_key(&row, 0));
		request_page(r, &page, title);
		view_under(&page, view_of("operators"));
		if (!act->is_new)
			view_under_row(&page, view_of("operators"), &row, &above);
		page_begin(&r->body, &page);
		if (refused)
			page_message(&r->body, MESSAGE_BAD, refused);
		if (act->about)
			html_element(&r->body, "p", NULL, act->about);
		put_form(r, &page, act, act->is_new ? NULL : &row, wrong);
		page_end(&r->body, &page);
		rc = respond_page(r, status);
	}
	data_rows_free(&row);
	return rc;
}

static int get_form(struct request *r)
{
	return show_form(r, 200, NULL, NULL);
}

/* ---- the act ---- */

/* 0: it is the password of whoever asks; 1: answered; or -errno. */
static int confirm(struct request *r)
{
	struct login_try t = login_of(r, r->session.who, param(r, "now"));
	char sentence[160];
	unsigned wait_s;
	int rc = login_confirm(r->db, &t, &r->session, &wait_s);

	if (rc != -EACCES && rc != -EBUSY)
		return rc;
	login_confirm_sentence(rc, wait_s, "your own password", sentence);
	rc = show_form(r, rc == -EBUSY ? 429 : 403, "Nothing was changed: see what is marked below.", sentence);
	return rc ? rc : 1;
}

static int finish(struct request *r, const struct change *c)
{
	if (c->act->has_password)
		return login_sheet(r, "New password of an operator", view_of("operators"), c->login, c->password, NULL);
	return respond_to(r, "/operators");
}

static int post_form(struct request *r)
{
	struct change c = {.r = r, .act = r->route->about};
	int rc;

	c.login = c.act->is_new ? param(r, "login") : param(r, "key");
	if (!c.act->is_new && !strcmp(c.login, r->session.who))
		return show_form(r, 409, "That is your own login: another admin does that. Your password and second factor are at your name, above.",
				NULL);
	rc = confirm(r);
	if (rc)
		return rc < 0 ? rc : 0;
	rc = c.act->has_password ? secret_generate(c.password) : 0;
	if (rc == 0)
		rc = c.act->make(r, c.login, c.password);
	if (rc == -EPERM || rc == -EEXIST)
		rc = show_form(r, 409, data_error(r->db), NULL);
	else if (rc == -ESTALE)
		rc = show_form(r, 409, "Somebody else has changed this while you had it open, or this form has been sent already: nothing was changed now.",
				NULL);
	else if (rc == 0)
		rc = finish(r, &c);
	explicit_bzero(c.password, sizeof(c.password));
	return rc;
}

static int make_new(struct request *r, const char *login, const char *password)
{
	enum role role = role_of(param(r, "role"));

	return role == ROLE_NONE ? -EINVAL : operator_add(r->db, &r->scope, login, param(r, "name"), role, password);
}

static int make_access(struct request *r, const char *login, const char *password)
{
	const struct operator_change change = {.role = role_of(param(r, "role")), .enabled = *param(r, "enabled") == '1',
			.drop_totp = *param(r, "drop") == '1', .version = param(r, VIEW_VERSION)};

	(void)password;
	return change.role == ROLE_NONE ? -EINVAL : operator_set(r->db, &r->scope, login, &change, 0);
}

/* The page that shows a password, loaded again, makes no other: the row has changed since its form was made. */
static int make_password(struct request *r, const char *login, const char *password)
{
	return operator_password(r->db, &r->scope, login, param(r, VIEW_VERSION), password, 0);
}

static int make_delete(struct request *r, const char *login, const char *password)
{
	(void)password;
	return operator_delete(r->db, &r->scope, login, param(r, VIEW_VERSION));
}

static const struct act act_new = {.path = "new", .title = "New operator", .button = "Add", .is_new = true,
		.has_password = true, .make = make_new, .about = "The password is made here and shown once."};
static const struct act act_access = {.path = "access", .title = "Role and access of", .button = "Save",
		.sets_access = true, .make = make_access, .about = "The sessions end; from the next login on what is set here counts."};
static const struct act act_password = {.path = "password", .title = "New password of", .button = "Make a new password",
		.class_name = "danger", .has_password = true, .make = make_password,
		.about = "The old password stops at once, and the sessions end."};
static const struct act act_delete = {.path = "delete", .title = "Delete operator", .button = "Delete", .class_name = "danger",
		.make = make_delete, .about = "The login and its sessions go. What it did stays in the audit."};

static const struct field new_fields[] = {{"login", FIELD_TEXT, TYPED_MAX}, {"name", FIELD_TEXT, TYPED_MAX}, {"role", FIELD_LINE, 16},
		{"now", FIELD_SECRET, TYPED_MAX}, {0}};
static const struct field key_fields[] = {{"key", FIELD_LINE, 64}, {"now", FIELD_SECRET, TYPED_MAX}, {VIEW_VERSION, FIELD_LINE, 32}, {0}};
static const struct field access_fields[] = {{"key", FIELD_LINE, 64}, {"now", FIELD_SECRET, TYPED_MAX}, {"role", FIELD_LINE, 16},
		{"enabled", FIELD_LINE, 1}, {"drop", FIELD_LINE, 1}, {VIEW_VERSION, FIELD_LINE, 32}, {0}};

#define ACT_ROUTES(path, act, fields_) \
	ROUTE_GET(path, MAY_ADMIN, get_form, .fields = fields_, .about = &(act)), ROUTE_POST(path, MAY_ADMIN, post_form, .fields = fields_, .about = &(act))

const struct route operator_routes[] = {
		ACT_ROUTES("/operators/new", act_new, new_fields),
		ACT_ROUTES("/operators/:key/access", act_access, access_fields),
		ACT_ROUTES("/operators/:key/password", act_password, key_fields),
		ACT_ROUTES("/operators/:key/delete", act_delete, key_fields),
		{0},
};
