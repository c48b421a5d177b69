/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Relays and the sets that they are in (C4, C5): what is stored, and what the running Kamailio thinks of each. A set is made
 * with its first relay and goes with its last, unless domains name it.
 */
#include "changes.h"
#include "data/plan.h"
#include "live/relays.h"

#include <errno.h>
#include <stdlib.h>

/* ---- how they are ---- */

#define WAIT_MS 300 /* for the relays themselves */

/* What Kamailio thinks of each, and null where it was not asked. */
static void say_states(struct ctl *ctl, json_t *list)
{
	struct live_relays running;
	enum live_relay_state state;
	json_t *relay;
	size_t i;
	int rc = live_relays(&ctl->live, &running);

	if (rc)
		note("whether they are up is not known: %s", ctl->live.error);
	json_array_foreach(list, i, relay)
	{
		state = live_relay_state(&running, json_string_value(json_object_get(relay, "url")));
		json_object_set_new(relay, "state", rc ? json_null() : json_string(live_relay_state_name(state)));
	}
	live_relays_free(&running);
}

/* What each says of itself: its calls and its media ports, all that others gave it too. */
static void say_loads(json_t *list)
{
	size_t n = json_array_size(list);
	struct live_load *loads = calloc(n ? n : 1, sizeof(*loads));

	for (size_t i = 0; loads && i < n; i++)
		loads[i].url = json_string_value(json_object_get(json_array_get(list, i), "url"));
	if (loads)
		live_relay_loads(loads, n, WAIT_MS);
	for (size_t i = 0; loads && i < n; i++) {
		json_object_set_new(json_array_get(list, i), "calls", json_known(loads[i].calls));
		json_object_set_new(json_array_get(list, i), "packets_s", json_known(loads[i].packets_s));
		json_object_set_new(json_array_get(list, i), "ports_used", json_known(loads[i].ports_used));
		json_object_set_new(json_array_get(list, i), "ports", json_known(loads[i].ports));
	}
	free(loads);
}

int list_relays(struct ctl *ctl)
{
	json_t *list;
	int rc = plan_relays(ctl->db, &ctl->scope, &list);

	rc = ctl_listed(ctl, "relays", list, rc);
	if (rc || json_array_size(list) == 0)
		return rc;
	say_states(ctl, list);
	say_loads(list);
	return CTL_OK;
}

static int relay_list(struct ctl *ctl, const struct args *args)
{
	(void)args;
	return list_relays(ctl);
}

/* ---- changes ---- */

/* A set that calls are sent to and that has nothing to offer. */
static void warn_empty_sets(struct ctl *ctl)
{
	json_t *sets, *set;
	size_t i;

	plan_empty_sets(ctl->db, &ctl->scope, &sets);
	json_array_foreach(sets, i, set)
		note("the relay set %s has no relay that is switched on", json_text(set, "name"));
	json_decref(sets);
}

/* What came of a change: the relays as they are now, and Kamailio is told. */
static int after_change(struct ctl *ctl, const struct args *args, int changed)
{
	int rc;

	if (changed == -EEXIST)
		return refuse("the relay %s is in the set %s already: see aetactl relay list", arg_text(args, "URL"), arg_text(args, "SET"));
	rc = ctl_done(ctl, changed);
	if (rc)
		return rc;
	warn_empty_sets(ctl);
	rc = tell_kamailio(ctl, LIVE_PLAN | LIVE_RELAYS);
	return rc ? rc : list_relays(ctl);
}

static int add_relay(struct ctl *ctl, const struct args *args)
{
	struct relay_new n = {.set = arg_text(args, "SET"), .url = arg_text(args, "URL"), .comment = arg_text(args, "--comment"),
			.position = arg_number(args, "--position", 0)};

	return after_change(ctl, args, relay_add(ctl->db, &ctl->scope, &n));
}

static int remove_relay(struct ctl *ctl, const struct args *args)
{
	int rc = after_change(ctl, args, relay_remove(ctl->db, &ctl->scope, arg_text(args, "SET"), arg_text(args, "URL")));

	if (rc == CTL_OK)
		note("calls that are on it go on, but nobody tells it any more how they change and end: relay disable does");
	return rc;
}

static int enable_relay(struct ctl *ctl, const struct args *args)
{
	return after_change(ctl, args, relay_switch(ctl->db, &ctl->scope, arg_text(args, "SET"), arg_text(args, "URL"), true));
}

static int disable_relay(struct ctl *ctl, const struct args *args)
{
	return after_change(ctl, args, relay_switch(ctl->db, &ctl->scope, arg_text(args, "SET"), arg_text(args, "URL"), false));
}

static int set_relay(struct ctl *ctl, const struct args *args)
{
	const char *set = arg_text(args, "SET"), *url = arg_text(args, "URL");
	struct changes c = {.count = 0};

	change_to(&c, "position", arg_text(args, "--position"));
	change_to(&c, "comment", arg_text(args, "--comment"));
	if (c.count == 0)
		return refuse("what is to change? See aetactl help relay set");
	return after_change(ctl, args, relay_change(ctl->db, &ctl->scope, set, url, c.list, c.count));
}

#define SET_ARG {.name = "SET", .required = true, .help = "name of the relay set; \"default\" is everybody's"}
#define URL_ARG {.name = "URL", .required = true, .help = "control address of the relay: udp:127.0.0.1:2223"}

static const struct arg add_args[] = {SET_ARG, URL_ARG,
		{.name = "--position",
				.type = ARG_NUMBER,
				.value = "N",
				.help = "the lower, the sooner it is asked; behind the others without",
				.min = 1,
				.max = 65535},
		{.name = "--comment", .value = "TEXT", .help = "anything"}, {0}};
static const struct arg set_args[] = {SET_ARG, URL_ARG,
		{.name = "--position", .type = ARG_NUMBER, .value = "N", .help = "the lower, the sooner it is asked", .min = 1, .max = 65535},
		{.name = "--comment", .value = "TEXT", .empty = true, .help = "anything; \"\" takes it away"}, {0}};
static const struct arg relay_args[] = {SET_ARG, URL_ARG, {0}};
static const struct arg no_args[] = {{0}};

const struct command relay_commands[] = {
		{"relay", "list", no_args, relay_list, true, "all media relays, and whether Kamailio reaches them"},
		{"relay", "add", add_args, add_relay, true, "a relay to a set; a name that no set has makes a new set"},
		{"relay", "set", set_args, set_relay, true, "change its position or comment"},
		{"relay", "remove", relay_args, remove_relay, true, "take a relay out of a set"},
		{"relay", "enable", relay_args, enable_relay, true, "switch a relay on again"},
		{"relay", "disable", relay_args, disable_relay, true, "no new calls to this relay; calls on it go on"},
		{0},
};
