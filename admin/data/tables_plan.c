/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The number plan: groups, accounts, exceptions. */
#include "tables.h"

#define SWITCH_OF(name_, label_, initial_, help_) \
	.name = #name_, .label = label_, .sql = "g." #name_, .store = #name_, .type = TYPE_SWITCH, .initial = initial_, .help = help_, \
	.show = BY_ALL, .search = BY_ALL, SET_BY(BY_STAFF)

#define WITH_HUNTING .with = "hunting"

#define MEDIA       "auto|always|never"
#define MEDIA_WORDS "through the relay where it must|always through the relay|never through the relay"

#define PRESENCE       "available|in-call|unreachable|offline"
#define PRESENCE_WORDS "available|in a call|registered, but does not answer|offline"

#define GROUP_OF_ACCOUNT "(SELECT own.prefix FROM aeta_account own WHERE own.number = ?)"
#define GROUPS_OF_CUSTOMER "(SELECT owned.prefix FROM aeta_group owned WHERE owned.customer_id = ?)"

static const struct column group_columns[] = {
		{.name = "prefix", .label = "Prefix", .sql = "g.prefix", .store = "prefix", .type = TYPE_NUMBER, .names = true, .min = 1000, .max = 9999,
				SEEN(BY_ALL), .insert = BY_STAFF, .help = "The first four digits of its numbers; it never changes."},
		{.name = "customer_id", .label = "Customer", .sql = "g.customer_id", .store = "customer_id", .type = TYPE_NUMBER, .min = 1,
				.max = 4294967295, .refers = "customers", IN_FULL(BY_OPERATORS), SET_BY(BY_STAFF)},
		{.name = "customer", .label = "Customer", .sql = "c.name", SEEN(BY_OPERATORS)},
		{.name = "name", .label = "Name", .sql = "g.name", .store = "name", .max = 128, SEEN(BY_ALL), SET_BY(BY_STAFF)},
		{SWITCH_OF(block_incoming, "Incoming blocking", "0", "Calls from outside the group are refused."), .list = BY_ALL},
		{SWITCH_OF(block_outgoing, "Outgoing blocking", "0", "Members reach only their group and the exceptions."), .list = BY_ALL},
		{SWITCH_OF(hunting, "Hunting", "0", "PREFIX6000 rings 6001, 6002 and so on."), .list = BY_ALL},
		{SWITCH_OF(hunt_direct, "Direct calls to members", "1",
				 "6001, 6002 and so on may be dialled themselves, too."), WITH_HUNTING},
		{SWITCH_OF(hunt_busy_603, "Declined counts as busy", "0",
				 "The hunt goes on where a member declines (603); else that ends it."), WITH_HUNTING},
		{SWITCH_OF(hunt_busy_in_call, "In a call counts as busy", "0",
				 "The hunt passes over a member that is in a call, whatever it says."), WITH_HUNTING},
		{SWITCH_OF(hunt_next_488, "No codec in common: go on", "0",
				 "The hunt goes on where a member takes none of the caller's codecs (488); else that ends it."), WITH_HUNTING},
		{.name = "no_answer_s", .label = "Ring time of a member, s", .sql = "g.no_answer_s", .store = "no_answer_s", .zero = "no limit", WITH_HUNTING,
				.type = TYPE_NUMBER, .min = 0, .max = 120, .initial = "0", .show = BY_ALL, SET_BY(BY_STAFF),
				.help = "After so many seconds without an answer the hunt goes on; 0: it does not, and the member rings until the longest hunt ends."},
		{.name = "hunt_max_s", .label = "Longest hunt, s", .sql = "g.hunt_max_s", .store = "hunt_max_s", WITH_HUNTING,
				.type = TYPE_NUMBER,
				.min = 10, .max = 600, .initial = "150", .show = BY_ALL, SET_BY(BY_STAFF), .help = "The whole hunt, in seconds."},
		{.name = "media", .label = "Media", .sql = "g.media", .store = "media", .type = TYPE_WORD, .words = MEDIA,
				.word_labels = MEDIA_WORDS, .initial = "auto", IN_FULL(BY_ALL), SET_BY(BY_STAFF)},
		{SWITCH_OF(self_management, "Self-management", "0", "Each account has a web login of its own."), .list = BY_OPERATORS | BY_CONTACT},
		{SWITCH_OF(call_log, "Quarterly call log", "0", "For the technical contact. Kept until logs are sent: no mail is sent yet.")},
		{COUNT_OF("premium", "Numbers",
				 "(SELECT COUNT(*) FROM aeta_account p WHERE p.prefix = g.prefix AND p.kind = 'premium')"),
				SEEN_UNASKED(BY_OPERATORS | BY_CONTACT)},
		{COUNT_OF("hunting_series", "Hunting numbers",
				 "(SELECT COUNT(*) FROM aeta_account h WHERE h.prefix = g.prefix AND h.kind = 'hunting')"),
				.show = BY_OPERATORS | BY_CONTACT},
		{COUNT_OF("last_seq", "Last number given", "NULLIF(g.last_seq, 5000)"), .names = true, .show = BY_OPERATORS | BY_CONTACT},
		{TIME_OF("created_at", "Created", "g.created_at"), IN_FULL(BY_OPERATORS | BY_CONTACT)},
		{0},
};

