/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A new account outside the groups: one that a product has for life, or another. Its password is made here and shown once. */
#include "page_choices.h"
#include "page_sell.h"
#include "respond.h"
#include "routes.h"

#include "data/accounts.h"
#include "live/reload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


static const struct {
	const char *name, *label, *help;
	bool required;
} inputs[] = {
		{"number", "Number", "1 to 18 digits, not in any group.", true},
		{"valid_until", "Ends", "UTC, YYYY-MM-DD HH:MM:SS; empty: it does not end.", false},
		{"product", "Product", "Of a factory account: the product that it belongs to for life.", false},
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

static const struct column *customer_column(void)
{
	return column_find(table_find("accounts"), "customer_id");
}

/* Customers by their names; where there are too many, one is typed. */
static void put_customer(struct request *r, const struct choice *customers, const char *problem)
{
	const struct view_field typed = {.name = VIEW_FIND "customer_id", .label = "Customer", .value = param(r, VIEW_FIND "customer_id"),
			.help = "Type the name, or how it begins; empty: nobody.", .problem = problem};
	const struct view_field chosen = {.name = "customer_id", .label = "Customer", .value = param(r, "customer_id"), .problem = problem};
	const struct data_rows *rows = customers->view.rows;
	const char *options[2 * DATA_PER_PAGE_MAX + 3];
	size_t n = 0;

	if (!rows) {
		view_input(&r->body, &typed);
		return;
	}
	options[n++] = "";
	options[n++] = "nobody";
	for (size_t i = 0; i < rows->count; i++) {
		options[n++] = data_key(rows, i);
		options[n++] = data_named(rows, i, "name");
	}
	options[n] = NULL;
	view_select(&r->body, &chosen, options);
}

static void put_fields(struct request *r, const struct choice *customers, const struct data_problems *problems)
{
	static const char *const kinds[] = {"other", "other: a test number, a temporary account", "factory", "factory: bound to one product", NULL};
	const struct view_field kind = {.name = "kind", .label = "Kind", .value = param(r, "kind")};

	for (size_t i = 0; i < INPUTS; i++) {
		const struct view_field f = {.name = inputs[i].name, .label = inputs[i].label, .help = inputs[i].help, .required = inputs[i].required,
				.value = param(r, inputs[i].name), .problem = problem_of(problems, inputs[i].name)};

		view_input(&r->body, &f);
		if (i == 0) {
			view_select(&r->body, &kind, kinds);
			put_customer(r, customers, problem_of(problems, "customer_id"));
		}
	}
}

static int show(struct request *r, unsigned status, const char *refused, const struct data_problems *problems, struct choice *customers)
{
	struct html *h = &r->body;
	struct page page;
	int rc = choice_read(r, customers, customer_column(), (const char *const[CHOICE_KEYS]){NULL, NULL, NULL});

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
	return rc;
}

static int get_new(struct request *r)
{
	struct choice *customers = calloc(1, sizeof(*customers));
	int rc = customers ? show(r, 200, NULL, NULL, customers) : -ENOMEM;

	if (customers)
		choice_free(customers);
	free(customers);
	return rc;
}

static const char *given(const struct request *r, const char *name)
{
	return *param(r, name) ? param(r, name) : NULL;
}

static int add(struct request *r, const struct choice *customer, struct number_sold *sold, struct data_problems *problems)
{
	const char *realm = r->web->settings.config.realm;
	char ha1[SECRET_HA1_SIZE], ha1b[SECRET_HA1_SIZE];
	const struct account_new n = {.number = param(r, "number"), .kind = param(r, "kind"), .valid_until = given(r, "valid_until"),
			.product = given(r, "product"), .serial = given(r, "serial"), .comment = given(r, "comment"),
			.customer = customer->key[0] ? strtoll(customer->key, NULL, 10) : param_number(r, "customer_id", 0),
			.realm = realm, .ha1 = ha1, .ha1b = ha1b};
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

/* What is wrong with the number and the customer, before anything is stored. 0 or -errno. */
static int check_typed(struct request *r, struct choice *customer, struct data_problems *problems)
{
	const struct column *number = column_find(table_find("accounts"), "number");
	struct data_problem *next = problems->list;
	char checked[CELL_TEXT_MAX + 1];
	int rc;

	if (column_check(number, param(r, "number"), checked, next->text))
		(next++)->column = number;
	rc = choice_find(r, customer, customer_column(), param(r, VIEW_FIND "customer_id"), next->text);
	if (rc == 0 && *next->text)
		(next++)->column = customer_column();
	problems->count = (size_t)(next - problems->list);
	return rc ? rc : problems->count ? -EINVAL : 0;
}

static int store(struct request *r, struct choice *customer, struct number_sold *one)
{
	struct live live = {.socket = r->web->settings.config.rpc_socket};
	const struct numbers_sold sold = {.at = one, .n = 1};
	struct data_problems problems = {0};
	int rc = check_typed(r, customer, &problems);

	if (rc == 0)
		rc = add(r, customer, one, &problems);
	if (rc == -EINVAL && problems.count)
		return show(r, 400, "Nothing was saved: what is marked below is not right yet.", &problems, customer);
	if (rc == -EPERM || rc == -EEXIST)
		return show(r, 409, data_error(r->db), NULL, customer);
	if (rc)
		return rc;
	if (*live.socket)
		live_accounts_changed(&live);
	return sell_sheet(r, "Credentials of the new account", view_of("accounts"), one->number, &sold);
}

static int post_new(struct request *r)
{
	struct choice *customer = calloc(1, sizeof(*customer));
	struct number_sold one = {0};
	int rc = customer ? 0 : -ENOMEM;

	if (strcmp(param(r, "kind"), "factory") != 0 && strcmp(param(r, "kind"), "other") != 0)
		rc = -EINVAL;
	if (rc == 0)
		rc = store(r, customer, &one);
	if (customer)
		choice_free(customer);
	free(customer);
	explicit_bzero(&one, sizeof(one));
	return rc;
}

static const struct field new_fields[] = {{"number", FIELD_TEXT, TYPED_MAX}, {"kind", FIELD_LINE, 16}, {"customer_id", FIELD_NUMBER, 10},
		{VIEW_FIND "customer_id", FIELD_TEXT, TYPED_MAX},
		{"valid_until", FIELD_TEXT, TYPED_MAX}, {"product", FIELD_TEXT, TYPED_MAX}, {"serial", FIELD_TEXT, TYPED_MAX},
		{"comment", FIELD_TEXT, TYPED_MAX}, {0}};

const struct route account_new_routes[] = {
		ROUTE_GET("/accounts/new", MAY_WRITERS, get_new, .fields = new_fields),
		ROUTE_POST("/accounts/new", MAY_WRITERS, post_new, .fields = new_fields),
		{0},
};
