/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Forms that add, change and delete a row, from its description. */
#include "view_private.h"

#include <stdio.h>
#include <string.h>

/* What is by now; "" for nothing. */
const char *view_now(const struct view_form *f, const struct column *c)
{
	const char *value = data_named(f->row, 0, c->name);

	return value ? value : "";
}

/* What is in the field: what its user made of it, else what is, else what is proposed. */
static const char *shown_value(const struct view_form *f, const struct column *c)
{
	const char *value = view_changed(c, f->sent);

	if (!value)
		value = f->row ? view_now(f, c) : c->initial;
	return value ? value : "";
}

static const char *problem_of(const struct view_form *f, const struct column *c)
{
	for (size_t i = 0; f->problems && i < f->problems->count; i++) {
		if (f->problems->list[i].column == c)
			return f->problems->list[i].text;
	}
	return NULL;
}

const struct view_choices *view_choices_of(const struct view_form *f, const struct column *c)
{
	for (size_t i = 0; i < f->choice_count; i++) {
		if (f->choices[i].column == c)
			return &f->choices[i];
	}
	return NULL;
}

static void put_word_options(struct html *h, const struct column *c, const char *value)
{
	char words[CELL_TEXT_MAX + 1], label[CELL_TEXT_MAX + 1], *rest, *word;

	if (c->nullable)
		view_option(h, "", "unset", value);
	snprintf(words, sizeof(words), "%s", c->words);
	for (word = strtok_r(words, "|", &rest); word; word = strtok_r(NULL, "|", &rest))
		view_option(h, word, view_word(c, word, label), value);
}

static bool has_key(const struct data_rows *rows, const char *key)
{
	for (size_t i = 0; i < rows->count; i++) {
		if (!strcmp(data_key(rows, i), key))
			return true;
	}
	return false;
}

static void put_row_options(struct html *h, const struct column *c, const struct view_choices *choices, const char *value)
{
	const struct data_rows *rows = choices->rows;
	const char *name;

	if (!choices->all && !has_key(rows, value))
		view_option(h, "", "Choose …", "");
	else if (c->nullable || !*value)
		view_option(h, "", c->nullable ? "none" : "Choose …", value);
	for (size_t i = 0; i < rows->count; i++) {
		name = data_named(rows, i, rows->table->title);
		view_option(h, data_key(rows, i), name && *name ? name : data_key(rows, i), value);
	}
}

/* What kinds of <input> a column has; the browser helps to type, the server judges. */
static void put_input(struct html *h, const struct column *c, const char *value)
{
	static const char *const types[] = {[TYPE_NUMBER] = "number", [TYPE_TIME] = "text", [TYPE_EMAIL] = "email"};

	html_attr(h, "type", c->type <= TYPE_EMAIL && types[c->type] ? types[c->type] : "text");
	html_attr(h, "value", value);
	html_attr(h, "autocomplete", "off");
	html_attr(h, "spellcheck", "false");
	if (c->type == TYPE_NUMBER && c->max > c->min) {
		html_attrf(h, "min", "%lld", c->min);
		html_attrf(h, "max", "%lld", c->max);
	} else if (c->max > 0 && c->type != TYPE_NUMBER) {
		html_attrf(h, "maxlength", "%lld", c->max);
	}
	html_attr(h, "inputmode", c->type == TYPE_DIGITS ? "numeric" : NULL);
	html_attr(h, "placeholder", c->type == TYPE_TIME ? "YYYY-MM-DD HH:MM:SS" : NULL);
}

static void put_checkbox(struct html *h, const char *value)
{
	html_attr(h, "type", "checkbox");
	html_attr(h, "value", "1");
	html_flag(h, "checked", *value && *value != '0');
}

static bool is_needed(const struct column *c)
{
	return !c->nullable && !c->optional && c->type != TYPE_SWITCH && c->type != TYPE_WORD && (c->min > 0 || c->type == TYPE_NUMBER);
}

/* What the form has to say of a column beside its value: that a switch was there, and what a row had. */
static void put_hidden(struct html *h, const struct view_form *f, const struct column *c)
{
	char name[NAME_SIZE];

	if (c->type == TYPE_SWITCH) {
		snprintf(name, sizeof(name), VIEW_SWITCH "%s", c->name);
		form_hidden(h, name, "1");
	}
	if (f->row) {
		snprintf(name, sizeof(name), VIEW_WAS "%s", c->name);
		form_hidden(h, name, view_now(f, c));
	}
}

