/* SPDX-License-Identifier: GPL-2.0-or-later */
/* status: the figures of the service on one screen. What nobody says is null, or "-". */
#include "ctl.h"
#include "data/mail.h"
#include "data/now.h"
#include "live/counts.h"
#include "mail/settings.h"

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

static int say_mails(struct ctl *ctl)
{
	struct mail_settings settings;
	struct mail_figures f;
	char error[512];
	int rc = ctl_done(ctl, mail_figures(ctl->db, &ctl->scope, &f));

	if (rc)
		return rc;
	ctl_say(ctl, "mails_waiting", json_integer(f.waiting));
	ctl_say(ctl, "mails_failed", json_integer(f.failed));
	ctl_say(ctl, "mails_given_up", json_integer(f.given_up));
	ctl_say(ctl, "oldest_mail_waits_s", f.oldest_s < 0 ? json_null() : json_integer(f.oldest_s));
	if (mail_settings_take(&settings, &ctl->config, error, sizeof(error)) != 0)
		note("no mails are sent: %s", error);
	else if (!settings.configured)
		note("%s", MAIL_NOT_CONFIGURED);
	return CTL_OK;
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
	rc = say_mails(ctl);
	if (rc)
		return rc;
	return list_relays(ctl);
}

static const struct arg no_args[] = {{0}};

const struct command status_commands[] = {
		{"status", NULL, no_args, command_status, true, "registrations, calls, relays and their load, failed logins: what is going on"},
		{0},
};
