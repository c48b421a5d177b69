/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What single tables add to their pages. */
#include "page_account.h"
#include "page_tables.h"
#include "view.h"

#include "data/causes.h"

#include <stdio.h>
#include <string.h>

/* What can be done with a row beside editing and deleting it. */
static const struct {
	const char *table, *page, *label;
	unsigned by;
} buttons[] = {
		{"groups", "numbers", "Allocate numbers", BY_STAFF},
		{"accounts", "password", "New passwords", BY_STAFF},
		{"operators", "access", "Role and access", BY_ADMIN},
		{"operators", "password", "New password", BY_ADMIN},
		{"operators", "delete", "Delete", BY_ADMIN},
};

void page_table_head(struct request *r, const struct data_rows *row)
{
	const char *table = row->table->name, *key = data_key(row, 0);
	struct html *h = &r->body;
	int depth = html_depth(h);

	html_open(h, "p");
	html_attr(h, "class", "actions");
	for (size_t i = 0; i < sizeof(buttons) / sizeof(*buttons); i++) {
		if (!strcmp(table, buttons[i].table) && scope_may(&r->scope, buttons[i].by))
			view_button(h, view_of(table), key, buttons[i].page, "button", buttons[i].label);
	}
	html_close_to(h, depth);
}

/* What the cause of an attempt means, and what to do: as `aetactl why` says it. */
static void put_cause(struct html *h, const struct data_rows *row)
{
	const char *word = data_named(row, 0, "cause");
	const struct cause *cause = word ? cause_find(word) : NULL;

	if (!cause)
		return;
	html_element(h, "h2", NULL, "What this means");
	html_element(h, "p", NULL, cause->means);
	if (*cause->advice)
		html_element(h, "p", NULL, cause->advice);
}

/* Records of the number of an account: calls, attempts. */
static void put_records(struct html *h, const char *number)
{
	static const struct {
		const char *path, *filter, *label;
	} links[] = {{"/cdrs", "f.caller", "Calls that it made"}, {"/cdrs", "f.final", "Calls that it answered"},
			{"/blocked", "f.account", "What was blocked or failed"}, {"/nat", "f.account", "NAT or firewall"}};
	struct url u;

	html_element(h, "h2", NULL, "Records");
	html_open(h, "ul");
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		url_begin(&u, links[i].path);
		url_add(&u, links[i].filter, number);
		html_open(h, "li");
		html_open(h, "a");
		html_url_made(h, "href", u.text);
		html_text(h, links[i].label);
		html_close(h);
		html_close(h);
	}
	html_close(h);
}

int page_table_more(struct request *r, const struct data_rows *row)
{
	int rc = 0;

	if (!strcmp(row->table->name, "attempts"))
		put_cause(&r->body, row);
	if (!strcmp(row->table->name, "accounts")) {
		rc = account_panel(r, data_key(row, 0));
		put_records(&r->body, data_key(row, 0));
	}
	return rc;
}
