/* SPDX-License-Identifier: GPL-2.0-or-later */
/* status: the figures of the service on one screen. What nobody says is null, or "-". */
#include "ctl.h"
#include "data/now.h"
#include "live/counts.h"

#include <policy/nat_probe.h>

static void say_database(struct ctl *ctl, const struct now_figures *f)
{
	ctl_say(ctl, "accounts", json_integer(f->accounts));
	ctl_say(ctl, "registered", json_integer(f->registered));
	ctl_say(ctl, "calls", json_integer(f->calls));
	ctl_say(ctl, "ringing", json_null()); /* its place */
	ctl_say(ctl, "direct", json_integer(f->direct));
	ctl_say(ctl, "relayed", json_integer(f->relayed));
	ctl_say(ctl, "test_lines", json_integer(f->test_lines));
	ctl_say(ctl, "wrong_passwords_last_hour", json_integer(f->wrong_passwords));
	ctl_say(ctl, "numbers_tried_last_hour", json_integer(f->numbers_tried));
	ctl_say(ctl, "calls_refused_last_hour", json_integer(f->refused));
}

/* Kamailio knows who is registered sooner than the database. */
static void say_running(struct ctl *ctl)
{
	struct live_counts c;

	if (live_counts(&ctl->live, &c) != 0)
		note("the running Kamailio was not asked: %s", ctl->live.error);
	if (c.registered != LIVE_UNKNOWN)
		ctl_say(ctl, "registered", json_integer(c.registered));
	ctl_say(ctl, "ringing", json_known(c.calls.ringing));
	ctl_say(ctl, "bans", json_known(c.bans));
	ctl_say(ctl, "kamailio_up_s", json_known(c.uptime_s));
	if (c.silent > 0)
		note("no answer of any agent comes in at %s: see aetactl nat NUMBER",
				c.silent & AETA_SILENT_PORT ? "the UDP ports for that (5072 and 5073)" : "the second address (UDP 5072)");
}

static int command_status(struct ctl *ctl, const struct args *args)
{
	struct now_figures f;
	int rc = ctl_done(ctl, now_figures(ctl->db, &ctl->scope, ctl->config.test_codec, &f));

	(void)args;
	if (rc)
		return rc;
	say_database(ctl, &f);
	say_running(ctl);
	return list_relays(ctl);
}

static const struct arg no_args[] = {{0}};

const struct command status_commands[] = {
		{"status", NULL, no_args, command_status, true, "registrations, calls, relays and their load, failed logins: what is going on"},
		{0},
};
