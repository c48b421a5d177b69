/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Kamailio knows of agents: registrations, NATs, pairs that dialled again. */
#include "tables.h"

static const struct column location_columns[] = {
		{NUMBER_OF("number", "Number", "l.username"), .refers = "accounts", SEEN(BY_ALL)},
		{.name = "registered", .label = "Registered", .sql = "IF(l.expires > UTC_TIMESTAMP(), 1, 0)", .type = TYPE_SWITCH, SEEN(BY_ALL)},
		{BYTES_OF("received", "Comes from", "COALESCE(NULLIF(l.received, ''), l.contact)"), SEEN(BY_ALL)},
		{BYTES_OF("contact", "Contact", "l.contact"), IN_FULL(BY_ALL)},
		{BYTES_OF("path", "Path", "l.path"), IN_FULL(BY_ALL)},
		{BYTES_OF("user_agent", "User agent", "l.user_agent"), SEEN(BY_ALL)},
		{.name = "socket", .label = "Server socket", .sql = "l.socket", .max = 64, IN_FULL(BY_ALL)},
		{TIME_OF("last_seen", "Last seen", "l.last_modified"), SEEN(BY_ALL)},
		{TIME_OF("expires", "Expires", "l.expires"), SEEN(BY_ALL)},
		{BYTES_OF("callid", "Call-ID", "l.callid"), IN_FULL(BY_OPERATORS)},
		{BYTES_OF("instance", "Instance", "l.instance"), IN_FULL(BY_OPERATORS)},
		{0},
};

const struct table table_location = {
		.name = "location", .label = "Registrations", .one = "Registration", .title = "number", .from = "location l", .key = "l.username",
		.of_customer = "l.username IN " ACCOUNTS_OF_CUSTOMER, .of_account = "l.username = ?", .sort = "number", .then = "l.id",
		.columns = location_columns,
};

static const struct column nat_columns[] = {
		{NUMBER_OF("account", "Number", "n.account"), .refers = "accounts", SEEN(BY_ALL)},
		{BYTES_OF("address", "Address", "n.address"), SEEN(BY_ALL)},
		{.name = "class", .label = "Class", .sql = "n.class", .type = TYPE_WORD, .words = NAT_CLASSES,
				.word_labels = NAT_CLASSES_MEAN, .plain = true, SEEN(BY_ALL)},
		{.name = "stun", .label = "STUN", .sql = "n.stun", .type = TYPE_WORD, .words = "unknown|yes|no", SEEN(BY_ALL)},
		{TIME_OF("checked_at", "Asked", "n.checked_at"), SEEN(BY_ALL)},
		{TIME_OF("changed_at", "Changed", "n.changed_at"), IN_FULL(BY_ALL)},
		{0},
};

const struct table table_nat = {
		.name = "nat", .label = "NATs and firewalls", .one = "NAT or firewall", .title = "account", .from = "aeta_nat_class n",
		.key = "CONCAT(n.account, '@', n.address)",
		.find = "n.account = SUBSTRING_INDEX(?, '@', 1) AND n.address = SUBSTRING_INDEX(?, '@', -1)",
		.of_customer = "n.account IN " ACCOUNTS_OF_CUSTOMER, .of_account = "n.account = ?", .sort = "account", .then = "n.address",
		.columns = nat_columns,
};

static const struct column redial_columns[] = {
		{NUMBER_OF("low", "Number", ASCII_TEXT("p.low")), SEEN(BY_OPERATORS)},
		{NUMBER_OF("high", "Other number", ASCII_TEXT("p.high")), SEEN(BY_OPERATORS)},
		{.name = "low_address", .label = "Address", .sql = ASCII_TEXT("p.low_address"), .max = 45, SEEN(BY_OPERATORS)},
		{.name = "high_address", .label = "Other address", .sql = ASCII_TEXT("p.high_address"), .max = 45, SEEN(BY_OPERATORS)},
		{TIME_OF("relayed_until", "Relayed until", "FROM_UNIXTIME(p.relayed_until)"), SEEN(BY_OPERATORS)},
		{0},
};

const struct table table_redial = {
		.name = "redial", .label = "Redialled pairs", .one = "Redialled pair", .title = "low", .from = "aeta_redial p",
		.key = "CONCAT(p.low, '-', p.high)", .find = "p.low = SUBSTRING_INDEX(?, '-', 1) AND p.high = SUBSTRING_INDEX(?, '-', -1)",
		.sort = "low", .then = "p.high", .columns = redial_columns,
};
