/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Groups and their options (B1, B4 to B8, E1, E2). */
#include "group.h"

#include <errno.h>

struct group_change {
	const struct args *args;
	const char *realm;
	long prefix;
	long long customer; /* 0: as it is */
	json_t *told;       /* new members of the hunting series */
};

#define SET_COLUMN(column, ...)           #column " = COALESCE(?, " #column "), "
#define OPTION_VALUE(column, option, ...) arg_given(a, option) ? DB_INT(arg_number(a, option, 0)) : DB_NULL,

/* Sets what is given, leaves the rest. */
static int update_group(struct db *db, const struct group_change *g)
{
	static const char sql[] = "UPDATE aeta_group SET " GROUP_OPTIONS(
			SET_COLUMN) "media = COALESCE(?, media), name = COALESCE(?, name), customer_id = COALESCE(?, customer_id) WHERE prefix = ?";
	const struct args *a = g->args;
	int rc = db_exec(db, sql,
			DB_VALUES(GROUP_OPTIONS(OPTION_VALUE) DB_TEXT(arg_text(a, "--media")), DB_TEXT(arg_text(a, "--name")),
					g->customer ? DB_INT(g->customer) : DB_NULL, DB_INT(g->prefix)));

	if (rc == 0 && db_affected(db) == 0)
		return db_refuse(db, "there is no group %ld: see aetactl group list", g->prefix);
	return rc;
}

static int insert_group(struct db *db, void *arg)
{
	struct group_change *g = arg;
	int rc = db_exec(db, "INSERT INTO aeta_group (prefix, customer_id) VALUES (?, ?)",
			DB_VALUES(DB_INT(g->prefix), DB_INT(g->customer)));

	return rc ? rc : update_group(db, g);
}

static int change_group(struct db *db, void *arg)
{
	struct group_change *g = arg;
	int rc = update_group(db, g);

	json_array_clear(g->told);
	if (rc == 0 && arg_number(g->args, "--hunting", 0))
		rc = add_missing_twins(db, g->realm, g->prefix, 0, g->told);
	return rc;
}

static int show_group(struct ctl *ctl, long prefix)
{
	return ctl_show(ctl, "there is no such group: see aetactl group list",
			"SELECT g.prefix, c.name AS customer, g.name" GROUP_OPTION_COLUMNS ", CAST(media AS CHAR) AS media, last_seq, "
			"(SELECT COUNT(*) FROM aeta_account a WHERE a.prefix = g.prefix AND a.kind = 'premium') AS premium, "
			"(SELECT COUNT(*) FROM aeta_account a WHERE a.prefix = g.prefix AND a.kind = 'hunting') AS hunting_series, "
			"g.created_at FROM aeta_group g JOIN aeta_customer c ON c.id = g.customer_id WHERE g.prefix = ?",
			DB_VALUES(DB_INT(prefix)));
}

/* Common to add and set: the change, its effect, the new state. */
static int apply(struct ctl *ctl, struct group_change *g, int (*body)(struct db *db, void *arg))
{
	int rc = ctl_done(ctl, db_transaction(ctl->db, body, g)), told;

	if (rc)
		return rc;
	rc = show_group(ctl, g->prefix);
	if (json_array_size(g->told))
		ctl_say(ctl, "accounts", json_incref(g->told));
	if (arg_number(g->args, "--hunting", 0))
		warn_long_series(ctl, g->prefix);
	told = tell_kamailio(ctl, LIVE_PLAN);
	return rc ? rc : told;
}

static int group_change(struct ctl *ctl, const struct args *args, int (*body)(struct db *db, void *arg))
{
	struct group_change g = {.args = args, .realm = ctl->config.realm, .told = json_array()};
	int rc = take_prefix(arg_text(args, "PREFIX"), &g.prefix);

	if (rc == CTL_OK && arg_given(args, "--customer"))
		rc = find_customer(ctl, arg_text(args, "--customer"), &g.customer);
	if (rc == CTL_OK)
		rc = apply(ctl, &g, body);
	json_decref(g.told);
	return rc;
}

