/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What there is: see describe.h. */
#include "cause_list.h"
#include "describe.h"

#include <policy/nat_class.h>

#define DIGITS_MAX 18

/* Who sees a column: in lists, in full, and searches by it. */
#define SEEN(by)        .list = (by), .show = (by), .search = (by)
#define SEEN_UNASKED(by) .list = (by), .show = (by) /* ... but does not search by it */
#define IN_FULL(by)     .show = (by), .search = (by) /* not in lists */
#define SET_BY(by)      .edit = (by), .insert = (by)

#define NUMBER_OF(name_, label_, sql_) .name = name_, .label = label_, .sql = sql_, .type = TYPE_DIGITS, .min = 1, .max = DIGITS_MAX
#define COUNT_OF(name_, label_, sql_)  .name = name_, .label = label_, .sql = sql_, .type = TYPE_NUMBER, .unsorted = true
#define BYTES_OF(name_, label_, sql_)  .name = name_, .label = label_, .sql = sql_, .type = TYPE_BYTES
#define TIME_OF(name_, label_, sql_)   .name = name_, .label = label_, .sql = sql_, .type = TYPE_TIME
#define SWITCH_OF(name_, label_, initial_, help_) \
	.name = #name_, .label = label_, .sql = "g." #name_, .store = #name_, .type = TYPE_SWITCH, .initial = initial_, .help = help_, \
	.show = BY_ALL, .search = BY_ALL, SET_BY(BY_STAFF)

/* A column in ASCII as one that can be compared with any text. */
#define ASCII_TEXT(sql_) "CONVERT(" sql_ " USING utf8mb4)"

#define MEDIA       "auto|always|never"
#define MEDIA_WORDS "through the relay where it must|always through the relay|never through the relay"

#define PRESENCE       "available|in-call|unreachable|offline"
#define PRESENCE_WORDS "available|in a call|registered, but does not answer|offline"

/* The accounts of a customer: those of its groups, and those that it has outside of any. */
#define ACCOUNTS_OF_CUSTOMER \
	"(SELECT own.number FROM aeta_account own LEFT JOIN aeta_group owned ON owned.prefix = own.prefix " \
	"WHERE COALESCE(owned.customer_id, own.customer_id) = ?)"
#define GROUP_OF_ACCOUNT "(SELECT own.prefix FROM aeta_account own WHERE own.number = ?)"
#define GROUPS_OF_CUSTOMER "(SELECT owned.prefix FROM aeta_group owned WHERE owned.customer_id = ?)"

/* ---- who ---- */

static const struct column customer_columns[] = {
		{.name = "id", .label = "Id", .sql = "c.id", .type = TYPE_NUMBER, SEEN(BY_OPERATORS | BY_CONTACT)},
		{.name = "name", .label = "Name", .sql = "c.name", .store = "name", .min = 1, .max = 128,
				SEEN(BY_OPERATORS | BY_CONTACT), SET_BY(BY_STAFF)},
		{.name = "email", .label = "First contact", .type = TYPE_EMAIL, .unsorted = true,
				.sql = "(SELECT k.email FROM aeta_contact k WHERE k.customer_id = c.id ORDER BY k.id LIMIT 1)",
				SEEN(BY_OPERATORS | BY_CONTACT)},
		{COUNT_OF("groups", "Groups", "(SELECT COUNT(*) FROM aeta_group g WHERE g.customer_id = c.id)"),
				SEEN_UNASKED(BY_OPERATORS | BY_CONTACT)},
		{.name = "comment", .label = "Comment", .sql = "c.comment", .store = "comment", .max = 255, SEEN(BY_OPERATORS),
				SET_BY(BY_STAFF), .help = "Operators see it, the customer does not."},
		{TIME_OF("created_at", "Since", "c.created_at"), IN_FULL(BY_OPERATORS | BY_CONTACT)},
		{0},
};

static const struct table customers = {
		.name = "customers", .noun = "customer", .label = "Customers", .one = "Customer", .title = "name",
		.from = "aeta_customer c", .base = "aeta_customer", .alias = "c", .key = "c.id", .version = "c.version",
		.of_customer = "c.id = ?", .sort = "name", .then = "c.id", .remove = BY_ADMIN, .columns = customer_columns,
};

