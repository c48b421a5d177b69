/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view.h"

#include <stdio.h>
#include <string.h>

#define NAME_SIZE 80

static bool may_set(const struct column *c, const struct scope *s, bool is_new)
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
static const char *was_value(const struct column *c, const struct fields *sent)
{
	char name[NAME_SIZE];

	snprintf(name, sizeof(name), VIEW_WAS "%s", c->name);
	return field_get(sent, name);
}

/* What its user made of a column; NULL: nothing. */
static const char *changed_value(const struct column *c, const struct fields *sent)
{
	const char *value = sent_value(c, sent), *was = was_value(c, sent);

	return value && was && strcmp(value, was) == 0 ? NULL : value;
}

size_t view_changes(const struct table *t, const struct scope *s, bool is_new, const struct fields *sent, struct data_change changes[COLUMNS_MAX])
{
	const char *value;
	size_t n = 0;

	for (const struct column *c = t->columns; c->name && n < COLUMNS_MAX; c++) {
		value = may_set(c, s, is_new) ? changed_value(c, sent) : NULL;
		if (value)
			changes[n++] = (struct data_change){c->name, value};
	}
	return n;
}

/* What is by now; "" for nothing. */
static const char *value_now(const struct view_form *f, const struct column *c)
{
	const char *value = data_named(f->row, 0, c->name);

	return value ? value : "";
}

