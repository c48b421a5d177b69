/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the options mean: the core's configuration, addresses to listen on, who may come. */
#ifndef RELAY_SETTINGS_H
#define RELAY_SETTINGS_H

#include "core/relay.h"
#include "net_address.h"
#include "options.h"

#define LISTEN_MAX 16

struct listen_list {
	unsigned n;
	struct endpoint at[LISTEN_MAX];
};

struct settings {
	struct relay_config relay;
	struct listen_list ng, tcp_ng, http;
	unsigned allow_count;
	struct network allow[OPTIONS_LIST_MAX];
};

/* 0, or -EINVAL with the reason in `error`. */
int settings_make(struct settings *s, const struct options *o, char error[OPTIONS_ERROR_MAX]);
/* May it ask us (F5)? This machine's loopback, and whom --ng-allow names. */
bool settings_allow(const struct settings *s, const struct address *source);
/* Sockets that calls may need at most: four for each, two ports each way. */
uint64_t settings_sockets(const struct settings *s);

#endif
