/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_SIZE 80

/* Is `name` one of `names`, which have blanks between them? */
static bool is_listed(const char *names, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = names; at && (at = strstr(at, name)); at += n) {
		if ((at == names || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
			return true;
	}
	return false;
}

/* ---- the query ---- */

static enum filter_op op_of(const struct column *c)
{
	if (c->type == TYPE_DIGITS)
		return FILTER_BEGINS;
	if (c->type == TYPE_NUMBER || c->type == TYPE_SWITCH || c->type == TYPE_WORD || c->refers)
		return FILTER_IS;
	return FILTER_HAS;
}

static const char *prefix_of(enum filter_op op)
{
	return op == FILTER_FROM ? "from." : op == FILTER_UNTIL ? "until." : "f.";
}

/* Counts those for which there is no room, too. */
static void add_filter(struct data_query *q, const struct fields *f, const struct column *c, enum filter_op op)
{
	char name[NAME_SIZE];
	const char *value;

	snprintf(name, sizeof(name), "%s%s", prefix_of(op), c->name);
	value = field_get(f, name);
	if (!value || !*value)
		return;
	if (q->filter_count < DATA_FILTERS_MAX)
		q->filters[q->filter_count] = (struct data_filter){c->name, op, value};
	q->filter_count++;
}

static void set_sort(const struct table *t, const struct scope *s, const char *sort, struct data_query *q)
{
	const struct column *c;

	if (!sort || !*sort)
		return;
	c = column_find(t, sort + (*sort == '-'));
	if (!c || c->unsorted || !scope_may(s, c->list))
		return;
	q->sort = c->name;
	q->descending = *sort == '-';
}

int view_query(const struct view *v, const struct scope *s, const struct fields *f, struct data_query *q)
{
	const struct table *t = view_table(v);
	const char *page = field_get(f, "page"), *search = field_get(f, "q");

	memset(q, 0, sizeof(*q));
	if (!v->no_search && search && *search)
		q->search = search;
	for (const struct column *c = t->columns; c->name; c++) {
		if (!scope_may(s, c->search))
			continue;
		if (c->type == TYPE_TIME || c->type == TYPE_NUMBER) {
			add_filter(q, f, c, FILTER_FROM);
			add_filter(q, f, c, FILTER_UNTIL);
		}
		if (c->type != TYPE_TIME)
			add_filter(q, f, c, op_of(c));
	}
	set_sort(t, s, field_get(f, "sort"), q);
	q->page = page && strlen(page) < 7 ? (unsigned)strtoul(page, NULL, 10) : 0;
	return q->filter_count > DATA_FILTERS_MAX ? -EINVAL : 0;
}

static void add_filters(struct url *u, const struct data_query *q, const struct data_filter *without)
{
	char name[NAME_SIZE];

	url_add(u, "q", q->search);
	for (size_t i = 0; i < q->filter_count; i++) {
		if (&q->filters[i] == without)
			continue;
		snprintf(name, sizeof(name), "%s%s", prefix_of(q->filters[i].op), q->filters[i].column);
		url_add(u, name, q->filters[i].value);
	}
}

static void add_sort(struct url *u, const char *column, bool descending)
{
	char name[NAME_SIZE];

	if (!column)
		return;
	snprintf(name, sizeof(name), "%s%s", descending ? "-" : "", column);
	url_add(u, "sort", name);
}

void view_list_url(struct url *u, const char *path, const struct data_query *q, unsigned page)
{
	char number[16];

	url_begin(u, path);
	add_filters(u, q, NULL);
	add_sort(u, q->sort, q->descending);
	snprintf(number, sizeof(number), "%u", page);
	url_add(u, "page", page > 1 ? number : NULL);
}

/* ---- search and filters ---- */

static const char *filter_value(const struct data_query *q, const char *column, enum filter_op op)
{
	for (size_t i = 0; i < q->filter_count; i++) {
		if (q->filters[i].op == op && !strcmp(q->filters[i].column, column))
			return q->filters[i].value;
	}
	return NULL;
}

static void put_option(struct html *h, const char *value, const char *label, const char *chosen)
{
	html_open(h, "option");
	html_attr(h, "value", value);
	html_flag(h, "selected", chosen && !strcmp(chosen, value));
	html_text(h, label);
	html_close(h);
}

static void put_word_options(struct html *h, const struct column *c, const char *chosen)
{
	char word[NAME_SIZE], label[CELL_TEXT_MAX + 1];
	size_t n;

	for (const char *words = c->words; *words; words += n + (words[n] == '|')) {
		n = strcspn(words, "|");
		snprintf(word, sizeof(word), "%.*s", (int)n, words);
		put_option(h, word, view_word(c, word, label), chosen);
	}
}

static void put_choice(struct html *h, const struct column *c, const char *chosen)
{
	html_open(h, "select");
	html_attrf(h, "name", "f.%s", c->name);
	put_option(h, "", "any", NULL);
	if (c->type == TYPE_WORD) {
		put_word_options(h, c, chosen);
	} else {
		put_option(h, "1", "yes", chosen);
		put_option(h, "0", "no", chosen);
	}
	html_close(h);
}

static void put_filter_input(struct html *h, const struct data_query *q, const struct column *c, enum filter_op op, const char *type)
{
	const char *value = filter_value(q, c->name, op);

	html_void(h, "input");
	html_attr(h, "type", type);
	html_attrf(h, "name", "%s%s", prefix_of(op), c->name);
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
		put_filter_input(h, q, c, c->type == TYPE_TIME ? FILTER_FROM : op_of(c), c->type == TYPE_TIME ? "date" : "text");
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
		if (is_listed(v->filters, q->filters[i].column))
			continue;
		snprintf(name, sizeof(name), "%s%s", prefix_of(q->filters[i].op), q->filters[i].column);
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

static void put_filters(struct html *h, const struct view *v, const struct scope *s, const struct data_query *q)
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
		if (scope_may(s, c->search) && is_listed(v->filters, c->name))
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

/* ---- the table ---- */

static const char *class_of(const struct column *c)
{
	static const char *const classes[] = {
			[TYPE_NUMBER] = "number", [TYPE_SWITCH] = "word", [TYPE_WORD] = "word", [TYPE_TIME] = "time", [TYPE_DIGITS] = "digits", [TYPE_EMAIL] = "email"};

	return c->refers && c->type == TYPE_NUMBER ? "digits" : c->type <= TYPE_EMAIL ? classes[c->type] : NULL;
}

/* Links in the heads and below the table exchange the table, not the page. */
static void exchange_list(struct html *h)
{
	html_attr(h, "hx-boost", "true");
	html_attr(h, "hx-target", "#list");
	html_attr(h, "hx-select", "#list");
	html_attr(h, "hx-swap", "outerHTML show:none");
}

static void put_sort_link(struct html *h, const struct view *v, const struct data_query *q, const struct column *c, bool descending)
{
	struct url u;

	url_begin(&u, v->path);
	add_filters(&u, q, NULL);
	add_sort(&u, c->name, descending);
	html_open(h, "a");
	html_attrf(h, "id", "sort-%s", c->name); /* htmx finds the focus again by it */
	html_url_made(h, "href", u.text);
	html_text(h, c->label);
	html_close(h);
}

static void put_head(struct html *h, const struct view *v, const struct data_query *q, const struct data_rows *rows, const struct column *c)
{
	const char *sort = q ? q->sort : NULL;
	bool descending = q && q->descending, here;

	if (!sort) {
		sort = rows->table->sort;
		descending = rows->table->descending;
	}
	here = q && !strcmp(sort, c->name);
	html_open(h, "th");
	html_attr(h, "scope", "col");
	html_attr(h, "class", class_of(c));
	html_attr(h, "aria-sort", !here ? NULL : descending ? "descending" : "ascending");
	if (q && !c->unsorted)
		put_sort_link(h, v, q, c, here ? !descending : c->type == TYPE_TIME);
	else
		html_text(h, c->label);
	html_close(h);
}

static void put_cell(struct html *h, const struct scope *s, const struct data_rows *rows, size_t row, size_t column)
{
	const struct column *c = rows->columns[column];
	const struct view *v = scope_may(s, BY_OPERATORS) ? view_of(rows->table->name) : NULL; /* nobody else has those pages */
	const char *value = data_cell(rows, row, column), *key = data_key(rows, row), *class_name = class_of(c);

	html_open(h, "td");
	if (!value || !*value)
		html_attrf(h, "class", "none%s%s", class_name ? " " : "", class_name ? class_name : "");
	else
		html_attr(h, "class", class_name);
	html_attr(h, "data-label", c->label);
	if (v && key && rows->table->title && !strcmp(c->name, rows->table->title)) {
		view_link(h, v, key, NULL, value && *value ? value : key);
	} else {
		view_value(h, s, c, value);
	}
	html_close(h);
}

static void put_table(struct html *h, const struct view *v, const struct scope *s, const struct data_query *q, const struct data_rows *rows,
		const char *without)
{
	html_open(h, "div");
	html_attr(h, "class", "scroll");
	html_attr(h, "tabindex", "0"); /* a box that scrolls is reached by the keyboard */
	html_attr(h, "role", "region");
	html_attr(h, "aria-label", rows->table->label);
	html_open(h, "table");
	html_attr(h, "class", "list");
	html_open(h, "thead");
	html_open(h, "tr");
	if (q)
		exchange_list(h);
	for (size_t i = 0; i < rows->column_count; i++) {
		if (!is_listed(without, rows->columns[i]->name))
			put_head(h, v, q, rows, rows->columns[i]);
	}
	html_close(h);
	html_close(h);
	html_open(h, "tbody");
	for (size_t row = 0; row < rows->count; row++) {
		html_open(h, "tr");
		for (size_t i = 0; i < rows->column_count; i++) {
			if (!is_listed(without, rows->columns[i]->name))
				put_cell(h, s, rows, row, i);
		}
		html_close(h);
	}
	html_close(h);
	html_close(h);
	html_close(h);
}

void view_table_of(struct html *h, const struct scope *s, const struct data_rows *rows, const char *without)
{
	put_table(h, NULL, s, NULL, rows, without);
}

/* ---- below the table ---- */

/* "12,345" */
static void group_digits(unsigned long long n, char out[32])
{
	char plain[24];
	size_t length = (size_t)snprintf(plain, sizeof(plain), "%llu", n), at = 0;

	for (size_t i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = plain[i];
	}
	out[at] = '\0';
}

static void put_where(struct html *h, const struct data_rows *rows)
{
	unsigned long long first = (unsigned long long)(rows->page - 1) * rows->per_page + 1;
	char from[32], to[32], total[32];

	group_digits(first, from);
	group_digits(first + rows->count - 1, to);
	group_digits(rows->total, total);
	html_open(h, "span");
	html_attr(h, "class", "where");
	html_attr(h, "role", "status");
	if (rows->count)
		html_textf(h, "%s to %s of %s%s", from, to, rows->more ? "more than " : "", total);
	else
		html_text(h, "None");
	html_close(h);
}

static void put_page_link(struct html *h, const struct view *v, const struct data_query *q, const char *id, unsigned page, const char *label)
{
	struct url u;

	view_list_url(&u, v->path, q, page);
	html_open(h, "a");
	html_attr(h, "id", id);
	html_url_made(h, "href", u.text);
	html_text(h, label);
	html_close(h);
}

static void put_csv_link(struct html *h, const struct view *v, const struct data_query *q)
{
	char path[NAME_SIZE];
	struct url u;

	snprintf(path, sizeof(path), "%s.csv", v->path);
	view_list_url(&u, path, q, 0);
	html_open(h, "a");
	html_url_made(h, "href", u.text);
	html_flag(h, "download", true);
	html_attr(h, "hx-boost", "false");
	html_text(h, "Download as CSV");
	html_close(h);
}

static void put_pages(struct html *h, const struct view *v, const struct data_query *q, const struct data_rows *rows)
{
	html_open(h, "div");
	html_attr(h, "class", "pages");
	exchange_list(h);
	put_where(h, rows);
	if (rows->page > 2)
		put_page_link(h, v, q, "page-first", 1, "First page");
	if (rows->page > 1)
		put_page_link(h, v, q, "page-back", rows->page - 1, "Previous page");
	if ((unsigned long long)rows->page * rows->per_page < rows->total)
		put_page_link(h, v, q, "page-next", rows->page + 1, "Next page");
	put_csv_link(h, v, q);
	html_close(h);
}

static void put_empty(struct html *h, const struct view *v, const struct data_query *q, const char *refused)
{
	bool asked = q->search || q->filter_count;

	html_open(h, "div");
	html_attr(h, "class", "empty");
	html_element(h, "p", NULL, asked ? "Nothing here is like that." : "There is nothing here yet.");
	if (refused) {
		html_open(h, "p");
		html_attr(h, "class", "error");
		html_textf(h, "%s.", refused);
		html_close(h);
	}
	if (asked) {
		html_open(h, "p");
		html_open(h, "a");
		html_url_made(h, "href", v->path);
		html_text(h, "Show all");
		html_close(h);
		html_close(h);
	} else if (v->empty) {
		html_element(h, "p", NULL, v->empty);
	}
	html_close(h);
}

/* What is filtered by, where no field shows it; each can be taken off. */
static void put_chips(struct html *h, const struct view *v, const struct data_query *q)
{
	const struct column *c;
	struct url u;

	for (size_t i = 0; i < q->filter_count; i++) {
		c = column_find(view_table(v), q->filters[i].column);
		if (is_listed(v->filters, q->filters[i].column))
			continue;
		url_begin(&u, v->path);
		add_filters(&u, q, &q->filters[i]);
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

void view_list(struct html *h, const struct view *v, const struct scope *s, const struct data_query *q, const struct data_rows *rows,
		const char *refused)
{
	char label[NAME_SIZE];

	if (v->about)
		html_element(h, "p", "quiet", v->about);
	html_open(h, "div");
	html_attr(h, "class", "tools");
	put_filters(h, v, s, q);
	if (scope_may(s, v->add ? v->add : rows->table->insert)) {
		snprintf(label, sizeof(label), "New %c%s", tolower((unsigned char)*rows->table->one), rows->table->one + 1);
		view_button(h, v, "new", NULL, "button", label);
	}
	html_close(h);
	html_open(h, "div");
	html_attr(h, "id", "list");
	put_chips(h, v, q);
	if (rows->count)
		put_table(h, v, s, q, rows, NULL);
	else
		put_empty(h, v, q, refused);
	if (!refused)
		put_pages(h, v, q, rows);
	html_close(h);
}
