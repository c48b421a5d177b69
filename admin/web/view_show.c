/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view.h"

#include "data/reasons.h"

#include <stdio.h>
#include <string.h>

#define BADGE_MAX 24 /* characters; what is longer is a sentence */

const char *view_word(const struct column *c, const char *word, char room[CELL_TEXT_MAX + 1])
{
	const char *words = c->words, *labels = c->word_labels;
	size_t n = strlen(word), length;

	while (labels && words) {
		length = strcspn(words, "|");
		if (length == n && !strncmp(words, word, n)) {
			snprintf(room, CELL_TEXT_MAX + 1, "%.*s", (int)strcspn(labels, "|"), labels);
			return room;
		}
		words = words[length] ? words + length + 1 : NULL;
		labels = strchr(labels, '|');
		labels = labels ? labels + 1 : NULL;
	}
	return word;
}

/* Words that say how well it goes; all others are only names. */
static const char *badge_class(const char *word)
{
	static const struct {
		const char *word, *class_name;
	} rows[] = {
			{"active", "badge good"}, {"up", "badge good"}, {"available", "badge good"}, {"open", "badge good"}, {"right", "badge good"},
			{"locked", "badge bad"}, {"suspended", "badge bad"}, {"ended", "badge bad"}, {"wrong", "badge bad"}, {"down", "badge bad"},
			{"walled", "badge bad"}, {"unreachable", "badge warn"}, {"leaky", "badge warn"}, {"relayed", "badge warn"}, {"none", "badge warn"},
			{"in-call", "badge note"}, {"sent", "badge good"}, {"sending", "badge note"}, {"failed", "badge warn"}, {"given-up", "badge bad"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (!strcmp(rows[i].word, word))
			return rows[i].class_name;
	}
	return "badge quiet";
}

static void put_word(struct html *h, const struct column *c, const char *word)
{
	char room[CELL_TEXT_MAX + 1];
	const char *label = view_word(c, word, room);

	if (!c->plain && strlen(label) <= BADGE_MAX)
		html_element(h, "span", badge_class(word), label);
	else
		html_text(h, label);
}

static void put_reasons(struct html *h, const char *words)
{
	char sentence[CELL_TEXT_MAX];

	reasons_sentence(words, sentence, sizeof(sentence));
	html_text(h, sentence);
}

static void put_time(struct html *h, const char *value)
{
	char machine[32];

	snprintf(machine, sizeof(machine), "%.19sZ", value);
	if (strlen(machine) == 20)
		machine[10] = 'T';
	html_open(h, "time");
	html_attr(h, "datetime", machine);
	html_text(h, value);
	html_close(h);
}

void view_link(struct html *h, const struct view *v, const char *key, const char *page, const char *label)
{
	view_button(h, v, key, page, NULL, label);
}

void view_button(struct html *h, const struct view *v, const char *key, const char *page, const char *class_name, const char *label)
{
	struct url u;

	url_begin(&u, v->path);
	url_segment(&u, key);
	if (page)
		url_segment(&u, page);
	html_open(h, "a");
	html_attr(h, "class", class_name);
	html_url_made(h, "href", u.text);
	html_text(h, label);
	html_close(h);
}

/* The table that the values of a column are keys of, if the scope sees it somewhere. */
static const struct view *referred(const struct scope *s, const struct column *c)
{
	const struct view *v = c->refers && (!c->anybodys || scope_may(s, BY_OPERATORS)) ? view_for(s, c->refers) : NULL;

	return v && table_visible(view_table(v), s) ? v : NULL;
}

void view_value(struct html *h, const struct scope *s, const struct column *c, const char *value)
{
	const struct view *v;

	if (!value || !*value) {
		html_element(h, "span", "quiet", "–");
		return;
	}
	v = referred(s, c);
	if (c->zero && !strcmp(value, "0"))
		html_text(h, c->zero);
	else if (v && !value[strspn(value, "0123456789")]) /* what agents write into such a column may be anything */
		view_link(h, v, value, NULL, value);
	else if (c->type == TYPE_SWITCH)
		html_element(h, "span", *value == '0' ? "badge quiet" : "badge good", *value == '0' ? "no" : "yes");
	else if (c->reasons)
		put_reasons(h, value);
	else if (c->type == TYPE_WORD)
		put_word(h, c, value);
	else if (c->type == TYPE_TIME)
		put_time(h, value);
	else if (c->lines)
		html_element(h, "pre", "lines", value);
	else if (c->type == TYPE_BYTES)
		html_element(h, "bdi", NULL, value);
	else
		html_text(h, value);
}

void view_title(const struct table *t, const struct data_rows *rows, char *out, size_t size)
{
	const char *name = t->title ? data_named(rows, 0, t->title) : NULL;

	snprintf(out, size, "%s %s", t->one, name && *name ? name : data_key(rows, 0));
}

void view_under(struct page *page, const struct view *v)
{
	page->up[0] = (struct page_up){v->path, view_table(v)->label};
}

void view_under_row(struct page *page, const struct view *v, const struct data_rows *rows, struct view_above *room)
{
	view_under(page, v);
	url_begin(&room->url, v->path);
	url_segment(&room->url, data_key(rows, 0));
	view_title(rows->table, rows, room->label, sizeof(room->label));
	page->up[1] = (struct page_up){room->url.text, room->label};
}

/* Another column of the row that has the same label, and shows what this one (a key) refers to. */
static const struct column *name_of_key(const struct data_rows *rows, const struct column *key)
{
	for (size_t i = 0; key->refers && i < rows->column_count; i++) {
		if (rows->columns[i] != key && !strcmp(rows->columns[i]->label, key->label))
			return rows->columns[i];
	}
	return NULL;
}

/* The key that another column of the row shows the name of. */
static const struct column *key_of_name(const struct data_rows *rows, const struct column *name)
{
	for (size_t i = 0; !name->refers && i < rows->column_count; i++) {
		if (name_of_key(rows, rows->columns[i]) == name)
			return rows->columns[i];
	}
	return NULL;
}

static void put_named_key(struct html *h, const struct scope *s, const struct column *key, const char *value, const char *name)
{
	const struct view *v = referred(s, key);

	if (v && value && *value && name)
		view_link(h, v, value, NULL, name);
	else
		html_text(h, name ? name : "–");
}

/* The switch that it goes with is off. */
static bool means_nothing(const struct data_rows *rows, const struct column *c)
{
	const char *with = c->with ? data_named(rows, 0, c->with) : NULL;

	return with && *with == '0';
}

void view_facts(struct html *h, const struct scope *s, const struct data_rows *rows)
{
	const struct column *c, *key;

	html_open(h, "dl");
	html_attr(h, "class", "facts");
	for (size_t i = 0; i < rows->column_count; i++) {
		c = rows->columns[i];
		if (name_of_key(rows, c) || means_nothing(rows, c))
			continue;
		html_element(h, "dt", NULL, c->label);
		html_open(h, "dd");
		key = key_of_name(rows, c);
		if (key)
			put_named_key(h, s, key, data_named(rows, 0, key->name), data_cell(rows, 0, i));
		else
			view_value(h, s, c, data_cell(rows, 0, i));
		if (c->type == TYPE_TIME && data_cell(rows, 0, i))
			html_text(h, " UTC");
		html_close(h);
	}
	html_close(h);
}

const char *view_removal(const struct table *t)
{
	return t->removal ? t->removal : "Delete";
}

void view_actions(struct html *h, const struct view *v, const struct scope *s, const struct data_rows *rows, const struct view_act *more)
{
	const struct table *t = rows->table;
	int depth = html_depth(h);

	html_open(h, "p");
	html_attr(h, "class", "actions");
	if (table_editable(t, s))
		view_button(h, v, data_key(rows, 0), "edit", "button", "Edit");
	for (; more && more->table; more++) {
		if (!strcmp(more->table, t->name) && scope_may(s, more->by))
			view_button(h, v, data_key(rows, 0), more->page, more->class_name, more->label);
	}
	if (scope_may(s, t->remove))
		view_button(h, v, data_key(rows, 0), "delete", "button plain danger", view_removal(rows->table));
	html_close_to(h, depth);
}
