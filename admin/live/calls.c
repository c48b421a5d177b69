/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "calls.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>


/* Digits up to `end`, at most what Kamailio takes as an integer. */
static const char *take_number(const char *text, unsigned *out)
{
	size_t n = strspn(text, "0123456789");
	unsigned long value = n && n <= 10 ? strtoul(text, NULL, 10) : ULONG_MAX;

	*out = (unsigned)value;
	return value <= INT_MAX ? text + n : NULL;
}

bool live_call_id_parse(const char *text, struct live_call_id *out)
{
	text = take_number(text, &out->entry);
	if (!text || *text != '-')
		return false;
	text = take_number(text + 1, &out->id);
	return text && *text == '\0';
}

int live_call_end(struct live *l, struct live_call_id id)
{
	json_t *answer;
	int rc = live_ask(l, "dlg.end_dlg", json_pack("[i, i]", (int)id.entry, (int)id.id), &answer);

	json_decref(answer);
	return rc == -EPERM && strcmp(l->error, "Dialog not found") == 0 ? -ENOENT : rc;
}

/* Two numbers that are both known, added. */
static long sum(long a, long b)
{
	return a == LIVE_UNKNOWN || b == LIVE_UNKNOWN ? LIVE_UNKNOWN : a + b;
}

int live_call_counts(struct live *l, struct live_call_counts *out)
{
	json_t *answer;
	int rc = live_ask(l, "dlg.stats_active", NULL, &answer);

	out->ringing = sum(live_number(answer, "starting"), live_number(answer, "connecting"));
	out->answered = sum(live_number(answer, "answering"), live_number(answer, "ongoing"));
	json_decref(answer);
	return rc;
}

int live_redial_lift(struct live *l, const char *one, const char *other)
{
	json_t *answer;
	int rc = live_ask(l, "aeta.redial_lift", json_pack("[s, s]", one, other), &answer);

	json_decref(answer);
	return rc == -EPERM && strncmp(l->error, "No such pair", 12) == 0 ? -ENOENT : rc;
}
