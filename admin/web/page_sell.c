/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What hands out passwords: numbers of a group, new passwords of an account. They are shown once, on a sheet that can be printed;
 * afterwards nobody can read them.
 */
#include "page_sell.h"
#include "respond.h"
#include "routes.h"
#include "view.h"

#include "data/data.h"
#include "data/numbers.h"
#include "data/password_mark.h"
#include "live/reload.h"
#include "policy/number.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the sheet ---- */

static void put_fact(struct html *h, const char *label, const char *class_name, const char *value)
{
	html_element(h, "dt", NULL, label);
	html_element(h, "dd", class_name, value);
}

/* What a sheet says beside the passwords. */
struct sheet {
	bool sip, web; /* there is a password of that kind on it */
	char customer[CELL_TEXT_MAX + 1];
	char prefix[8]; /* of the group; "": outside of any */
	bool hunting;
};

static void copy_cell(char *out, size_t size, const struct data_rows *rows, const char *column)
{
	const char *value = data_named(rows, 0, column);

	snprintf(out, size, "%s", value ? value : "");
}

/* What cannot be read is left out: the passwords are made, and seen now or never. */
static void read_sheet(struct request *r, const struct numbers_sold *sold, struct sheet *s)
{
	struct data_rows account = {0}, group = {0};
	char hunting[8] = "";

	*s = (struct sheet){0};
	for (size_t i = 0; i < sold->n; i++) {
		s->sip = s->sip || *sold->at[i].password;
		s->web = s->web || *sold->at[i].web_password;
	}
	if (sold->n && data_show(r->db, &r->scope, table_find("accounts"), sold->at[0].number, &account) == 0) {
		copy_cell(s->customer, sizeof(s->customer), &account, "customer");
		copy_cell(s->prefix, sizeof(s->prefix), &account, "prefix");
	}
	if (*s->prefix && data_show(r->db, &r->scope, table_find("groups"), s->prefix, &group) == 0)
		copy_cell(hunting, sizeof(hunting), &group, "hunting");
	s->hunting = *hunting == '1';
	data_rows_free(&account);
	data_rows_free(&group);
}

static void put_sold(struct html *h, const struct sheet *s, const struct number_sold *n)
{
	html_open(h, "section");
	html_attr(h, "class", "sheet");
	html_open(h, "h2");
	html_text(h, n->number);
	if (n->hunting)
		html_element(h, "span", "badge quiet", "hunting series");
	html_close(h);
	html_open(h, "dl");
	html_attr(h, "class", "facts");
	put_fact(h, "SIP number", "code", n->number);
	if (*s->prefix && strncmp(n->number, s->prefix, strlen(s->prefix)) == 0)
		put_fact(h, "Within the group", NULL, n->number + strlen(s->prefix));
	if (*n->password)
		put_fact(h, "SIP password", "code", n->password);
	if (*n->web_password)
		put_fact(h, "Web password", "code", n->web_password);
	html_close(h);
	html_close(h);
}

static void put_fact_if(struct html *h, const char *label, const char *value)
{
	if (*value)
		put_fact(h, label, NULL, value);
}

/* Whose it is, and the names and addresses that an agent is given: as configured. */
static void put_service(struct request *r, const struct sheet *s)
{
	const struct settings_text *t = &r->web->settings.text;
	char stun[2 * CONFIG_VALUE_MAX + 8], hunting[48], pages[ORIGIN_SIZE + 32];
	struct html *h = &r->body;

	snprintf(stun, sizeof(stun), "%s, port %s", t->sip_addresses, t->stun_port);
	snprintf(hunting, sizeof(hunting), "%s6000, within the group 6000", s->prefix);
	request_origin(r, pages, ORIGIN_SIZE);
	snprintf(pages + strlen(pages), sizeof(pages) - strlen(pages), "/siremis/user/login");
	html_open(h, "dl");
	html_attr(h, "class", "facts");
	put_fact_if(h, "Customer", s->customer);
	if (s->sip) {
		put_fact_if(h, "SIP server", t->sip_addresses);
		put_fact_if(h, "Ports", t->sip_ports);
		put_fact_if(h, "STUN server", *t->sip_addresses && *t->stun_port ? stun : "");
		put_fact_if(h, "Hunting number", s->hunting ? hunting : "");
	}
	put_fact_if(h, "Subscriber pages", s->web && *pages != '/' ? pages : "");
	put_fact_if(h, "Support", t->support_contact);
	html_close(h);
}

