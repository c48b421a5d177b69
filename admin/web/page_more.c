/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What single tables add to their pages. */
#include "page_account.h"
#include "page_mail.h"
#include "page_redial.h"
#include "page_relays.h"
#include "page_tables.h"
#include "view.h"

#include "data/causes.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

const struct view_act page_table_acts[] = {
		{"groups", "numbers", "Allocate numbers", "button plain", BY_STAFF},
		{"accounts", "password", "New passwords", "button plain", BY_STAFF},
		{"contacts", "login", "Web login", "button plain", BY_STAFF},
		{"operators", "access", "Role and access", "button plain", BY_ADMIN},
		{"operators", "password", "New password", "button plain", BY_ADMIN},
		{"operators", "delete", "Delete", "button plain danger", BY_ADMIN},
		{0},
};

/* Words of aetactl, which are part of a line there. */
static void put_sentence(struct html *h, const char *words)
{
	html_open(h, "p");
	html_textf(h, "%c%s.", toupper((unsigned char)*words), words + 1);
	html_close(h);
}

/* What to do about the cause of an attempt, which the facts name: as `aetactl why` says it. */
static void put_cause(struct html *h, const struct data_rows *row)
{
	const char *word = data_named(row, 0, "cause");
	const struct cause *cause = word ? cause_find(word) : NULL;

	if (!cause || !*cause->advice)
		return;
	html_element(h, "h2", NULL, "What to do");
	put_sentence(h, cause->advice);
}

/* Records of the number of an account: calls, attempts. */
static void put_records(struct html *h, const struct scope *s, const char *number)
{
	static const struct {
		const char *table, *filter, *label;
	} links[] = {{"cdrs", "f.caller", "Calls that it made"}, {"cdrs", "f.final", "Calls that it answered"},
			{"failures", "f.account", "What was blocked or failed"}, {"nat", "f.account", "NAT or firewall"}};
	struct url u;

	html_element(h, "h2", NULL, "Records");
	html_open(h, "ul");
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		url_begin(&u, view_for(s, links[i].table)->path);
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

int page_table_above(struct request *r, const struct page *page, const char *table)
{
	int rc = mail_above(r, page, table);

	return rc ? rc : relays_warning(r, table);
}

int page_table_more(struct request *r, const struct data_rows *row)
{
	bool operators = scope_may(&r->scope, BY_OPERATORS);
	int rc = relays_warning(r, row->table->name);

	if (!strcmp(row->table->name, "failures") && operators)
		put_cause(&r->body, row); /* which only operators can follow */
	if (!strcmp(row->table->name, "mails"))
		mail_panel(r, row);
	if (!strcmp(row->table->name, "redial"))
		redial_panel(r, row);
	if (!strcmp(row->table->name, "accounts")) {
		rc = rc ? rc : operators ? account_panel(r, data_key(row, 0)) : own_account_panel(r, data_key(row, 0));
		put_records(&r->body, &r->scope, data_key(row, 0));
	}
	return rc;
}
