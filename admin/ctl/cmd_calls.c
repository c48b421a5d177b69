/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls that go on: which, who with whom, how their media goes and why; and ending one. The lines of the test codec (B9) are those
 * of them that it has answered.
 */
#include "audit.h"
#include "ctl.h"
#include "data/calls.h"
#include "data/reasons.h"
#include "live/calls.h"

#include <errno.h>
#include <string.h>

#define LIMIT 100

/* ---- which there are ---- */

static void add_why(json_t *calls, bool for_people)
{
	char why[512];
	json_t *call;
	size_t i;

	json_array_foreach(calls, i, call)
	{
		const char *list = json_string_value(json_object_get(call, "path_reason"));

		reasons_sentence(list ? list : "", why, sizeof(why));
		json_object_set_new(call, "why", json_string(why));
		if (for_people)
			json_object_del(call, "path_reason");
	}
}

static int list_calls(struct ctl *ctl, const struct args *args, const char *number)
{
	long limit = arg_number(args, "--limit", LIMIT);
	json_t *calls;
	int rc = ctl_done(ctl, calls_list(ctl->db, &ctl->scope, number, limit, &calls));

	ctl_say(ctl, "calls", calls);
	add_why(calls, !args->json);
	if (rc == CTL_OK && json_array_size(calls) == (size_t)limit)
		note("there may be more: --limit shows them");
	return rc;
}

static int command_list(struct ctl *ctl, const struct args *args)
{
	const char *number = arg_text(args, "NUMBER");
	struct live_call_counts counts;
	int rc = number ? check_number(number) : CTL_OK;

	if (rc == CTL_OK)
		rc = list_calls(ctl, args, number);
	if (rc || number)
		return rc;
	if (live_call_counts(&ctl->live, &counts) == 0)
		ctl_say(ctl, "ringing", json_known(counts.ringing));
	else
		note("how many ring is not known: %s", ctl->live.error);
	return CTL_OK;
}

/* ---- ending one ---- */

static int no_such_call(const char *id)
{
	return refuse("there is no call \"%s\" (any more): see aetactl calls list", id);
}

/* `answered_by`: only if it is that one's; NULL: whoever's. */
static int end_call(struct ctl *ctl, const char *text, const char *answered_by)
{
	struct live_call_id id;
	char parties[64];
	int rc;

	if (!live_call_id_parse(text, &id))
		return refuse("\"%s\" is no call: they are named as aetactl calls list shows them", text);
	rc = calls_parties(ctl->db, &ctl->scope, text, answered_by, parties, sizeof(parties));
	if (rc == -ENOENT)
		return no_such_call(text);
	rc = ctl_done(ctl, rc);
	if (rc == CTL_OK)
		rc = audit(ctl, "call end", text, "%s", parties);
	if (rc)
		return rc;
	rc = live_call_end(&ctl->live, id);
	return rc == -ENOENT ? no_such_call(text) : ctl_live(ctl, rc);
}

static int command_end(struct ctl *ctl, const struct args *args)
{
	int rc = end_call(ctl, arg_text(args, "CALL"), NULL);

	if (rc == CTL_OK)
		ctl_say(ctl, "ended", json_string(arg_text(args, "CALL")));
	return rc;
}

/* ---- the test codec ---- */

static int testcodec_lines(struct ctl *ctl, const struct args *args)
{
	json_t *lines;
	int rc = ctl_done(ctl, calls_answered(ctl->db, &ctl->scope, ctl->config.test_codec, &lines));

	(void)args;
	ctl_say(ctl, "lines", lines);
	return rc;
}

static int release(struct ctl *ctl, const char *id, json_t *released)
{
	int rc = end_call(ctl, id, ctl->config.test_codec);

	if (rc == CTL_OK)
		json_array_append_new(released, json_string(id));
	return rc;
}

/* One line, or all of them: what was released before one that could not be is in the result. */
static int testcodec_release(struct ctl *ctl, const struct args *args)
{
	const char *which = arg_text(args, "CALL");
	json_t *released = json_array(), *lines, *line;
	size_t i;
	int rc;

	ctl_say(ctl, "released", released);
	if (strcmp(which, "all") != 0)
		return release(ctl, which, released);
	rc = ctl_done(ctl, calls_answered(ctl->db, &ctl->scope, ctl->config.test_codec, &lines));
	json_array_foreach(lines, i, line)
	{
		if (rc == CTL_OK)
			rc = release(ctl, json_text(line, "id"), released);
	}
	json_decref(lines);
	return rc;
}

static const struct arg no_args[] = {{0}};
static const struct arg list_args[] = {{.name = "NUMBER", .help = "only calls of this number"},
		{.name = "--limit",
				.type = ARG_NUMBER,
				.value = "N",
				.help = "show no more than so many, 100 without, the newest first",
				.min = 1,
				.max = 100000},
		{0}};
static const struct arg end_args[] = {{.name = "CALL", .required = true, .help = "as calls list shows it: 2745-18"}, {0}};
static const struct arg release_args[] = {
		{.name = "CALL", .required = true, .help = "as testcodec lines shows it: 2745-18; or all"}, {0}};

const struct command calls_commands[] = {
		{"calls", "list", list_args, command_list, true, "the calls that go on: who with whom, since when, relayed or direct, and why"},
		{"calls", "end", end_args, command_end, true, "end a call: both parties are hung up on"},
		{"testcodec", "lines", no_args, testcodec_lines, true, "the lines of the test codec that are in use"},
		{"testcodec", "release", release_args, testcodec_release, true, "free a line of the test codec, or all"},
		{0},
};