static void put_field(struct html *h, const struct view_form *f, const struct column *c)
{
	const struct view_choices *choices = view_choices_of(f, c);
	const char *value = shown_value(f, c), *problem = problem_of(f, c);

	if (choices && !choices->rows) {
		view_find(h, f, choices, value, problem);
		put_hidden(h, f, c);
		return;
	}
	view_field_begin(h, c->name, c->label, is_needed(c));
	if (c->type == TYPE_WORD || choices)
		html_open(h, "select");
	else
		html_void(h, "input");
	view_field_name(h, c->name);
	html_flag(h, "required", is_needed(c));
	html_flag(h, "autofocus", problem && f->problems->list[0].column == c);
	view_field_described(h, c->name, c->help, problem);
	if (choices)
		put_row_options(h, c, choices, value);
	else if (c->type == TYPE_WORD)
		put_word_options(h, c, value);
	else if (c->type == TYPE_SWITCH)
		put_checkbox(h, value);
	else
		put_input(h, c, value);
	if (c->type == TYPE_WORD || choices)
		html_close(h);
	put_hidden(h, f, c);
	view_field_end(h, c->name, c->label, c->help, problem);
}

static void form_path(const struct view_form *f, const char *page, struct url *u)
{
	url_begin(u, f->view->path);
	if (f->row)
		url_segment(u, data_key(f->row, 0));
	if (page)
		url_segment(u, page);
}

static void begin_form(struct html *h, const struct view_form *f, const char *page, const char *version)
{
	struct url u;

	form_path(f, page, &u);
	html_open(h, "form");
	html_attr(h, "method", "post");
	html_url_made(h, "action", u.text);
	html_flag(h, "novalidate", true); /* the server says what is wrong, in one way for all browsers */
	form_token(h, f->page);
	if (f->row)
		form_hidden(h, VIEW_VERSION, version);
}

static void end_form(struct html *h, const struct view_form *f, const char *class_name, const char *label)
{
	struct url u;

	form_path(f, NULL, &u);
	html_open(h, "p");
	html_attr(h, "class", "actions");
	form_button(h, class_name, label);
	html_open(h, "a");
	html_attr(h, "class", "button plain");
	html_url_made(h, "href", u.text);
	html_text(h, "Cancel");
	html_close(h);
	html_close(h);
	html_close(h);
}

static void put_refusals(struct html *h, const struct view_form *f)
{
	if (f->refused)
		page_message(h, MESSAGE_BAD, f->refused);
	else if (f->problems && f->problems->count)
		page_message(h, MESSAGE_BAD, "Nothing was saved: what is marked below is not right yet.");
}

/* A switch, and behind it what means nothing without it. */
static bool has_followers(const struct column *c)
{
	return c[1].with && !strcmp(c[1].with, c->name);
}

static void begin_part(struct html *h, const char *legend)
{
	html_open(h, "fieldset");
	html_element(h, "legend", NULL, legend);
}

void view_put_form(struct html *h, const struct view_form *f, const char *version, const char *label)
{
	const struct table *t = view_table(f->view);

	begin_form(h, f, f->row ? "edit" : "new", version);
	html_open(h, "div");
	html_attr(h, "class", "panel");
	for (const struct column *c = t->columns; c->name; c++) {
		if (has_followers(c))
			begin_part(h, c->label);
		if (view_may_set(c, f->scope, !f->row))
			put_field(h, f, c);
		if (c->with && !(c[1].with && !strcmp(c[1].with, c->with)))
			html_close(h);
	}
	html_close(h);
	end_form(h, f, NULL, label);
}

/* What comes back with problems stays of the version that its user has seen: somebody else's change meanwhile is told all the same. */
void view_edit(struct html *h, const struct view_form *f)
{
	const char *seen = field_get(f->sent, VIEW_VERSION);

	put_refusals(h, f);
	view_put_form(h, f, f->row && !(seen && *seen) ? data_version(f->row, 0) : seen, f->row ? "Save" : "Add");
}

void view_delete(struct html *h, const struct view_form *f, const char *warning)
{
	if (f->refused)
		page_message(h, MESSAGE_BAD, f->refused);
	html_element(h, "p", NULL, warning ? warning : "This cannot be undone.");
	view_facts(h, f->scope, f->row);
	begin_form(h, f, "delete", data_version(f->row, 0));
	end_form(h, f, "danger", view_removal(f->row->table));
}
