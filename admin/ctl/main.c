/* SPDX-License-Identifier: GPL-2.0-or-later */
/* aetactl: finds the command in the tables, opens what it needs, prints its result. */
#include "audit.h"
#include "ctl.h"
#include "print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COMMAND_TABLE(table) table,
static const struct command *const command_tables[] = {COMMAND_TABLES(COMMAND_TABLE)};

#define NAME_SIZE 64 /* of a command */

#define TABLES (sizeof(command_tables) / sizeof(command_tables[0]))

/* What stands before the command. */
struct options {
	const char *config;
	bool json, help, version;
};

const struct command *command_at(size_t n)
{
	for (size_t t = 0; t < TABLES; t++) {
		for (const struct command *c = command_tables[t]; c->noun; c++)
			if (n-- == 0)
				return c;
	}
	return NULL;
}

/* ---- help ---- */

/* "group set", "list" */
static const char *command_name(const struct command *c, char room[NAME_SIZE])
{
	snprintf(room, NAME_SIZE, "%s%s%s", c->noun, c->verb ? " " : "", c->verb ? c->verb : "");
	return room;
}

static void print_usage(FILE *f, const struct command *c)
{
	char name[NAME_SIZE];

	fprintf(f, "aetactl %s", command_name(c, name));
	args_usage(f, c->args);
	fputc('\n', f);
}

static void print_command(FILE *f, const struct command *c)
{
	print_usage(f, c);
	fprintf(f, "    %s\n", c->help);
	args_help(f, c->args);
}

/* The commands of `noun`, or all of them, one line each; how many. */
static unsigned print_commands(FILE *f, const char *noun)
{
	const struct command *c;
	char name[NAME_SIZE];
	unsigned n = 0;

	for (size_t i = 0; (c = command_at(i)); i++) {
		if (noun && strcmp(c->noun, noun) != 0)
			continue;
		fprintf(f, "  %-18s %s\n", command_name(c, name), c->help);
		n++;
	}
	return n;
}

static void print_help(FILE *f)
{
	fprintf(f, "Usage: aetactl [--config FILE] [--json] COMMAND [ARGUMENT]...\n\n"
			   "Administers the numbers of the service: customers, groups, accounts, and what may call what.\n\n");
	print_commands(f, NULL);
	fprintf(f, "  %-18s %s\n\n", "help", "this; aetactl help COMMAND: its arguments");
	fprintf(f,
			"The configuration is FILE, else $AETACTL_CONF, else %s; it holds a password, so nobody but its\n"
			"owner and group may read it. Keys: db_socket, or db_host and db_port; db_name, db_user, db_password; "
			"realm;\n"
			"rpc_socket (Kamailio's, for what concerns the running service); test_codec.\n"
			"For mails: smtp_url, smtp_user, smtp_password, smtp_tls, smtp_ca, smtp_timeout_s; mail_from, mail_reply_to.\n"
			"Times are UTC. A new password is printed once and stored nowhere in clear.\n"
			"Exit status: 0 done, 1 refused, 2 usage, 3 the database or Kamailio cannot be reached.\n",
			CONFIG_DEFAULT);
}

/* ---- finding the command ---- */

/* The command of argv[0] and perhaps argv[1]; `*used` = how many of them are its name. NULL: none. */
static const struct command *find_command(int argc, char *const *argv, int *used)
{
	const struct command *c = NULL;

	for (size_t i = 0; argc && (c = command_at(i)); i++) {
		if (strcmp(c->noun, argv[0]) != 0 || (c->verb && (argc < 2 || strcmp(c->verb, argv[1]) != 0)))
			continue;
		*used = c->verb ? 2 : 1;
		break;
	}
	return c;
}

static int no_such_command(int argc, char *const *argv)
{
	const struct command *c;
	bool known = false;

	for (size_t i = 0; argc && (c = command_at(i)); i++)
		known = known || strcmp(c->noun, argv[0]) == 0;
	if (!argc)
		refuse("a command is missing; see aetactl help");
	else if (known && argc > 1)
		refuse("%s has no command \"%s\"; see aetactl help %s", argv[0], argv[1], argv[0]);
	else if (known)
		refuse("%s needs a second word; see aetactl help %s", argv[0], argv[0]);
	else
		refuse("there is no command \"%s\"; see aetactl help", argv[0]);
	return CTL_USAGE;
}

