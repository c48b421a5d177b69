/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "print.h"

#include <stdlib.h>
#include <string.h>

#define CELL_MAX 1024 /* the longest sentence that a command says fits */

/* A scalar as text; what is in the database cannot move the cursor of a terminal. */
static const char *cell_text(const json_t *value, char out[CELL_MAX])
{
	switch (json_typeof(value)) {
	case JSON_STRING:
		snprintf(out, CELL_MAX, "%s", json_string_value(value));
		break;
	case JSON_INTEGER:
		snprintf(out, CELL_MAX, "%lld", (long long)json_integer_value(value));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		snprintf(out, CELL_MAX, "%s", json_is_true(value) ? "yes" : "no");
		break;
	case JSON_OBJECT:
		snprintf(out, CELL_MAX, "yes"); /* there is one; it is shown where it is asked for alone */
		break;
	default:
		snprintf(out, CELL_MAX, "-");
	}
	for (char *s = out; *s; s++) {
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = '?';
		else if ((unsigned char)s[0] == 0xc2 && (unsigned char)s[1] >= 0x80 && (unsigned char)s[1] <= 0x9f)
			s[0] = s[1] = '?'; /* U+0080 to U+009F, which some terminals obey as they do ESC */
	}
	return out;
}

/* Characters, not bytes, of UTF-8. */
static int width(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static int column_width(const json_t *rows, const char *key)
{
	char text[CELL_MAX];
	const json_t *row;
	int widest = width(key), w;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		w = width(cell_text(json_object_get(row, key), text));
		widest = w > widest ? w : widest;
	}
	return widest;
}

static void put_padded(FILE *f, const char *s, int to, int last)
{
	fprintf(f, "%s%*s", s, last ? 0 : to - width(s) + 2, "");
}

static void print_table(FILE *f, json_t *rows)
{
	json_t *first = json_array_get(rows, 0), *value, *row;
	size_t columns = json_object_size(first), n = 0, i; /* no row: no column, nothing is printed */
	int *widths = calloc(columns + 1, sizeof(*widths));
	char text[CELL_MAX];
	const char *key;

	if (!widths || !columns)
		goto out;
	json_object_foreach(first, key, value)
	{
		widths[n] = column_width(rows, key);
		put_padded(f, key, widths[n], n + 1 == columns);
		n++;
	}
	fputc('\n', f);
	json_array_foreach(rows, i, row)
	{
		n = 0;
		json_object_foreach(first, key, value)
		{
			put_padded(f, cell_text(json_object_get(row, key), text), widths[n], n + 1 == columns);
			n++;
		}
		fputc('\n', f);
	}
out:
	free(widths);
}

/* `to`: width of the scalars' keys, 0 where there are none, and a lone table needs no title. */
static void print_member(FILE *f, const char *key, json_t *value, int to)
{
	char text[CELL_MAX];
	const char *inner_key;
	json_t *inner;

	if (json_is_array(value)) {
		if (json_array_size(value) == 0)
			fprintf(f, "%s: none\n", key);
		else if (to)
			fprintf(f, "%s:\n", key);
		print_table(f, value);
	} else if (json_is_object(value)) {
		json_object_foreach(value, inner_key, inner) fprintf(f, "%s %s: %s\n", key, inner_key, cell_text(inner, text));
	} else {
		fprintf(f, "%s:%*s%s\n", key, to - width(key) + 1, "", cell_text(value, text));
	}
}

void print_text(FILE *f, const json_t *object)
{
	const char *key;
	json_t *value;
	int widest = 0;

	json_object_foreach((json_t *)(size_t)object, key, value)
	{
		if (!json_is_array(value) && !json_is_object(value) && width(key) > widest)
			widest = width(key);
	}
	json_object_foreach((json_t *)(size_t)object, key, value) print_member(f, key, value, widest);
}
