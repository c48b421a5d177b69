/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every command of aetactl works with. A command is a function of (context, arguments) that returns an exit
 * status; it puts what it has to say into ctl->result, one JSON object that is printed as such or as text (print.h).
 * Refusals and notes are single lines on standard error.
 */
#ifndef AETA_ADMIN_CTL_H
#define AETA_ADMIN_CTL_H

#include "args.h"
#include "data/config.h"
#include "data/data.h"
#include "data/rows.h"
#include "data/scope.h"
#include "live/bans.h"
#include "live/reload.h"

#include <jansson.h>

enum ctl_exit { CTL_OK = 0, CTL_REFUSED = 1, CTL_USAGE = 2, CTL_UNREACHABLE = 3 };

struct ctl {
	struct config config;
	struct live live; /* the running Kamailio, with config.rpc_socket */
	struct scope scope; /* an administrator: the person who runs this */
	struct db *db;  /* open when a command runs, where the command says that it needs it */
	json_t *result; /* an object */
};

/* What a command has to have before it runs. */
enum command_needs { NEEDS_CONFIG = false, NEEDS_DB = true, NEEDS_NOTHING };

struct command {
	const char *noun, *verb; /* verb NULL: a command of one word */
	const struct arg *args;
	int (*run)(struct ctl *ctl, const struct args *args);
	enum command_needs needs;
	const char *help;
};

/* The commands of each file, in the order of the help; each table ends with a row without a noun. */
#define COMMAND_TABLES(X) \
	X(customer_commands) \
	X(group_commands) \
	X(number_commands) \
	X(account_commands) \
	X(account_csv_commands) \
	X(table_commands) \
	X(plan_commands) \
	X(relay_commands) \
	X(relay_set_commands) \
	X(explain_commands) \
	X(why_commands) \
	X(calls_commands) \
	X(status_commands) \
	X(bans_commands) \
	X(redial_commands) \
	X(nat_commands) \
	X(trace_commands) \
	X(operator_commands) \
	X(mail_commands) \
	X(retention_commands) \
	X(reload_commands) \
	X(document_commands)

#define DECLARE_COMMANDS(table) extern const struct command table[];
COMMAND_TABLES(DECLARE_COMMANDS)

/* The n-th of all commands, in the order of the help; NULL behind the last. */
const struct command *command_at(size_t n);

/* ---- saying ---- */

/* One line on standard error; control characters are shown as '?'. Returns CTL_REFUSED. */
__attribute__((format(printf, 1, 2))) int refuse(const char *format, ...);
__attribute__((format(printf, 1, 2))) void note(const char *format, ...);

/* Says data_error() and returns the exit status for `rc`; CTL_OK for 0. */
int ctl_done(struct ctl *ctl, int rc);

/* Adds to the result; takes over `value`. */
void ctl_say(struct ctl *ctl, const char *key, json_t *value);

/*
 * What is no JSON by itself: has `write_it` write it to standard output or, with --json, as text of the result by that key. Returns
 * the exit status of `write_it`.
 */
typedef int ctl_writer(struct ctl *ctl, const struct args *args, FILE *f);
int ctl_print(struct ctl *ctl, const struct args *args, const char *key, ctl_writer *write_it);

/* ---- looking up ---- */

/* A prefix as typed; 0 or an exit status with a refusal. */
int take_prefix(const char *text, long *prefix);
/* A number as typed: 1 to 18 digits; CTL_OK or a refusal. */
int check_number(const char *text);
/* A customer by its id, or else by its exact name; 0 or an exit status with a refusal. */
int find_customer(struct ctl *ctl, const char *who, long long *id);

/* ---- the running Kamailio ---- */

/* Says live.error and returns the exit status for what a function of live/ returned; CTL_OK for 0. */
int ctl_live(struct ctl *ctl, int rc);

/* A figure of live/; null where it is LIVE_UNKNOWN. */
json_t *json_known(long n);
/* A ban as commands show it. */
json_t *ban_json(const struct live_ban *b);

/*
 * Has Kamailio load what changed anew (enum live_reload, or-ed), and says so; or says why not and what to run.
 * CTL_OK even where Kamailio cannot be reached: the change itself is stored. CTL_REFUSED where it refuses the data.
 */
int tell_kamailio(struct ctl *ctl, unsigned what);

/* Tells Kamailio that an account or its credentials have changed; else it would find out by itself, within three seconds. */
void tell_accounts(struct ctl *ctl);

/* Removes the registration of a number at once, and says what came of it. */
void remove_binding(struct ctl *ctl, const char *number);

/*
 * The registration as Kamailio has it: an object, json false for none, json null where Kamailio was not asked (`why`).
 * Never NULL.
 */
json_t *find_binding(struct ctl *ctl, const char *number, char *why, size_t size);

/* Relays, how they are and what they do, as "relays" of the result. */
int list_relays(struct ctl *ctl);

#endif
