/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain --media (C2, C3, C5): would the media of such a call go through the relay, why, and through which. The verdict is the
 * running Kamailio's (aeta.explain_media), from the registrations as they are; the words are those of the policy library.
 */
#include "changes.h"
#include "data/facts.h"
#include "explain.h"

#include "data/reasons.h"
#include "live/rpc.h"

#include <string.h>

/* Asks for the verdict; NULL where there is none (`why`). */
static json_t *ask(struct ctl *ctl, const char *caller, const char *callee, char *why, size_t size)
{
	json_t *answer;

	if (rpc_call(ctl->config.rpc_socket, "aeta.explain_media", json_pack("[s, s]", caller, callee), &answer, why, size) != 0)
		return NULL;
	return answer;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? s : "";
}

/* A row for each reason of a comma-separated list. */
static json_t *reason_rows(const char *list)
{
	json_t *rows = json_array();
	struct aeta_reason_words w;
	size_t len;

	for (; *list; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		if (reason_find(list, len, &w))
			json_array_append_new(rows, json_pack("{s:s, s:s, s:s}", "party", w.who, "sign", w.name, "meaning", w.text));
	}
	return rows;
}

/* "auto, its own" or "always, its group's". */
static void say_policy(json_t *facts, const json_t *answer, const char *party)
{
	const json_t *side = json_object_get(answer, party);
	const char *own = text_of(side, "account_media"), *group = text_of(side, "group_media");
	char fact[64], value[64];

	if (strcmp(own, "group") != 0)
		snprintf(value, sizeof(value), "%.20s, its own", own);
	else if (strcmp(group, "group") != 0)
		snprintf(value, sizeof(value), "%.20s, its group's", group);
	else
		snprintf(value, sizeof(value), "auto, as nothing else is set");
	snprintf(fact, sizeof(fact), "media policy of the %s", party);
	json_array_append_new(facts, json_pack("{s:s, s:s, s:s}", "fact", fact, "value", value, "from", "Kamailio, aeta.explain_media"));
}

static void say_address(json_t *facts, const json_t *answer, const char *party)
{
	const json_t *side = json_object_get(answer, party);
	char fact[64], value[256];

	if (json_integer_value(json_object_get(side, "registered")) == 0)
		snprintf(value, sizeof(value), "not registered");
	else
		snprintf(value, sizeof(value), "%.80s, Contact %.80s%s%s", text_of(side, "source"), text_of(side, "contact"),
				json_integer_value(json_object_get(side, "stream")) ? ", by TCP or TLS" : "",
				json_integer_value(json_object_get(side, "proxied")) ? ", behind a proxy" : "");
	snprintf(fact, sizeof(fact), "address of the %s", party);
	json_array_append_new(facts, json_pack("{s:s, s:s, s:s}", "fact", fact, "value", value, "from", "Kamailio, aeta.explain_media"));
}

static void say_nat(json_t *facts, const json_t *answer, const char *party)
{
	const json_t *side = json_object_get(answer, party);
	const char *cls = text_of(side, "nat"), *stun = text_of(side, "stun");
	char fact[64], value[160];

	snprintf(value, sizeof(value), "%s%s", aeta_nat_class_what(aeta_nat_class_parse(cls, strlen(cls))),
			strcmp(stun, "yes") == 0 ? ", uses STUN" : strcmp(stun, "no") == 0 ? ", does not use STUN" : "");
	snprintf(fact, sizeof(fact), "NAT of the %s", party);
	json_array_append_new(facts, json_pack("{s:s, s:s, s:s}", "fact", fact, "value", value, "from", "Kamailio, aeta.explain_media"));
}

/* The set, and its relays in the order in which they are asked; those of the default one where it has none. */
static int list_relays_of(struct ctl *ctl, long long set)
{
	json_t *name, *relays;
	int rc = ctl_done(ctl, facts_relay_set(ctl->db, &ctl->scope, set, &name));

	ctl_say(ctl, "relay_set", json_array_size(name) ? json_incref(json_object_get(json_array_get(name, 0), "name")) : json_null());
	json_decref(name);
	if (rc)
		return rc;
	rc = facts_relays(ctl->db, &ctl->scope, set, &relays);
	return ctl_listed(ctl, "relays", relays, rc);
}

static void not_known(struct ctl *ctl, const char *why)
{
	ctl_say(ctl, "path", json_null());
	note("whether the media would be relayed is not known: %s", why);
}

/* A direct verdict without the SDP is a guess, and said to be one. */
static void say_limits(const char *path)
{
	if (strcmp(path, "direct") == 0)
		note("the call itself may show more: its SDP is judged too (aeta_media, and the call record's path_reason)");
}

int explain_media(struct ctl *ctl, json_t *facts, const char *caller, const char *callee)
{
	char why[512];
	json_t *answer = ask(ctl, caller, callee, why, sizeof(why));
	const char *path = text_of(answer, "path"), *reasons = text_of(answer, "path_reason");
	int rc;

	if (!answer) {
		not_known(ctl, why);
		return CTL_OK;
	}
	ctl_say(ctl, "path", json_string(path));
	ctl_say(ctl, "path_reason", json_string(reasons));
	ctl_say(ctl, "media_policy", json_string(text_of(answer, "policy")));
	if (text_of(answer, "refusal")[0])
		ctl_say(ctl, "media_refusal", json_string(text_of(answer, "refusal")));
	rc = list_relays_of(ctl, json_integer_value(json_object_get(answer, "relay_set")));
	if (rc == CTL_OK && strcmp(path, "relayed") == 0 && json_array_size(json_object_get(ctl->result, "relays")) == 0)
		note("there is no relay that is switched on: such a call is refused with 503");
	ctl_say(ctl, "signs", reason_rows(reasons));
	say_address(facts, answer, "caller");
	say_address(facts, answer, "callee");
	say_nat(facts, answer, "caller");
	say_nat(facts, answer, "callee");
	say_policy(facts, answer, "caller");
	say_policy(facts, answer, "callee");
	say_limits(path);
	json_decref(answer);
	return rc;
}

void explain_media_members(struct ctl *ctl, const char *caller)
{
	json_t *member, *answer;
	char why[512] = "";
	bool asked = true;
	size_t i;

	json_array_foreach(json_object_get(ctl->result, "members"), i, member)
	{
		answer = asked ? ask(ctl, caller, text_of(member, "number"), why, sizeof(why)) : NULL;
		if (!answer && asked)
			not_known(ctl, why);
		asked = answer != NULL;
		json_object_set_new(member, "path", answer ? json_string(text_of(answer, "path")) : json_null());
		json_object_set_new(member, "path_reason", answer ? json_string(text_of(answer, "path_reason")) : json_null());
		json_decref(answer);
	}
}