int sell_sheet(struct request *r, const char *title, const struct view *v, const char *key, const struct numbers_sold *sold)
{
	struct html *h = &r->body;
	struct sheet sheet;
	struct page page;

	read_sheet(r, sold, &sheet);
	request_page(r, &page, title);
	page_begin(h, &page);
	page_message(h, MESSAGE_NOTE, "These passwords are shown now and never again: print this page, or write them down.");
	html_open(h, "p");
	html_attr(h, "class", "actions");
	page_print_button(h);
	view_button(h, v, key, NULL, "button plain", "Done");
	html_close(h);
	put_service(r, &sheet);
	for (size_t i = 0; i < sold->n; i++)
		put_sold(h, &sheet, &sold->at[i]);
	if (sheet.web)
		html_element(h, "p", NULL, "The web password is for the subscriber's own pages; the login is the number.");
	page_end(h, &page);
	return respond_page(r, 200);
}

/* Kamailio learns of new accounts by itself within three seconds; told, at once. */
static void tell_kamailio(struct request *r)
{
	struct live live = {.socket = r->web->settings.config.rpc_socket};

	if (*live.socket)
		live_accounts_changed(&live);
}

/* ---- numbers of a group ---- */

/* The last sequence that was given; 5000: none yet. */
static long last_given(const struct data_rows *group)
{
	const char *last = data_named(group, 0, "last_seq");

	return last && *last ? strtol(last, NULL, 10) : AETA_SEQ_REGULAR;
}

static void put_group_sentence(struct html *h, const struct data_rows *row)
{
	const char *hunting = data_named(row, 0, "hunting"), *web = data_named(row, 0, "self_management");

	html_open(h, "p");
	html_textf(h, "The next number is %s%ld.", data_key(row, 0), last_given(row) + 1);
	if (hunting && *hunting == '1')
		html_text(h, " The group hunts, so each number comes with its twin in the hunting series.");
	if (web && *web == '1')
		html_text(h, " The group has self-management, so each number comes with a web password, too.");
	html_close(h);
}

static int show_numbers_form(struct request *r, unsigned status, const char *refused, const char *problem)
{
	const struct view *v = view_of("groups");
	const struct view_field count = {.name = "count", .label = "Quantity", .type = "number", .value = status == 200 ? "1" : param(r, "count"),
			.help = "At most 50 at a time.", .problem = problem, .required = true};
	struct data_rows row = {0};
	struct html *h = &r->body;
	char title[CELL_TEXT_MAX], after[24];
	struct view_above above;
	struct page page;
	int rc = data_show(r->db, &r->scope, view_table(v), param(r, "key"), &row);

	if (rc == 0) {
		snprintf(title, sizeof(title), "Allocate numbers of group %s", data_key(&row, 0));
		request_page(r, &page, title);
		view_under_row(&page, v, &row, &above);
		page_begin(h, &page);
		if (refused)
			page_message(h, MESSAGE_BAD, refused);
		put_group_sentence(h, &row);
		form_begin(h, &page, "/groups/%s/numbers", data_key(&row, 0));
		snprintf(after, sizeof(after), "%ld", last_given(&row));
		form_hidden(h, "after", after);
		html_open(h, "div");
		html_attr(h, "class", "panel");
		view_input(h, &count);
		html_close(h);
		html_open(h, "p");
		html_attr(h, "class", "actions");
		form_button(h, NULL, "Allocate");
		view_button(h, v, data_key(&row, 0), NULL, "button plain", "Cancel");
		html_close_to(h, html_depth(h) - 2);
		page_end(h, &page);
		rc = respond_page(r, status);
	}
	data_rows_free(&row);
	return rc;
}

static int get_numbers(struct request *r)
{
	return show_numbers_form(r, 200, NULL, NULL);
}

static int post_numbers(struct request *r)
{
	long prefix = strtol(param(r, "key"), NULL, 10), count = (long)param_number(r, "count", 0), after = (long)param_number(r, "after", -1);
	struct numbers_sold sold;
	char title[NUMBERS_MAX + 64];
	int rc;

	if (count < 1 || count > NUMBERS_MAX)
		return show_numbers_form(r, 400, NULL, "is a number from 1 to 50");
	rc = numbers_sell(r->db, &r->scope, r->web->settings.config.realm, prefix, count, after, &sold);
	if (rc == -ESTALE)
		return show_numbers_form(r, 409, "Numbers of this group have been allocated since this form was made, perhaps by sending it twice.", NULL);
	if (rc == -EPERM)
		return show_numbers_form(r, 409, data_error(r->db), NULL);
	if (rc)
		return rc;
	tell_kamailio(r);
	snprintf(title, sizeof(title), "Credentials of group %ld: %ld number%s", prefix, count, count == 1 ? "" : "s");
	rc = sell_sheet(r, title, view_of("groups"), param(r, "key"), &sold);
	numbers_forget(&sold);
	return rc;
}

