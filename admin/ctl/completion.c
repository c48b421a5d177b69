/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shell completion: a function of bash whose only data are the tables of commands; zsh runs it through its bashcompinit. It
 * offers words, not numbers: to know those it would have to ask the database at each press of TAB.
 */
#include "documents.h"

#include "data/describe.h"

#include <string.h>

static const char head[] =
		"# Completion of aetactl, made by \"aetactl completion\" from the tables of its commands.\n"
		"_aetactl_words()\n"
		"{\n"
		"\tlocal word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
		"\tlocal command=\"\" given=\" \" words=\"\" option options=\"\" i=1\n"
		"\tCOMPREPLY=()\n"
		"\t# options before the command; then the command, one word or two\n"
		"\twhile [ $i -lt $COMP_CWORD ]; do\n"
		"\t\tcase \"${COMP_WORDS[i]}\" in\n"
		"\t\t--config) i=$((i + 1)) ;;\n"
		"\t\t-*) ;;\n"
		"\t\t*) break ;;\n"
		"\t\tesac\n"
		"\t\ti=$((i + 1))\n"
		"\tdone\n"
		"\tif [ $i -lt $COMP_CWORD ] && [ \"${COMP_WORDS[i]}\" = help ]; then\n"
		"\t\tgiven=\" help \"\n"
		"\t\ti=$((i + 1))\n"
		"\tfi\n"
		"\tif [ $i -lt $COMP_CWORD ]; then\n"
		"\t\tcommand=\"${COMP_WORDS[i]}\"\n"
		"\t\ti=$((i + 1))\n"
		"\tfi\n"
		"\tcase \"$command ${COMP_WORDS[i]}\" in\n"
		"\t";

static const char two_words[] =
		")\n"
		"\t\tif [ $i -lt $COMP_CWORD ]; then\n"
		"\t\t\tcommand=\"$command ${COMP_WORDS[i]}\"\n"
		"\t\t\ti=$((i + 1))\n"
		"\t\tfi\n"
		"\t\t;;\n"
		"\tesac\n"
		"\twhile [ $i -lt $COMP_CWORD ]; do\n"
		"\t\tgiven=\"$given${COMP_WORDS[i]} \"\n"
		"\t\ti=$((i + 1))\n"
		"\tdone\n"
		"\tcase \"$command $before\" in # the value of an option; nothing where nobody can guess it\n"
		"\t\" --config\") compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n";

static const char tail[] =
		"\tesac\n"
		"\t[ \"${given# help }\" = \"$given\" ] || options=\"\"\n"
		"\tfor option in $options; do\n"
		"\t\tcase \"$given\" in\n"
		"\t\t*\" $option \"*) ;;\n"
		"\t\t*) words=\"$words $option\" ;;\n"
		"\t\tesac\n"
		"\tdone\n"
		"\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
		"}\n";

static bool is_option(const struct arg *row)
{
	return row->name[0] == '-';
}

static bool is_file(const struct arg *row)
{
	const char *what = is_option(row) ? row->value : row->name;

	return row->type == ARG_TEXT && what && (strcmp(what, "FILE") == 0 || strcmp(what, "DIR") == 0);
}

/* The words that a value can be, with blanks between them; nothing where they are not known. */
static void put_words(FILE *f, const struct arg *row)
{
	if (row->type == ARG_SWITCH)
		fputs("on off", f);
	for (size_t i = 0; row->type == ARG_TABLE && tables[i]; i++)
		fprintf(f, "%s%s", i ? " " : "", tables[i]->name);
	for (const char *s = row->type == ARG_WORD ? row->value : ""; *s; s++)
		fputc(*s == '|' ? ' ' : *s, f);
}

static void put_name(FILE *f, const struct command *c)
{
	fprintf(f, "%s%s%s", c->noun, c->verb ? " " : "", c->verb ? c->verb : "");
}

