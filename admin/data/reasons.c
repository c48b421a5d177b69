/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reasons.h"

#include <stdio.h>
#include <string.h>

/* What stands in a path_reason besides the bits: nothing, and what kamailio-cfg/call.cfg says. */
static const struct aeta_reason_words others[] = {
		{"", "no-sign", "nothing speaks against the direct way"},
		{"", "answer-contradicts", "the callee's answer asks for media elsewhere than was expected of it; the next call is relayed"},
};

bool reason_find(const char *name, size_t len, struct aeta_reason_words *out)
{
	char whole[80];

	for (unsigned bit = 0; bit < AETA_REASON_BITS; bit++) {
		if (!aeta_reason_words(bit, out))
			continue;
		snprintf(whole, sizeof(whole), "%s%s%s", out->who, out->who[0] ? "-" : "", out->name);
		if (strlen(whole) == len && memcmp(whole, name, len) == 0)
			return true;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		*out = others[i];
		if (strlen(out->name) == len && memcmp(out->name, name, len) == 0)
			return true;
	}
	return false;
}

void reasons_sentence(const char *list, char *out, size_t size)
{
	struct aeta_reason_words w;
	size_t used = 0, len;
	int n;

	out[0] = '\0';
	for (; *list && used < size - 1; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		if (reason_find(list, len, &w))
			n = snprintf(out + used, size - used, "%s%s%s%s", used ? "; " : "", w.who, w.who[0] ? ": " : "", w.text);
		else
			n = snprintf(out + used, size - used, "%s%.*s", used ? "; " : "", (int)len, list);
		used += n > 0 ? (size_t)n : 0;
	}
}
