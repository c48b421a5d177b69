/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What commands say to the running Kamailio and of it (live/), as parts of their result and as notes. */
#include "ctl.h"
#include "live/binding.h"

#include <errno.h>
#include <time.h>

int ctl_live(struct ctl *ctl, int rc)
{
	if (rc == 0)
		return CTL_OK;
	refuse("%s", ctl->live.error);
	return rc == -EHOSTUNREACH || rc == -EINVAL ? CTL_UNREACHABLE : CTL_REFUSED;
}

json_t *json_known(long n)
{
	return n == LIVE_UNKNOWN ? json_null() : json_integer(n);
}

json_t *ban_json(const struct live_ban *b)
{
	return json_pack("{s:s, s:s, s:o, s:o, s:s, s:o}", "source", b->source, "user", b->user, "failures", json_known(b->failures),
			"users", json_known(b->users), "since", b->since, "left_s", json_known(b->left_s));
}

/* ---- after a change ---- */

/* A part of the result for each, {done, reason}. */
static void say_told(struct ctl *ctl, const struct live_reloaded *r)
{
	for (unsigned i = 0; i < r->n; i++) {
		json_t *told = json_pack("{s:b}", "done", r->told[i].done);

		if (!r->told[i].done)
			json_object_set_new(told, "reason", json_string(r->told[i].reason));
		ctl_say(ctl, r->told[i].method, told);
	}
}

static void say_when_relays_count(struct ctl *ctl, const struct live_reloaded *r)
{
	char when[20];
	struct tm tm;

	if (r->relays_by) {
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", gmtime_r(&r->relays_by, &tm));
		ctl_say(ctl, "relays_used_by", json_string(when));
		note("Kamailio loads its relays once in ten seconds; it uses them as they are now by %s UTC at the latest", when);
	}
	if (r->relays_failed)
		note("the relays are not loaded anew (%s: %s): run \"aetactl reload\" in a while", r->relays_failed, r->relays_reason);
}

/* Returns as live_reload(). */
static int reload(struct ctl *ctl, unsigned what)
{
	struct live_reloaded r;
	int rc = live_reload(&ctl->live, what, &r);

	say_told(ctl, &r);
	say_when_relays_count(ctl, &r);
	return rc;
}

void tell_accounts(struct ctl *ctl)
{
	/* where Kamailio cannot be told, the change counts three seconds later: nothing that anybody has to do something about */
	live_accounts_changed(&ctl->live);
}

int tell_kamailio(struct ctl *ctl, unsigned what)
{
	int rc = reload(ctl, what);

	if (rc == -EPERM)
		return refuse("the change is stored, but Kamailio refuses the new data and goes on with the old: %s", ctl->live.error);
	if (rc)
		note("the change is stored, but Kamailio was not told (%s): run \"aetactl reload\" when it is up", ctl->live.error);
	return CTL_OK;
}

static int command_reload(struct ctl *ctl, const struct args *args)
{
	int rc = reload(ctl, LIVE_ALL);

	(void)args;
	if (rc == -EPERM)
		return refuse("Kamailio refuses the new data and goes on with the old: %s", ctl->live.error);
	return ctl_live(ctl, rc);
}

/* ---- registrations ---- */

void remove_binding(struct ctl *ctl, const char *number)
{
	int rc = live_unbind(&ctl->live, number);

	ctl_say(ctl, "binding_removed", json_boolean(rc == 0));
	if (rc)
		note("the registration of %s was not removed (%s); new calls and registrations follow the new state all the "
			 "same",
				number, ctl->live.error);
}

static void add_text(json_t *object, const char *key, const char *text)
{
	if (text[0])
		json_object_set_new(object, key, json_string(text));
}

static json_t *binding_json(const struct live_binding *b)
{
	json_t *object = json_object();

	add_text(object, "contact", b->contact);
	add_text(object, "received", b->received);
	add_text(object, "path", b->path);
	add_text(object, "socket", b->socket);
	add_text(object, "user_agent", b->user_agent);
	if (b->expires_s != LIVE_UNKNOWN)
		json_object_set_new(object, "expires_s", json_integer(b->expires_s));
	return object;
}

json_t *find_binding(struct ctl *ctl, const char *number, char *why, size_t size)
{
	struct live_binding b;
	int rc = live_binding(&ctl->live, number, &b);

	if (rc == -ENOENT)
		return json_false();
	snprintf(why, size, "%s", rc ? ctl->live.error : "");
	return rc ? json_null() : binding_json(&b);
}

static const struct arg no_args[] = {{0}};

const struct command reload_commands[] = {
		{"reload", NULL, no_args, command_reload, false, "have Kamailio load groups, exceptions, domains and relays anew"},
		{0},
};
