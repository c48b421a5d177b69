/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands that print what is made of the tables of commands; they need neither a configuration nor a database. */
#include "documents.h"

#include <string.h>

static int put_completion(struct ctl *ctl, const struct args *args, FILE *f)
{
	(void)ctl;
	write_completion(f, strcmp(arg_text(args, "SHELL"), "zsh") == 0);
	return CTL_OK;
}

static int put_manual(struct ctl *ctl, const struct args *args, FILE *f)
{
	(void)ctl;
	(void)args;
	write_manual(f);
	return CTL_OK;
}

static int command_completion(struct ctl *ctl, const struct args *args)
{
	return ctl_print(ctl, args, "text", put_completion);
}

static int command_manual(struct ctl *ctl, const struct args *args)
{
	return ctl_print(ctl, args, "text", put_manual);
}

static const struct arg shell_args[] = {
		{.name = "SHELL", .type = ARG_WORD, .required = true, .value = "bash|zsh", .help = "bash or zsh"}, {0}};
static const struct arg no_args[] = {{0}};

const struct command document_commands[] = {
		{"completion", NULL, shell_args, command_completion, NEEDS_NOTHING, "what a shell reads to complete a command line"},
		{"manual", NULL, no_args, command_manual, NEEDS_NOTHING, "the manual page, for man -l"},
		{0},
};