static int group_add(struct ctl *ctl, const struct args *args)
{
	return group_change(ctl, args, insert_group);
}

static int group_set(struct ctl *ctl, const struct args *args)
{
	return group_change(ctl, args, change_group);
}

static int group_list(struct ctl *ctl, const struct args *args)
{
	long long customer = 0;
	int rc = arg_given(args, "--customer") ? find_customer(ctl, arg_text(args, "--customer"), &customer) : CTL_OK;

	if (rc)
		return rc;
	return ctl_list(ctl, "groups",
			"SELECT g.prefix, c.name AS customer, g.name, g.block_incoming, g.block_outgoing, g.hunting, "
			"(SELECT COUNT(*) FROM aeta_account a WHERE a.prefix = g.prefix AND a.kind = 'premium') AS premium, "
			"g.last_seq "
			"FROM aeta_group g JOIN aeta_customer c ON c.id = g.customer_id WHERE ? IN (0, g.customer_id) ORDER BY "
			"g.prefix",
			DB_VALUES(DB_INT(customer)));
}

static int group_show(struct ctl *ctl, const struct args *args)
{
	long prefix;
	int rc = take_prefix(arg_text(args, "PREFIX"), &prefix);

	if (rc == CTL_OK)
		rc = show_group(ctl, prefix);
	if (rc == CTL_OK)
		rc = ctl_list(ctl, "exceptions",
				"SELECT prefix, number FROM aeta_exception WHERE prefix IN (0, ?) ORDER BY prefix, number",
				DB_VALUES(DB_INT(prefix)));
	return rc;
}

static int group_delete(struct ctl *ctl, const struct args *args)
{
	long prefix;
	int rc = take_prefix(arg_text(args, "PREFIX"), &prefix);

	if (rc == CTL_OK)
		rc = ctl_done(ctl, db_exec(ctl->db, "DELETE FROM aeta_group WHERE prefix = ?", DB_VALUES(DB_INT(prefix))));
	if (rc == CTL_OK && db_affected(ctl->db) == 0)
		rc = refuse("there is no group %ld: see aetactl group list", prefix);
	if (rc)
		return rc;
	ctl_say(ctl, "deleted", json_integer(prefix));
	return tell_kamailio(ctl, LIVE_PLAN);
}

#define PREFIX_ARG \
	{ \
		.name = "PREFIX", .required = true, .help = "the four digits of the group, 1000 to 9999" \
	}
#define OPTION_ARG(column, option, type_, min_, max_, bit, sense, text) \
	{.name = option, .type = type_, .value = "SECONDS", .help = text, .min = min_, .max = max_},

#define MEDIA_ARG \
	{ \
		.name = "--media", .type = ARG_WORD, .value = "auto|always|never", \
		.help = "media through the relay: where it must, always (a strict firewall), never (C3)" \
	}

static const struct arg group_add_args[] = {PREFIX_ARG,
		{.name = "--customer", .required = true, .value = "CUSTOMER", .help = "id or name of its owner"},
		{.name = "--name", .value = "NAME", .help = "name of the group"}, GROUP_OPTIONS(OPTION_ARG) MEDIA_ARG, {0}};
static const struct arg group_set_args[] = {PREFIX_ARG,
		{.name = "--customer", .value = "CUSTOMER", .help = "give it to this customer"},
		{.name = "--name", .value = "NAME", .help = "name of the group"}, GROUP_OPTIONS(OPTION_ARG) MEDIA_ARG, {0}};
static const struct arg group_list_args[] = {
		{.name = "--customer", .value = "CUSTOMER", .help = "only the groups of this customer"}, {0}};
static const struct arg group_args[] = {PREFIX_ARG, {0}};

const struct command group_commands[] = {
		{"group", "add", group_add_args, group_add, true, "open a group for a customer"},
		{"group", "list", group_list_args, group_list, true, "all groups"},
		{"group", "show", group_args, group_show, true, "a group with all its options"},
		{"group", "set", group_set_args, group_set, true,
				"change options; hunting on also makes the missing hunting accounts"},
		{"group", "delete", group_args, group_delete, true, "delete a group that has no accounts left"},
		{0},
};
