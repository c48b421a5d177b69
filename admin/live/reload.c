/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reload.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define RELAYS_FOLLOW_S 15 /* ten that the module wants, and some for the process that tries */

static const struct reload {
	unsigned what; /* enum live_reload */
	const char *method, *parameter;
	bool optional; /* Kamailio's configuration may have nothing of the kind; and it may say "later" */
} reloads[LIVE_RELOADS] = {
		{LIVE_PLAN, "aeta.reload", NULL, false},
		{LIVE_DOMAINS, "domain.reload", NULL, false},
		{LIVE_RELAYS, "rtpengine.reload", NULL, true},
		{LIVE_RELAYS, "htable.reload", "relays", true},
};

static void note_told(struct live_reloaded *out, const char *method, const char *reason)
{
	struct live_told *told = &out->told[out->n++];

	told->method = method;
	told->done = !reason;
	snprintf(told->reason, sizeof(told->reason), "%s", reason ? reason : "");
}

static int reload(struct live *l, const struct reload *r, struct live_reloaded *out)
{
	json_t *answer;
	int rc = live_ask(l, r->method, r->parameter ? json_pack("[s]", r->parameter) : NULL, &answer);

	json_decref(answer);
	if (r->optional && rc == -EPERM && strncasecmp(l->error, "method not found", 16) == 0)
		return 0;
	note_told(out, r->method, rc ? l->error : NULL);
	return rc == -EPERM && r->optional ? 0 : rc;
}

static const struct live_told *find(const struct live_reloaded *out, const char *method)
{
	for (unsigned i = 0; i < out->n; i++)
		if (strcmp(out->told[i].method, method) == 0)
			return &out->told[i];
	return NULL;
}

/*
 * Kamailio's rtpengine module loads no list within ten seconds of the one before. Our configuration, which has the table of
 * relays, tries again each second (RELAYS_NEW in media.cfg); another one does not.
 */
static void when_relays_count(struct live_reloaded *out)
{
	const struct live_told *module = find(out, "rtpengine.reload"), *table = find(out, "htable.reload"), *failed = NULL;

	if (module && !module->done && table && table->done && strncmp(module->reason, "Too short", 9) == 0)
		out->relays_by = time(NULL) + RELAYS_FOLLOW_S;
	else if (module && !module->done)
		failed = module;
	if (table && !table->done)
		failed = table;
	if (failed) {
		out->relays_failed = failed->method;
		out->relays_reason = failed->reason;
	}
}

int live_reload(struct live *l, unsigned what, struct live_reloaded *out)
{
	int rc = 0;

	*out = (struct live_reloaded){0};
	for (size_t i = 0; i < LIVE_RELOADS; i++) {
		const struct reload *r = &reloads[i];

		if (!(r->what & what))
			continue;
		if (rc == 0)
			rc = reload(l, r, out);
		else if (!r->optional)
			note_told(out, r->method, l->error);
	}
	if (rc == 0)
		when_relays_count(out);
	return rc;
}

void live_accounts_changed(struct live *l)
{
	json_t *answer;

	live_ask(l, "aeta.accounts_changed", NULL, &answer);
	json_decref(answer);
}