/* What is in the field: what its user made of it, else what is, else what is proposed. */
static const char *shown_value(const struct view_form *f, const struct column *c)
{
	const char *value = changed_value(c, f->sent);

	if (!value)
		value = f->row ? value_now(f, c) : c->initial;
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

static const struct data_rows *choices_of(const struct view_form *f, const struct column *c)
{
	for (size_t i = 0; i < f->choice_count; i++) {
		if (f->choices[i].column == c)
			return f->choices[i].rows;
	}
	return NULL;
}

/* Help and problem stand behind the field and are read out with it. */
static void describe_field(struct html *h, const char *name, const char *help, const char *problem)
{
	if (help || problem)
		html_attrf(h, "aria-describedby", "%s%s%s%s%s", problem ? "problem-" : "", problem ? name : "", help && problem ? " " : "",
				help ? "help-" : "", help ? name : "");
	if (problem)
		html_attr(h, "aria-invalid", "true");
}

static void put_words(struct html *h, const char *class_name, const char *what, const char *name, const char *text)
{
	if (!text)
		return;
	html_open(h, "span");
	html_attr(h, "class", class_name);
	html_attrf(h, "id", "%s-%s", what, name);
	html_text(h, text);
	html_close(h);
}

static void begin_field(struct html *h, const char *name, const char *label, bool needed)
{
	html_open(h, "div");
	html_attr(h, "class", "field");
	html_open(h, "label");
	html_attrf(h, "for", "field-%s", name);
	html_attr(h, "class", needed ? "needed" : NULL);
	html_text(h, label);
	html_close(h);
}

/* `label` NULL: the problem is a sentence. */
static void end_field(struct html *h, const char *name, const char *label, const char *help, const char *problem)
{
	char sentence[PROBLEM_SIZE + NAME_SIZE];

	if (problem) {
		snprintf(sentence, sizeof(sentence), "%.79s %s.", label ? label : "", problem);
		put_words(h, "error", "problem", name, label ? sentence : problem);
	}
	put_words(h, "help", "help", name, help);
	html_close(h);
}

static void name_field(struct html *h, const char *name)
{
	html_attrf(h, "id", "field-%s", name);
	html_attr(h, "name", name);
}

static void put_option(struct html *h, const char *value, const char *label, const char *chosen)
{
	html_open(h, "option");
	html_attr(h, "value", value);
	html_flag(h, "selected", !strcmp(value, chosen));
	html_text(h, label);
	html_close(h);
}

static void put_word_options(struct html *h, const struct column *c, const char *value)
{
	char words[CELL_TEXT_MAX + 1], label[CELL_TEXT_MAX + 1], *rest, *word;

	if (c->nullable)
		put_option(h, "", "–", value);
	snprintf(words, sizeof(words), "%s", c->words);
	for (word = strtok_r(words, "|", &rest); word; word = strtok_r(NULL, "|", &rest))
		put_option(h, word, view_word(c, word, label), value);
}

static void put_row_options(struct html *h, const struct column *c, const struct data_rows *rows, const char *value)
{
	const char *name;

	if (c->nullable || !*value)
		put_option(h, "", c->nullable ? "–" : "Choose …", value);
	for (size_t i = 0; i < rows->count; i++) {
		name = data_named(rows, i, rows->table->title);
		put_option(h, data_key(rows, i), name && *name ? name : data_key(rows, i), value);
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
		form_hidden(h, name, value_now(f, c));
	}
}

static void put_field(struct html *h, const struct view_form *f, const struct column *c)
{
	const struct data_rows *choices = choices_of(f, c);
	const char *value = shown_value(f, c), *problem = problem_of(f, c);

	begin_field(h, c->name, c->label, is_needed(c));
	if (c->type == TYPE_WORD || choices)
		html_open(h, "select");
	else
		html_void(h, "input");
	name_field(h, c->name);
	html_flag(h, "required", is_needed(c));
	html_flag(h, "autofocus", problem && f->problems->list[0].column == c);
	describe_field(h, c->name, c->help, problem);
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
	end_field(h, c->name, c->label, c->help, problem);
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

static void put_form(struct html *h, const struct view_form *f, const char *version, const char *label)
{
	const struct table *t = view_table(f->view);

	begin_form(h, f, f->row ? "edit" : "new", version);
	html_open(h, "fieldset");
	html_element(h, "legend", NULL, t->one);
	for (const struct column *c = t->columns; c->name; c++) {
		if (may_set(c, f->scope, !f->row))
			put_field(h, f, c);
	}
	html_close(h);
	end_form(h, f, NULL, label);
}

/* What comes back with problems stays of the version that its user has seen: somebody else's change meanwhile is told all the same. */
void view_edit(struct html *h, const struct view_form *f)
{
	const char *seen = field_get(f->sent, VIEW_VERSION);

	put_refusals(h, f);
	put_form(h, f, f->row && !(seen && *seen) ? data_version(f->row, 0) : seen, f->row ? "Save" : "Add");
}

/* ---- somebody else was faster ---- */

/* The name of the row that a value refers to, where the form knows it; else the value. */
static const char *name_of(const struct view_form *f, const struct column *c, const char *value)
{
	const struct data_rows *rows = choices_of(f, c);
	const char *name = NULL;

	for (size_t i = 0; rows && i < rows->count && !name; i++) {
		if (strcmp(data_key(rows, i), value) == 0)
			name = data_named(rows, i, rows->table->title);
	}
	return name && *name ? name : value;
}

static const char *in_words(const struct view_form *f, const struct column *c, const char *value, char room[CELL_TEXT_MAX + 1])
{
	if (!value || !*value)
		return "–";
	if (c->type == TYPE_SWITCH)
		return *value == '0' ? "no" : "yes";
	return c->type == TYPE_WORD ? view_word(c, value, room) : name_of(f, c, value);
}

static void put_compared(struct html *h, const struct view_form *f, const struct column *c)
{
	const char *was = was_value(c, f->sent), *now = value_now(f, c), *mine = changed_value(c, f->sent);
	char room[CELL_TEXT_MAX + 1];

	if (!mine && (!was || strcmp(was, now) == 0))
		return; /* nobody has touched it */
	html_open(h, "tr");
	html_open(h, "th");
	html_attr(h, "scope", "row");
	html_text(h, c->label);
	html_close(h);
	html_element(h, "td", NULL, in_words(f, c, was, room));
	html_element(h, "td", NULL, in_words(f, c, now, room));
	html_open(h, "td");
	if (mine && strcmp(mine, now) != 0)
		html_element(h, "strong", NULL, in_words(f, c, mine, room));
	else
		html_text(h, mine ? in_words(f, c, mine, room) : "not changed by you");
	html_close(h);
	html_close(h);
}

static void put_comparison(struct html *h, const struct view_form *f)
{
	const struct table *t = view_table(f->view);

	html_open(h, "div");
	html_attr(h, "class", "scroll");
	html_open(h, "table");
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
		if (may_set(c, f->scope, false))
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
	put_form(h, f, data_version(f->row, 0), "Save mine");
}

void view_delete(struct html *h, const struct view_form *f, const char *warning)
{
	if (f->refused)
		page_message(h, MESSAGE_BAD, f->refused);
	html_element(h, "p", NULL, warning ? warning : "This cannot be undone.");
	view_facts(h, f->scope, f->row);
	begin_form(h, f, "delete", data_version(f->row, 0));
	end_form(h, f, "danger", "Delete");
}

void view_select(struct html *h, const struct view_field *f, const char *const *options)
{
	begin_field(h, f->name, f->label, f->required);
	html_open(h, "select");
	name_field(h, f->name);
	describe_field(h, f->name, f->help, f->problem);
	for (; *options; options += 2)
		put_option(h, options[0], options[1], f->value ? f->value : "");
	html_close(h);
	end_field(h, f->name, f->label, f->help, f->problem);
}

void view_input(struct html *h, const struct view_field *f)
{
	const char *problem = f->sentence ? f->sentence : f->problem;

	begin_field(h, f->name, f->label, f->required);
	html_void(h, "input");
	name_field(h, f->name);
	html_attr(h, "type", f->type ? f->type : "text");
	html_attr(h, "value", f->value);
	html_flag(h, "required", f->required);
	html_attr(h, "autocomplete", f->autocomplete ? f->autocomplete : "off");
	html_flag(h, "autofocus", f->sentence);
	describe_field(h, f->name, f->help, problem);
	end_field(h, f->name, f->sentence ? NULL : f->label, f->help, problem);
}
