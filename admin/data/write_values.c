/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may be written, and what is right. */
#include "write.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void add_problem(struct data_problems *p, const struct column *c, const char *text)
{
	struct data_problem *problem = &p->list[p->count];

	if (p->count == COLUMNS_MAX)
		return;
	problem->column = c;
	snprintf(problem->text, sizeof(problem->text), "%s", text);
	p->count++;
}

static bool is_written(const struct write *w, const struct column *c)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->columns[i] == c)
			return true;
	return false;
}

static void take_value(struct write *w, const struct column *c, const char *value, struct data_problems *problems)
{
	char why[PROBLEM_SIZE];

	if (column_check(c, value, w->values[w->count], why) != 0)
		add_problem(problems, c, why);
	w->columns[w->count++] = c;
}

static int take_change(struct db *db, struct write *w, const struct data_change *change, bool inserting, struct data_problems *problems)
{
	const struct column *c = column_find(w->t, change->column);
	unsigned seen = c ? c->show | c->list | c->edit | c->insert : BY_NOBODY;

	if (!c || !scope_may(w->s, seen) || !change->value)
		return st_no_column(db, w->t, change->column, "write");
	if (is_written(w, c))
		return REFUSED(-EINVAL, db, "%s is there twice", c->name);
	if (!c->store || !scope_may(w->s, inserting ? c->insert : c->edit))
		return REFUSED(-EACCES, db, "%s is not yours to change", c->label);
	take_value(w, c, change->value, problems);
	return 0;
}

/* A new row has what the form begins with where nothing else is said. */
static void take_initial(struct write *w, struct data_problems *problems)
{
	for (const struct column *c = w->t->columns; c->name; c++)
		if (c->store && scope_may(w->s, c->insert) && !is_written(w, c))
			take_value(w, c, c->initial ? c->initial : "", problems);
}

static int say_problems(struct db *db, const struct data_problems *problems)
{
	const struct data_problem *first = &problems->list[0];

	if (problems->count == 0)
		return 0;
	return REFUSED(-EINVAL, db, "%s %s", first->column->label, first->text);
}

int write_take(struct db *db, struct write *w, const struct data_change *changes, size_t count, bool inserting,
		struct data_problems *problems)
{
	int rc = 0;

	problems->count = 0;
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = take_change(db, w, &changes[i], inserting, problems);
	if (rc == 0 && inserting)
		take_initial(w, problems);
	return rc ? rc : say_problems(db, problems);
}

const char *write_stored(const struct write *w, size_t i)
{
	return w->columns[i]->nullable && !w->values[i][0] ? NULL : w->values[i];
}
