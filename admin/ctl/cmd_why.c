/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * why NUMBER (B10): what was tried with a number lately, and what came of it, newest first; above it what the number is
 * now. All that support needs to answer "it does not work" on one screen.
 */
#include "ctl.h"
#include "data/sentence.h"
#include "data/why.h"

#include <string.h>

#define LIMIT 20

/* ---- what the number is now ---- */

/* The options of its group that decide about calls, in words. */
static void say_group(struct sentence *s, const json_t *account)
{
	static const struct {
		const char *column, *words;
	} options[] = {{"block_incoming", ", blocks calls from outside"}, {"block_outgoing", ", blocks calls to outside"},
			{"hunting", ", hunts"}};
	const json_t *prefix = json_object_get(account, "prefix");

	if (!json_is_integer(prefix))
		return;
	say(s, " of group %lld", (long long)json_integer_value(prefix));
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (json_is_true(json_object_get(account, options[i].column)))
			say(s, "%s", options[i].words);
}

static void say_registration(struct ctl *ctl, struct sentence *s, const char *number)
{
	char why[512], since[WHY_SINCE];
	json_t *binding = find_binding(ctl, number, why, sizeof(why));
	const char *where;

	ctl_say(ctl, "registered", json_incref(binding));
	if (json_is_null(binding))
		say(s, "; whether it is registered was not asked (%s)", why);
	else if (json_is_false(binding))
		say(s, "; not registered");
	if (json_is_object(binding)) {
		if (why_registered_since(ctl->db, &ctl->scope, number, since) != 0)
			since[0] = '\0';
		where = json_text(binding, "path")[0] ? "path" : json_text(binding, "received")[0] ? "received" : "contact";
		say(s, "; registered%s%s%s from %s, %s", since[0] ? " since " : "", since, since[0] ? " UTC" : "",
				json_text(binding, where), json_text(binding, "user_agent"));
	}
	json_decref(binding);
}

static int say_number(struct ctl *ctl, struct sentence *s, const char *number)
{
	json_t *account;
	int rc = ctl_done(ctl, why_account(ctl->db, &ctl->scope, number, &account));

	if (rc)
		return rc;
	ctl_say(ctl, "number", json_string(number));
	ctl_say(ctl, "account", account);
	if (json_is_null(account)) {
		say(s, "there is no account of this number");
	} else {
		say(s, "%s account", json_text(account, "kind"));
		say_group(s, account);
		say(s, "; %s%s", json_text(account, "state"), json_is_true(json_object_get(account, "has_password"))
				? "" : ", has no password");
	}
	say_registration(ctl, s, number);
	ctl_say(ctl, "now", json_null()); /* its place; the sentence goes on with the bans */
	return CTL_OK;
}

/* ---- what was tried ---- */

static int list_attempts(struct ctl *ctl, const char *number, long limit)
{
	json_t *list;
	int rc = why_attempts(ctl->db, &ctl->scope, number, limit, &list);

	ctl_say(ctl, "attempts", list);
	return ctl_done(ctl, rc);
}

/* For people: five columns. */
static json_t *as_table(const json_t *attempts)
{
	json_t *table = json_array(), *a;
	struct sentence from, outcome;
	size_t i;

	json_array_foreach(attempts, i, a)
	{
		from = (struct sentence){0};
		say(&from, "%s%s%s", json_text(a, "source"), json_text(a, "user_agent")[0] ? " " : "", json_text(a, "user_agent"));
		outcome = (struct sentence){0};
		say(&outcome, "%s%s%s", json_text(a, "outcome"), json_text(a, "command")[0] ? ": " : "", json_text(a, "command"));
		json_array_append_new(table, json_pack("{s:s, s:s, s:s, s:o, s:o}", "last at, UTC", json_text(a, "last_at"), "what",
											json_text(a, "kind"), "with", json_text(a, "with"), "from", sentence_json(&from),
											"outcome", sentence_json(&outcome)));
	}
	return table;
}

/* ---- who is banned (F1) ---- */

/* Was the number tried from this source? */
static bool tried_from(const json_t *attempts, const char *source, const char *number)
{
	size_t i;
	json_t *a;

	json_array_foreach(attempts, i, a)
	{
		if (strcmp(json_text(a, "account"), number) == 0 && live_source_has(source, json_text(a, "address")))
			return true;
	}
	return false;
}

/* The bans of this number, and of sources that it was tried from. Kamailio not asked: nothing is said. */
static void say_bans(struct ctl *ctl, struct sentence *s, const char *number)
{
	const json_t *attempts = json_object_get(ctl->result, "attempts");
	struct live_bans bans;
	bool asked = live_bans(&ctl->live, &bans) == 0;
	json_t *found = json_array();

	for (size_t i = 0; i < bans.n; i++) {
		const struct live_ban *b = &bans.at[i];

		if (strcmp(b->user, number) != 0 && (b->user[0] || !tried_from(attempts, b->source, number)))
			continue;
		json_array_append_new(found, ban_json(b));
		say(s, "; %s at %s for %ld s more", b->user[0] ? "BANNED" : "everybody is BANNED", b->source, b->left_s);
	}
	ctl_say(ctl, "bans", asked ? json_incref(found) : json_null());
	json_decref(found);
	live_bans_free(&bans);
}

static int command_why(struct ctl *ctl, const struct args *args)
{
	const char *number = arg_text(args, "NUMBER");
	struct sentence now = {0};
	int rc = check_number(number);

	if (rc == CTL_OK)
		rc = say_number(ctl, &now, number);
	if (rc == CTL_OK)
		rc = list_attempts(ctl, number, arg_number(args, "--limit", LIMIT));
	if (rc)
		return rc;
	say_bans(ctl, &now, number);
	ctl_say(ctl, "now", json_string(now.text));
	if (args->json)
		return CTL_OK;
	json_object_del(ctl->result, "account");
	json_object_del(ctl->result, "registered");
	json_object_del(ctl->result, "bans");
	if (json_array_size(json_object_get(ctl->result, "attempts")) == 0)
		note("nothing was tried with this number, or no agent that has it ever answered a challenge");
	ctl_say(ctl, "attempts", as_table(json_object_get(ctl->result, "attempts")));
	return CTL_OK;
}

static const struct arg why_args[] = {{.name = "NUMBER", .required = true, .help = "the digits of the account"},
		{.name = "--limit",
				.type = ARG_NUMBER,
				.value = "N",
				.help = "show no more than so many attempts, 20 without",
				.min = 1,
				.max = 10000},
		{0}};

const struct command why_commands[] = {
		{"why", NULL, why_args, command_why, true, "what was tried with a number lately, and why it came to what it did"},
		{0},
};
