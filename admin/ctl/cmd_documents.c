/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands that print what is made of the tables of commands; they need neither a configuration nor a database. */
#include "documents.h"

#include <stdlib.h>
#include <string.h>

/* To standard output, or as "text" of the result with --json. */
static int print_document(struct ctl *ctl, const struct args *args, void (*write_it)(FILE *f))
{
	char *text = NULL;
	size_t size;
	FILE *f = args->json ? open_memstream(&text, &size) : stdout;

	if (!f)
		return refuse("out of memory");
	write_it(f);
	if (!args->json)
		return CTL_OK;
	if (fclose(f) == 0)
		ctl_say(ctl, "text", json_string(text));
	free(text);
	return CTL_OK;
}

static void write_bash(FILE *f)
{
	write_completion(f, false);
}

static void write_zsh(FILE *f)
{
	write_completion(f, true);
}

static int command_completion(struct ctl *ctl, const struct args *args)
{
	return print_document(ctl, args, strcmp(arg_text(args, "SHELL"), "zsh") == 0 ? write_zsh : write_bash);
}

static int command_manual(struct ctl *ctl, const struct args *args)
{
	return print_document(ctl, args, write_manual);
}

static const struct arg shell_args[] = {
		{.name = "SHELL", .type = ARG_WORD, .required = true, .value = "bash|zsh", .help = "bash or zsh"}, {0}};
static const struct arg no_args[] = {{0}};

const struct command document_commands[] = {
		{"completion", NULL, shell_args, command_completion, NEEDS_NOTHING, "what a shell reads to complete a command line"},
		{"manual", NULL, no_args, command_manual, NEEDS_NOTHING, "the manual page, for man -l"},
		{0},
};
