/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arguments of a command as a table: the parser, the usage line and the help come from its rows. */
#ifndef AETA_ADMIN_ARGS_H
#define AETA_ADMIN_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define ARGS_MAX      24
#define ARGS_MORE_MAX 16 /* values of one argument that takes several */

enum arg_type {
	ARG_TEXT,   /* any text that is not empty */
	ARG_NUMBER, /* min..max */
	ARG_SWITCH, /* on or off; its number is 1 or 0 */
	ARG_WORD,   /* one of `words`, separated by | */
	ARG_DATE,   /* UTC; its text becomes "YYYY-MM-DD HH:MM:SS", empty for "never" */
	ARG_TABLE,  /* name of a table of data/describe.h */
	ARG_FLAG    /* takes no value */
};

/* A row; positional where the name has no dashes, in the order of the rows. A row without a name ends the table. */
struct arg {
	const char *name; /* "PREFIX", "--hunting" */
	enum arg_type type;
	bool required;
	const char *value; /* what stands for the value in the usage; ARG_WORD: the words */
	const char *help;
	long min, max; /* ARG_NUMBER */
	bool empty;    /* ARG_TEXT: may be empty, which takes away what was there */
	bool more;     /* ARG_TEXT, the last positional one: takes all that follow */
};

struct args {
	const struct arg *table;
	const char *text[ARGS_MAX]; /* by row; NULL = not given */
	long number[ARGS_MAX];
	char date[ARGS_MAX][20]; /* behind `text` of a date */
	const char *more[ARGS_MORE_MAX]; /* of the row that takes several */
	size_t more_count;
	bool json, help;         /* --json, --help: every command has them */
};

/* Returns 0, or -EINVAL with a sentence in `error`. The texts point into argv. */
int args_parse(struct args *a, const struct arg *table, int argc, char *const *argv, char *error, size_t size);

/* By the name of a row; a name that is in no row stops the program (a mistake in a command, not of the user). */
bool arg_given(const struct args *a, const char *name);
const char *arg_text(const struct args *a, const char *name); /* NULL = not given */
long arg_number(const struct args *a, const char *name, long otherwise);

/* What stands for the value of an option: "on|off", "PREFIX"; NULL where it takes none. */
const char *arg_placeholder(const struct arg *row);

void args_usage(FILE *f, const struct arg *table); /* " PREFIX [--hunting on|off]" */
void args_help(FILE *f, const struct arg *table);  /* a line for each row */

#endif
