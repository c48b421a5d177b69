/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options, as text for people. */
#include "options.h"

#define WIDTH 100
#define INDENT 8

static const char usage[] =
	"Usage: aeta-relay --interface=[NAME/]ADDRESS[!ADVERTISED] [OPTION...]   run the relay\n"
	"       aeta-relay ping|list|statistics|show CALL-ID [--ng ADDRESS:PORT]  ask one that runs\n";

/* Words wrapped to the width, each line behind `INDENT` blanks. */
static void wrapped(FILE *to, const char *s)
{
	struct text rest = text_of(s), word;
	size_t column = 0;

	while ((word = text_word(&rest)).n) {
		if (column && column + 1 + word.n > WIDTH) {
			fputc('\n', to);
			column = 0;
		}
		fprintf(to, "%*s%.*s", column ? 1 : INDENT, "", TEXT_ARGS(word));
		column = (column ? column + 1 : INDENT) + word.n;
	}
	fputc('\n', to);
}

static void head(FILE *to, const struct option_row *row)
{
	if (row->letter)
		fprintf(to, "-%c, ", row->letter);
	fprintf(to, "--%s", row->name);
	if (row->type == OPTION_SWITCH)
		return;
	if (row->type == OPTION_NUMBER || row->type == OPTION_DECIMAL)
		fprintf(to, "=%s", row->type == OPTION_NUMBER ? "NUMBER" : "DECIMAL");
	else
		fprintf(to, "=%s", row->unit);
}

/* "1 to 10 s, default 5" */
static void limits(FILE *to, const struct option_row *row)
{
	if (row->type == OPTION_NUMBER || row->type == OPTION_DECIMAL)
		fprintf(to, "%lld to %lld (%s)", (long long)row->min, (long long)row->max, row->unit);
	else if (row->type == OPTION_LIST)
		fputs("repeated, or separated by `;`", to);
	else if (row->type == OPTION_SWITCH)
		fputs("yes or no", to);
	else
		fputs("one value", to);
	if (row->preset)
		fprintf(to, "; default %s", row->preset);
	if (row->flags & OPTION_RELOAD)
		fputs("; read again at SIGHUP", to);
	if (row->flags & OPTION_COMMAND_LINE)
		fputs("; on the command line only", to);
}

/* "a|b" as code, since a bar would end the table's cell. */
static void spelled(FILE *to, const char *unit)
{
	struct text words = text_of(unit);

	while (words.n) {
		struct text word = text_until(&words, '|');

		fprintf(to, "`%.*s`, ", TEXT_ARGS(word));
	}
}

void options_help(FILE *to)
{
	fputs(usage, to);
	for (unsigned i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];

		fputs("  ", to);
		head(to, row);
		if (row->preset && row->type != OPTION_SWITCH)
			fprintf(to, "   [%s%s%s]", row->preset, row->type == OPTION_NUMBER ? " " : "", row->type == OPTION_NUMBER ? row->unit : "");
		fputc('\n', to);
		wrapped(to, row->text);
	}
	fputs("A switch is turned off by --no-NAME. The same names stand in the configuration file, as `name = value`.\n", to);
}

void options_reference(FILE *to)
{
	fputs("# Options of aeta-relay\n\n"
		  "Printed by `aeta-relay --reference`; the source is `options_table.c`. On the command line `--name=value` or `--name value`, a\n"
		  "switch as `--name` and `--no-name`; in the configuration file `name = value` in the section `[aeta-relay]` or `[rtpengine]`.\n"
		  "The command line wins. What is not listed here is refused.\n\n"
		  "| option | value | meaning |\n|---|---|---|\n", to);
	for (unsigned i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];

		fprintf(to, "| `%s` | ", row->name);
		if (row->unit && row->type >= OPTION_WORD)
			spelled(to, row->unit);
		limits(to, row);
		fprintf(to, " | %s |\n", row->text);
	}
}
