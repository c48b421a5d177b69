/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers of a group: the next N of them (B1), with their twins in the hunting series where the group hunts (B8). */
#include "credentials.h"
#include "data/groups.h"
#include "group.h"

void warn_long_series(struct ctl *ctl, long prefix)
{
	long members = group_series(ctl->db, &ctl->scope, prefix);

	if (members > SERIES_WARNING)
		note("the hunting series of %ld has %ld members; one hunt rings %d of them at most, the first that are "
			 "registered",
				prefix, members, SERIES_WARNING);
}

static int number_allocate(struct ctl *ctl, const struct args *args)
{
	struct numbers_sold sold = {0};
	long prefix;
	int rc = take_prefix(arg_text(args, "PREFIX"), &prefix);

	if (rc)
		return rc;
	rc = ctl_done(ctl, numbers_sell(ctl->db, &ctl->scope, ctl->config.realm, prefix, arg_number(args, "N", 1), -1, &sold));
	if (rc == CTL_OK) {
		ctl_say(ctl, "accounts", credentials_sold(&sold));
		if (sold.hunting)
			warn_long_series(ctl, prefix);
	}
	numbers_forget(&sold);
	return rc;
}

static const struct arg allocate_args[] = {{.name = "PREFIX", .required = true, .help = "the group"},
		{.name = "N",
				.type = ARG_NUMBER,
				.required = true,
				.help = "how many, all of them or none; at most 50 where the group has self-management",
				.min = 1,
				.max = AETA_SERIES_MAX},
		{0}};

const struct command number_commands[] = {
		{"number", "allocate", allocate_args, number_allocate, true,
				"the next N numbers of a group, with their passwords"},
		{0},
};
