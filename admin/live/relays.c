/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "relays.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *live_relay_state_name(enum live_relay_state s)
{
	static const char *const names[] = {
#define X(id, name) [LIVE_RELAY_##id] = name,
			LIVE_RELAY_STATES(X)
#undef X
	};

	return names[s];
}

/*
 * Kamailio 5: "disabled" is 0, 1, or the text "1(permanent)" where an operator has switched it off. Kamailio 6: "disabled" says whether one
 * has, "active" whether it is used.
 */
static enum live_relay_state read_state(const json_t *node)
{
	const json_t *disabled = json_object_get(node, "disabled"), *active = json_object_get(node, "active");

	if (json_is_boolean(disabled) && json_is_boolean(active))
		return json_is_true(active) ? LIVE_RELAY_UP : json_is_true(disabled) ? LIVE_RELAY_OFF : LIVE_RELAY_DOWN;
	if (json_is_string(disabled))
		return json_string_value(disabled)[0] == '1' ? LIVE_RELAY_OFF : LIVE_RELAY_UP;
	if (!json_is_integer(disabled))
		return LIVE_RELAY_UNKNOWN;
	return json_integer_value(disabled) ? LIVE_RELAY_DOWN : LIVE_RELAY_UP;
}

/* With one relay Kamailio answers with an object, with more with an array of them. */
int live_relays(struct live *l, struct live_relays *out)
{
	json_t *answer;
	const json_t *node;
	size_t n;
	int rc = live_ask(l, "rtpengine.show", json_pack("[s]", "all"), &answer);

	*out = (struct live_relays){0};
	if (rc)
		return rc;
	n = json_is_array(answer) ? json_array_size(answer) : 1;
	out->at = calloc(n ? n : 1, sizeof(*out->at));
	for (size_t i = 0; out->at && i < n; i++) {
		node = json_is_array(answer) ? json_array_get(answer, i) : answer;
		if (live_text(node, "url", out->at[out->n].url, LIVE_URL_MAX))
			out->at[out->n++].state = read_state(node);
	}
	json_decref(answer);
	return out->at ? 0 : -ENOMEM;
}

void live_relays_free(struct live_relays *relays)
{
	free(relays->at);
	*relays = (struct live_relays){0};
}

enum live_relay_state live_relay_state(const struct live_relays *relays, const char *url)
{
	for (size_t i = 0; i < relays->n; i++)
		if (strcmp(relays->at[i].url, url) == 0)
			return relays->at[i].state;
	return LIVE_RELAY_NOT_LOADED;
}
