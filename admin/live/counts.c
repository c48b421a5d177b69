/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "counts.h"

#include <errno.h>

#define REGISTERED "registered_users"

/* An answer of stats.fetch names its figures "group.name". */
static int count_registered(struct live *l, struct live_counts *out)
{
	json_t *answer;
	int rc = live_ask(l, "stats.fetch", json_pack("[s]", "usrloc:" REGISTERED), &answer);

	out->registered = live_number(answer, "usrloc." REGISTERED);
	json_decref(answer);
	return rc;
}

static int count_module(struct live *l, struct live_counts *out)
{
	json_t *answer;
	int rc = live_ask(l, "aeta.stats", NULL, &answer);

	out->media_direct = live_number(answer, "media_direct");
	out->media_relayed = live_number(answer, "media_relayed");
	out->wrong_passwords = live_number(answer, "guard_failures");
	out->silent = live_number(answer, "nat_silent");
	json_decref(answer);
	return rc;
}

static int count_bans(struct live *l, struct live_counts *out)
{
	json_t *answer;
	const json_t *bans;
	long more;
	int rc = live_ask(l, "aeta.bans", NULL, &answer);

	bans = json_object_get(answer, "bans");
	more = live_number(answer, "more");
	out->bans = json_is_array(bans) && more != LIVE_UNKNOWN ? (long)json_array_size(bans) + more : LIVE_UNKNOWN;
	json_decref(answer);
	return rc;
}

static int count_uptime(struct live *l, struct live_counts *out)
{
	json_t *answer;
	int rc = live_ask(l, "core.uptime", NULL, &answer);

	out->uptime_s = live_number(answer, "uptime");
	json_decref(answer);
	return rc;
}

static int count_calls(struct live *l, struct live_counts *out)
{
	return live_call_counts(l, &out->calls);
}

int live_counts(struct live *l, struct live_counts *out)
{
	static int (*const questions[])(struct live *l, struct live_counts *out) = {count_uptime, count_registered, count_calls,
			count_module, count_bans};
	int rc;

	*out = (struct live_counts){LIVE_UNKNOWN, {LIVE_UNKNOWN, LIVE_UNKNOWN}, LIVE_UNKNOWN, LIVE_UNKNOWN, LIVE_UNKNOWN, LIVE_UNKNOWN,
			LIVE_UNKNOWN, LIVE_UNKNOWN};
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		rc = questions[i](l, out);
		if (rc == -EHOSTUNREACH)
			return rc;
	}
	return 0;
}
