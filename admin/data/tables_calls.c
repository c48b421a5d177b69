/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls: those that go on, their records, and what was tried. Kamailio writes them. */
#include "cause_list.h"
#include "tables.h"

static const struct column call_columns[] = {
		{TIME_OF("since", "Since", "k.since"), SEEN(BY_ALL)},
		{NUMBER_OF("caller", "Caller", "k.caller"), .refers = "accounts", .anybodys = true, SEEN(BY_ALL)},
		{.name = "dialled", .label = "Dialled", .sql = "k.dialled", .max = 64, SEEN(BY_ALL)},
		{NUMBER_OF("callee", "Answered by", "k.callee"), .refers = "accounts", .anybodys = true, SEEN(BY_ALL)},
		{.name = "path", .label = "Media", .sql = "k.path", .type = TYPE_WORD, .words = "direct|relayed", SEEN(BY_ALL)},
		{.name = "path_reason", .label = "Why", .sql = "k.path_reason", .reasons = true, SEEN(BY_OPERATORS)},
		{.name = "relay", .label = "Relay", .sql = "k.relay", SEEN(BY_OPERATORS)},
		{.name = "rule", .label = "Rule", .sql = "k.rule", IN_FULL(BY_OPERATORS)},
		{BYTES_OF("caller_flow", "Caller's address", "k.caller_flow"), IN_FULL(BY_OPERATORS)},
		{BYTES_OF("callee_flow", "Callee's address", "k.callee_flow"), IN_FULL(BY_OPERATORS)},
		{BYTES_OF("callid", "Call-ID", "k.callid"), IN_FULL(BY_OPERATORS)},
		{0},
};

const struct table table_calls = {
		.name = "calls", .label = "Calls now", .one = "Call", .title = "caller", .from = "aeta_call k", .key = "k.id",
		.of_customer = "(k.caller IN " ACCOUNTS_OF_CUSTOMER " OR k.callee IN " ACCOUNTS_OF_CUSTOMER ")",
		.of_account = "(k.caller = ? OR k.callee = ?)", .sort = "since", .descending = true, .then = "k.id", .columns = call_columns,
};

#define ROUTING .max = 64, .only_filter = true, .unsorted = true /* columns of acc_cdrs without an index */

static const struct column cdr_columns[] = {
		{TIME_OF("start_time", "Begin", "d.start_time"), SEEN(BY_ALL)},
		{TIME_OF("end_time", "End", "d.end_time"), SEEN(BY_ALL)},
		{.name = "duration", .label = "Duration, s", .sql = "CAST(ROUND(d.duration) AS UNSIGNED)", .type = TYPE_NUMBER, .max = 4294967295,
				.unsorted = true, .only_filter = true, SEEN(BY_ALL)},
		{NUMBER_OF("caller", "Caller", "d.caller"), .refers = "accounts", .anybodys = true, .unsorted = true, SEEN(BY_ALL)},
		{.name = "dialled", .label = "Dialled", .sql = "d.dialled", ROUTING, SEEN(BY_ALL)},
		{NUMBER_OF("final", "Answered by", "d.final"), .refers = "accounts", .anybodys = true, .unsorted = true, SEEN(BY_ALL)},
		{.name = "path", .label = "Media", .sql = "d.path", .type = TYPE_WORD, .words = "direct|relayed", .unsorted = true,
				.only_filter = true, SEEN(BY_ALL)},
		{.name = "path_reason", .label = "Why", .sql = "d.path_reason", .reasons = true, ROUTING, SEEN_UNASKED(BY_OPERATORS)},
		{.name = "relay", .label = "Relay", .sql = "d.relay", ROUTING, IN_FULL(BY_OPERATORS)},
		{.name = "rule", .label = "Rule", .sql = "d.rule", ROUTING, IN_FULL(BY_OPERATORS)},
		{BYTES_OF("caller_flow", "Caller's address", "d.caller_flow"), .show = BY_OPERATORS},
		{BYTES_OF("callee_flow", "Callee's address", "d.callee_flow"), .show = BY_OPERATORS},
		{BYTES_OF("callid", "Call-ID", "d.callid"), .only_filter = true, .unsorted = true, IN_FULL(BY_OPERATORS)},
		{TIME_OF("last_alive", "Vanished, last seen", "d.last_alive"), .show = BY_OPERATORS},
		{0},
};

const struct table table_cdrs = {
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
	{.name = "cause", .label = "Outcome", .sql = "t.cause", .type = TYPE_WORD, .words = causes_, .word_labels = cause_labels_, \
			.plain = true, .only_filter = true, .unsorted = true, SEEN(BY_ALL)}, \
	{BYTES_OF("dialled", "Dialled", "t.dialled"), .unsorted = true, .only_filter = true, SEEN(BY_ALL)}, \
	{BYTES_OF("peer", "Other party", "t.peer"), .unsorted = true, SEEN(BY_ALL)}, \
	{BYTES_OF("final", "Hunt ended with", "t.final"), .unsorted = true, IN_FULL(BY_ALL)}, \
	{.name = "code", .label = "SIP code", .sql = "NULLIF(t.code, 0)", .type = TYPE_NUMBER, .names = true, .max = 699, .unsorted = true, .only_filter = true, \
			SEEN(BY_ALL)}, \
	{BYTES_OF("reason", "Reason given", "t.reason"), .unsorted = true, .show = BY_ALL}, \
	{BYTES_OF("source", "Comes from", "t.source"), .unsorted = true, .only_filter = true, SEEN(BY_ALL)}, \
	{BYTES_OF("user_agent", "User agent", "t.user_agent"), .unsorted = true, .only_filter = true, IN_FULL(BY_ALL)}, \
	{BYTES_OF("callid", "Call-ID", "t.callid"), .unsorted = true, .only_filter = true, IN_FULL(BY_OPERATORS)}, \
	{.name = "proof", .label = "Proof", .sql = "ELT(t.trust + 1, 'none', 'wrong', 'right')", .type = TYPE_WORD, .unsorted = true, \
			.only_filter = true, .words = "none|wrong|right", SEEN(BY_OPERATORS), \
			.word_labels = "not proven|wrong|proven"},

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

const struct table table_attempts = {
		.name = "attempts", .label = "Attempts", ATTEMPT_TABLE, .columns = attempt_columns,
};

static const struct column failure_columns[] = {
		ATTEMPT_COLUMNS(STOPPERS, STOPPER_LABELS, CAUSES_FAILED(CAUSE_WORD), CAUSES_FAILED(CAUSE_MEANS))
		{0},
};

/* Attempts that did not come about. */
const struct table table_failures = {
		.name = "failures", .label = "Blocked and failed", ATTEMPT_TABLE,
		.only = "t.cause NOT IN (" CAUSES_DONE(CAUSE_QUOTED) "'')", .columns = failure_columns,
};
