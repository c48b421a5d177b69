/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "binding.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LOCATION "location" /* the usrloc table */

/* "AOR not found in location table", "AOR has no contacts": the number is not registered, which is no failure. */
static int none_is_enoent(const struct live *l, int rc)
{
	return rc == -EPERM && strncmp(l->error, "AOR ", 4) == 0 ? -ENOENT : rc;
}

int live_binding(struct live *l, const char *number, struct live_binding *out)
{
	json_t *answer, *contact;
	int rc = none_is_enoent(l, live_ask(l, "ul.lookup", json_pack("[s, s]", LOCATION, number), &answer));

	memset(out, 0, sizeof(*out));
	out->expires_s = out->modified = LIVE_UNKNOWN;
	if (rc)
		return rc;
	contact = json_object_get(json_array_get(json_object_get(answer, "Contacts"), 0), "Contact");
	if (live_text(contact, "Address", out->contact, sizeof(out->contact))) {
		live_text(contact, "Received", out->received, sizeof(out->received));
		live_text(contact, "Path", out->path, sizeof(out->path));
		live_text(contact, "Socket", out->socket, sizeof(out->socket));
		live_text(contact, "User-Agent", out->user_agent, sizeof(out->user_agent));
		out->expires_s = live_number(contact, "Expires");
		out->modified = live_number(contact, "Last-Modified");
	} else {
		rc = live_not_understood(l, "ul.lookup");
	}
	json_decref(answer);
	return rc;
}

int live_unbind(struct live *l, const char *number)
{
	json_t *answer;
	int rc = live_ask(l, "ul.rm", json_pack("[s, s]", LOCATION, number), &answer);

	json_decref(answer);
	return none_is_enoent(l, rc);
}

void live_binding_host(const struct live_binding *b, char *out, size_t size)
{
	const char *uri = b->received[0] ? b->received : b->contact, *at = strchr(uri, ':'), *host = at ? at + 1 : uri;
	size_t n;

	at = strchr(host, '@');
	host = at ? at + 1 : host;
	n = *host == '[' ? strcspn(++host, "]") : strcspn(host, ":;?>");
	snprintf(out, size, "%.*s", b->path[0] ? 0 : (int)(n < size ? n : size - 1), host);
}