/* ---- new passwords of an account ---- */

/* The two kinds, with what is said of them. */
static void put_renew_forms(struct html *h, const struct page *page, const char *number, const char *mark)
{
	static const struct {
		const char *which, *head, *about, *label;
	} kinds[] = {{"sip", "SIP password", "The agent registers with it. The old one stops at once: the agent is off until it has the new one.",
				     "Make a new SIP password"},
			{"web", "Web password", "It opens the subscriber's own pages, where the group has self-management. Sessions with the old one end.",
					"Make a new web password"}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		html_element(h, "h2", NULL, kinds[i].head);
		html_element(h, "p", NULL, kinds[i].about);
		form_begin(h, page, "/accounts/%s/password", number);
		form_hidden(h, "mark", mark);
		form_hidden(h, "which", kinds[i].which);
		form_button(h, "danger", kinds[i].label);
		html_close(h);
	}
}

static int show_password_forms(struct request *r, unsigned status, const char *refused)
{
	const struct view *v = view_of("accounts");
	struct data_rows row = {0};
	struct html *h = &r->body;
	char title[CELL_TEXT_MAX], mark[PASSWORD_MARK_SIZE];
	struct view_above above;
	struct page page;
	int rc = data_show(r->db, &r->scope, view_table(v), param(r, "key"), &row);

	if (rc == 0)
		rc = password_mark(r->db, &r->scope, data_key(&row, 0), mark);
	if (rc == 0) {
		snprintf(title, sizeof(title), "New passwords of %s", data_key(&row, 0));
		request_page(r, &page, title);
		view_under_row(&page, v, &row, &above);
		page_begin(h, &page);
		if (refused)
			page_message(h, MESSAGE_BAD, refused);
		put_renew_forms(h, &page, data_key(&row, 0), mark);
		page_end(h, &page);
		rc = respond_page(r, status);
	}
	data_rows_free(&row);
	return rc;
}

static int get_password(struct request *r)
{
	return show_password_forms(r, 200, NULL);
}

static int post_password(struct request *r)
{
	bool web = !strcmp(param(r, "which"), "web");
	struct numbers_sold sold;
	char title[96];
	int rc;

	if (!web && strcmp(param(r, "which"), "sip") != 0)
		return -EINVAL;
	rc = numbers_renew(r->db, &r->scope, r->web->settings.config.realm, param(r, "key"), web, param(r, "mark"), &sold);
	if (rc == -ENOENT && web)
		return respond_error(r, 409, data_error(r->db)); /* its group has no self-management */
	if (rc == -ESTALE)
		return show_password_forms(r, 409,
				"Nothing was changed: this form has been sent already, or a password of this account was changed since it was made. "
				"The password that was shown then is the one that counts.");
	if (rc)
		return rc;
	tell_kamailio(r);
	snprintf(title, sizeof(title), "New credentials of %.40s", param(r, "key"));
	rc = sell_sheet(r, title, view_of("accounts"), param(r, "key"), &sold);
	numbers_forget(&sold);
	return rc;
}

static const struct field get_fields[] = {{"key", FIELD_LINE, 24}, {0}};
static const struct field numbers_fields[] = {{"key", FIELD_NUMBER, 4}, {"count", FIELD_TEXT, TYPED_MAX}, {"after", FIELD_NUMBER, 8}, {0}};
static const struct field password_fields[] = {{"key", FIELD_NUMBER, 18}, {"which", FIELD_LINE, 8}, {"mark", FIELD_NUMBER, 20}, {0}};

const struct route sell_routes[] = {
		ROUTE_GET("/groups/:key/numbers", MAY_WRITERS, get_numbers, .fields = numbers_fields),
		ROUTE_POST("/groups/:key/numbers", MAY_WRITERS, post_numbers, .fields = numbers_fields),
		ROUTE_GET("/accounts/:key/password", MAY_WRITERS, get_password, .fields = get_fields),
		ROUTE_POST("/accounts/:key/password", MAY_WRITERS, post_password, .fields = password_fields),
		{0},
};
