/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Relays and the sets that they are in (C4, C5): what is stored, and what the running Kamailio thinks of each. A set is made
 * with its first relay and goes with its last, unless domains name it.
 */
#include "ctl.h"
#include "live/relays.h"

#include <errno.h>
#include <stdlib.h>

struct relay_change {
	const char *set, *url, *comment;
	long position; /* 0: behind the others */
};

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
	int rc = ctl_list(ctl, "relays",
			"SELECT s.name AS `set`, CAST(s.number AS SIGNED) AS number, r.url, r.position, r.enabled, r.comment FROM aeta_relay r "
			"JOIN aeta_relay_set s ON s.number = r.set_number ORDER BY s.number, r.position, r.url",
			DB_NOTHING);

	list = json_object_get(ctl->result, "relays");
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

static int insert_relay(struct db *db, void *arg)
{
	const struct relay_change *c = arg;
	int rc = db_exec(db, "CALL aeta_relay_set_have(?)", DB_VALUES(DB_TEXT(c->set)));

	if (rc)
		return rc;
	return db_exec(db,
			"INSERT INTO aeta_relay (set_number, url, position, comment) SELECT s.number, ?, COALESCE(?, (SELECT COALESCE("
			"MAX(position), 0) + 1 FROM aeta_relay o WHERE o.set_number = s.number)), COALESCE(?, '') "
			"FROM aeta_relay_set s WHERE s.name = ?",
			DB_VALUES(DB_TEXT(c->url), c->position ? DB_INT(c->position) : DB_NULL, DB_TEXT(c->comment), DB_TEXT(c->set)));
}

static int no_such_relay(struct db *db, const struct relay_change *c)
{
	return db_refuse(db, "there is no relay %s in the set %s: see aetactl relay list", c->url, c->set);
}

/* The set goes with its last relay, unless a domain uses it or it is the default one. */
static int delete_relay(struct db *db, void *arg)
{
	const struct relay_change *c = arg;
	int rc = db_exec(db,
			"DELETE r FROM aeta_relay r JOIN aeta_relay_set s ON s.number = r.set_number WHERE s.name = ? AND r.url = ?",
			DB_VALUES(DB_TEXT(c->set), DB_TEXT(c->url)));

	if (rc)
		return rc;
	if (db_affected(db) == 0)
		return no_such_relay(db, c);
	return db_exec(db,
			"DELETE FROM aeta_relay_set WHERE name = ? AND number > 0 AND NOT EXISTS (SELECT 1 FROM aeta_domain d WHERE "
			"d.relay_set = aeta_relay_set.name) AND NOT EXISTS (SELECT 1 FROM aeta_relay r WHERE r.set_number = "
			"aeta_relay_set.number)",
			DB_VALUES(DB_TEXT(c->set)));
}

static int enable_relay(struct db *db, const struct relay_change *c, bool on)
{
	int rc = db_exec(db,
			"UPDATE aeta_relay SET enabled = ? WHERE url = ? AND set_number = (SELECT number FROM aeta_relay_set WHERE name = ?)",
			DB_VALUES(DB_INT(on), DB_TEXT(c->url), DB_TEXT(c->set)));

	return rc == 0 && db_affected(db) == 0 ? no_such_relay(db, c) : rc;
}

static int switch_on(struct db *db, void *arg)
{
	return enable_relay(db, arg, true);
}

static int switch_off(struct db *db, void *arg)
{
	return enable_relay(db, arg, false);
}

/* A set that calls are sent to and that has nothing to offer. */
static void warn_empty_sets(struct ctl *ctl)
{
	struct db_rows rows;

	if (db_query(ctl->db, &rows,
				"SELECT s.name FROM aeta_relay_set s WHERE (s.number = 0 OR EXISTS (SELECT 1 FROM aeta_domain d WHERE d.relay_set "
				"= s.name)) AND NOT EXISTS (SELECT 1 FROM aeta_relay r WHERE r.set_number = s.number AND r.enabled)",
				DB_NOTHING) == 0)
		for (size_t i = 0; i < rows.rows; i++)
			note("the relay set %s has no relay that is switched on", db_cell(&rows, i, 0));
	db_rows_free(&rows);
}

static int change(struct ctl *ctl, const struct args *args, int (*body)(struct db *db, void *arg), struct relay_change *c)
{
	int rc;

	c->set = arg_text(args, "SET");
	c->url = arg_text(args, "URL");
	rc = db_transaction(ctl->db, body, c);
	if (rc == -EEXIST)
		return refuse("the relay %s is in the set %s already: see aetactl relay list", c->url, c->set);
	rc = ctl_done(ctl, rc);
	if (rc)
		return rc;
	warn_empty_sets(ctl);
	rc = tell_kamailio(ctl, LIVE_PLAN | LIVE_RELAYS);
	return rc ? rc : list_relays(ctl);
}

static int relay_add(struct ctl *ctl, const struct args *args)
{
	struct relay_change c = {.comment = arg_text(args, "--comment"), .position = arg_number(args, "--position", 0)};

	return change(ctl, args, insert_relay, &c);
}

static int relay_remove(struct ctl *ctl, const struct args *args)
{
	int rc = change(ctl, args, delete_relay, &(struct relay_change){0});

	if (rc == CTL_OK)
		note("calls that are on it go on, but nobody tells it any more how they change and end: relay disable does");
	return rc;
}

static int relay_enable(struct ctl *ctl, const struct args *args)
{
	return change(ctl, args, switch_on, &(struct relay_change){0});
}

static int relay_disable(struct ctl *ctl, const struct args *args)
{
	return change(ctl, args, switch_off, &(struct relay_change){0});
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
static const struct arg relay_args[] = {SET_ARG, URL_ARG, {0}};
static const struct arg no_args[] = {{0}};

const struct command relay_commands[] = {
		{"relay", "list", no_args, relay_list, true, "all media relays, and whether Kamailio reaches them"},
		{"relay", "add", add_args, relay_add, true, "a relay to a set; a name that no set has makes a new set"},
		{"relay", "remove", relay_args, relay_remove, true, "take a relay out of a set"},
		{"relay", "enable", relay_args, relay_enable, true, "switch a relay on again"},
		{"relay", "disable", relay_args, relay_disable, true, "no new calls to this relay; calls on it go on"},
		{0},
};
