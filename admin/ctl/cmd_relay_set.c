/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of relays (C5). A set is made by the first relay in it or the first domain that names it, and goes with its last relay. */
#include "changes.h"
#include "data/plan.h"

/* What came of a change of the set by that name: Kamailio is told, and the sets are shown as they are now. */
static int after_change(struct ctl *ctl, int changed)
{
	json_t *sets;
	int rc = ctl_done(ctl, changed);

	if (rc == CTL_OK)
		rc = tell_kamailio(ctl, LIVE_PLAN | LIVE_RELAYS);
	if (rc)
		return rc;
	rc = plan_sets(ctl->db, &ctl->scope, &sets);
	return ctl_listed(ctl, "relay_sets", sets, rc);
}

static int list_sets(struct ctl *ctl, const struct args *args)
{
	json_t *sets;
	int rc = plan_sets(ctl->db, &ctl->scope, &sets);

	(void)args;
	return ctl_listed(ctl, "relay_sets", sets, rc);
}

static int rename_set(struct ctl *ctl, const struct args *args)
{
	struct changes c = {.count = 0};
	char key[RELAY_SET_KEY_SIZE];
	int rc = plan_set_key(ctl->db, &ctl->scope, arg_text(args, "SET"), key);

	change_to(&c, "name", arg_text(args, "NAME"));
	return after_change(ctl, rc ? rc : changes_update(ctl, "relay-sets", key, &c));
}

static int delete_set(struct ctl *ctl, const struct args *args)
{
	char key[RELAY_SET_KEY_SIZE];
	int rc = plan_set_key(ctl->db, &ctl->scope, arg_text(args, "SET"), key);

	return after_change(ctl, rc ? rc : changes_delete(ctl, "relay-sets", key));
}

#define SET_ARG {.name = "SET", .required = true, .help = "name of the relay set"}

static const struct arg no_args[] = {{0}};
static const struct arg rename_args[] = {SET_ARG, {.name = "NAME", .required = true, .help = "its new name"}, {0}};
static const struct arg delete_args[] = {SET_ARG, {0}};

const struct command relay_set_commands[] = {
		{"relay-set", "list", no_args, list_sets, NEEDS_DB, "the sets of relays, and how many relays and domains each has"},
		{"relay-set", "rename", rename_args, rename_set, NEEDS_DB, "call a set of relays otherwise; domains that use it are given another one first"},
		{"relay-set", "delete", delete_args, delete_set, NEEDS_DB, "delete a set of relays that no relay and no domain is in"},
		{0},
};
