/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An account on the page of its customer's contact: where it is registered, its NAT; and, where its group has self-management, a new SIP
 * password, as the account's own login makes one.
 */
#include "page_account.h"
#include "page_sip_password.h"
#include "respond.h"
#include "routes.h"
#include "view.h"

#include "data/data.h"
#include "data/sip_password.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ACCOUNTS   "/customer/accounts"
#define PATH_SIZE  64
#define NUMBER_MAX 18

/* ---- below the facts of an account ---- */

static int put_registration(struct request *r, const char *number)
{
	struct data_rows row = {0};
	int rc = data_show(r->db, &r->scope, table_find("location"), number, &row);

	html_element(&r->body, "h2", NULL, "Registration");
	if (rc == 0)
		view_facts(&r->body, &r->scope, &row);
	else if (rc == -ENOENT)
		html_element(&r->body, "p", NULL, "It is not registered.");
	data_rows_free(&row);
	return rc == -ENOENT ? 0 : rc;
}

static int put_nat(struct request *r, const char *number)
{
	const struct data_query q = {.filters = {{"account", FILTER_IS, number}}, .filter_count = 1};
	struct data_rows rows = {0};
	int rc = data_list(r->db, &r->scope, table_find("nat"), &q, &rows);

	html_element(&r->body, "h2", NULL, "NAT or firewall");
	if (rows.count)
		view_table_of(&r->body, &r->scope, &rows, "account");
	else
		html_element(&r->body, "p", NULL, "Nothing is known: it has not been asked yet.");
	data_rows_free(&rows);
	return rc;
}

static void put_password(struct html *h, const struct view *v, const char *number)
{
	html_element(h, "h2", NULL, "SIP password");
	html_open(h, "p");
	html_attr(h, "class", "actions");
	view_button(h, v, number, "password", "button", "New SIP password");
	html_close(h);
}

int own_account_panel(struct request *r, const char *number)
{
	int rc = put_registration(r, number);

	if (rc == 0)
		rc = put_nat(r, number);
	if (rc == 0 && sip_password_may(r->db, &r->scope, number) == 0)
		put_password(&r->body, view_for(&r->scope, "accounts"), number);
	return rc;
}

/* ---- a new SIP password ---- */

static int show_password(struct request *r, const struct form_said *said)
{
	const char *number = param(r, "key");
	char title[PATH_SIZE], path[PATH_SIZE], account[PATH_SIZE];
	struct html *h = &r->body;
	struct page page;
	int rc = sip_password_may(r->db, &r->scope, number);

	if (rc)
		return rc;
	snprintf(title, sizeof(title), "SIP password of %.18s", number);
	snprintf(account, sizeof(account), ACCOUNTS "/%.18s", number);
	snprintf(path, sizeof(path), ACCOUNTS "/%.18s/password", number);
	request_page(r, &page, title);
	view_under(&page, view_for(&r->scope, "accounts"));
	page.up[1] = (struct page_up){account, account + strlen(ACCOUNTS) + 1};
	page_begin(h, &page);
	form_said_show(h, said);
	rc = sip_password_show(r, &page, number, path, said);
	page_end(h, &page);
	return rc ? rc : respond_page(r, said->status);
}

static int get_password(struct request *r)
{
	return show_password(r, &(struct form_said){.status = 200});
}

static int post_password(struct request *r)
{
	struct form_said said = {0};
	int rc = sip_password_may(r->db, &r->scope, param(r, "key"));

	if (rc == 0)
		rc = sip_password_post(r, param(r, "key"), &said);
	if (rc == 0)
		rc = show_password(r, &said);
	explicit_bzero(&said, sizeof(said));
	return rc;
}

static const struct field password_fields[] = {{"key", FIELD_NUMBER, NUMBER_MAX}, SIP_PASSWORD_FIELDS, {0}};

const struct route own_account_routes[] = {
		ROUTE_GET(ACCOUNTS "/:key/password", MAY_CONTACT, get_password, .fields = password_fields),
		ROUTE_POST(ACCOUNTS "/:key/password", MAY_CONTACT, post_password, .fields = password_fields),
		{0},
};