static const struct column contact_columns[] = {
		{.name = "customer_id", .label = "Customer", .sql = "k.customer_id", .store = "customer_id", .type = TYPE_NUMBER, .min = 1,
				.max = 4294967295, .refers = "customers", IN_FULL(BY_OPERATORS), .insert = BY_STAFF},
		{.name = "customer", .label = "Customer", .sql = "c.name", SEEN(BY_OPERATORS)},
		{.name = "email", .label = "E-mail", .sql = "k.email", .store = "email", .type = TYPE_EMAIL, .min = 3, .max = 190,
				SEEN(BY_OPERATORS | BY_CONTACT), SET_BY(BY_STAFF), .help = "Kept for what concerns the service; no mail is sent there yet."},
		{.name = "name", .label = "Name", .sql = "k.name", .store = "name", .max = 128, SEEN(BY_OPERATORS | BY_CONTACT),
				SET_BY(BY_STAFF)},
		{.name = "phone", .label = "Phone", .sql = "k.phone", .store = "phone", .max = 32, SEEN(BY_OPERATORS | BY_CONTACT),
				SET_BY(BY_STAFF)},
		{0},
};

static const struct table contacts = {
		.name = "contacts", .noun = "contact", .label = "Contacts", .one = "Contact", .title = "email",
		.from = "aeta_contact k JOIN aeta_customer c ON c.id = k.customer_id", .base = "aeta_contact", .alias = "k", .key = "k.id",
		.version = "k.version", .of_customer = "k.customer_id = ?", .sort = "email", .then = "k.id", .insert = BY_STAFF,
		.remove = BY_STAFF, .columns = contact_columns,
};

/* ---- the number plan ---- */

static const struct column group_columns[] = {
		{.name = "prefix", .label = "Prefix", .sql = "g.prefix", .store = "prefix", .type = TYPE_NUMBER, .min = 1000, .max = 9999,
				SEEN(BY_ALL), .insert = BY_STAFF, .help = "The first four digits of its numbers; it never changes."},
		{.name = "customer_id", .label = "Customer", .sql = "g.customer_id", .store = "customer_id", .type = TYPE_NUMBER, .min = 1,
				.max = 4294967295, .refers = "customers", IN_FULL(BY_OPERATORS), SET_BY(BY_STAFF)},
		{.name = "customer", .label = "Customer", .sql = "c.name", SEEN(BY_OPERATORS)},
		{.name = "name", .label = "Name", .sql = "g.name", .store = "name", .max = 128, SEEN(BY_ALL), SET_BY(BY_STAFF)},
		{SWITCH_OF(block_incoming, "Incoming blocking", "0", "Calls from outside the group are refused."), .list = BY_ALL},
		{SWITCH_OF(block_outgoing, "Outgoing blocking", "0", "Members reach only their group and the exceptions."), .list = BY_ALL},
		{SWITCH_OF(hunting, "Hunting", "0", "PREFIX6000 rings 6001, 6002 and so on."), .list = BY_ALL},
		{SWITCH_OF(hunt_direct, "Hunting members may be called directly", "1", "6001, 6002 and so on may be dialled themselves.")},
		{SWITCH_OF(hunt_busy_603, "603 counts as busy", "0", "A hunt moves on where a member answers 603.")},
		{SWITCH_OF(hunt_busy_in_call, "In a call counts as busy", "0", "A hunt passes over a member in a call, whatever it says.")},
		{SWITCH_OF(hunt_next_488, "488 moves on", "0", "A hunt moves on where a member answers 488.")},
		{.name = "no_answer_s", .label = "Ring time of a member", .sql = "g.no_answer_s", .store = "no_answer_s",
				.type = TYPE_NUMBER, .min = 0, .max = 120, .initial = "0", .show = BY_ALL, SET_BY(BY_STAFF),
				.help = "Seconds after which a hunt moves on; 0: it does not, and a member rings for ever, as far as the longest hunt lets it."},
		{.name = "hunt_max_s", .label = "Longest hunt", .sql = "g.hunt_max_s", .store = "hunt_max_s", .type = TYPE_NUMBER,
				.min = 10, .max = 600, .initial = "150", .show = BY_ALL, SET_BY(BY_STAFF), .help = "Seconds, the whole hunt."},
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
		{COUNT_OF("last_seq", "Last number given", "NULLIF(g.last_seq, 5000)"), .show = BY_OPERATORS | BY_CONTACT},
		{TIME_OF("created_at", "Since", "g.created_at"), IN_FULL(BY_OPERATORS | BY_CONTACT)},
		{0},
};

