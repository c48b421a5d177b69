/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pairs whose calls are relayed since a direct one ended soon and was dialled again (C7): which there are, and having them judged
 * anew when what was wrong has been mended.
 */
#include "audit.h"
#include "ctl.h"
#include "data/calls.h"
#include "live/calls.h"

#include <errno.h>

static int redial_list(struct ctl *ctl, const struct args *args)
{
	const char *number = arg_text(args, "NUMBER");
	json_t *pairs;
	int rc = number ? check_number(number) : CTL_OK;

	if (rc)
		return rc;
	rc = ctl_done(ctl, redial_pairs(ctl->db, &ctl->scope, number, &pairs));
	ctl_say(ctl, "pairs", pairs);
	return rc;
}

static int redial_lift(struct ctl *ctl, const struct args *args)
{
	const char *one = arg_text(args, "NUMBER"), *other = arg_text(args, "OTHER");
	int rc = check_number(one);

	if (rc == CTL_OK)
		rc = check_number(other);
	if (rc == CTL_OK)
		rc = audit(ctl, "redial lift", one, "with %s", other);
	if (rc)
		return rc;
	rc = live_redial_lift(&ctl->live, one, other);
	if (rc == -ENOENT)
		return refuse("%s and %s are not relayed for having dialled again: see aetactl redial list", one, other);
	return ctl_live(ctl, rc);
}

static const struct arg list_args[] = {{.name = "NUMBER", .help = "only pairs of this number"}, {0}};
static const struct arg lift_args[] = {{.name = "NUMBER", .required = true, .help = "one of the two"},
		{.name = "OTHER", .required = true, .help = "the other one"}, {0}};

const struct command redial_commands[] = {
		{"redial", "list", list_args, redial_list, true, "pairs that are relayed since a direct call was hung up soon and dialled again"},
		{"redial", "lift", lift_args, redial_lift, true, "judge the calls of a pair anew"},
		{0},
};
