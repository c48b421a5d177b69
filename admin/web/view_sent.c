/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a form sent: of each column the value, what it showed before, and whether its user has changed that. */
#include "view_private.h"

#include <stdio.h>
#include <string.h>

bool view_may_set(const struct column *c, const struct scope *s, bool is_new)
{
	return c->store && scope_may(s, is_new ? c->insert : c->edit);
}

/* What a form sent of a column; NULL: nothing. */
static const char *sent_value(const struct column *c, const struct fields *sent)
{
	char name[NAME_SIZE];
	const char *value = field_get(sent, c->name), *shown;

	if (c->type != TYPE_SWITCH)
		return value;
	snprintf(name, sizeof(name), VIEW_SWITCH "%s", c->name);
	shown = field_get(sent, name);
	return shown && *shown ? (value && *value && strcmp(value, "0") != 0 ? "1" : "0") : NULL;
}

/* What the form showed of a column; NULL: it does not say. */
const char *view_was(const struct column *c, const struct fields *sent)
{
	char name[NAME_SIZE];

	snprintf(name, sizeof(name), VIEW_WAS "%s", c->name);
	return field_get(sent, name);
}

/* What its user made of a column; NULL: nothing. */
const char *view_changed(const struct column *c, const struct fields *sent)
{
	const char *value = sent_value(c, sent), *was = view_was(c, sent);

	return value && was && strcmp(value, was) == 0 ? NULL : value;
}

size_t view_changes(const struct table *t, const struct scope *s, bool is_new, const struct fields *sent, struct data_change changes[COLUMNS_MAX])
{
	const char *value;
	size_t n = 0;

	for (const struct column *c = t->columns; c->name && n < COLUMNS_MAX; c++) {
		value = view_may_set(c, s, is_new) ? view_changed(c, sent) : NULL;
		if (value)
			changes[n++] = (struct data_change){c->name, value};
	}
	return n;
}