/* `"account add --kind") COMPREPLY=($(compgen -W "factory other" -- "$word")); return ;;` */
static void put_value(FILE *f, const struct command *c, const struct arg *row)
{
	fputs("\t\"", f);
	put_name(f, c);
	fprintf(f, " %s\") ", row->name);
	if (is_file(row)) {
		fputs("compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- \"$word\")); ", f);
	} else if (row->type == ARG_SWITCH || row->type == ARG_WORD) {
		fputs("COMPREPLY=($(compgen -W \"", f);
		put_words(f, row);
		fputs("\" -- \"$word\")); ", f);
	}
	fputs("return ;;\n", f);
}

/* ` words="…" options="…"`: what may stand behind a command, the words of its positional arguments and its options. */
static void put_arguments(FILE *f, const struct command *c, const char *words)
{
	const char *files = "";

	fprintf(f, " words=\"%s", words);
	for (const struct arg *row = c->args; row->name; row++) {
		if (is_option(row))
			continue;
		put_words(f, row);
		files = is_file(row) ? "$(compgen -f -- \"$word\")" : files;
	}
	fprintf(f, "%s\" options=\"--json --help", files);
	for (const struct arg *row = c->args; row->name; row++)
		if (is_option(row))
			fprintf(f, " %s", row->name);
	fputs("\" ;;\n", f);
}

/* The first command of this noun? */
static bool is_first(const struct command *c)
{
	const struct command *other;

	for (size_t i = 0; (other = command_at(i)) != c; i++)
		if (strcmp(other->noun, c->noun) == 0)
			return false;
	return true;
}

/* What may stand behind a noun: its verbs, and what its command without one takes. */
static void put_noun(FILE *f, const struct command *first)
{
	const struct command *c, *alone = NULL;
	char verbs[256] = "";
	size_t used = 0;

	for (size_t i = 0; (c = command_at(i)); i++) {
		if (strcmp(c->noun, first->noun) != 0)
			continue;
		if (!c->verb)
			alone = c;
		else if (used < sizeof(verbs))
			used += (size_t)snprintf(verbs + used, sizeof(verbs) - used, "%s ", c->verb);
	}
	fprintf(f, "\t\"%s\")", first->noun);
	if (alone)
		put_arguments(f, alone, verbs);
	else
		fprintf(f, " words=\"%s\" ;;\n", verbs);
}

static void put_all_nouns(FILE *f)
{
	const struct command *c;

	fputs("\t\"\") words=\"help", f);
	for (size_t i = 0; (c = command_at(i)); i++)
		if (is_first(c))
			fprintf(f, " %s", c->noun);
	fputs("\" options=\"--config --json --help --version\" ;;\n", f);
}

/* The commands of two words, as a pattern. */
static void put_pairs(FILE *f)
{
	const struct command *c;
	const char *between = "";

	for (size_t i = 0; (c = command_at(i)); i++) {
		if (!c->verb)
			continue;
		fprintf(f, "%s\"%s %s\"", between, c->noun, c->verb);
		between = " | ";
	}
}

void write_completion(FILE *f, bool zsh)
{
	const struct command *c;

	if (zsh)
		fputs("#compdef aetactl\nautoload -U +X bashcompinit && bashcompinit\n", f);
	fputs(head, f);
	put_pairs(f);
	fputs(two_words, f);
	for (size_t i = 0; (c = command_at(i)); i++)
		for (const struct arg *row = c->args; row->name; row++)
			if (is_option(row) && row->type != ARG_FLAG)
				put_value(f, c, row);
	fputs("\tesac\n\tcase \"$command\" in\n", f);
	put_all_nouns(f);
	for (size_t i = 0; (c = command_at(i)); i++) {
		if (is_first(c))
			put_noun(f, c);
		if (!c->verb)
			continue;
		fputs("\t\"", f);
		put_name(f, c);
		fputs("\")", f);
		put_arguments(f, c, "");
	}
	fputs(tail, f);
	/* zsh runs the file as the completion itself where it found it by its name, and reads it where it is sourced */
	fputs(zsh ? "if [ \"${funcstack[1]}\" = _aetactl ]; then\n\t_bash_complete -F _aetactl_words\nelse\n"
				"\tcomplete -F _aetactl_words aetactl\nfi\n"
			  : "complete -F _aetactl_words aetactl\n",
			f);
}
