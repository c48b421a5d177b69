/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "live.h"
#include "rpc.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int live_ask(struct live *l, const char *method, json_t *params, json_t **answer)
{
	int rc;

	*answer = NULL;
	if (l->gone) {
		json_decref(params);
		return -EHOSTUNREACH;
	}
	rc = rpc_call(l->socket, method, params, answer, l->error, sizeof(l->error));
	l->gone = rc == -EHOSTUNREACH;
	return rc;
}

int live_not_understood(struct live *l, const char *method)
{
	snprintf(l->error, sizeof(l->error), "Kamailio's answer to %s is not understood: is it of another version?", method);
	return -EINVAL;
}

bool live_text(const json_t *object, const char *key, char *out, size_t size)
{
	const char *text = json_string_value(json_object_get(object, key));

	if (!text || strcmp(text, "[not set]") == 0)
		text = "";
	snprintf(out, size, "%s", text);
	return text[0] != '\0';
}

long live_number(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);
	long long n = LIVE_UNKNOWN;

	if (json_is_integer(value))
		n = json_integer_value(value);
	else if (text && text[0] && strlen(text) < 19 && strspn(text, "0123456789") == strlen(text))
		n = strtoll(text, NULL, 10);
	return n >= 0 && n <= LONG_MAX ? (long)n : LIVE_UNKNOWN;
}
