/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A field that refers to a row of another table, where there are too many to choose from: its name is typed. */
#include "view_private.h"

#include <stdio.h>
#include <string.h>

static const char *name_in(const struct data_rows *rows, const char *value)
{
	for (size_t i = 0; rows && i < rows->count; i++) {
		if (strcmp(data_key(rows, i), value) == 0)
			return data_named(rows, i, rows->table->title);
	}
	return NULL;
}

const char *view_name_of(const struct view_choices *choices, const char *value)
{
	const char *name = choices ? name_in(choices->rows, value) : NULL;

	for (size_t i = 0; choices && choices->named && choices->named[i] && !name; i++)
		name = name_in(choices->named[i], value);
	return name && *name ? name : value;
}

void view_find(struct html *h, const struct view_form *f, const struct view_choices *choices, const char *value, const char *problem)
{
	const struct column *c = choices->column;
	char name[NAME_SIZE], help[CELL_TEXT_MAX + 256];

	if (*value)
		snprintf(help, sizeof(help), "It is %s. For another one type its name, or how that begins.", view_name_of(choices, value));
	else
		snprintf(help, sizeof(help), "Type the name, or how it begins.");
	snprintf(name, sizeof(name), VIEW_FIND "%s", c->name);
	view_field_begin(h, name, c->label, !*value && !c->nullable);
	html_void(h, "input");
	view_field_name(h, name);
	html_attr(h, "type", "text");
	html_attr(h, "value", field_get(f->sent, name));
	html_attr(h, "autocomplete", "off");
	html_attr(h, "spellcheck", "false");
	html_flag(h, "required", !*value && !c->nullable);
	html_flag(h, "autofocus", problem && f->problems->list[0].column == c);
	view_field_described(h, name, help, problem);
	view_field_end(h, name, c->label, help, problem);
	form_hidden(h, c->name, value);
}
