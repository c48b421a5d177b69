/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Announcements: written, looked at with whom they would reach, sent; and read by whom they concern. */
#include "page_mail.h"
#include "page_tables.h"
#include "respond.h"
#include "routes.h"
#include "view.h"

#include "data/announcements.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANNOUNCEMENTS "/announcements"
#define NAMED_MAX     20 /* recipients that are named; of more, how many */

static struct announcement sent_announcement(const struct request *r)
{
	return (struct announcement){.kind = param(r, "kind"), .subject = param(r, "subject"), .text = param(r, "text"),
			.customer = param_number(r, "customer", 0), .mark = *param(r, "mark") ? param(r, "mark") : NULL};
}

static void begin(struct request *r, struct page *page, const char *title)
{
	request_page(r, page, title);
	view_under(page, view_of("announcements"));
	page_begin(&r->body, page);
	if (!r->web->settings.mail.configured)
		page_message(&r->body, MESSAGE_NOTE, "No mail server is configured: an announcement can be read here by whom it concerns, and its mails wait.");
}

/* ---- the form ---- */

static void put_kinds(struct request *r, const struct announcement_problems *p)
{
	static const char *const kinds[] = {"event", "Event", "evolution", "Evolution of the service", "intervention", "Intervention: works", NULL};

	view_select(&r->body, &(struct view_field){.name = "kind", .label = "What it is about", .value = param(r, "kind"),
			.problem = p->kind ? "is one of these" : NULL}, kinds);
}

/* All, or one of the customers. */
static int put_customers(struct request *r)
{
	struct data_rows rows = {0};
	int rc = data_list(r->db, &r->scope, table_find("customers"), &(struct data_query){.per_page = DATA_PER_PAGE_MAX}, &rows);
	const char **options = rc ? NULL : calloc(2 * rows.count + 3, sizeof(*options));

	if (options) {
		options[0] = "0";
		options[1] = "All customers";
		for (size_t i = 0; i < rows.count; i++) {
			options[2 * i + 2] = data_key(&rows, i);
			options[2 * i + 3] = data_named(&rows, i, "name");
		}
		view_select(&r->body, &(struct view_field){.name = "customer", .label = "For", .value = param(r, "customer"),
				.help = "It is mailed to their technical contacts, and their subscribers can read it."}, options);
	}
	free(options);
	data_rows_free(&rows);
	return rc;
}

static void put_text_field(struct html *h, const char *text, const char *problem)
{
	html_open(h, "div");
	html_attr(h, "class", "field");
	html_open(h, "label");
	html_attr(h, "for", "field-text");
	html_attr(h, "class", "needed");
	html_text(h, "Text");
	html_close(h);
	html_open(h, "textarea");
	html_attr(h, "id", "field-text");
	html_attr(h, "name", "text");
	html_attr(h, "rows", "12");
	html_flag(h, "required", true);
	html_attr(h, "aria-describedby", problem ? "problem-text" : NULL);
	html_attr(h, "aria-invalid", problem ? "true" : NULL);
	html_text(h, text);
	html_close(h);
	if (problem) {
		html_open(h, "span");
		html_attr(h, "class", "error");
		html_attr(h, "id", "problem-text");
		html_text(h, problem);
		html_close(h);
	}
	html_close(h);
}

static int show_form(struct request *r, unsigned status, const struct announcement_problems *p)
{
	struct html *h = &r->body;
	struct page page;
	int depth, rc;

	begin(r, &page, "New announcement");
	if (status != 200)
		page_message(h, MESSAGE_BAD, "Nothing was sent: what is marked below is not right yet.");
	depth = html_depth(h);
	html_open(h, "form");
	html_attr(h, "method", "post");
	html_url(h, "action", ANNOUNCEMENTS "/new");
	html_flag(h, "novalidate", true);
	form_token(h, &page);
	html_open(h, "fieldset");
	html_element(h, "legend", NULL, "Announcement");
	put_kinds(r, p);
	rc = put_customers(r);
	view_input(h, &(struct view_field){.name = "subject", .label = "Subject", .value = param(r, "subject"), .sentence = p->subject, .required = true});
	put_text_field(h, param(r, "text"), p->text);
	html_close(h);
	html_open(h, "p");
	html_attr(h, "class", "actions");
	form_button(h, NULL, "Look at it");
	html_open(h, "a");
	html_attr(h, "class", "button plain");
	html_url(h, "href", ANNOUNCEMENTS);
	html_text(h, "Cancel");
	html_close_to(h, depth);
	page_end(h, &page);
	return rc ? rc : respond_page(r, status);
}

static int get_new(struct request *r)
{
	return show_form(r, 200, &(struct announcement_problems){0});
}

/* ---- the preview ---- */

