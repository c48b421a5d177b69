/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view.h"

#include <string.h>

const struct view views[] = {
		{"customers", "/customers", "Who the service is sold to.", NULL, false, BY_STAFF,
				"The first customer is added with its technical contact; then it can have groups."},
		{"contacts", "/contacts", "Technical contacts of the customers. No mail is sent to them yet.", NULL, false, 0, NULL},
		{"groups", "/groups", "Premium accounts that share a prefix, and their options.",
				"block_incoming block_outgoing hunting self_management", false, 0, "A group needs a customer first."},
		{"accounts", "/accounts", NULL, "kind state_now presence prefix", false, BY_STAFF, "Numbers are given out on the page of a group."},
		{"exceptions", "/exceptions", "Numbers that may be called in spite of outgoing blocking.", NULL, false, 0, NULL},
		{"domains", "/domains", "Names under which agents reach the service, and the relays of those who do.", NULL, false, 0, NULL},
		{"relay-sets", "/relay-sets", "A set is made with its first relay or domain.", NULL, false, 0, NULL},
		{"relays", "/relays", "Media relays, by the address at which they are controlled.", "enabled", false, 0, NULL},
		{"location", "/location", "Where agents are registered from.", "registered", false, 0, "No agent is registered."},
		{"cdrs", "/cdrs", NULL, "start_time caller dialled final path", true, 0, "A call is here when it has ended."},
		{"failures", "/blocked", "What was tried lately and did not come about, and why.", "last_at account kind stopped_by cause", true, 0, NULL},
		{"nat", "/nat", "What NATs and firewalls agents are behind, as Kamailio found out.", "class", false, 0, NULL},
		{"redial", "/redial", "Pairs that called again soon after a direct call, so the relay is used for a while.", NULL, false, 0, NULL},
		{"operators", "/operators", "Who runs the service.", NULL, false, BY_ADMIN, NULL},
		{"web-logins", "/web-logins", "Subscribers' own logins, of accounts whose group has self-management.", NULL, false, 0, NULL},
		{"sessions", "/sessions", "Who is logged in now; deleting a session logs out.", NULL, false, 0, NULL},
		{"audit", "/audit", "Who did what, when and from where.", "at who action object", true, 0, NULL},
		{0},
};

const struct view *view_of(const char *table)
{
	for (const struct view *v = views; v->table; v++) {
		if (!strcmp(v->table, table))
			return v;
	}
	return NULL;
}

const struct table *view_table(const struct view *v)
{
	return table_find(v->table);
}
