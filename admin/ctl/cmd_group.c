/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Groups and their options (B1, B4 to B8, E1, E2). */
#include "changes.h"
#include "credentials.h"
#include "data/groups.h"
#include "group.h"

#include <errno.h>

#define MISSING "there is no such group: see aetactl group list"

/* What is given, by columns; `room` holds the numbers as text. */
struct group_change {
	struct changes list;
	char prefix[8], customer[24], room[COLUMNS_MAX][24];
	long number; /* the prefix */
};

static void option(struct group_change *g, const struct args *a, const char *column, const char *name)
{
	char *text = g->room[g->list.count];

	if (!arg_given(a, name))
		return;
	snprintf(text, sizeof(g->room[0]), "%ld", arg_number(a, name, 0));
	change_to(&g->list, column, text);
}

#define TAKE_OPTION(column, name, ...) option(g, args, #column, name);

static int take_changes(struct ctl *ctl, const struct args *args, struct group_change *g)
{
	long long customer;
	int rc = take_prefix(arg_text(args, "PREFIX"), &g->number);

	if (rc == CTL_OK && arg_given(args, "--customer"))
		rc = find_customer(ctl, arg_text(args, "--customer"), &customer);
	if (rc)
		return rc;
	snprintf(g->prefix, sizeof(g->prefix), "%ld", g->number);
	if (arg_given(args, "--customer")) {
		snprintf(g->customer, sizeof(g->customer), "%lld", customer);
		change_to(&g->list, "customer_id", g->customer);
	}
	change_to(&g->list, "name", arg_text(args, "--name"));
	change_to(&g->list, "media", arg_text(args, "--media"));
	GROUP_OPTIONS(TAKE_OPTION)
	return CTL_OK;
}

static int show_group(struct ctl *ctl, long prefix)
{
	json_t *list;
	int rc = group_show(ctl->db, &ctl->scope, prefix, &list);

	return ctl_shown(ctl, MISSING, list, rc);
}

/* Common to add and set: the new state, what was made, its effect. */
static int after_change(struct ctl *ctl, const struct args *args, const struct group_change *g, const struct numbers_sold *twins)
{
	int rc = show_group(ctl, g->number), told;

	if (twins->n)
		ctl_say(ctl, "accounts", credentials_sold(twins));
	if (arg_number(args, "--hunting", 0))
		warn_long_series(ctl, g->number);
	told = tell_kamailio(ctl, LIVE_PLAN);
	return rc ? rc : told;
}

static int command_add(struct ctl *ctl, const struct args *args)
{
	struct group_change g = {.number = 0};
	int rc = take_changes(ctl, args, &g);

	if (rc)
		return rc;
	change_to(&g.list, "prefix", g.prefix);
	rc = ctl_done(ctl, changes_insert(ctl, "groups", &g.list));
	return rc ? rc : after_change(ctl, args, &g, &(struct numbers_sold){0});
}

static int command_set(struct ctl *ctl, const struct args *args)
{
	struct group_change g = {.number = 0};
	struct numbers_sold twins;
	struct data_problems problems;
	int rc = take_changes(ctl, args, &g);

	if (rc)
		return rc;
	rc = group_update(ctl->db, &ctl->scope, ctl->config.realm, g.prefix, NULL, g.list.list, g.list.count, &problems, &twins);
	if (rc == -ENOENT)
		rc = refuse("there is no group %ld: see aetactl group list", g.number);
	else
		rc = ctl_done(ctl, rc);
	if (rc == CTL_OK)
		rc = after_change(ctl, args, &g, &twins);
	numbers_forget(&twins);
	return rc;
}

static int command_list(struct ctl *ctl, const struct args *args)
{
	long long customer = 0;
	int rc = arg_given(args, "--customer") ? find_customer(ctl, arg_text(args, "--customer"), &customer) : CTL_OK;
	json_t *list;

	if (rc)
		return rc;
	rc = group_list(ctl->db, &ctl->scope, customer, &list);
	return ctl_listed(ctl, "groups", list, rc);
}

static int command_show(struct ctl *ctl, const struct args *args)
{
	long prefix;
	int rc = take_prefix(arg_text(args, "PREFIX"), &prefix);
	json_t *list;

	if (rc == CTL_OK)
		rc = show_group(ctl, prefix);
	if (rc)
		return rc;
	rc = group_exceptions(ctl->db, &ctl->scope, prefix, &list);
	return ctl_listed(ctl, "exceptions", list, rc);
}

static int command_delete(struct ctl *ctl, const struct args *args)
{
	long prefix;
	int rc = take_prefix(arg_text(args, "PREFIX"), &prefix);

	if (rc)
		return rc;
	rc = changes_delete(ctl, "groups", arg_text(args, "PREFIX"));
	if (rc == -ENOENT)
		return refuse("there is no group %ld: see aetactl group list", prefix);
	rc = ctl_done(ctl, rc);
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
		{"group", "add", group_add_args, command_add, true, "open a group for a customer"},
		{"group", "list", group_list_args, command_list, true, "all groups"},
		{"group", "show", group_args, command_show, true, "a group with all its options"},
		{"group", "set", group_set_args, command_set, true,
				"change options; hunting on also makes the missing hunting accounts"},
		{"group", "delete", group_args, command_delete, true, "delete a group that has no accounts left"},
		{0},
};
