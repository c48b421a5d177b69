/* SPDX-License-Identifier: GPL-2.0-or-later */
/* aetactl(1), from the tables of commands and some text that no table has. */
#include "documents.h"

#include <string.h>

static const char front[] =
		".TH AETACTL 1 \"\" \"aetactl " AETA_VERSION "\" \"User Commands\"\n"
		".SH NAME\n"
		"aetactl \\- administer a SIP service for broadcast codecs\n"
		".SH SYNOPSIS\n"
		".B aetactl\n"
		".RB [ \\-\\-config\n"
		".IR FILE ]\n"
		".RB [ \\-\\-json ]\n"
		".I COMMAND\n"
		".RI [ ARGUMENT ]...\n"
		".SH DESCRIPTION\n"
		"Customers and their technical contacts, groups and their options, numbers and accounts, exceptions, domains and media\n"
		"relays of the service are in its database; what is going on is in Kamailio.\n"
		"Each command reads or changes one of these, tells Kamailio at once, and says what it is now.\n"
		".PP\n"
		"Times are UTC.\n"
		"A new password is printed once and stored nowhere in clear.\n"
		"A refusal is one line on standard error that says what, where and what to do.\n"
		".SH OPTIONS\n"
		".TP\n"
		".BI \\-\\-config \" FILE\"\n"
		"The configuration, instead of\n"
		".B $AETACTL_CONF\n"
		"or\n"
		".IR " CONFIG_DEFAULT ".\n"
		"Stands before the command.\n"
		".TP\n"
		".B \\-\\-json\n"
		"Print one JSON object instead of text.\n"
		"Stands before the command or behind it.\n"
		".TP\n"
		".BR \\-\\-help , \" \\-h\"\n"
		"Print the arguments of a command.\n"
		".TP\n"
		".B \\-\\-version\n"
		"Print the version, without a command.\n"
		".SH COMMANDS\n"
		".TP\n"
		".BI \"help \" \\fR[\\fPCOMMAND\\fR]\\fP\n"
		"The list of commands, or the arguments of one.\n";

static const char back[] =
		".SH FILES\n"
		".TP\n"
		".I " CONFIG_DEFAULT "\n"
		"The configuration: lines\n"
		".IR \"KEY \" = \" VALUE\" ,\n"
		"the keys\n"
		".B db_socket\n"
		"(or\n"
		".B db_host\n"
		"and\n"
		".BR db_port ),\n"
		".BR db_name ,\n"
		".BR db_user ,\n"
		".BR db_password ,\n"
		".B realm\n"
		"and\n"
		".B rpc_socket\n"
		"(Kamailio's JSON\\-RPC socket).\n"
		"It holds a password, so it is refused unless nobody but its owner and its group can read it.\n"
		".SH ENVIRONMENT\n"
		".TP\n"
		".B AETACTL_CONF\n"
		"The configuration, unless\n"
		".B \\-\\-config\n"
		"names another one.\n"
		".SH EXIT STATUS\n"
		".TP\n"
		".B 0\n"
		"It was done.\n"
		".TP\n"
		".B 1\n"
		"It was refused; nothing has changed unless the line on standard error says so.\n"
		".TP\n"
		".B 2\n"
		"The command line is wrong.\n"
		".TP\n"
		".B 3\n"
		"The database or Kamailio cannot be reached.\n"
		".SH EXAMPLES\n"
		".nf\n"
		"aetactl customer add \"Radio Example\" \\-\\-email noc@radio.example\n"
		"aetactl group add 4567 \\-\\-customer \"Radio Example\" \\-\\-hunting on\n"
		"aetactl number allocate 4567 3\n"
		"aetactl explain 45675001 902080\n"
		".fi\n"
		".SH SEE ALSO\n"
		".BR kamailio (8)\n";

/* Text as roff reads it: a minus is no hyphen, a backslash is one, and no line becomes a request. */
static void put_text(FILE *f, const char *s)
{
	if (*s == '.' || *s == '\'')
		fputs("\\&", f);
	for (; *s; s++) {
		if (*s == '-')
			fputs("\\-", f);
		else if (*s == '\\')
			fputs("\\e", f);
		else
			fputc(*s, f);
	}
}

static bool is_option(const struct arg *row)
{
	return row->name[0] == '-';
}

/* An option in bold and its value in italics; a positional argument is a value. */
static void put_argument(FILE *f, const struct arg *row)
{
	const char *value = is_option(row) ? arg_placeholder(row) : row->name;

	if (is_option(row)) {
		fputs("\\fB", f);
		put_text(f, row->name);
		fputs(value ? "\\fP " : "\\fP", f);
	}
	if (value) {
		fputs("\\fI", f);
		put_text(f, value);
		fputs("\\fP", f);
	}
}

/* One line: "number allocate PREFIX N". */
static void put_usage(FILE *f, const struct command *c)
{
	fprintf(f, "\\fB%s%s%s\\fP", c->noun, c->verb ? " " : "", c->verb ? c->verb : "");
	for (const struct arg *row = c->args; row->name; row++) {
		fputs(row->required ? " " : " [", f);
		put_argument(f, row);
		fputs(row->more ? "..." : "", f);
		fputs(row->required ? "" : "]", f);
	}
	fputc('\n', f);
}

static void put_command(FILE *f, const struct command *c)
{
	fputs(".TP\n", f);
	put_usage(f, c);
	put_text(f, c->help);
	fputc('\n', f);
	if (!c->args->name)
		return;
	fputs(".RS\n", f);
	for (const struct arg *row = c->args; row->name; row++) {
		fputs(".TP\n", f);
		put_argument(f, row);
		fputc('\n', f);
		put_text(f, row->help);
		if (row->type == ARG_NUMBER)
			fprintf(f, " (%ld to %ld)", row->min, row->max);
		fputc('\n', f);
	}
	fputs(".RE\n", f);
}

void write_manual(FILE *f)
{
	const struct command *c;
	const char *noun = "";

	fputs(front, f);
	for (size_t i = 0; (c = command_at(i)); i++) {
		if (strcmp(noun, c->noun) != 0)
			fprintf(f, ".SS %s\n", c->noun);
		noun = c->noun;
		put_command(f, c);
	}
	fputs(back, f);
}
