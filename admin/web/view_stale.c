/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Somebody else was faster: what was, is and should be, and the form again. */
#include "view_private.h"

#include <string.h>

static const char *in_words(const struct view_form *f, const struct column *c, const char *value, char room[CELL_TEXT_MAX + 1])
{
	if (!value || !*value)
		return "–";
	if (c->type == TYPE_SWITCH)
		return *value == '0' ? "no" : "yes";
	return c->type == TYPE_WORD ? view_word(c, value, room) : view_name_of(view_choices_of(f, c), value);
}

static void put_one(struct html *h, const char *label, const char *text)
{
	html_open(h, "td");
	html_attr(h, "data-label", label);
	html_element(h, "span", NULL, text);
	html_close(h);
}

static void put_compared(struct html *h, const struct view_form *f, const struct column *c)
{
	const char *was = view_was(c, f->sent), *now = view_now(f, c), *mine = view_changed(c, f->sent);
	char room[CELL_TEXT_MAX + 1];

	if (!mine && (!was || strcmp(was, now) == 0))
		return; /* nobody has touched it */
	html_open(h, "tr");
	html_open(h, "th");
	html_attr(h, "scope", "row");
	html_text(h, c->label);
	html_close(h);
	put_one(h, "When you began", in_words(f, c, was, room));
	put_one(h, "Now", in_words(f, c, now, room));
	html_open(h, "td");
	html_attr(h, "data-label", "Yours");
	if (mine && strcmp(mine, now) != 0)
		html_element(h, "strong", NULL, in_words(f, c, mine, room));
	else
		html_element(h, "span", NULL, mine ? in_words(f, c, mine, room) : "not changed by you");
	html_close(h);
	html_close(h);
}

static void put_comparison(struct html *h, const struct view_form *f)
{
	const struct table *t = view_table(f->view);

	html_open(h, "div");
	html_attr(h, "class", "scroll");
	html_open(h, "table");
	html_attr(h, "class", "list");
	html_open(h, "thead");
	html_open(h, "tr");
	html_element(h, "td", NULL, "");
	html_element(h, "th", NULL, "When you began");
	html_element(h, "th", NULL, "Now");
	html_element(h, "th", NULL, "Yours");
	html_close(h);
	html_close(h);
	html_open(h, "tbody");
	for (const struct column *c = t->columns; c->name; c++) {
		if (view_may_set(c, f->scope, false))
			put_compared(h, f, c);
	}
	html_close(h);
	html_close(h);
	html_close(h);
}

void view_stale(struct html *h, const struct view_form *f)
{
	page_message(h, MESSAGE_BAD, "Somebody else has changed this while you had it open. Nothing of yours was saved yet.");
	put_comparison(h, f);
	html_element(h, "p", NULL, "The form has your changes already, and what is there now in all other fields.");
	view_put_form(h, f, data_version(f->row, 0), "Save mine");
}
