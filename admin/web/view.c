/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view.h"

#include <string.h>

const struct view views[] = {
		{"customers", "/customers", "Who the service is sold to.", NULL, false, BY_STAFF,
				"The first customer is added with its technical contact; then it can have groups."},
		{"contacts", "/contacts", "Technical contacts of the customers. Announcements are mailed to them.", NULL, false, 0, NULL},
		{"groups", "/groups", "Premium accounts that share a prefix, and their options.",
				"block_incoming block_outgoing hunting self_management", false, 0, "A group needs a customer first."},
		{"accounts", "/accounts", NULL, "kind state_now presence prefix", false, BY_STAFF, "Numbers are given out on the page of a group."},
		{"exceptions", "/exceptions", "Numbers that may be called in spite of outgoing blocking.", NULL, false, 0, NULL},
		{"domains", "/domains", "Names by which agents reach the service, and the relays of those who register by them.", NULL, false, 0, NULL},
		{"relay-sets", "/relay-sets", "A set is made with its first relay or domain.", NULL, false, 0, NULL},
		{"relays", "/relays", "Media relays, by the address at which they are controlled.", "enabled", false, 0, NULL},
		{"location", "/location", "Where agents are registered from.", "registered", false, 0, "No agent is registered."},
		{"cdrs", "/cdrs", NULL, "start_time caller dialled final path", true, 0, "A call is here when it has ended."},
		{"failures", "/blocked", "What was tried lately and did not come about, and why.", "last_at account kind stopped_by cause", true, 0, NULL},
		{"nat", "/nat", "What NATs and firewalls agents are behind, as the service found out.", "class", false, 0, NULL},
		{"redial", "/redial", "Pairs that dialled again soon after a direct call: the relay is used between them for a while.", NULL, false, 0, NULL},
		{"mails", "/mails", "Mails that are to be sent, and those that were.", "state recipient created_at", false, 0, NULL},
		{"announcements", "/announcements", "What was mailed to technical contacts, and can be read by their customers' logins.", "at kind", false,
				BY_STAFF, NULL},
		{"operators", "/operators", "Who runs the service.", NULL, false, BY_ADMIN, NULL},
		{"web-logins", "/web-logins", "Subscribers' own logins, of accounts whose group has self-management.", NULL, false, 0, NULL},
		{"sessions", "/sessions", "Who is logged in now. Whose session is ended is logged out.", NULL, false, 0, NULL},
		{"audit", "/audit", "Who did what, when and from where.", "at who action object", true, 0, NULL},
		{0},
};

/* A technical contact's. */
static const struct view customer_views[] = {
		{"announcements", "/customer/announcements", "What whoever runs the service has announced to you.", "at kind", false, 0, NULL},
		{"contacts", "/customer/contacts", "Technical contacts. Whoever runs the service changes them.", NULL, false, 0, NULL},
		{"groups", "/customer/groups", "Their options are set by whoever runs the service, on your request.", NULL, false, 0,
				"There is no group yet."},
		{"accounts", "/customer/accounts", NULL, "presence kind state_now prefix", false, 0, NULL},
		{"calls", "/customer/calls", "Calls of your accounts that go on.", NULL, false, 0, NULL},
		{"location", "/customer/location", "Where your agents are registered from.", "registered", false, 0, "No agent is registered."},
		{"cdrs", "/customer/cdrs", NULL, "start_time caller dialled final path", true, 0, "A call is here when it has ended."},
		{"failures", "/customer/blocked", "What was tried lately and did not come about, and why.", "last_at account kind stopped_by cause",
				true, 0, NULL},
		{"nat", "/customer/nat", "What NATs and firewalls your agents are behind, as the service found out.", "class", false, 0, NULL},
		{0},
};

/* A subscriber's: whoever has the login of an account. */
static const struct view account_views[] = {
		{"announcements", "/siremis/user/announcements", "What is announced by whoever runs the service.", NULL, false, 0,
				"Nothing has been announced yet."},
		{0},
};

static const struct view *find(const struct view *v, const char *table)
{
	while (v->table && strcmp(v->table, table) != 0)
		v++;
	return v->table ? v : NULL;
}

const struct view *view_of(const char *table)
{
	return find(views, table);
}

const struct view *view_for(const struct scope *s, const char *table)
{
	if (scope_may(s, BY_OPERATORS))
		return view_of(table);
	if (scope_may(s, BY_CONTACT))
		return find(customer_views, table);
	return scope_may(s, BY_ACCOUNT) ? find(account_views, table) : NULL;
}

const struct table *view_table(const struct view *v)
{
	return table_find(v->table);
}

/* A list is read across: what is mostly empty, or in other words there already, would cost the width of what is not. */
const char *view_unlisted(const struct view *v)
{
	static const struct {
		const char *table, *columns;
	} rows[] = {{"accounts", "valid_until"}, {"failures", "peer code"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (!strcmp(rows[i].table, v->table))
			return rows[i].columns;
	}
	return NULL;
}

bool view_is_watched(const struct view *v)
{
	return !strcmp(v->table, "accounts") || !strcmp(v->table, "location");
}