static const struct table groups = {
		.name = "groups", .noun = "group", .label = "Groups", .one = "Group", .title = "prefix",
		.from = "aeta_group g JOIN aeta_customer c ON c.id = g.customer_id", .base = "aeta_group", .alias = "g", .key = "g.prefix",
		.key_of = "prefix", .version = "g.version", .of_customer = "g.customer_id = ?", .of_account = "g.prefix = " GROUP_OF_ACCOUNT,
		.sort = "prefix", .then = "g.prefix", .insert = BY_STAFF, .remove = BY_ADMIN, .columns = group_columns,
};

static const struct column account_columns[] = {
		{NUMBER_OF("number", "Number", "a.number"), .by_end = true, SEEN(BY_ALL)},
		{.name = "kind", .label = "Kind", .sql = "a.kind", .type = TYPE_WORD, .words = "premium|hunting|factory|other", SEEN(BY_ALL)},
		{.name = "state_now", .label = "State now", .type = TYPE_WORD, .words = "active|locked|suspended|ended",
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
				.word_labels = MEDIA_WORDS, .nullable = true, IN_FULL(BY_ALL), .edit = BY_STAFF, .help = "Empty: as its group says."},
		{.name = "media_now", .label = "Media now", .sql = "CAST(COALESCE(a.media, g.media, 'auto') AS CHAR)", .type = TYPE_WORD,
				.words = MEDIA, .word_labels = MEDIA_WORDS, IN_FULL(BY_ALL)},
		{.name = "presence", .label = "Presence", .sql = "w.presence", .type = TYPE_WORD, .words = PRESENCE,
				.word_labels = PRESENCE_WORDS, .unsorted = true, SEEN(BY_ALL)},
		{TIME_OF("presence_since", "Presence since", "w.since"), .unsorted = true, SEEN_UNASKED(BY_ALL)},
		{BYTES_OF("user_agent", "User agent", "l.user_agent"), SEEN(BY_ALL)},
		{TIME_OF("last_seen", "Last seen", "l.last_modified"), SEEN(BY_ALL)},
		{.name = "product", .label = "Product", .sql = "a.product", .store = "product", .max = 64, .nullable = true, IN_FULL(BY_ALL),
				.edit = BY_STAFF, .help = "Of a factory account: what it is burnt into."},
		{.name = "serial", .label = "Serial number", .sql = "a.serial", .store = "serial", .max = 64, .nullable = true,
				IN_FULL(BY_ALL), .edit = BY_STAFF},
		{.name = "comment", .label = "Comment", .sql = "a.comment", .store = "comment", .max = 255, IN_FULL(BY_OPERATORS),
				.edit = BY_STAFF, .help = "Operators see it, the customer does not."},
		{.name = "password", .label = "Password", .type = TYPE_WORD, .words = "set|none", .unsorted = true,
				.sql = "IF(EXISTS (SELECT s.username FROM subscriber s WHERE s.username = a.number), 'set', 'none')",
				.show = BY_OPERATORS},
		{TIME_OF("created_at", "Account since", "a.created_at"), IN_FULL(BY_ALL)},
		{0},
};

static const struct table accounts = {
		.name = "accounts", .noun = "account", .label = "Accounts", .one = "Account", .title = "number",
		.from = "aeta_account a LEFT JOIN aeta_group g ON g.prefix = a.prefix "
				"LEFT JOIN aeta_customer c ON c.id = COALESCE(g.customer_id, a.customer_id) "
				"LEFT JOIN location l ON l.username = a.number LEFT JOIN aeta_presence w ON w.number = a.number",
		.base = "aeta_account", .alias = "a", .key = "a.number", .version = "a.version",
		.of_customer = "COALESCE(g.customer_id, a.customer_id) = ?", .of_account = "a.number = ?",
		.sort = "number", .then = "a.number", .remove = BY_ADMIN, .columns = account_columns,
};

static const struct column exception_columns[] = {
		{.name = "prefix", .label = "Group", .sql = "e.prefix", .store = "prefix", .type = TYPE_NUMBER, .min = 0, .max = 9999,
				.initial = "0", SEEN(BY_ALL), .insert = BY_STAFF, .help = "Prefix of the group that it is for; 0: every group."},
		{NUMBER_OF("number", "Number", "e.number"), .store = "number", SEEN(BY_ALL), .insert = BY_STAFF,
				.help = "Members of a group with outgoing blocking may call it all the same."},
		{0},
};

