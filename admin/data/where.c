/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which rows: those of the scope, filters, and the search in all columns. */
#include "utf8.h"
#include "when.h"
#include "where.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define END_MIN 4 /* digits of the end of a number that find it: a short number */

/* A column that may be searched by this scope; another one is none. */
static const struct column *searched(const struct scope *s, const struct table *t, const char *name)
{
	const struct column *c = column_find(t, name);

	return c && scope_may(s, c->search) ? c : NULL;
}

/* `out`: %value%, or value%, where what means something to LIKE is only itself. */
static void make_pattern(char *out, size_t size, const char *value, bool anywhere)
{
	size_t n = 0;

	if (anywhere)
		out[n++] = '%';
	for (; *value && n + 3 < size; value++) {
		if (strchr("%_\\", *value))
			out[n++] = '\\';
		out[n++] = *value;
	}
	out[n++] = '%';
	out[n] = '\0';
}

/* People write long numbers in groups: "4711 5002". */
static void drop_blanks(char *text)
{
	char *to = text;

	for (; *text; text++)
		if (*text != ' ')
			*to++ = *text;
	*to = '\0';
}

static void put_like(struct statement *st, const struct column *c, const char *value, bool anywhere)
{
	char pattern[2 * CELL_TEXT_MAX + 8];
	bool text = anywhere && c->type == TYPE_BYTES;

	make_pattern(pattern, sizeof(pattern), value, anywhere);
	st_put(st, text ? "CONVERT(" : "");
	st_put(st, c->sql);
	st_put(st, text ? " USING utf8mb4)" : "");
	st_condition(st, " LIKE ?", pattern);
}

/* ---- filters ---- */

/* Words are checked as those that are written, times by what a date alone means here; the rest are texts to compare. */
static int take_value(struct db *db, const struct column *c, const struct data_filter *f, char *out)
{
	char why[PROBLEM_SIZE];
	struct column asked = *c;

	if (strlen(f->value) > CELL_TEXT_MAX)
		return REFUSED(-EINVAL, db, "%s is too long", c->label);
	if (c->type == TYPE_TIME) {
		if (!when_parse(f->value, f->op == FILTER_UNTIL ? WHEN_END_OF_DAY : WHEN_BEGIN_OF_DAY, out))
			return REFUSED(-EINVAL, db, "%s is a date, or a date and a time, in UTC", c->label);
		return 0;
	}
	if (c->type == TYPE_NUMBER && asked.max == 0)
		asked.max = 4294967295;
	if (c->type != TYPE_SWITCH && c->type != TYPE_WORD && c->type != TYPE_NUMBER) {
		strcpy(out, f->value);
		utf8_mend(out);
		if (c->type == TYPE_DIGITS)
			drop_blanks(out);
		return 0;
	}
	if (column_check(&asked, f->value, out, why) != 0)
		return REFUSED(-EINVAL, db, "%s %s", c->label, why);
	return 0;
}

static int put_filter(struct db *db, struct statement *st, const struct scope *s, const struct table *t, const struct data_filter *f)
{
	const struct column *c = searched(s, t, f->column);
	char value[CELL_TEXT_MAX + 1];
	bool compared = f->op == FILTER_IS || f->op == FILTER_FROM || f->op == FILTER_UNTIL;
	int rc = 0;

	if (!c)
		return st_no_column(db, t, f->column, "search by");
	st_put(st, " AND ");
	if (f->op == FILTER_IS && !*f->value) {
		st_put(st, "COALESCE(");
		st_put(st, c->sql);
		st_put(st, ", '') = ''");
	} else if (compared) {
		rc = take_value(db, c, f, value);
		st_put(st, c->sql);
		st_condition(st, f->op == FILTER_IS ? " = ?" : f->op == FILTER_FROM ? " >= ?" : " <= ?", rc ? "" : value);
	} else {
		snprintf(value, sizeof(value), "%s", f->value);
		utf8_mend(value);
		if (c->type == TYPE_DIGITS)
			drop_blanks(value);
		put_like(st, c, value, f->op == FILTER_HAS);
	}
	return rc;
}

/* ---- the search in all columns ---- */

/* Digits, perhaps in groups. */
static bool is_number(const char *text)
{
	return text[strspn(text, "0123456789 ")] == '\0';
}

static bool takes_search(const struct column *c, const struct scope *s, const char *text)
{
	bool digits = is_number(text);

	if (!scope_may(s, c->search) || c->only_filter || c->type == TYPE_TIME || c->type == TYPE_SWITCH)
		return false;
	return digits || (c->type != TYPE_DIGITS && c->type != TYPE_NUMBER);
}

static void put_searched(struct statement *st, const struct column *c, const char *text)
{
	char number[CELL_TEXT_MAX + 1];

	if (c->type == TYPE_TEXT || c->type == TYPE_EMAIL || c->type == TYPE_BYTES) {
		put_like(st, c, text, true);
		return;
	}
	snprintf(number, sizeof(number), "%s", text);
	if (c->type == TYPE_DIGITS || c->type == TYPE_NUMBER)
		drop_blanks(number);
	put_like(st, c, number, false);
	if (!c->by_end || strlen(number) < END_MIN)
		return;
	st_put(st, " OR ");
	st_put(st, c->sql);
	st_condition(st, " LIKE CONCAT('%', ?)", number); /* digits only */
}

static void put_search(struct statement *st, const struct scope *s, const struct table *t, const char *asked)
{
	char text[CELL_TEXT_MAX + 1];
	size_t found = 0;

	asked += strspn(asked, " ");
	snprintf(text, sizeof(text), "%s", asked);
	utf8_mend(text);
	for (size_t n = strlen(text); n && text[n - 1] == ' '; n--)
		text[n - 1] = '\0';
	if (!*text)
		return;
	st_put(st, " AND (");
	for (const struct column *c = t->columns; c->name; c++) {
		if (!takes_search(c, s, text))
			continue;
		st_put(st, found++ ? " OR " : "");
		put_searched(st, c, text);
	}
	st_put(st, found ? ")" : "FALSE)");
}

/* ---- both ---- */

int where_put(struct db *db, struct statement *st, const struct scope *s, const struct table *t, const struct data_query *q)
{
	int rc = 0;

	st_put(st, " WHERE ");
	st_scope(st, s, t);
	if (q->filter_count > DATA_FILTERS_MAX)
		return REFUSED(-EINVAL, db, "there are too many filters");
	for (size_t i = 0; rc == 0 && i < q->filter_count; i++)
		rc = put_filter(db, st, s, t, &q->filters[i]);
	if (rc == 0 && q->search)
		put_search(st, s, t, q->search);
	return rc;
}
