/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nat NUMBER (C7): what the agent of a number is behind, as the service has found out by asking it, in plain words; and the
 * switch for accounts that are not to be asked.
 */
#include "ctl.h"
#include "live/rpc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "policy/nat_class.h"
#include "policy/nat_probe.h"

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* ---- one address ---- */

/* The host of "sip:203.0.113.7:5060;transport=udp", brackets taken off; empty where there is none. */
static void host_of(const char *uri, char *out, size_t size)
{
	const char *at = strchr(uri, ':'), *host = at ? at + 1 : uri;
	size_t n;

	at = strchr(host, '@');
	host = at ? at + 1 : host;
	n = *host == '[' ? strcspn(++host, "]") : strcspn(host, ":;?>");
	snprintf(out, size, "%.*s", (int)(n < size ? n : size - 1), host);
}

/* A sentence for each bit. */
static json_t *evidence_words(uint32_t evidence)
{
	json_t *list = json_array();
	struct aeta_evidence_words w;

	for (unsigned bit = 0; aeta_nat_evidence_words(bit, &w); bit++)
		if (evidence >> bit & 1)
			json_array_append_new(list, json_string(w.text));
	if (evidence && !(evidence & AETA_EVIDENCE_ADDRESS_TRIED))
		json_array_append_new(list, json_string("the service has one address only, so a firewall that admits it alone is not seen"));
	return list;
}

/* What somebody can do about it; empty: nothing has to be done. */
static const char *advice_of(enum aeta_nat_class cls, uint32_t evidence, bool asked)
{
	if (evidence & AETA_EVIDENCE_ALG)
		return "if a router before it rewrites SIP (SIP ALG), let the agent register at port 5070, or switch that off";
	if (asked && cls == AETA_NAT_UNKNOWN && !(evidence & (AETA_EVIDENCE_FLOW | AETA_EVIDENCE_PORT)))
		return "the agent does not answer OPTIONS: if it has a switch for that, switch it on";
	return "";
}

/* The words for a row of the table. `here`: the address that it is registered from now. */
static void add_words(json_t *row, const char *here)
{
	const char *name = text_of(row, "class");
	enum aeta_nat_class cls = aeta_nat_class_parse(name, strlen(name));
	uint32_t evidence = (uint32_t)json_integer_value(json_object_get(row, "evidence"));
	bool asked = json_is_string(json_object_get(row, "asked_at"));

	json_object_set_new(row, "evidence", evidence_words(evidence));
	json_object_set_new(row, "means", json_string(aeta_nat_class_what(cls)));
	json_object_set_new(row, "follows", json_string(aeta_nat_class_follows(cls)));
	json_object_set_new(row, "advice", json_string(advice_of(cls, evidence, asked)));
	json_object_set_new(row, "here", json_boolean(here[0] && strcmp(here, text_of(row, "address")) == 0));
}

/* ---- all of them ---- */

static json_t *row_here(const json_t *addresses)
{
	json_t *row;
	size_t i;

	json_array_foreach(addresses, i, row)
	{
		if (json_is_true(json_object_get(row, "here")))
			return row;
	}
	return NULL;
}

/* "behind a symmetric NAT (mobile network): its calls are relayed; STUN may stay on" */
static json_t *sentence(const json_t *addresses, const json_t *binding, const char *here, const char *why, bool off)
{
	const json_t *row = row_here(addresses);
	const char *advice = row ? text_of(row, "advice") : "";
	char text[640];

	if (json_is_null(binding))
		snprintf(text, sizeof(text), "where it is registered was not asked (%s)", why);
	else if (!json_is_object(binding))
		snprintf(text, sizeof(text), "not registered");
	else if (!row)
		snprintf(text, sizeof(text), "registered from %s, where it has not been asked%s", here[0] ? here : "behind a proxy",
				off ? ": that is switched off for it" : "");
	else
		snprintf(text, sizeof(text), "registered from %s: %s; %s%s%s", here, text_of(row, "means"), text_of(row, "follows"),
				advice[0] ? "; " : "", advice);
	return json_string(text);
}

