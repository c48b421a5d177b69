/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The search and the filters over a list. */
#include "view_private.h"

#include <stdio.h>
#include <string.h>

static const char *filter_value(const struct data_query *q, const char *column, enum filter_op op)
{
	for (size_t i = 0; i < q->filter_count; i++) {
		if (q->filters[i].op == op && !strcmp(q->filters[i].column, column))
			return q->filters[i].value;
	}
	return NULL;
}

static void put_word_options(struct html *h, const struct column *c, const char *chosen)
{
	char word[NAME_SIZE], label[CELL_TEXT_MAX + 1];
	size_t n;

	for (const char *words = c->words; *words; words += n + (words[n] == '|')) {
		n = strcspn(words, "|");
		snprintf(word, sizeof(word), "%.*s", (int)n, words);
		view_option(h, word, view_word(c, word, label), chosen);
	}
}

static void put_choice(struct html *h, const struct column *c, const char *chosen)
{
	html_open(h, "select");
	html_attrf(h, "name", "f.%s", c->name);
	view_option(h, "", "any", NULL);
	if (c->type == TYPE_WORD) {
		put_word_options(h, c, chosen);
	} else {
		view_option(h, "1", "yes", chosen);
		view_option(h, "0", "no", chosen);
	}
	html_close(h);
}

static void put_filter_input(struct html *h, const struct data_query *q, const struct column *c, enum filter_op op, const char *type)
{
	const char *value = filter_value(q, c->name, op);

	html_void(h, "input");
	html_attr(h, "type", type);
	html_attrf(h, "name", "%s%s", view_filter_prefix(op), c->name);
	html_attr(h, "size", !strcmp(type, "date") ? NULL : "11");
	html_attr(h, "inputmode", c->type == TYPE_DIGITS || c->type == TYPE_NUMBER ? "numeric" : NULL);
	html_attr(h, "autocomplete", "off");
	if (value && !strcmp(type, "date"))
		html_attrf(h, "value", "%.10s", value); /* a date field takes no time of the day */
	else
		html_attr(h, "value", value);
}

static void label_begin(struct html *h, const char *text, const char *more)
{
	html_open(h, "label");
	html_attr(h, "class", "small");
	html_textf(h, "%s%s", text, more);
}

static void put_filter(struct html *h, const struct data_query *q, const struct column *c)
{
	label_begin(h, c->label, c->type == TYPE_TIME ? " from" : "");
	if (c->type == TYPE_WORD || c->type == TYPE_SWITCH)
		put_choice(h, c, filter_value(q, c->name, FILTER_IS));
	else
		put_filter_input(h, q, c, c->type == TYPE_TIME ? FILTER_FROM : view_filter_op(c), c->type == TYPE_TIME ? "date" : "text");
	html_close(h);
	if (c->type != TYPE_TIME)
		return;
	label_begin(h, c->label, " until");
	put_filter_input(h, q, c, FILTER_UNTIL, "date");
	html_close(h);
}

/* Filters that a link has set and that have no field of their own are kept when the form is sent. */
static void keep_other_filters(struct html *h, const struct view *v, const struct data_query *q)
{
	char name[NAME_SIZE];

	for (size_t i = 0; i < q->filter_count; i++) {
		if (view_is_listed(v->filters, q->filters[i].column))
			continue;
		snprintf(name, sizeof(name), "%s%s", view_filter_prefix(q->filters[i].op), q->filters[i].column);
		form_hidden(h, name, q->filters[i].value);
	}
}

static void put_search(struct html *h, const struct table *t, const struct data_query *q)
{
	html_open(h, "label");
	html_text(h, "Search");
	html_void(h, "input");
	html_attr(h, "type", "search");
	html_attr(h, "name", "q");
	html_attr(h, "value", q->search);
	html_attr(h, "maxlength", "128");
	html_attr(h, "autocomplete", "off");
	html_attrf(h, "placeholder", "in %s", t->label);
	html_close(h);
}

void view_filters(struct html *h, const struct view *v, const struct scope *s, const struct data_query *q)
{
	const struct table *t = view_table(v);
	char sort[NAME_SIZE];

	html_open(h, "form");
	html_attr(h, "class", "filters");
	html_attr(h, "role", "search");
	html_attr(h, "method", "get");
	html_url_made(h, "action", v->path);
	html_url_made(h, "hx-get", v->path);
	html_attr(h, "hx-trigger", "submit, input delay:300ms");
	html_attr(h, "hx-target", "#list");
	html_attr(h, "hx-select", "#list");
	html_attr(h, "hx-swap", "outerHTML");
	html_attr(h, "hx-push-url", "true");
	html_attr(h, "hx-sync", "this:replace");
	if (!v->no_search)
		put_search(h, t, q);
	for (const struct column *c = t->columns; c->name; c++) {
		if (scope_may(s, c->search) && view_is_listed(v->filters, c->name))
			put_filter(h, q, c);
	}
	keep_other_filters(h, v, q);
	if (q->sort) {
		snprintf(sort, sizeof(sort), "%s%s", q->descending ? "-" : "", q->sort);
		form_hidden(h, "sort", sort);
	}
	form_button(h, "plain", "Search");
	html_close(h);
}

/* What is filtered by, where no field shows it; each can be taken off. */
void view_chips(struct html *h, const struct view *v, const struct data_query *q)
{
	const struct column *c;
	struct url u;

	for (size_t i = 0; i < q->filter_count; i++) {
		c = column_find(view_table(v), q->filters[i].column);
		if (view_is_listed(v->filters, q->filters[i].column))
			continue;
		url_begin(&u, v->path);
		view_url_filters(&u, q, &q->filters[i]);
		html_open(h, "p");
		html_open(h, "span");
		html_attr(h, "class", "badge quiet");
		html_textf(h, "%s: %s", c->label, q->filters[i].value);
		html_close(h);
		html_text(h, " ");
		html_open(h, "a");
		html_url_made(h, "href", u.text);
		html_text(h, "without this");
		html_close(h);
		html_close(h);
	}
}
