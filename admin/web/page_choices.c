/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "page_choices.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *name_of(const struct data_rows *rows, size_t row)
{
	const char *name = data_named(rows, row, rows->table->title);

	return name ? name : "";
}

/* The row that what was typed means: the only one, or the only one of exactly that name. */
static bool only_one(const struct data_rows *rows, const char *typed, size_t *at)
{
	size_t n = 0;

	*at = 0;
	for (size_t i = 0; i < rows->count; i++) {
		if (strcasecmp(name_of(rows, i), typed) == 0) {
			*at = i;
			n++;
		}
	}
	return n == 1 || (n == 0 && rows->count == 1 && !rows->more);
}

int choice_find(struct request *r, struct choice *c, const struct column *column, const char *typed, char problem[PROBLEM_SIZE])
{
	const struct table *t = table_find(column->refers);
	const struct data_query q = {.search = typed, .per_page = DATA_PER_PAGE_MAX};
	size_t at;
	int rc;

	c->view.column = column;
	problem[0] = '\0';
	if (!*typed)
		return 0;
	rc = data_list(r->db, &r->scope, t, &q, &c->rows);
	if (rc == -EINVAL || (rc == 0 && c->rows.count == 0)) {
		snprintf(problem, PROBLEM_SIZE, "is not found: nothing is called so, or begins so");
		data_rows_free(&c->rows);
		return 0;
	}
	if (rc)
		return rc;
	if (only_one(&c->rows, typed, &at)) {
		snprintf(c->key, sizeof(c->key), "%s", data_key(&c->rows, at));
		data_rows_free(&c->rows);
	} else if (c->rows.more || c->rows.total > c->rows.count) {
		snprintf(problem, PROBLEM_SIZE, "fits more than %d: type more of the name", DATA_PER_PAGE_MAX);
		data_rows_free(&c->rows);
	} else {
		snprintf(problem, PROBLEM_SIZE, "fits %zu: choose one of them", c->rows.count);
	}
	return 0;
}

/* A key of no row, or of none that the scope sees, is shown as it is. */
static int read_names(struct request *r, struct choice *c, const char *const keys[CHOICE_KEYS])
{
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; i < CHOICE_KEYS && rc == 0; i++) {
		if (!keys[i] || !*keys[i])
			continue;
		rc = data_show(r->db, &r->scope, table_find(c->view.column->refers), keys[i], &c->named[i]);
		if (rc == 0)
			c->names[n++] = &c->named[i];
		else if (rc == -ENOENT || rc == -EINVAL)
			rc = 0;
	}
	c->view.named = c->names;
	return rc;
}

int choice_read(struct request *r, struct choice *c, const struct column *column, const char *const keys[CHOICE_KEYS])
{
	const struct data_query all = {.per_page = DATA_PER_PAGE_MAX};
	int rc;

	c->view.column = column;
	if (!c->rows.count) {
		rc = data_list(r->db, &r->scope, table_find(column->refers), &all, &c->rows);
		if (rc)
			return rc;
		if (c->rows.more || c->rows.total > c->rows.count)
			data_rows_free(&c->rows);
		else
			c->view.all = true;
	}
	if (c->view.all || c->rows.count)
		c->view.rows = &c->rows;
	return c->view.all ? 0 : read_names(r, c, keys);
}

void choice_free(struct choice *c)
{
	data_rows_free(&c->rows);
	for (size_t i = 0; i < CHOICE_KEYS; i++)
		data_rows_free(&c->named[i]);
}
