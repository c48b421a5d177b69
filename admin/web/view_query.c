/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a list is asked for, and the address that asks so. */
#include "view_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Is `name` one of `names`, which have blanks between them? */
bool view_is_listed(const char *names, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = names; at && (at = strstr(at, name)); at += n) {
		if ((at == names || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
			return true;
	}
	return false;
}

enum filter_op view_filter_op(const struct column *c)
{
	if (c->type == TYPE_DIGITS)
		return FILTER_BEGINS;
	if (c->type == TYPE_NUMBER || c->type == TYPE_SWITCH || c->type == TYPE_WORD || c->refers)
		return FILTER_IS;
	return FILTER_HAS;
}

const char *view_filter_prefix(enum filter_op op)
{
	return op == FILTER_FROM ? "from." : op == FILTER_UNTIL ? "until." : "f.";
}

/* Counts those for which there is no room, too. */
static void add_filter(struct data_query *q, const struct fields *f, const struct column *c, enum filter_op op)
{
	char name[NAME_SIZE];
	const char *value;

	snprintf(name, sizeof(name), "%s%s", view_filter_prefix(op), c->name);
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
			add_filter(q, f, c, view_filter_op(c));
	}
	set_sort(t, s, field_get(f, "sort"), q);
	q->page = page && strlen(page) < 7 ? (unsigned)strtoul(page, NULL, 10) : 0;
	return q->filter_count > DATA_FILTERS_MAX ? -EINVAL : 0;
}

void view_url_filters(struct url *u, const struct data_query *q, const struct data_filter *without)
{
	char name[NAME_SIZE];

	url_add(u, "q", q->search);
	for (size_t i = 0; i < q->filter_count; i++) {
		if (&q->filters[i] == without)
			continue;
		snprintf(name, sizeof(name), "%s%s", view_filter_prefix(q->filters[i].op), q->filters[i].column);
		url_add(u, name, q->filters[i].value);
	}
}

void view_url_sort(struct url *u, const char *column, bool descending)
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
	view_url_filters(u, q, NULL);
	view_url_sort(u, q->sort, q->descending);
	snprintf(number, sizeof(number), "%u", page);
	url_add(u, "page", page > 1 ? number : NULL);
}