static void put_recipients(struct html *h, const json_t *list)
{
	size_t n = json_array_size(list), shown = n > NAMED_MAX ? NAMED_MAX : n;

	html_open(h, "h2");
	html_textf(h, "%zu recipient%s", n, n == 1 ? "" : "s");
	html_close(h);
	html_open(h, "ul");
	for (size_t i = 0; i < shown; i++) {
		const json_t *one = json_array_get(list, i);

		html_open(h, "li");
		html_element(h, "bdi", NULL, json_string_value(json_object_get(one, "email")));
		html_text(h, ", ");
		html_element(h, "bdi", NULL, json_string_value(json_object_get(one, "customer")));
		html_close(h);
	}
	if (n > shown) {
		html_open(h, "li");
		html_textf(h, "and %zu more", n - shown);
		html_close(h);
	}
	html_close(h);
}

/* The announcement again, for the form that sends it and for the one that changes it. */
static void put_hidden(struct html *h, const struct request *r, const char *mark)
{
	static const char *const names[] = {"kind", "customer", "subject"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		form_hidden(h, names[i], param(r, names[i]));
	form_hidden(h, "text", param(r, "text"));
	form_hidden(h, "mark", mark);
}

static void put_ways_on(struct html *h, const struct request *r, const struct page *page, const char *mark, size_t mails)
{
	html_open(h, "div");
	html_attr(h, "class", "actions");
	if (mails) {
		form_begin(h, page, ANNOUNCEMENTS "/new/send");
		put_hidden(h, r, mark);
		form_button(h, NULL, mails == 1 ? "Send 1 mail" : "Send the mails");
		html_close(h);
	}
	form_begin(h, page, ANNOUNCEMENTS "/new");
	put_hidden(h, r, "");
	form_hidden(h, "again", "1");
	form_button(h, "plain", "Change it");
	html_close(h);
	html_close(h);
}

static int show_preview(struct request *r, const json_t *recipients)
{
	char mark[ANNOUNCEMENT_MARK_SIZE];
	struct html *h = &r->body;
	struct page page;

	if (announcement_mark(mark) != 0)
		return -EIO;
	begin(r, &page, "Announce this?");
	html_open(h, "dl");
	html_attr(h, "class", "facts");
	html_element(h, "dt", NULL, "Subject");
	html_element(h, "dd", NULL, param(r, "subject"));
	html_element(h, "dt", NULL, "Text");
	html_open(h, "dd");
	html_element(h, "pre", "lines", param(r, "text"));
	html_close(h);
	html_close(h);
	put_recipients(h, recipients);
	put_ways_on(h, r, &page, mark, json_array_size(recipients));
	page_end(h, &page);
	return respond_page(r, 200);
}

static int post_new(struct request *r)
{
	const struct announcement a = sent_announcement(r);
	struct announcement_problems p = {0};
	json_t *recipients;
	int rc;

	if (*param(r, "again"))
		return show_form(r, 200, &p);
	if (announcement_check(&a, &p) != 0)
		return show_form(r, 400, &p);
	rc = announcement_recipients(r->db, &r->scope, a.customer, &recipients);
	if (rc == 0)
		rc = show_preview(r, recipients);
	json_decref(recipients);
	return rc;
}

static int post_send(struct request *r)
{
	const struct announcement a = sent_announcement(r);
	struct announcement_problems p;
	char path[48];
	long long id;
	size_t mails;
	int rc = announcement_check(&a, &p);

	if (rc)
		return show_form(r, 400, &p);
	rc = announcement_send(r->db, &r->scope, &a, &id, &mails);
	if (rc == -EEXIST)
		return respond_to(r, ANNOUNCEMENTS); /* the same form, once more */
	if (rc == -EPERM)
		return respond_error(r, 409, data_error(r->db));
	snprintf(path, sizeof(path), ANNOUNCEMENTS "/%lld", id);
	return rc ? rc : respond_to(r, path);
}

/* ---- routes ---- */

static const struct field key_fields[] = {{"key", FIELD_LINE, PAGE_KEY_MAX}, {0}};
static const struct field form_fields[] = {{"kind", FIELD_LINE, 64}, {"customer", FIELD_NUMBER, 10}, {"subject", FIELD_TEXT, TYPED_MAX},
		{"text", FIELD_TEXT, TYPED_MAX}, {"mark", FIELD_LINE, 32}, {"again", FIELD_LINE, 1}, {0}};

#define READ_ROUTES(path, who) \
	ROUTE_GET(path, who, page_table_list, .more = page_table_field, .about = "announcements"), \
			ROUTE_GET(path ".csv", who, page_table_csv, .more = page_table_field, .about = "announcements"), \
			ROUTE_GET(path "/:key", who, page_table_row, .fields = key_fields, .about = "announcements")

const struct route announcement_routes[] = {
		ROUTE_GET(ANNOUNCEMENTS "/new", MAY_WRITERS, get_new, .fields = form_fields),
		ROUTE_POST(ANNOUNCEMENTS "/new", MAY_WRITERS, post_new, .fields = form_fields),
		ROUTE_POST(ANNOUNCEMENTS "/new/send", MAY_WRITERS, post_send, .fields = form_fields),
		READ_ROUTES(ANNOUNCEMENTS, MAY_OPERATORS),
		READ_ROUTES("/siremis/user/announcements", MAY_SUBSCRIBER),
		{0},
};
