/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bans.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void read_ban(const json_t *object, struct live_ban *out)
{
	live_text(object, "source", out->source, sizeof(out->source));
	live_text(object, "user", out->user, sizeof(out->user));
	live_text(object, "since", out->since, sizeof(out->since));
	out->failures = live_number(object, "failures");
	out->users = live_number(object, "users");
	out->left_s = live_number(object, "left_s");
}

/* The rows of an answer; one without a source is none. */
static int read_bans(const json_t *answer, struct live_bans *out)
{
	const json_t *list = json_object_get(answer, "bans");
	size_t n = json_array_size(list);

	if (!json_is_array(list))
		return -EINVAL;
	out->at = calloc(n ? n : 1, sizeof(*out->at));
	if (!out->at)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		read_ban(json_array_get(list, i), &out->at[out->n]);
		out->n += out->at[out->n].source[0] != '\0';
	}
	out->more = live_number(answer, "more");
	return 0;
}

int live_bans(struct live *l, struct live_bans *out)
{
	json_t *answer;
	int rc = live_ask(l, "aeta.bans", NULL, &answer);

	*out = (struct live_bans){.more = LIVE_UNKNOWN};
	if (rc == 0 && read_bans(answer, out) != 0)
		rc = live_not_understood(l, "aeta.bans");
	json_decref(answer);
	return rc;
}

void live_bans_free(struct live_bans *bans)
{
	free(bans->at);
	*bans = (struct live_bans){0};
}

bool live_is_source(const char *text)
{
	char copy[INET6_ADDRSTRLEN + 8];
	unsigned char address[16];
	size_t n = strlen(text);

	if (n >= sizeof(copy))
		return false;
	memcpy(copy, text, n + 1);
	if (n > 2 && copy[0] == '[' && copy[n - 1] == ']') {
		copy[n - 1] = '\0';
		return inet_pton(AF_INET6, copy + 1, address) == 1;
	}
	if (n > 3 && strcmp(copy + n - 3, "/64") == 0) {
		copy[n - 3] = '\0';
		return inet_pton(AF_INET6, copy, address) == 1;
	}
	return inet_pton(AF_INET, copy, address) == 1 || inet_pton(AF_INET6, copy, address) == 1;
}

bool live_source_has(const char *source, const char *address)
{
	unsigned char one[16], other[16];
	char plain[INET6_ADDRSTRLEN];
	size_t n = strcspn(source, "/");

	if (n >= sizeof(plain))
		return false;
	memcpy(plain, source, n);
	plain[n] = '\0';
	if (inet_pton(AF_INET6, plain, one) == 1)
		return inet_pton(AF_INET6, address, other) == 1 && memcmp(one, other, 8) == 0;
	return strcmp(address, source) == 0;
}

int live_ban_lift(struct live *l, const char *source, const char *user, struct live_lifted *out)
{
	json_t *answer;
	int rc = live_ask(l, "aeta.unban", json_pack("[s, s*]", source, user), &answer);

	out->users = live_number(answer, "users");
	out->sources = live_number(answer, "sources");
	json_decref(answer);
	return rc == -EPERM && strcmp(l->error, "No such ban") == 0 ? -ENOENT : rc;
}
