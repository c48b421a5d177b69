/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "args.h"

#include "data/describe.h"

#include "data/when.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static bool is_option(const struct arg *row)
{
	return row->name[0] == '-';
}

const char *arg_placeholder(const struct arg *row)
{
	if (row->type == ARG_FLAG)
		return NULL;
	return row->type == ARG_SWITCH ? "on|off" : row->value ? row->value : "N";
}

/* ---- one value ---- */

static bool word_in(const char *words, const char *s)
{
	size_t len = strlen(s);

	for (const char *w = words; w; w = strchr(w, '|') ? strchr(w, '|') + 1 : NULL) {
		if (strncmp(w, s, len) == 0 && len && (w[len] == '|' || w[len] == '\0'))
			return true;
	}
	return false;
}

static bool take_number(const struct arg *row, const char *s, long *out)
{
	char *end;

	if (!isdigit((unsigned char)*s))
		return false;
	errno = 0;
	*out = strtol(s, &end, 10);
	return errno == 0 && *end == '\0' && *out >= row->min && *out <= row->max;
}

/* "never" is no time. */
static bool take_date(const char *s, char out[WHEN_SIZE])
{
	out[0] = '\0';
	return strcmp(s, "never") == 0 || when_parse(s, WHEN_END_OF_DAY, out);
}

static bool take_value(struct args *a, size_t i, const char *s)
{
	const struct arg *row = &a->table[i];

	a->text[i] = s;
	switch (row->type) {
	case ARG_TEXT:
		return *s != '\0' || row->empty;
	case ARG_NUMBER:
		return take_number(row, s, &a->number[i]);
	case ARG_SWITCH:
		a->number[i] = strcmp(s, "on") == 0;
		return a->number[i] || strcmp(s, "off") == 0;
	case ARG_WORD:
		return word_in(row->value, s);
	case ARG_DATE:
		a->text[i] = a->date[i];
		return take_date(s, a->date[i]);
	case ARG_TABLE:
		return table_find(s) != NULL;
	case ARG_FLAG:
		a->number[i] = 1;
		return true;
	}
	return false;
}

/* ---- the command line ---- */

static void say_wrong(const struct arg *row, const char *s, char *error, size_t size)
{
	if (row->type == ARG_NUMBER)
		snprintf(error, size, "%s is %ld to %ld, not \"%s\"", row->name, row->min, row->max, s);
	else if (row->type == ARG_DATE)
		snprintf(error, size, "%s is YYYY-MM-DD, YYYY-MM-DD HH:MM (UTC) or never, not \"%s\"", row->name, s);
	else if (row->type == ARG_TABLE)
		snprintf(error, size, "there is no table \"%s\": see aetactl table list", s);
	else if (row->type == ARG_TEXT)
		snprintf(error, size, "%s is empty", row->name);
	else
		snprintf(error, size, "%s is %s, not \"%s\"", row->name, arg_placeholder(row), s);
}

/* The row of an option (`name`), or of the next positional argument (NULL); the end row if there is none. */
static size_t find_row(const struct args *a, const char *name)
{
	size_t i = 0;

	while (a->table[i].name) {
		if (name ? strcmp(a->table[i].name, name) == 0 && is_option(&a->table[i])
				 : !is_option(&a->table[i]) && (!a->text[i] || a->table[i].more))
			break;
		i++;
	}
	return i;
}

/* Takes argv[0] and, for an option, its value; how many it took, or -EINVAL. */
static int take_argument(struct args *a, int argc, char *const *argv, char *error, size_t size)
{
	bool option = argv[0][0] == '-' && argv[0][1] == '-';
	size_t i = find_row(a, option ? argv[0] : NULL);
	const struct arg *row = &a->table[i];
	bool alone = !option || row->type == ARG_FLAG;

	if (!row->name) {
		snprintf(error, size, option ? "unknown option %s" : "one argument too many: %s", argv[0]);
	} else if (row->more && a->more_count == ARGS_MORE_MAX) {
		snprintf(error, size, "%s is given more than %d times", row->name, ARGS_MORE_MAX);
	} else if (a->text[i] && !row->more) {
		snprintf(error, size, "%s is given twice", row->name);
	} else if (!alone && argc < 2) {
		snprintf(error, size, "%s needs a value", row->name);
	} else if (!take_value(a, i, alone ? argv[0] : argv[1])) {
		say_wrong(row, alone ? argv[0] : argv[1], error, size);
	} else {
		if (row->more)
			a->more[a->more_count++] = argv[0];
		return alone ? 1 : 2;
	}
	return -EINVAL;
}

int args_parse(struct args *a, const struct arg *table, int argc, char *const *argv, char *error, size_t size)
{
	int taken;

	memset(a, 0, sizeof(*a));
	a->table = table;
	for (; argc > 0; argc -= taken, argv += taken) {
		taken = 1;
		if (strcmp(argv[0], "--json") == 0)
			a->json = true;
		else if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0)
			a->help = true;
		else
			taken = take_argument(a, argc, argv, error, size);
		if (taken < 0)
			return taken;
	}
	for (size_t i = 0; table[i].name && !a->help; i++) {
		if (table[i].required && !a->text[i]) {
			snprintf(error, size, "%s is missing", table[i].name);
			return -EINVAL;
		}
	}
	return 0;
}

/* ---- by name ---- */

static size_t row_named(const struct args *a, const char *name)
{
	for (size_t i = 0; a->table[i].name; i++) {
		if (strcmp(a->table[i].name, name) == 0)
			return i;
	}
	fprintf(stderr, "aetactl: no argument %s in the table of this command\n", name);
	abort();
}

bool arg_given(const struct args *a, const char *name)
{
	return a->text[row_named(a, name)] != NULL;
}

const char *arg_text(const struct args *a, const char *name)
{
	return a->text[row_named(a, name)];
}

long arg_number(const struct args *a, const char *name, long otherwise)
{
	size_t i = row_named(a, name);

	return a->text[i] ? a->number[i] : otherwise;
}

/* ---- for people ---- */

static void print_row(FILE *f, const struct arg *row)
{
	fputs(row->name, f);
	if (is_option(row) && row->type != ARG_FLAG)
		fprintf(f, " %s", arg_placeholder(row));
}

void args_usage(FILE *f, const struct arg *table)
{
	for (; table->name; table++) {
		fputs(table->required ? " " : " [", f);
		print_row(f, table);
		fputs(table->more ? "..." : "", f);
		fputs(table->required ? "" : "]", f);
	}
}

void args_help(FILE *f, const struct arg *table)
{
	char left[64];

	for (; table->name; table++) {
		snprintf(left, sizeof(left), "%s%s%s", table->name, is_option(table) && table->type != ARG_FLAG ? " " : "",
				is_option(table) && table->type != ARG_FLAG ? arg_placeholder(table) : "");
		fprintf(f, "  %-28s %s", left, table->help);
		if (table->type == ARG_NUMBER)
			fprintf(f, " (%ld to %ld)", table->min, table->max);
		fputc('\n', f);
	}
}
