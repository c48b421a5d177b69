/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nat NUMBER (C7): what the agent of a number is behind, as the service has found out by asking it, in plain words; and the
 * switch for accounts that are not to be asked.
 */
#include "audit.h"
#include "ctl.h"
#include "data/nat.h"
#include "live/binding.h"
#include "live/rpc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "policy/nat_probe.h"

/* ---- all of them ---- */

/* For people: what fits into columns. */
static json_t *as_table(const json_t *addresses)
{
	json_t *table = json_array(), *row;
	size_t i;

	json_array_foreach(addresses, i, row)
	{
		json_array_append_new(table,
				json_pack("{s:s, s:s, s:s, s:s, s:s}", "address", json_text(row, "address"), "class", json_text(row, "class"), "means",
						json_text(row, "means"), "STUN", json_text(row, "stun"), "asked at, UTC", json_text(row, "asked_at")));
	}
	return table;
}

/* Is the service itself walled off? Only the running Kamailio knows; where it is not asked nothing is said. */
static void note_silence(struct ctl *ctl, const char *number)
{
	json_t *answer = NULL;
	char error[512];
	long long silent;

	if (rpc_call(ctl->config.rpc_socket, "aeta.nat", json_pack("[s]", number), &answer, error, sizeof(error)) == 0) {
		silent = json_integer_value(json_object_get(answer, "silent"));
		ctl_say(ctl, "silent", json_integer(silent));
		if (silent & AETA_SILENT_PORT)
			note("no answer of any agent comes in: are the UDP ports for that (5072 and 5073) open in the firewall of the service?");
		if (silent & AETA_SILENT_ADDRESS)
			note("no answer of any agent comes in at the second address: is UDP 5072 open there, in the firewall of the service?");
	}
	json_decref(answer);
}

/* Where it is registered from now, in `here`; what is not registered, or not asked, is said. */
static bool find_here(struct ctl *ctl, struct sentence *s, const char *number, char *here, size_t size)
{
	struct live_binding b;
	int rc = live_binding(&ctl->live, number, &b);

	here[0] = '\0';
	if (rc == -ENOENT)
		say(s, "not registered");
	else if (rc)
		say(s, "where it is registered was not asked (%s)", ctl->live.error);
	else
		live_binding_host(&b, here, size);
	return rc == 0;
}

static int nat_show(struct ctl *ctl, const struct args *args)
{
	const char *number = arg_text(args, "NUMBER");
	struct sentence now = {0};
	struct nat nat;
	char here[64];
	bool registered;
	int rc = check_number(number);

	if (rc)
		return rc;
	registered = find_here(ctl, &now, number, here, sizeof(here));
	rc = ctl_done(ctl, nat_read(ctl->db, &ctl->scope, number, here, &nat));
	if (rc == CTL_OK && registered)
		nat_say(&now, &nat, here);
	if (rc == CTL_OK) {
		ctl_say(ctl, "number", json_string(number));
		ctl_say(ctl, "now", sentence_json(&now));
		ctl_say(ctl, "asked", json_boolean(!nat.off));
		ctl_say(ctl, "addresses", args->json ? json_incref(nat.addresses) : as_table(nat.addresses));
		note_silence(ctl, number);
		if (!args->json)
			json_object_del(ctl->result, "silent");
	}
	nat_free(&nat);
	return rc;
}

/* ---- the switch, and asking now ---- */

static int turn(struct ctl *ctl, const struct args *args, bool on)
{
	const char *number = arg_text(args, "NUMBER");
	int rc = check_number(number);

	if (rc == CTL_OK)
		rc = ctl_done(ctl, nat_turn(ctl->db, &ctl->scope, number, on));
	if (rc == CTL_OK) {
		ctl_say(ctl, "number", json_string(number));
		ctl_say(ctl, "asked", json_boolean(on));
	}
	return rc;
}

static int nat_off(struct ctl *ctl, const struct args *args)
{
	return turn(ctl, args, false);
}

static int nat_on(struct ctl *ctl, const struct args *args)
{
	return turn(ctl, args, true);
}

static int nat_ask(struct ctl *ctl, const struct args *args)
{
	const char *number = arg_text(args, "NUMBER");
	json_t *answer = NULL;
	char error[512];
	int rc = check_number(number);

	if (rc == CTL_OK)
		rc = audit(ctl, "nat ask", number, "%s", "");
	if (rc)
		return rc;
	rc = rpc_call(ctl->config.rpc_socket, "aeta.nat_probe", json_pack("[s]", number), &answer, error, sizeof(error));
	json_decref(answer);
	if (rc == 0)
		ctl_say(ctl, "number", json_string(number));
	if (rc == 0)
		note("asked; in a few seconds aetactl nat %s says what came of it (nothing, if it is in a call)", number);
	else
		refuse("%s", error);
	return rc == 0 ? CTL_OK : rc == -EPERM ? CTL_REFUSED : CTL_UNREACHABLE;
}

static const struct arg number_args[] = {{.name = "NUMBER", .required = true, .help = "the digits of the account"}, {0}};

const struct command nat_commands[] = {
		{"nat", "off", number_args, nat_off, true, "never ask the agent of this account what it is behind"},
		{"nat", "on", number_args, nat_on, true, "ask it again"},
		{"nat", "ask", number_args, nat_ask, true, "ask it now, although it is known"},
		{"nat", NULL, number_args, nat_show, true, "what NAT or firewall the agent of a number is behind, and what follows"},
		{0},
};
