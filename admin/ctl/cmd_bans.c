/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bans of the running Kamailio (F1): which there are, and lifting them. */
#include "ctl.h"
#include "live/rpc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

/* Asks Kamailio; takes over `params`. An exit status, the refusal said. */
static int ask(struct ctl *ctl, const char *method, json_t *params, json_t **answer)
{
	char error[512];
	int rc = rpc_call(ctl->config.rpc_socket, method, params, answer, error, sizeof(error));

	if (rc == 0)
		return CTL_OK;
	refuse("%s", error);
	return rc == -EPERM ? CTL_REFUSED : CTL_UNREACHABLE;
}

static int bans_list(struct ctl *ctl, const struct args *args)
{
	json_t *answer = NULL, *bans;
	int rc = ask(ctl, "aeta.bans", NULL, &answer);

	(void)args;
	if (rc)
		return rc;
	bans = json_object_get(answer, "bans");
	ctl_say(ctl, "bans", json_is_array(bans) ? json_incref(bans) : json_array());
	if (json_integer_value(json_object_get(answer, "more")) > 0)
		note("%lld more are not shown", (long long)json_integer_value(json_object_get(answer, "more")));
	json_decref(answer);
	return CTL_OK;
}

/* An address as people write it, in brackets or as the list shows it. */
static bool is_source(const char *text)
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

static int bans_lift(struct ctl *ctl, const struct args *args)
{
	const char *source = arg_text(args, "SOURCE"), *number = arg_text(args, "NUMBER");
	json_t *answer = NULL, *lifted;
	char error[512];
	int rc;

	if (!is_source(source))
		return refuse("\"%s\" is no IP address: see aetactl bans list", source);
	rc = rpc_call(ctl->config.rpc_socket, "aeta.unban", json_pack("[s, s*]", source, number), &answer, error, sizeof(error));
	if (rc == -EPERM && strcmp(error, "No such ban") == 0)
		return number ? refuse("%s is not banned at %s: see aetactl bans list", number, source)
					  : refuse("nothing is banned at %s: see aetactl bans list", source);
	if (rc) {
		refuse("%s", error);
		return rc == -EPERM ? CTL_REFUSED : CTL_UNREACHABLE;
	}
	for (const char *const *key = (const char *const[]){"users", "sources", NULL}; *key; key++) {
		lifted = json_object_get(answer, *key);
		ctl_say(ctl, *key, json_is_integer(lifted) ? json_incref(lifted) : json_null());
	}
	json_decref(answer);
	return CTL_OK;
}

static const struct arg no_args[] = {{0}};
static const struct arg lift_args[] = {{.name = "SOURCE", .required = true, .help = "an IP address there, or as the list shows it"},
		{.name = "NUMBER", .help = "only this number's ban there; the source's own and all numbers' without"}, {0}};

const struct command bans_commands[] = {
		{"bans", "list", no_args, bans_list, false, "who is banned now, where, and for how long"},
		{"bans", "lift", lift_args, bans_lift, false, "end a ban; the running service forgets what was counted"},
		{0},
};