/* aetactl help [NOUN [VERB]] */
static int command_help(int argc, char *const *argv)
{
	const struct command *c;
	int used;

	if (argc == 0) {
		print_help(stdout);
		return CTL_OK;
	}
	c = find_command(argc, argv, &used);
	if (c)
		print_command(stdout, c);
	else if (argc > 1 || print_commands(stdout, argv[0]) == 0)
		return no_such_command(argc, argv);
	return CTL_OK;
}

/* ---- running it ---- */

static int open_what_it_needs(struct ctl *ctl, const struct command *c, const char *config)
{
	char error[512];
	int rc;

	if (!config)
		config = getenv("AETACTL_CONF") ? getenv("AETACTL_CONF") : CONFIG_DEFAULT;
	if (c->needs == NEEDS_NOTHING)
		return CTL_OK;
	if (config_read(&ctl->config, config, error, sizeof(error)) != 0)
		return refuse("%s", error);
	ctl->live.socket = ctl->config.rpc_socket;
	audit_person(&ctl->scope);
	if (c->needs != NEEDS_DB)
		return CTL_OK;
	rc = data_open(&ctl->db, &ctl->config, error, sizeof(error));
	if (rc == 0)
		return CTL_OK;
	refuse("%s (database %s, user %s)", error, ctl->config.db_name, ctl->config.db_user);
	return rc == -EHOSTUNREACH ? CTL_UNREACHABLE : CTL_REFUSED;
}

/* What was done is done, but a credential that could not be printed is lost: that is an error of its own. */
static int print_result(const json_t *result, bool json)
{
	if (json) {
		json_dumpf(result, stdout, JSON_INDENT(2));
		putchar('\n');
	} else {
		print_text(stdout, result);
	}
	if (fflush(stdout) != 0 || ferror(stdout))
		return refuse("it was done, but the answer could not be written (%s): a password in it is lost, set a new one",
				strerror(errno));
	return CTL_OK;
}

static int run_command(const struct command *c, const struct args *args, const struct options *o)
{
	struct ctl ctl = {.result = json_object()};
	int rc = open_what_it_needs(&ctl, c, o->config), printed = CTL_OK;

	if (rc == CTL_OK) {
		rc = c->run(&ctl, args);
		if (rc == CTL_OK || json_object_size(ctl.result))
			printed = print_result(ctl.result, o->json);
	}
	data_close(ctl.db);
	json_decref(ctl.result);
	explicit_bzero(&ctl.config, sizeof(ctl.config));
	return rc ? rc : printed;
}

/* Where the help of the command is, unless the sentence says where to look already. */
static void refuse_arguments(const struct command *c, const char *error)
{
	char name[NAME_SIZE];

	command_name(c, name);
	if (strstr(error, "see aetactl "))
		refuse("%s: %s", name, error);
	else
		refuse("%s: %s; see aetactl help %s", name, error, name);
}

static int parse_and_run(const struct command *c, int argc, char *const *argv, struct options *o)
{
	struct args args;
	char error[512];

	if (args_parse(&args, c->args, argc, argv, error, sizeof(error)) != 0) {
		refuse_arguments(c, error);
		return CTL_USAGE;
	}
	if (args.help || o->help) {
		print_command(stdout, c);
		return CTL_OK;
	}
	args.json = o->json = o->json || args.json;
	return run_command(c, &args, o);
}

/* How many words before the command are options of ours, or -1. */
static int take_options(int argc, char *const *argv, struct options *o)
{
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--json") == 0)
			o->json = true;
		else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			o->help = true;
		else if (strcmp(argv[i], "--version") == 0)
			o->version = true;
		else if (strcmp(argv[i], "--config") == 0 && i + 1 < argc)
			o->config = argv[++i];
		else
			return -1;
	}
	return i;
}

int main(int argc, char **argv)
{
	struct options o = {0};
	int first = take_options(argc, argv, &o), used;
	const struct command *c;

	if (first < 0) {
		refuse("before the command only --config FILE, --json, --help and --version; see aetactl help");
		return CTL_USAGE;
	}
	argc -= first;
	argv += first;
	if (o.version)
		return puts("aetactl " AETA_VERSION) < 0;
	if (argc && strcmp(argv[0], "help") == 0)
		return command_help(argc - 1, argv + 1);
	c = find_command(argc, argv, &used);
	if (c)
		return parse_and_run(c, argc - used, argv + used, &o);
	return o.help ? command_help(0, NULL) : no_such_command(argc, argv);
}
