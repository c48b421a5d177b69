/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A new account outside the groups: one that a product has for life, or another. Its password is made here and shown once. */
#include "page_sell.h"
#include "respond.h"
#include "routes.h"

#include "data/accounts.h"
#include "live/reload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CUSTOMERS_MAX DATA_PER_PAGE_MAX

static const struct {
	const char *name, *label, *help;
	bool required;
} inputs[] = {
		{"number", "Number", "1 to 18 digits, not in any group.", true},
		{"valid_until", "Ends", "UTC, YYYY-MM-DD HH:MM:SS; empty: it does not end.", false},
		{"product", "Product", "Of a factory account: what it is burnt into.", false},
		{"serial", "Serial number", NULL, false},
		{"comment", "Comment", "Operators see it, the customer does not.", false},
};

#define INPUTS (sizeof(inputs) / sizeof(*inputs))

static const char *problem_of(const struct data_problems *p, const char *column)
{
	for (size_t i = 0; p && i < p->count; i++) {
		if (!strcmp(p->list[i].column->name, column))
			return p->list[i].text;
	}
	return NULL;
}

/* Customers by their names, as options; `options` has room for all of a page, nobody and the end. */
static int find_customers(struct request *r, struct data_rows *rows, const char *options[2 * CUSTOMERS_MAX + 3])
{
	const struct data_query all = {.per_page = CUSTOMERS_MAX};
	int rc = data_list(r->db, &r->scope, table_find("customers"), &all, rows);
	size_t n = 0;

	options[n++] = "";
	options[n++] = "nobody";
	for (size_t i = 0; rc == 0 && i < rows->count && i < CUSTOMERS_MAX; i++) {
		options[n++] = data_key(rows, i);
		options[n++] = data_named(rows, i, "name");
	}
	options[n] = NULL;
	return rc;
}

static void put_fields(struct request *r, const char *const *customers, const struct data_problems *problems)
{
	static const char *const kinds[] = {"other", "other: a test number, a temporary account", "factory", "factory: bound to one product", NULL};
	const struct view_field kind = {.name = "kind", .label = "Kind", .value = param(r, "kind")};
	const struct view_field customer = {.name = "customer_id", .label = "Customer", .value = param(r, "customer_id")};

	for (size_t i = 0; i < INPUTS; i++) {
		const struct view_field f = {.name = inputs[i].name, .label = inputs[i].label, .help = inputs[i].help, .required = inputs[i].required,
				.value = param(r, inputs[i].name), .problem = problem_of(problems, inputs[i].name)};

		view_input(&r->body, &f);
		if (i == 0) {
			view_select(&r->body, &kind, kinds);
			view_select(&r->body, &customer, customers);
		}
	}
}

static int show(struct request *r, unsigned status, const char *refused, const struct data_problems *problems)
{
	const char **customers = calloc(2 * CUSTOMERS_MAX + 3, sizeof(*customers));
	struct html *h = &r->body;
	struct data_rows rows = {0};
	struct page page;
	int rc = customers ? find_customers(r, &rows, customers) : -ENOMEM;

	if (rc == 0) {
		request_page(r, &page, "New account");
		view_under(&page, view_of("accounts"));
		page_begin(h, &page);
		if (refused)
			page_message(h, MESSAGE_BAD, refused);
		html_element(h, "p", NULL, "For numbers outside the groups; those of a group are allocated on its page.");
		html_open(h, "form");
		html_attr(h, "method", "post");
		html_url(h, "action", "/accounts/new");
		html_flag(h, "novalidate", true);
		form_token(h, &page);
		html_open(h, "div");
		html_attr(h, "class", "panel");
		put_fields(r, customers, problems);
		html_close(h);
		html_open(h, "p");
		html_attr(h, "class", "actions");
		form_button(h, NULL, "Add");
		html_open(h, "a");
		html_attr(h, "class", "button plain");
		html_url(h, "href", "/accounts");
		html_text(h, "Cancel");
		html_close_to(h, html_depth(h) - 3);
		page_end(h, &page);
		rc = respond_page(r, status);
	}
	data_rows_free(&rows);
	free(customers);
	return rc;
}

static int get_new(struct request *r)
{
	return show(r, 200, NULL, NULL);
}

/* "" is none. */
static const char *given(const struct request *r, const char *name)
{
	return *param(r, name) ? param(r, name) : NULL;
}

static int add(struct request *r, struct number_sold *sold, struct data_problems *problems)
{
	const char *realm = r->web->settings.config.realm;
	char ha1[SECRET_HA1_SIZE], ha1b[SECRET_HA1_SIZE];
	const struct account_new n = {.number = param(r, "number"), .kind = param(r, "kind"), .valid_until = given(r, "valid_until"),
			.product = given(r, "product"), .serial = given(r, "serial"), .comment = given(r, "comment"),
			.customer = param_number(r, "customer_id", 0), .realm = realm, .ha1 = ha1, .ha1b = ha1b};
	int rc = secret_generate(sold->password);

	if (rc)
		return rc;
	snprintf(sold->number, sizeof(sold->number), "%s", n.number);
	secret_ha1(n.number, realm, sold->password, ha1, ha1b);
	rc = account_add(r->db, &r->scope, &n, problems);
	explicit_bzero(ha1, sizeof(ha1));
	explicit_bzero(ha1b, sizeof(ha1b));
	return rc;
}

static int post_new(struct request *r)
{
	struct live live = {.socket = r->web->settings.config.rpc_socket};
	const struct column *number = column_find(table_find("accounts"), "number");
	struct data_problems problems = {0};
	struct number_sold one = {0};
	const struct numbers_sold sold = {.at = &one, .n = 1};
	char checked[CELL_TEXT_MAX + 1];
	int rc;

	if (strcmp(param(r, "kind"), "factory") != 0 && strcmp(param(r, "kind"), "other") != 0)
		return -EINVAL;
	if (column_check(number, param(r, "number"), checked, problems.list[0].text)) {
		problems.list[0].column = number;
		problems.count = 1;
		return show(r, 400, "Nothing was saved: what is marked below is not right yet.", &problems);
	}
	rc = add(r, &one, &problems);
	if (rc == -EINVAL && problems.count)
		rc = show(r, 400, "Nothing was saved: what is marked below is not right yet.", &problems);
	else if (rc == -EPERM || rc == -EEXIST)
		rc = show(r, 409, data_error(r->db), NULL);
	else if (rc == 0) {
		if (*live.socket)
			live_accounts_changed(&live);
		rc = sell_sheet(r, "Credentials of the new account", view_of("accounts"), one.number, &sold);
	}
	explicit_bzero(&one, sizeof(one));
	return rc;
}

static const struct field new_fields[] = {{"number", FIELD_TEXT, TYPED_MAX}, {"kind", FIELD_LINE, 16}, {"customer_id", FIELD_NUMBER, 10},
		{"valid_until", FIELD_TEXT, TYPED_MAX}, {"product", FIELD_TEXT, TYPED_MAX}, {"serial", FIELD_TEXT, TYPED_MAX},
		{"comment", FIELD_TEXT, TYPED_MAX}, {0}};

const struct route account_new_routes[] = {
		ROUTE_GET("/accounts/new", MAY_WRITERS, get_new, .fields = new_fields),
		ROUTE_POST("/accounts/new", MAY_WRITERS, post_new, .fields = new_fields),
		{0},
};
