/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who it is for: customers and their contacts. */
#include "tables.h"

static const struct column customer_columns[] = {
		{.name = "id", .label = "Id", .sql = "c.id", .type = TYPE_NUMBER, .names = true, SEEN(BY_OPERATORS | BY_CONTACT)},
		{.name = "name", .label = "Name", .sql = "c.name", .store = "name", .min = 1, .max = 128,
				SEEN(BY_OPERATORS | BY_CONTACT), SET_BY(BY_STAFF)},
		{.name = "email", .label = "First contact", .type = TYPE_EMAIL, .unsorted = true,
				.sql = "(SELECT k.email FROM aeta_contact k WHERE k.customer_id = c.id ORDER BY k.id LIMIT 1)",
				SEEN(BY_OPERATORS | BY_CONTACT)},
		{COUNT_OF("groups", "Groups", "(SELECT COUNT(*) FROM aeta_group g WHERE g.customer_id = c.id)"),
				SEEN_UNASKED(BY_OPERATORS | BY_CONTACT)},
		{.name = "comment", .label = "Comment", .sql = "c.comment", .store = "comment", .max = 255, SEEN(BY_OPERATORS),
				SET_BY(BY_STAFF), .help = "Operators see it, the customer does not."},
		{TIME_OF("created_at", "Created", "c.created_at"), IN_FULL(BY_OPERATORS | BY_CONTACT)},
		{0},
};

const struct table table_customers = {
		.name = "customers", .noun = "customer", .label = "Customers", .one = "Customer", .title = "name",
		.from = "aeta_customer c", .base = "aeta_customer", .alias = "c", .key = "c.id", .version = "c.version",
		.of_customer = "c.id = ?", .sort = "name", .then = "c.id", .remove = BY_ADMIN, .columns = customer_columns,
};

static const struct column contact_columns[] = {
		{.name = "customer_id", .label = "Customer", .sql = "k.customer_id", .store = "customer_id", .type = TYPE_NUMBER, .min = 1,
				.max = 4294967295, .refers = "customers", IN_FULL(BY_OPERATORS), .insert = BY_STAFF},
		{.name = "customer", .label = "Customer", .sql = "c.name", SEEN(BY_OPERATORS)},
		{.name = "email", .label = "E-mail", .sql = "k.email", .store = "email", .type = TYPE_EMAIL, .min = 3, .max = 190,
				SEEN(BY_OPERATORS | BY_CONTACT), SET_BY(BY_STAFF), .help = "Announcements are mailed there."},
		{.name = "name", .label = "Name", .sql = "k.name", .store = "name", .max = 128, SEEN(BY_OPERATORS | BY_CONTACT),
				SET_BY(BY_STAFF)},
		{.name = "phone", .label = "Phone", .sql = "k.phone", .store = "phone", .max = 32, SEEN(BY_OPERATORS | BY_CONTACT),
				SET_BY(BY_STAFF)},
		{.name = "login", .label = "Web login", .sql = ASCII_TEXT("w.login"), .max = 64, SEEN(BY_OPERATORS)},
		{.name = "login_state", .label = "Login is", .sql = "IF(w.contact_id IS NULL, 'none', IF(w.enabled, 'enabled', 'disabled'))",
				.type = TYPE_WORD, .words = "none|enabled|disabled", SEEN(BY_OPERATORS)},
		{.name = "totp", .label = "Second factor", .sql = "COALESCE(w.totp, 0)", .type = TYPE_SWITCH, IN_FULL(BY_OPERATORS)},
		{TIME_OF("last_login_at", "Last login", "w.last_login_at"), IN_FULL(BY_OPERATORS)},
		{TIME_OF("password_at", "Password since", "w.password_at"), IN_FULL(BY_OPERATORS)},
		{0},
};

const struct table table_contacts = {
		.name = "contacts", .noun = "contact", .label = "Contacts", .one = "Contact", .title = "email",
		.from = "aeta_contact k JOIN aeta_customer c ON c.id = k.customer_id LEFT JOIN aeta_contact_login w ON w.contact_id = k.id",
		.base = "aeta_contact", .alias = "k", .key = "k.id", .version = "k.version", .of_customer = "k.customer_id = ?", .sort = "email", .then = "k.id", .insert = BY_STAFF,
		.remove = BY_STAFF, .columns = contact_columns,
};