static int is_off(struct ctl *ctl, const char *number, bool *off)
{
	struct db_rows rows;
	int rc = ctl_done(ctl, db_query(ctl->db, &rows, "SELECT 1 FROM aeta_nat_off WHERE account = ?", DB_VALUES(DB_TEXT(number))));

	*off = rows.rows > 0;
	db_rows_free(&rows);
	return rc;
}

/* For people: what fits into columns. */
static json_t *as_table(const json_t *addresses)
{
	json_t *table = json_array(), *row;
	size_t i;

	json_array_foreach(addresses, i, row)
	{
		json_array_append_new(table,
				json_pack("{s:s, s:s, s:s, s:s, s:s}", "address", text_of(row, "address"), "class", text_of(row, "class"), "means",
						text_of(row, "means"), "STUN", text_of(row, "stun"), "asked at, UTC", text_of(row, "asked_at")));
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

static int nat_show(struct ctl *ctl, const struct args *args)
{
	const char *number = arg_text(args, "NUMBER");
	char why[512], here[64] = "";
	json_t *binding, *row;
	bool off = false;
	size_t i;
	int rc = check_number(number);

	if (rc == CTL_OK)
		rc = is_off(ctl, number, &off);
	if (rc)
		return rc;
	binding = find_binding(ctl, number, why, sizeof(why));
	if (json_is_object(binding) && !text_of(binding, "path")[0])
		host_of(text_of(binding, text_of(binding, "received")[0] ? "received" : "contact"), here, sizeof(here));
	ctl_say(ctl, "number", json_string(number));
	ctl_say(ctl, "now", json_null()); /* its place */
	ctl_say(ctl, "asked", json_boolean(!off));
	rc = ctl_list(ctl, "addresses",
			"SELECT address, CAST(class AS CHAR) AS class, evidence, CAST(stun AS CHAR) AS stun, "
			"DATE_FORMAT(checked_at, '%Y-%m-%d %H:%i:%s') AS asked_at FROM aeta_nat_class WHERE account = ? ORDER BY changed_at DESC",
			DB_VALUES(DB_TEXT(number)));
	json_array_foreach(json_object_get(ctl->result, "addresses"), i, row)
	{
		add_words(row, here);
	}
	ctl_say(ctl, "now", sentence(json_object_get(ctl->result, "addresses"), binding, here, why, off));
	json_decref(binding);
	note_silence(ctl, number);
	if (!args->json)
		json_object_del(ctl->result, "silent");
	if (rc == CTL_OK && !args->json)
		ctl_say(ctl, "addresses", as_table(json_object_get(ctl->result, "addresses")));
	return rc;
}

/* ---- the switch, and asking now ---- */

static int nat_off(struct ctl *ctl, const struct args *args)
{
	const char *number = arg_text(args, "NUMBER");
	int rc = check_number(number);

	return rc ? rc
			  : ctl_done(ctl, db_exec(ctl->db, "INSERT IGNORE INTO aeta_nat_off (account) VALUES (?)", DB_VALUES(DB_TEXT(number))));
}

static int nat_on(struct ctl *ctl, const struct args *args)
{
	const char *number = arg_text(args, "NUMBER");
	int rc = check_number(number);

	return rc ? rc : ctl_done(ctl, db_exec(ctl->db, "DELETE FROM aeta_nat_off WHERE account = ?", DB_VALUES(DB_TEXT(number))));
}

static int nat_ask(struct ctl *ctl, const struct args *args)
{
	const char *number = arg_text(args, "NUMBER");
	json_t *answer = NULL;
	char error[512];
	int rc = check_number(number);

	if (rc)
		return rc;
	rc = rpc_call(ctl->config.rpc_socket, "aeta.nat_probe", json_pack("[s]", number), &answer, error, sizeof(error));
	json_decref(answer);
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
		{"nat", "ask", number_args, nat_ask, false, "ask it now, although it is known"},
		{"nat", NULL, number_args, nat_show, true, "what NAT or firewall the agent of a number is behind, and what follows"},
		{0},
};
