/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Domains, and the relays that they lead to. */
#include "tables.h"

static const struct column domain_columns[] = {
		{.name = "domain", .label = "Domain", .sql = "d.domain", .store = "domain", .min = 1, .max = 64, SEEN(BY_OPERATORS),
				.insert = BY_ADMIN, .help = "A name or a bare address by which agents reach the service."},
		{.name = "relay_set", .label = "Relay set", .sql = "d.relay_set", .store = "relay_set", .min = 1, .max = 32,
				.initial = "default", SEEN(BY_OPERATORS), SET_BY(BY_ADMIN),
				.help = "Relays of the agents that register by this domain; a set that is new is made."},
		{.name = "comment", .label = "Comment", .sql = "d.comment", .store = "comment", .max = 255, SEEN(BY_OPERATORS),
				SET_BY(BY_ADMIN)},
		{0},
};

const struct table table_domains = {
		.name = "domains", .noun = "domain", .label = "Domains", .one = "Domain", .title = "domain", .from = "aeta_domain d", .base = "aeta_domain", .alias = "d",
		.key = "d.domain", .key_of = "domain", .version = "d.version", .sort = "domain", .then = "d.domain", .insert = BY_ADMIN,
		.remove = BY_ADMIN, .columns = domain_columns,
};

static const struct column relay_set_columns[] = {
		{.name = "number", .label = "Number", .sql = "s.number", .type = TYPE_NUMBER, .names = true, .max = 15, SEEN(BY_OPERATORS)},
		{.name = "name", .label = "Name", .sql = "s.name", .store = "name", .min = 1, .max = 32, SEEN(BY_OPERATORS),
				.edit = BY_ADMIN},
		{COUNT_OF("relays", "Relays", "(SELECT COUNT(*) FROM aeta_relay r WHERE r.set_number = s.number)"),
				SEEN_UNASKED(BY_OPERATORS)},
		{COUNT_OF("domains", "Domains", "(SELECT COUNT(*) FROM aeta_domain d WHERE d.relay_set = s.name)"),
				SEEN_UNASKED(BY_OPERATORS)},
		{0},
};

const struct table table_relay_sets = {
		.name = "relay-sets", .noun = "relay-set", .label = "Relay sets", .one = "Relay set", .title = "name", .from = "aeta_relay_set s",
		.base = "aeta_relay_set", .alias = "s", .key = "s.number", .version = "s.version", .sort = "number", .then = "s.number",
		.remove = BY_ADMIN, .columns = relay_set_columns,
};

static const struct column relay_columns[] = {
		{.name = "set_number", .label = "Set", .sql = "r.set_number", .store = "set_number", .type = TYPE_NUMBER, .min = 0, .max = 15,
				.initial = "0", .refers = "relay-sets", IN_FULL(BY_OPERATORS), .insert = BY_ADMIN},
		{.name = "set", .label = "Set", .sql = "s.name", SEEN(BY_OPERATORS)},
		{.name = "url", .label = "Control address", .sql = "r.url", .store = "url", .min = 1, .max = 64, SEEN(BY_OPERATORS),
				.insert = BY_ADMIN, .help = "Such as udp:192.0.2.50:2223."},
		{.name = "position", .label = "Position", .sql = "r.position", .store = "position", .type = TYPE_NUMBER, .min = 0,
				.max = 65535, .initial = "1", SEEN(BY_OPERATORS), SET_BY(BY_ADMIN), .help = "The lower, the sooner it is asked."},
		{.name = "enabled", .label = "In use", .sql = "r.enabled", .store = "enabled", .type = TYPE_SWITCH, .initial = "1",
				SEEN(BY_OPERATORS), SET_BY(BY_ADMIN), .help = "Off: no new calls; those on it go on."},
		{.name = "comment", .label = "Comment", .sql = "r.comment", .store = "comment", .max = 255, SEEN(BY_OPERATORS),
				SET_BY(BY_ADMIN)},
		{0},
};

const struct table table_relays = {
		.name = "relays", .noun = "relay", .label = "Relays", .one = "Relay", .title = "url",
		.from = "aeta_relay r JOIN aeta_relay_set s ON s.number = r.set_number", .base = "aeta_relay", .alias = "r", .key = "r.id",
		.version = "r.version", .sort = "position", .then = "r.id", .insert = BY_ADMIN, .remove = BY_ADMIN,
		.columns = relay_columns,
};