static const struct table exceptions = {
		.name = "exceptions", .noun = "exception", .label = "Exceptions", .one = "Exception", .title = "number",
		.from = "aeta_exception e", .base = "aeta_exception", .alias = "e", .key = "CONCAT(e.prefix, '-', e.number)", .key_of = "prefix-number",
		.find = "e.prefix = SUBSTRING_INDEX(?, '-', 1) AND e.number = SUBSTRING_INDEX(?, '-', -1)",
		.of_customer = "(e.prefix = 0 OR e.prefix IN " GROUPS_OF_CUSTOMER ")",
		.of_account = "(e.prefix = 0 OR e.prefix = " GROUP_OF_ACCOUNT ")",
		.sort = "prefix", .then = "e.number", .insert = BY_STAFF, .remove = BY_STAFF, .columns = exception_columns,
};

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

static const struct table domains = {
		.name = "domains", .noun = "domain", .label = "Domains", .one = "Domain", .title = "domain", .from = "aeta_domain d", .base = "aeta_domain", .alias = "d",
		.key = "d.domain", .key_of = "domain", .version = "d.version", .sort = "domain", .then = "d.domain", .insert = BY_ADMIN,
		.remove = BY_ADMIN, .columns = domain_columns,
};

/* ---- relays ---- */

static const struct column relay_set_columns[] = {
		{.name = "number", .label = "Number", .sql = "s.number", .type = TYPE_NUMBER, .max = 15, SEEN(BY_OPERATORS)},
		{.name = "name", .label = "Name", .sql = "s.name", .store = "name", .min = 1, .max = 32, SEEN(BY_OPERATORS),
				.edit = BY_ADMIN},
		{COUNT_OF("relays", "Relays", "(SELECT COUNT(*) FROM aeta_relay r WHERE r.set_number = s.number)"),
				SEEN_UNASKED(BY_OPERATORS)},
		{COUNT_OF("domains", "Domains", "(SELECT COUNT(*) FROM aeta_domain d WHERE d.relay_set = s.name)"),
				SEEN_UNASKED(BY_OPERATORS)},
		{0},
};

