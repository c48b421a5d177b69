/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a CSV file. Each row is within its limits, and written and read again it is the same row. */
#include "data/csv.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct csv csv, again;

static void must(int condition)
{
	if (!condition)
		abort();
}

/* Behind a head, so that neither a mark nor a separator is looked for in it. */
static void check_row(const struct csv *row)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	fputs("head,\n", f);
	csv_write(f, (const char *const *)row->field, row->fields);
	must(fclose(f) == 0);
	csv_begin(&again, text, size);
	must(csv_next(&again) == CSV_ROW && again.fields == 2);
	must(csv_next(&again) == CSV_ROW && again.fields == row->fields && again.line == 2);
	for (size_t i = 0; i < row->fields; i++)
		must(strcmp(again.field[i], row->field[i]) == 0);
	must(csv_next(&again) == CSV_END);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum csv_found found;
	size_t line = 0;

	if (size > CSV_ROW_MAX / 2)
		return 0; /* a row may be too long with the marks that it is written with */
	csv_begin(&csv, (const char *)data, size);
	while ((found = csv_next(&csv)) != CSV_END) {
		must(csv.line > line && csv.line <= size && csv.fields > 0 && csv.fields <= CSV_FIELDS_MAX);
		line = csv.line;
		if (found == CSV_ROW)
			check_row(&csv);
		else
			must(csv.wrong != NULL && csv.wrong_field <= CSV_FIELDS_MAX);
	}
	return 0;
}
