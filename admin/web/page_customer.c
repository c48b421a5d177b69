/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A new customer, which comes with its first technical contact. */
#include "respond.h"
#include "routes.h"
#include "view.h"

#include "data/customers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The fields of the form, and the columns that judge them. */
static const struct {
	const char *name, *table, *column, *label, *type, *help;
	bool required;
} inputs[] = {
		{"name", "customers", "name", "Name", "text", NULL, true},
		{"comment", "customers", "comment", "Comment", "text", "Operators see it, the customer does not.", false},
		{"email", "contacts", "email", "E-mail", "email",
				"Announcements are mailed there.", true},
		{"contact", "contacts", "name", "Name", "text", NULL, false},
		{"phone", "contacts", "phone", "Phone", "tel", NULL, false},
};

#define INPUTS (sizeof(inputs) / sizeof(*inputs))

static const char *problem_of(const struct data_problems *p, size_t input)
{
	const struct column *c = column_find(table_find(inputs[input].table), inputs[input].column);

	for (size_t i = 0; p && i < p->count; i++) {
		if (p->list[i].column == c)
			return p->list[i].text;
	}
	return NULL;
}

/* Those that `table` judges. */
static void put_fields(struct request *r, const char *table, const char *legend, const struct data_problems *problems)
{
	html_open(&r->body, "fieldset");
	html_element(&r->body, "legend", NULL, legend);
	for (size_t i = 0; i < INPUTS; i++) {
		if (strcmp(inputs[i].table, table) != 0)
			continue;
		const struct view_field f = {.name = inputs[i].name, .label = inputs[i].label, .type = inputs[i].type, .help = inputs[i].help,
				.required = inputs[i].required, .value = param(r, inputs[i].name), .problem = problem_of(problems, i)};

		view_input(&r->body, &f);
	}
	html_close(&r->body);
}

static int show(struct request *r, unsigned status, const char *refused, const struct data_problems *problems)
{
	const struct view *v = view_of("customers");
	struct html *h = &r->body;
	struct page page;

	request_page(r, &page, "New customer");
	view_under(&page, v);
	page_begin(h, &page);
	if (refused)
		page_message(h, MESSAGE_BAD, refused);
	html_open(h, "form");
	html_attr(h, "method", "post");
	html_url(h, "action", "/customers/new");
	html_flag(h, "novalidate", true);
	form_token(h, &page);
	put_fields(r, "customers", "Customer", problems);
	put_fields(r, "contacts", "Technical contact", problems);
	html_open(h, "p");
	html_attr(h, "class", "actions");
	form_button(h, NULL, "Add");
	html_open(h, "a");
	html_attr(h, "class", "button plain");
	html_url_made(h, "href", v->path);
	html_text(h, "Cancel");
	html_close_to(h, html_depth(h) - 3);
	page_end(h, &page);
	return respond_page(r, status);
}

static int get_new(struct request *r)
{
	return show(r, 200, NULL, NULL);
}

static int post_new(struct request *r)
{
	const struct customer_new n = {param(r, "name"), param(r, "comment"), param(r, "email"), param(r, "contact"), param(r, "phone")};
	struct data_problems problems;
	char path[48];
	long long id;
	int rc = customer_add(r->db, &r->scope, &n, &problems, &id);

	if (rc == -EINVAL && problems.count)
		return show(r, 400, "Nothing was saved: what is marked below is not right yet.", &problems);
	if (rc == -EPERM || rc == -EEXIST)
		return show(r, 409, data_error(r->db), NULL);
	if (rc)
		return rc;
	snprintf(path, sizeof(path), "/customers/%lld", id);
	return respond_to(r, path);
}

static const struct field new_fields[] = {{"name", FIELD_TEXT, TYPED_MAX}, {"comment", FIELD_TEXT, TYPED_MAX},
		{"email", FIELD_TEXT, TYPED_MAX}, {"contact", FIELD_TEXT, TYPED_MAX}, {"phone", FIELD_TEXT, TYPED_MAX}, {0}};

const struct route customer_routes[] = {
		ROUTE_GET("/customers/new", MAY_WRITERS, get_new, .fields = new_fields),
		ROUTE_POST("/customers/new", MAY_WRITERS, post_new, .fields = new_fields),
		{0},
};