static const struct table relay_sets = {
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

static const struct table relays = {
		.name = "relays", .noun = "relay", .label = "Relays", .one = "Relay", .title = "url",
		.from = "aeta_relay r JOIN aeta_relay_set s ON s.number = r.set_number", .base = "aeta_relay", .alias = "r", .key = "r.id",
		.version = "r.version", .sort = "position", .then = "r.id", .insert = BY_ADMIN, .remove = BY_ADMIN,
		.columns = relay_columns,
};

/* ---- what Kamailio writes ---- */

static const struct column call_columns[] = {
		{TIME_OF("since", "Since", "k.since"), SEEN(BY_ALL)},
		{NUMBER_OF("caller", "Caller", "k.caller"), .refers = "accounts", SEEN(BY_ALL)},
		{.name = "dialled", .label = "Dialled", .sql = "k.dialled", .max = 64, SEEN(BY_ALL)},
		{NUMBER_OF("callee", "Answered", "k.callee"), .refers = "accounts", SEEN(BY_ALL)},
		{.name = "path", .label = "Media", .sql = "k.path", .type = TYPE_WORD, .words = "direct|relayed", SEEN(BY_ALL)},
		{.name = "path_reason", .label = "Why so", .sql = "k.path_reason", .reasons = true, SEEN(BY_OPERATORS)},
		{.name = "relay", .label = "Relay", .sql = "k.relay", SEEN(BY_OPERATORS)},
		{.name = "rule", .label = "Rule", .sql = "k.rule", IN_FULL(BY_OPERATORS)},
		{BYTES_OF("caller_flow", "Caller's address", "k.caller_flow"), IN_FULL(BY_OPERATORS)},
		{BYTES_OF("callee_flow", "Callee's address", "k.callee_flow"), IN_FULL(BY_OPERATORS)},
		{BYTES_OF("callid", "Call-ID", "k.callid"), IN_FULL(BY_OPERATORS)},
		{0},
};

static const struct table calls = {
		.name = "calls", .label = "Calls now", .one = "Call", .title = "caller", .from = "aeta_call k", .key = "k.id",
		.of_customer = "(k.caller IN " ACCOUNTS_OF_CUSTOMER " OR k.callee IN " ACCOUNTS_OF_CUSTOMER ")",
		.of_account = "(k.caller = ? OR k.callee = ?)", .sort = "since", .descending = true, .then = "k.id", .columns = call_columns,
};

static const struct column location_columns[] = {
		{NUMBER_OF("number", "Number", "l.username"), .refers = "accounts", SEEN(BY_ALL)},
		{.name = "registered", .label = "Registered", .sql = "IF(l.expires > UTC_TIMESTAMP(), 1, 0)", .type = TYPE_SWITCH, SEEN(BY_ALL)},
		{BYTES_OF("received", "Comes from", "COALESCE(NULLIF(l.received, ''), l.contact)"), SEEN(BY_ALL)},
		{BYTES_OF("contact", "Contact", "l.contact"), IN_FULL(BY_ALL)},
		{BYTES_OF("path", "Path", "l.path"), IN_FULL(BY_ALL)},
		{BYTES_OF("user_agent", "User agent", "l.user_agent"), SEEN(BY_ALL)},
		{.name = "socket", .label = "Socket", .sql = "l.socket", .max = 64, IN_FULL(BY_ALL)},
		{TIME_OF("last_seen", "Last seen", "l.last_modified"), SEEN(BY_ALL)},
		{TIME_OF("expires", "Expires", "l.expires"), SEEN(BY_ALL)},
		{BYTES_OF("callid", "Call-ID", "l.callid"), IN_FULL(BY_OPERATORS)},
		{BYTES_OF("instance", "Instance", "l.instance"), IN_FULL(BY_OPERATORS)},
		{0},
};

static const struct table location = {
		.name = "location", .label = "Registrations", .one = "Registration", .title = "number", .from = "location l", .key = "l.username",
		.of_customer = "l.username IN " ACCOUNTS_OF_CUSTOMER, .of_account = "l.username = ?", .sort = "number", .then = "l.id",
		.columns = location_columns,
};

#define ROUTING .max = 64, .only_filter = true, .unsorted = true /* columns of acc_cdrs without an index */

static const struct column cdr_columns[] = {
		{TIME_OF("start_time", "Begin", "d.start_time"), SEEN(BY_ALL)},
		{TIME_OF("end_time", "End", "d.end_time"), SEEN(BY_ALL)},
		{.name = "duration", .label = "Seconds", .sql = "CAST(ROUND(d.duration) AS UNSIGNED)", .type = TYPE_NUMBER, .max = 4294967295,
				.unsorted = true, .only_filter = true, SEEN(BY_ALL)},
		{NUMBER_OF("caller", "Caller", "d.caller"), .refers = "accounts", .unsorted = true, SEEN(BY_ALL)},
		{.name = "dialled", .label = "Dialled", .sql = "d.dialled", ROUTING, SEEN(BY_ALL)},
		{NUMBER_OF("final", "Answered", "d.final"), .refers = "accounts", .unsorted = true, SEEN(BY_ALL)},
		{.name = "path", .label = "Media", .sql = "d.path", .type = TYPE_WORD, .words = "direct|relayed", .unsorted = true,
				.only_filter = true, SEEN(BY_ALL)},
		{.name = "path_reason", .label = "Why so", .sql = "d.path_reason", .reasons = true, ROUTING, SEEN_UNASKED(BY_OPERATORS)},
		{.name = "relay", .label = "Relay", .sql = "d.relay", ROUTING, IN_FULL(BY_OPERATORS)},
		{.name = "rule", .label = "Rule", .sql = "d.rule", ROUTING, IN_FULL(BY_OPERATORS)},
		{BYTES_OF("caller_flow", "Caller's address", "d.caller_flow"), .show = BY_OPERATORS},
		{BYTES_OF("callee_flow", "Callee's address", "d.callee_flow"), .show = BY_OPERATORS},
		{BYTES_OF("callid", "Call-ID", "d.callid"), .only_filter = true, .unsorted = true, IN_FULL(BY_OPERATORS)},
		{TIME_OF("last_alive", "Vanished, last seen", "d.last_alive"), .show = BY_OPERATORS},
		{0},
};

static const struct table cdrs = {
		.name = "cdrs", .label = "Call records", .one = "Call record", .title = "start_time", .from = "acc_cdrs d",
		.key = "d.id", .of_customer = "(d.caller IN " ACCOUNTS_OF_CUSTOMER " OR d.final IN " ACCOUNTS_OF_CUSTOMER ")",
		.of_account = "(d.caller = ? OR d.final = ?)", .sort = "start_time", .descending = true, .then = "d.id",
		.columns = cdr_columns,
};

/* Who or what has stopped an attempt: one of STOPPERS, or nobody. */
#define STOPPED_BY \
	"CASE WHEN t.cause IN (" CAUSES_DONE(CAUSE_QUOTED) "'') THEN 'nobody' WHEN t.cause IN (" CAUSES_CREDENTIALS(CAUSE_QUOTED) "'') " \
	"THEN 'credentials' WHEN t.cause IN (" CAUSES_PARTIES(CAUSE_QUOTED) "'') THEN 'party' ELSE 'service' END"
#define STOPPERS       "service|credentials|party"
#define STOPPER_LABELS "the service|wrong credentials|one of the parties"

#define ATTEMPT_COLUMNS(stoppers_, stopper_labels_, causes_, cause_labels_) \
	{TIME_OF("last_at", "Last", "t.last_at"), SEEN(BY_ALL)}, \
	{TIME_OF("first_at", "First", "t.first_at"), IN_FULL(BY_ALL), .unsorted = true}, \
	{.name = "times", .label = "Times", .sql = "t.times", .type = TYPE_NUMBER, .max = 4294967295, .unsorted = true, .only_filter = true, \
			SEEN(BY_ALL)}, \
	{NUMBER_OF("account", "Number", "t.account"), .refers = "accounts", SEEN(BY_ALL)}, \
	{.name = "kind", .label = "What", .sql = "t.kind", .type = TYPE_WORD, .only_filter = true, \
			.words = "register|call|message|subscribe|refer|options", .unsorted = true, SEEN(BY_ALL)}, \
	{.name = "stopped_by", .label = "Stopped by", .sql = STOPPED_BY, .type = TYPE_WORD, .words = stoppers_, .only_filter = true, \
			.word_labels = stopper_labels_, .unsorted = true, IN_FULL(BY_ALL)}, \
	{.name = "cause", .label = "What came of it", .sql = "t.cause", .type = TYPE_WORD, .words = causes_, .word_labels = cause_labels_, \
			.plain = true, .only_filter = true, .unsorted = true, SEEN(BY_ALL)}, \
	{BYTES_OF("dialled", "Dialled", "t.dialled"), .unsorted = true, .only_filter = true, SEEN(BY_ALL)}, \
	{BYTES_OF("peer", "Peer", "t.peer"), .unsorted = true, SEEN(BY_ALL)}, \
	{BYTES_OF("final", "Hunt ended with", "t.final"), .unsorted = true, IN_FULL(BY_ALL)}, \
	{.name = "code", .label = "SIP status", .sql = "NULLIF(t.code, 0)", .type = TYPE_NUMBER, .max = 699, .unsorted = true, .only_filter = true, \
			SEEN(BY_ALL)}, \
	{BYTES_OF("reason", "Words of the agent", "t.reason"), .unsorted = true, .show = BY_ALL}, \
	{BYTES_OF("source", "Comes from", "t.source"), .unsorted = true, .only_filter = true, SEEN(BY_ALL)}, \
	{BYTES_OF("user_agent", "User agent", "t.user_agent"), .unsorted = true, .only_filter = true, IN_FULL(BY_ALL)}, \
	{BYTES_OF("callid", "Call-ID", "t.callid"), .unsorted = true, .only_filter = true, IN_FULL(BY_OPERATORS)}, \
	{.name = "proof", .label = "Proof", .sql = "ELT(t.trust + 1, 'none', 'wrong', 'right')", .type = TYPE_WORD, .unsorted = true, \
			.only_filter = true, .words = "none|wrong|right", SEEN(BY_OPERATORS), \
			.word_labels = "none, anybody may have sent it|a wrong answer to a challenge|the right password"},

static const struct column attempt_columns[] = {
		ATTEMPT_COLUMNS("nobody|" STOPPERS, "nobody|" STOPPER_LABELS, CAUSES_DONE(CAUSE_WORD) CAUSES_FAILED(CAUSE_WORD),
				CAUSES_DONE(CAUSE_MEANS) CAUSES_FAILED(CAUSE_MEANS))
		{0},
};

/* What anybody may have sent without any proof is shown to operators only. */
#define ATTEMPT_TABLE \
	.one = "Attempt", .title = "last_at", .from = "aeta_attempt t", .key = "t.id", \
	.of_customer = "(t.trust > 0 AND t.account IN " ACCOUNTS_OF_CUSTOMER ")", .of_account = "(t.trust > 0 AND t.account = ?)", \
	.sort = "last_at", .descending = true, .then = "t.id"

static const struct table attempts = {
		.name = "attempts", .label = "Attempts", ATTEMPT_TABLE, .columns = attempt_columns,
};

static const struct column failure_columns[] = {
		ATTEMPT_COLUMNS(STOPPERS, STOPPER_LABELS, CAUSES_FAILED(CAUSE_WORD), CAUSES_FAILED(CAUSE_MEANS))
		{0},
};

/* Attempts that did not come about. */
static const struct table failures = {
		.name = "failures", .label = "Blocked and failed", ATTEMPT_TABLE,
		.only = "t.cause NOT IN (" CAUSES_DONE(CAUSE_QUOTED) "'')", .columns = failure_columns,
};

#define NAT_MEANS(id, name, what, follows) what "|"

static const struct column nat_columns[] = {
		{NUMBER_OF("account", "Number", "n.account"), .refers = "accounts", SEEN(BY_ALL)},
		{BYTES_OF("address", "Address", "n.address"), SEEN(BY_ALL)},
		{.name = "class", .label = "Class", .sql = "n.class", .type = TYPE_WORD, .words = "unknown|open|eim|changed|walled|leaky",
				.word_labels = AETA_NAT_CLASS_ROWS(NAT_MEANS), .plain = true, SEEN(BY_ALL)},
		{.name = "stun", .label = "STUN", .sql = "n.stun", .type = TYPE_WORD, .words = "unknown|yes|no", SEEN(BY_ALL)},
		{TIME_OF("checked_at", "Asked", "n.checked_at"), SEEN(BY_ALL)},
		{TIME_OF("changed_at", "Changed", "n.changed_at"), IN_FULL(BY_ALL)},
		{0},
};

static const struct table nat = {
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

static const struct table redial = {
		.name = "redial", .label = "Redialled pairs", .one = "Redialled pair", .title = "low", .from = "aeta_redial p",
		.key = "CONCAT(p.low, '-', p.high)", .find = "p.low = SUBSTRING_INDEX(?, '-', 1) AND p.high = SUBSTRING_INDEX(?, '-', -1)",
		.sort = "low", .then = "p.high", .columns = redial_columns,
};

/* ---- who may use the web: passwords, second factors and tokens are no columns, so nothing can show them ---- */

static const struct column operator_columns[] = {
		{.name = "login", .label = "Login", .sql = ASCII_TEXT("o.login"), .max = 32, SEEN(BY_ADMIN)},
		{.name = "name", .label = "Name", .sql = "o.name", .store = "name", .max = 128, SEEN(BY_ADMIN), .edit = BY_ADMIN},
		{.name = "role", .label = "Role", .sql = "o.role", .type = TYPE_WORD, .words = "viewer|support|admin", SEEN(BY_ADMIN),
				.word_labels = "reads|sells and helps|everything"},
		{.name = "enabled", .label = "Enabled", .sql = "o.enabled", .type = TYPE_SWITCH, SEEN(BY_ADMIN)},
		{.name = "totp", .label = "Second factor", .sql = "o.totp", .type = TYPE_SWITCH, SEEN(BY_ADMIN)},
		{TIME_OF("last_login_at", "Last login", "o.last_login_at"), SEEN(BY_ADMIN)},
		{TIME_OF("password_at", "Password of", "o.password_at"), IN_FULL(BY_ADMIN)},
		{TIME_OF("created_at", "Since", "o.created_at"), IN_FULL(BY_ADMIN)},
		{0},
};

/* Role and access are changed by data/operators.h, which ends the sessions with them. */
static const struct table operators = {
		.name = "operators", .noun = "operator", .label = "Operators", .one = "Operator", .title = "login", .from = "aeta_operator o",
		.base = "aeta_operator", .alias = "o", .key = "o.login", .version = "o.version", .sort = "login", .then = "o.id",
		.columns = operator_columns,
};

static const struct column web_login_columns[] = {
		{NUMBER_OF("account", "Number", "w.account"), .refers = "accounts", SEEN(BY_ALL)},
		{.name = "email", .label = "E-mail", .sql = "w.email", .store = "email", .type = TYPE_EMAIL, .max = 190, .optional = true,
				SEEN(BY_ALL), .edit = BY_STAFF | BY_ACCOUNT, .help = "Kept for what concerns this number; no mail is sent there yet."},
		{TIME_OF("last_login_at", "Last login", "w.last_login_at"), SEEN(BY_ALL)},
		{TIME_OF("password_at", "Password of", "w.password_at"), SEEN(BY_ALL)},
		{TIME_OF("created_at", "Since", "w.created_at"), IN_FULL(BY_ALL)},
		{0},
};

static const struct table web_logins = {
		.name = "web-logins", .noun = "weblogin", .label = "Web logins", .one = "Web login", .title = "account", .from = "aeta_web_login w",
		.base = "aeta_web_login", .alias = "w", .key = "w.account", .version = "w.version",
		.of_customer = "w.account IN " ACCOUNTS_OF_CUSTOMER, .of_account = "w.account = ?", .sort = "account", .then = "w.account",
		.columns = web_login_columns,
};

static const struct column session_columns[] = {
		{.name = "who", .label = "Who", .sql = "COALESCE(" ASCII_TEXT("o.login") ", v.account)", .max = 32, SEEN(BY_ADMIN | BY_ACCOUNT)},
		{.name = "whole", .label = "Complete", .sql = "v.whole", .type = TYPE_SWITCH, IN_FULL(BY_ADMIN)},
		{.name = "address", .label = "Address", .sql = "v.address", .max = 45, SEEN(BY_ADMIN | BY_ACCOUNT)},
		{BYTES_OF("user_agent", "Browser", "v.user_agent"), SEEN(BY_ADMIN | BY_ACCOUNT)},
		{TIME_OF("created_at", "Since", "v.created_at"), SEEN(BY_ADMIN | BY_ACCOUNT)},
		{TIME_OF("seen_at", "Last seen", "v.seen_at"), SEEN(BY_ADMIN | BY_ACCOUNT)},
		{TIME_OF("ends_at", "Ends", "v.ends_at"), SEEN(BY_ADMIN | BY_ACCOUNT)},
		{0},
};

static const struct table sessions = {
		.name = "sessions", .noun = "session", .label = "Sessions", .one = "Session", .title = "who",
		.from = "aeta_web_session v LEFT JOIN aeta_operator o ON o.id = v.operator_id", .base = "aeta_web_session", .alias = "v", .key = "v.id",
		.of_account = "v.account = ?", .sort = "seen_at", .descending = true, .then = "v.id", .remove = BY_ADMIN | BY_ACCOUNT,
		.columns = session_columns,
};

/* ---- the audit ---- */

static const struct column audit_columns[] = {
		{TIME_OF("at", "When", "u.at"), SEEN(BY_STAFF)},
		{.name = "who", .label = "Who", .sql = "u.who", .max = 64, .unsorted = true, SEEN(BY_STAFF)},
		{.name = "from_where", .label = "From", .sql = "u.from_where", .max = 128, .unsorted = true, SEEN(BY_STAFF)},
		{.name = "action", .label = "Act", .sql = "u.action", .max = 64, .unsorted = true, SEEN(BY_STAFF)},
		{.name = "object", .label = "On what", .sql = "u.object", .max = 128, .unsorted = true, SEEN(BY_STAFF)},
		{.name = "detail", .label = "Detail", .sql = "u.detail", .max = 1024, .unsorted = true, IN_FULL(BY_STAFF)},
		{.name = "before", .label = "Before", .sql = "u.old_values", .unsorted = true, .show = BY_STAFF},
		{.name = "after", .label = "After", .sql = "u.new_values", .unsorted = true, .show = BY_STAFF},
		{0},
};

static const struct table audit_rows = {
		.name = "audit", .label = "Audit", .one = "Act", .title = "action", .from = "aeta_audit u", .key = "u.id", .sort = "at",
		.descending = true, .then = "u.id", .columns = audit_columns,
};

const struct table *const tables[] = {&customers, &contacts, &groups, &accounts, &exceptions, &domains, &relay_sets, &relays,
		&calls, &location, &cdrs, &attempts, &failures, &nat, &redial, &operators, &web_logins, &sessions,
		&audit_rows, NULL};
