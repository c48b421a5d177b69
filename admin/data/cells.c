/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cells of a list that was read. */
#include "list.h"

#include <stdlib.h>
#include <string.h>

const char *data_cell(const struct data_rows *r, size_t row, size_t column)
{
	return r->cells[row * (r->column_count + LIST_OURS) + LIST_OURS + column];
}

const char *data_named(const struct data_rows *r, size_t row, const char *column)
{
	for (size_t i = 0; i < r->column_count; i++)
		if (strcmp(r->columns[i]->name, column) == 0)
			return data_cell(r, row, i);
	return NULL;
}

const char *data_key(const struct data_rows *r, size_t row)
{
	const char *key = r->cells[row * (r->column_count + LIST_OURS)];

	return key ? key : "";
}

const char *data_version(const struct data_rows *r, size_t row)
{
	const char *version = r->cells[row * (r->column_count + LIST_OURS) + 1];

	return version ? version : "";
}

void data_rows_free(struct data_rows *r)
{
	for (size_t i = 0; r->cells && i < r->count * (r->column_count + LIST_OURS); i++)
		free(r->cells[i]);
	free(r->cells);
	r->cells = NULL;
	r->count = 0;
}
