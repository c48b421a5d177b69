/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the running Kamailio is told of a change. */
#include "page_tables.h"

#include "data/data.h"
#include "live/binding.h"
#include "live/reload.h"

#include <stdio.h>
#include <string.h>

/* An account that was deleted, or is not active any more, does not stay registered (A7). */
static bool is_out(struct request *r, const struct table *t, const char *key, bool deleted)
{
	struct data_rows now = {0};
	const char *state;
	bool out = deleted;

	if (!out && data_show(r->db, &r->scope, t, key, &now) == 0) {
		state = data_named(&now, 0, "state_now");
		out = state && strcmp(state, "active") != 0;
	}
	data_rows_free(&now);
	return out;
}

void page_table_told(struct request *r, const struct table *t, const char *key, bool deleted)
{
	static const struct {
		const char *table;
		unsigned what;
	} rows[] = {{"groups", LIVE_PLAN}, {"exceptions", LIVE_PLAN}, {"domains", LIVE_DOMAINS | LIVE_PLAN}, {"relay-sets", LIVE_PLAN | LIVE_RELAYS},
			{"relays", LIVE_PLAN | LIVE_RELAYS}};
	struct live live = {.socket = r->web->settings.config.rpc_socket};
	struct live_reloaded told;

	if (!*live.socket)
		return;
	if (!strcmp(t->name, "accounts")) {
		live_accounts_changed(&live);
		if (is_out(r, t, key, deleted))
			live_unbind(&live, key);
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (!strcmp(t->name, rows[i].table) && live_reload(&live, rows[i].what, &told))
			fprintf(stderr, "aeta-admin: Kamailio was not told of a change: %s\n", live.error);
	}
}