const struct table table_groups = {
		.name = "groups", .noun = "group", .label = "Groups", .one = "Group", .title = "prefix",
		.from = "aeta_group g JOIN aeta_customer c ON c.id = g.customer_id", .base = "aeta_group", .alias = "g", .key = "g.prefix",
		.key_of = "prefix", .version = "g.version", .of_customer = "g.customer_id = ?", .of_account = "g.prefix = " GROUP_OF_ACCOUNT,
		.sort = "prefix", .then = "g.prefix", .insert = BY_STAFF, .remove = BY_ADMIN, .columns = group_columns,
};

/* Of the address at which the agent was asked last. */
#define LATEST_NAT_CLASS \
	"(SELECT CAST(n.class AS CHAR) FROM aeta_nat_class n WHERE n.account = a.number ORDER BY n.checked_at DESC, n.changed_at DESC LIMIT 1)"

static const struct column account_columns[] = {
		{NUMBER_OF("number", "Number", "a.number"), .by_end = true, SEEN(BY_ALL)},
		{.name = "kind", .label = "Kind", .sql = "a.kind", .type = TYPE_WORD, .words = "premium|hunting|factory|other", SEEN(BY_ALL)},
		{.name = "state_now", .label = "State", .type = TYPE_WORD, .words = "active|locked|suspended|ended",
				.sql = "IF(a.valid_until <= UTC_TIMESTAMP() AND a.state = 'active', 'ended', CAST(a.state AS CHAR))", SEEN(BY_ALL)},
		{.name = "state", .label = "State as set", .sql = "a.state", .store = "state", .type = TYPE_WORD,
				.words = "active|locked|suspended", IN_FULL(BY_OPERATORS), .edit = BY_STAFF,
				.help = "Locked and suspended: no registration and no calls, at once."},
		{.name = "valid_until", .label = "Ends", .sql = "a.valid_until", .store = "valid_until", .type = TYPE_TIME, .nullable = true,
				SEEN(BY_ALL), .edit = BY_STAFF, .help = "UTC; empty: it does not end."},
		{.name = "prefix", .label = "Group", .sql = "a.prefix", .type = TYPE_NUMBER, .min = 1000, .max = 9999, .refers = "groups",
				SEEN(BY_ALL)},
		{.name = "customer", .label = "Customer", .sql = "c.name", SEEN(BY_OPERATORS)},
		{.name = "customer_id", .label = "Customer", .sql = "COALESCE(g.customer_id, a.customer_id)", .store = "customer_id",
				.type = TYPE_NUMBER, .min = 1, .max = 4294967295, .nullable = true, .refers = "customers", IN_FULL(BY_OPERATORS)},
		{.name = "media", .label = "Media as set", .sql = "a.media", .store = "media", .type = TYPE_WORD, .words = MEDIA,
				.word_labels = MEDIA_WORDS, .nullable = true, IN_FULL(BY_ALL), .edit = BY_STAFF, .help = "Unset: as its group says."},
		{.name = "media_now", .label = "Media", .sql = "CAST(COALESCE(a.media, g.media, 'auto') AS CHAR)", .type = TYPE_WORD,
				.words = MEDIA, .word_labels = MEDIA_WORDS, IN_FULL(BY_ALL)},
		{.name = "presence", .label = "Presence", .sql = "w.presence", .type = TYPE_WORD, .words = PRESENCE,
				.word_labels = PRESENCE_WORDS, .unsorted = true, SEEN(BY_ALL)},
		{TIME_OF("presence_since", "Since", "w.since"), .unsorted = true, SEEN_UNASKED(BY_ALL)},
		{BYTES_OF("user_agent", "User agent", "l.user_agent"), SEEN(BY_ALL)},
		{TIME_OF("last_seen", "Last seen", "l.last_modified"), SEEN(BY_ALL)},
		{.name = "nat", .label = "NAT or firewall", .sql = LATEST_NAT_CLASS, .type = TYPE_WORD, .words = NAT_CLASSES,
				.word_labels = NAT_CLASSES_MEAN, .plain = true, .unsorted = true, SEEN_UNASKED(BY_CONTACT)},
		{.name = "product", .label = "Product", .sql = "a.product", .store = "product", .max = 64, .nullable = true, IN_FULL(BY_ALL),
				.edit = BY_STAFF, .help = "Of a factory account: the product that it belongs to for life."},
		{.name = "serial", .label = "Serial number", .sql = "a.serial", .store = "serial", .max = 64, .nullable = true,
				IN_FULL(BY_ALL), .edit = BY_STAFF},
		{.name = "comment", .label = "Comment", .sql = "a.comment", .store = "comment", .max = 255, IN_FULL(BY_OPERATORS),
				.edit = BY_STAFF, .help = "Operators see it, the customer does not."},
		{.name = "password", .label = "SIP password", .type = TYPE_WORD, .words = "set|none", .unsorted = true,
				.sql = "IF(EXISTS (SELECT s.username FROM subscriber s WHERE s.username = a.number), 'set', 'none')",
				.show = BY_OPERATORS},
		{TIME_OF("created_at", "Created", "a.created_at"), IN_FULL(BY_ALL)},
		{0},
};

