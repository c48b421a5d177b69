/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view_scene.h"

#include "data/list.h"
#include "html_reader.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static char *copy(const char *s)
{
	char *out = s ? strdup(s) : NULL;

	if (s && !out)
		abort();
	return out;
}

void scene_rows(struct data_rows *rows, const char *table, const struct scope *s, bool show, size_t count, const char *all)
{
	*rows = (struct data_rows){.table = table_find(table), .count = count, .page = 1, .per_page = DATA_PER_PAGE, .total = count};
	ck_assert_ptr_nonnull(rows->table);
	for (const struct column *c = rows->table->columns; c->name; c++) {
		if (scope_may(s, show ? c->show : c->list))
			rows->columns[rows->column_count++] = c;
	}
	rows->cells = calloc(count * (rows->column_count + LIST_OURS) + 1, sizeof(*rows->cells));
	if (!rows->cells)
		abort();
	for (size_t i = 0; i < count * (rows->column_count + LIST_OURS); i++) {
		size_t at = i % (rows->column_count + LIST_OURS);

		rows->cells[i] = copy(at == 0 ? "45675001" : at == 1 ? "7" : all);
	}
}

void scene_set(struct data_rows *rows, size_t row, const char *column, const char *value)
{
	for (size_t i = 0; i < rows->column_count; i++) {
		char **cell = &rows->cells[row * (rows->column_count + LIST_OURS) + LIST_OURS + i];

		if (strcmp(rows->columns[i]->name, column) != 0)
			continue;
		free(*cell);
		*cell = copy(value);
		return;
	}
	ck_abort_msg("no column %s", column);
}

static const char *get_pair(const void *from, const char *name)
{
	for (const char *const *pair = from; *pair; pair += 2) {
		if (!strcmp(pair[0], name))
			return pair[1];
	}
	return NULL;
}

struct fields scene_sent(const char *const *pairs)
{
	return (struct fields){get_pair, pairs};
}

void scene_begin(struct html *h)
{
	html_init(h);
	html_open(h, "div");
}

const char *scene_seen(struct html *h)
{
	static struct journal seen;
	size_t length, at;
	char *data;

	html_close(h);
	ck_assert_int_eq(html_finish(h, &data, &length), 0);
	journal_free(&seen);
	ck_assert_msg(html_read(&seen, data, length, &at), "%.60s", data + at);
	free(data);
	return seen.data;
}
