/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bans of the running Kamailio (F1): which there are, and lifting them. */
#include "audit.h"
#include "ctl.h"

#include <errno.h>

static int bans_list(struct ctl *ctl, const struct args *args)
{
	struct live_bans bans;
	json_t *list;
	int rc = ctl_live(ctl, live_bans(&ctl->live, &bans));

	(void)args;
	if (rc)
		return rc;
	list = json_array();
	for (size_t i = 0; i < bans.n; i++)
		json_array_append_new(list, ban_json(&bans.at[i]));
	ctl_say(ctl, "bans", list);
	if (bans.more > 0)
		note("%ld more are not shown", bans.more);
	live_bans_free(&bans);
	return CTL_OK;
}

static int bans_lift(struct ctl *ctl, const struct args *args)
{
	const char *source = arg_text(args, "SOURCE"), *number = arg_text(args, "NUMBER");
	struct live_lifted lifted;
	int rc;

	if (!live_is_source(source))
		return refuse("\"%s\" is no IP address: see aetactl bans list", source);
	rc = audit(ctl, "ban lift", number ? number : "everybody", "%s", source);
	if (rc)
		return rc;
	rc = live_ban_lift(&ctl->live, source, number, &lifted);
	if (rc == -ENOENT)
		return number ? refuse("%s is not banned at %s: see aetactl bans list", number, source)
					  : refuse("nothing is banned at %s: see aetactl bans list", source);
	rc = ctl_live(ctl, rc);
	if (rc == CTL_OK) {
		ctl_say(ctl, "users", json_known(lifted.users));
		ctl_say(ctl, "sources", json_known(lifted.sources));
	}
	return rc;
}

static const struct arg no_args[] = {{0}};
static const struct arg lift_args[] = {{.name = "SOURCE", .required = true, .help = "an IP address there, or as the list shows it"},
		{.name = "NUMBER", .help = "only this number's ban there; the source's own and all numbers' without"}, {0}};

const struct command bans_commands[] = {
		{"bans", "list", no_args, bans_list, false, "who is banned now, where, and for how long"},
		{"bans", "lift", lift_args, bans_lift, true, "end a ban; the running service forgets what was counted"},
		{0},
};