const struct table table_accounts = {
		.name = "accounts", .noun = "account", .label = "Accounts", .one = "Account", .title = "number",
		.from = "aeta_account a LEFT JOIN aeta_group g ON g.prefix = a.prefix "
				"LEFT JOIN aeta_customer c ON c.id = COALESCE(g.customer_id, a.customer_id) "
				"LEFT JOIN location l ON l.username = a.number LEFT JOIN aeta_presence w ON w.number = a.number",
		.base = "aeta_account", .alias = "a", .key = "a.number", .version = "a.version",
		.of_customer = "COALESCE(g.customer_id, a.customer_id) = ?", .of_account = "a.number = ?",
		.sort = "number", .then = "a.number", .remove = BY_ADMIN, .columns = account_columns,
};

static const struct column exception_columns[] = {
		{.name = "prefix", .label = "Group", .sql = "e.prefix", .store = "prefix", .type = TYPE_NUMBER,
				.names = true, .zero = "every group", .min = 0, .max = 9999,
				.initial = "0", SEEN(BY_ALL), .insert = BY_STAFF, .help = "Prefix of the group that it is for; 0: every group."},
		{NUMBER_OF("number", "Number", "e.number"), .store = "number", SEEN(BY_ALL), .insert = BY_STAFF,
				.help = "Members of a group with outgoing blocking may call it all the same."},
		{0},
};

const struct table table_exceptions = {
		.name = "exceptions", .noun = "exception", .label = "Exceptions", .one = "Exception", .title = "number",
		.from = "aeta_exception e", .base = "aeta_exception", .alias = "e", .key = "CONCAT(e.prefix, '-', e.number)", .key_of = "prefix-number",
		.find = "e.prefix = SUBSTRING_INDEX(?, '-', 1) AND e.number = SUBSTRING_INDEX(?, '-', -1)",
		.of_customer = "(e.prefix = 0 OR e.prefix IN " GROUPS_OF_CUSTOMER ")",
		.of_account = "(e.prefix = 0 OR e.prefix = " GROUP_OF_ACCOUNT ")",
		.sort = "prefix", .then = "e.number", .insert = BY_STAFF, .remove = BY_STAFF, .columns = exception_columns,
};
