/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the pages of domains, relays and their sets say beyond what all tables do. */
#include "page_relays.h"

#include "data/plan.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static bool is_about_relays(const char *table)
{
	return !strcmp(table, "domains") || !strcmp(table, "relays") || !strcmp(table, "relay-sets");
}

int relays_warning(struct request *r, const char *table)
{
	char sentence[256];
	json_t *sets, *set;
	size_t i;
	int rc;

	if (!is_about_relays(table) || !scope_may(&r->scope, BY_OPERATORS))
		return 0;
	rc = plan_empty_sets(r->db, &r->scope, &sets);
	json_array_foreach(sets, i, set) {
		bool first = json_integer_value(json_object_get(set, "number")) == 0;

		snprintf(sentence, sizeof(sentence), "The relay set \"%.64s\" has no relay that is in use: %s.",
				json_string_value(json_object_get(set, "name")),
				first ? "calls that need one are refused" : "its calls take those of the first set, which firewalls may not know");
		page_message(&r->body, first ? MESSAGE_BAD : MESSAGE_NOTE, sentence);
	}
	json_decref(sets);
	return rc;
}
