/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may use the web, and what was done. Passwords, second factors and tokens are no columns, so nothing can show them. */
#include "tables.h"

static const struct column operator_columns[] = {
		{.name = "login", .label = "Login name", .sql = ASCII_TEXT("o.login"), .max = 32, SEEN(BY_ADMIN)},
		{.name = "name", .label = "Name", .sql = "o.name", .store = "name", .max = 128, SEEN(BY_ADMIN), .edit = BY_ADMIN},
		{.name = "role", .label = "Role", .sql = "o.role", .type = TYPE_WORD, .words = "viewer|support|admin", SEEN(BY_ADMIN),
				.word_labels = "viewer: reads|support: sells, helps|admin: everything"},
		{.name = "enabled", .label = "Enabled", .sql = "o.enabled", .type = TYPE_SWITCH, SEEN(BY_ADMIN)},
		{.name = "totp", .label = "Second factor", .sql = "o.totp", .type = TYPE_SWITCH, SEEN(BY_ADMIN)},
		{TIME_OF("last_login_at", "Last login", "o.last_login_at"), SEEN(BY_ADMIN)},
		{TIME_OF("password_at", "Password since", "o.password_at"), IN_FULL(BY_ADMIN)},
		{TIME_OF("created_at", "Created", "o.created_at"), IN_FULL(BY_ADMIN)},
		{0},
};

/* Role and access are changed by data/operators.h, which ends the sessions with them. */
const struct table table_operators = {
		.name = "operators", .noun = "operator", .label = "Operators", .one = "Operator", .title = "login", .from = "aeta_operator o",
		.base = "aeta_operator", .alias = "o", .key = "o.login", .version = "o.version", .sort = "login", .then = "o.id",
		.columns = operator_columns,
};

static const struct column web_login_columns[] = {
		{NUMBER_OF("account", "Number", "w.account"), .refers = "accounts", SEEN(BY_ALL)},
		{.name = "email", .label = "E-mail", .sql = "w.email", .store = "email", .type = TYPE_EMAIL, .max = 190, .optional = true,
				SEEN(BY_ALL), .edit = BY_STAFF | BY_ACCOUNT, .help = "Kept for what concerns this number; no mail is sent there yet."},
		{TIME_OF("last_login_at", "Last login", "w.last_login_at"), SEEN(BY_ALL)},
		{TIME_OF("password_at", "Password since", "w.password_at"), SEEN(BY_ALL)},
		{TIME_OF("created_at", "Created", "w.created_at"), IN_FULL(BY_ALL)},
		{0},
};

const struct table table_web_logins = {
		.name = "web-logins", .noun = "weblogin", .label = "Web logins", .one = "Web login", .title = "account", .from = "aeta_web_login w",
		.base = "aeta_web_login", .alias = "w", .key = "w.account", .version = "w.version",
		.of_customer = "w.account IN " ACCOUNTS_OF_CUSTOMER, .of_account = "w.account = ?", .sort = "account", .then = "w.account",
		.columns = web_login_columns,
};

#define OWN_SESSIONS (BY_ADMIN | BY_CONTACT | BY_ACCOUNT)

static const struct column session_columns[] = {
		{.name = "who", .label = "Who", .sql = "COALESCE(" ASCII_TEXT("o.login") ", " ASCII_TEXT("k.login") ", v.account)", .max = 64,
				SEEN(OWN_SESSIONS)},
		{.name = "whole", .label = "Fully logged in", .sql = "v.whole", .type = TYPE_SWITCH, IN_FULL(BY_ADMIN)},
		{.name = "address", .label = "Address", .sql = "v.address", .max = 45, SEEN(OWN_SESSIONS)},
		{BYTES_OF("user_agent", "Browser", "v.user_agent"), SEEN(OWN_SESSIONS)},
		{TIME_OF("created_at", "Since", "v.created_at"), SEEN(OWN_SESSIONS)},
		{TIME_OF("seen_at", "Last seen", "v.seen_at"), SEEN(OWN_SESSIONS)},
		{TIME_OF("ends_at", "Ends", "v.ends_at"), SEEN(OWN_SESSIONS)},
		{0},
};

const struct table table_sessions = {
		.name = "sessions", .noun = "session", .label = "Sessions", .one = "Session", .title = "who",
		.from = "aeta_web_session v LEFT JOIN aeta_operator o ON o.id = v.operator_id "
				"LEFT JOIN aeta_contact_login k ON k.contact_id = v.contact_id",
		.base = "aeta_web_session", .alias = "v", .key = "v.id", .of_contact = "v.contact_id = ?", .of_account = "v.account = ?",
		.sort = "seen_at", .descending = true, .then = "v.id", .removal = "End", .remove = OWN_SESSIONS, .columns = session_columns,
};

static const struct column audit_columns[] = {
		{TIME_OF("at", "When", "u.at"), SEEN(BY_STAFF)},
		{.name = "who", .label = "Who", .sql = "u.who", .max = 64, .unsorted = true, SEEN(BY_STAFF)},
		{.name = "from_where", .label = "From", .sql = "u.from_where", .max = 128, .unsorted = true, SEEN(BY_STAFF)},
		{.name = "via", .label = "Through", .sql = "u.via", .max = 80, .unsorted = true, IN_FULL(BY_STAFF),
				.help = "User of the database: aeta_admin is aetactl, aeta_web the web server."},
		{.name = "action", .label = "Action", .sql = "u.action", .max = 64, .unsorted = true, SEEN(BY_STAFF)},
		{.name = "object", .label = "On what", .sql = "u.object", .max = 128, .unsorted = true, SEEN(BY_STAFF)},
		{.name = "detail", .label = "Detail", .sql = "u.detail", .max = 1024, .unsorted = true, IN_FULL(BY_STAFF)},
		{.name = "before", .label = "Before", .sql = "u.old_values", .unsorted = true, .show = BY_STAFF},
		{.name = "after", .label = "After", .sql = "u.new_values", .unsorted = true, .show = BY_STAFF},
		{0},
};

const struct table table_audit = {
		.name = "audit", .label = "Audit", .one = "Action", .title = "action", .from = "aeta_audit u", .key = "u.id", .sort = "at",
		.descending = true, .then = "u.id", .columns = audit_columns,
};
