/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent.h"

#include <string.h>

static int tell(struct live *l, const char *method, json_t *params)
{
	json_t *answer;
	int rc = live_ask(l, method, params, &answer);

	json_decref(answer);
	return rc;
}

int live_nat_ask(struct live *l, const char *number)
{
	return tell(l, "aeta.nat_probe", json_pack("[s]", number));
}

int live_trace_begin(struct live *l, const char *number, int seconds)
{
	int rc = tell(l, "aeta.trace", json_pack("[s, i]", number, seconds));

	/* Kamailio looks every five seconds whether it has to (kamailio-cfg/trace.cfg); this makes it begin at once */
	return rc ? rc : tell(l, "siptrace.status", json_pack("[s]", "on"));
}

int live_trace_end(struct live *l, const char *number)
{
	return tell(l, "aeta.trace_end", json_pack("[s]", number));
}

int live_trace_state(struct live *l, const char *number, struct live_trace *out)
{
	json_t *answer;
	const json_t *one;
	char digits[32];
	size_t i;
	int rc = live_ask(l, "aeta.traces", NULL, &answer);

	*out = (struct live_trace){false, LIVE_UNKNOWN, LIVE_UNKNOWN, LIVE_UNKNOWN};
	json_array_foreach(json_object_get(answer, "traces"), i, one)
	{
		if (!live_text(one, "number", digits, sizeof(digits)) || strcmp(digits, number) != 0)
			continue;
		out->known = true;
		out->left_s = live_number(one, "left_s");
		out->messages = live_number(one, "messages");
		out->lost = live_number(one, "lost");
	}
	json_decref(answer);
	return rc;
}
