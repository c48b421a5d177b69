/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "why.h"

#include "causes.h"
#include "sentence.h"
#include "statement.h"

#include <stdio.h>
#include <string.h>

/* Who the other one is, seen from `number`. */
static void say_with(struct sentence *s, const json_t *a, const char *number)
{
	const char *account = json_text(a, "account"), *dialled = json_text(a, "dialled"), *peer = json_text(a, "peer");
	const char *final = json_text(a, "final");
	bool own = strcmp(account, number) == 0;

	if (strcmp(json_text(a, "kind"), "register") == 0) {
		say(s, "%s%s", dialled[0] ? "as " : "", dialled);
		return;
	}
	say(s, "%s %s", own ? "to" : "from", own ? (peer[0] ? peer : dialled) : account);
	if (strcmp(dialled, own && peer[0] ? peer : number) != 0)
		say(s, " (dialled %s)", dialled);
	if (final[0])
		say(s, ", member %s", final);
}

/* How it ended: what happened, how often, what the agent said of it, and what to do. */
static void say_outcome(struct sentence *s, const json_t *a)
{
	const char *word = json_text(a, "cause"), *reason = json_text(a, "reason");
	const char *first = json_text(a, "first_at"), *last = json_text(a, "last_at"); /* "YYYY-MM-DD HH:MM:SS" */
	const size_t day = sizeof("YYYY-MM-DD");
	const struct cause *c = cause_find(word);
	long long times = json_integer_value(json_object_get(a, "times"));
	long long code = json_integer_value(json_object_get(a, "code"));

	if (json_integer_value(json_object_get(a, "trust")) == 0)
		say(s, "[not proven who sent it] ");
	say(s, "%s", c ? c->means : word);
	if (times > 1)
		say(s, " (%lld times since %s)", times, strncmp(first, last, day) == 0 ? first + day : first);
	if (reason[0] && code >= 300)
		say(s, ", \"%lld %s\"", code, reason);
	if (c && c->advice[0])
		say(s, ": %s", c->advice);
}

static void add_words(json_t *a, const char *number)
{
	const struct cause *c = cause_find(json_text(a, "cause"));
	struct sentence with = {0}, outcome = {0};

	say_with(&with, a, number);
	say_outcome(&outcome, a);
	json_object_set_new(a, "with", sentence_json(&with));
	json_object_set_new(a, "outcome", sentence_json(&outcome));
	json_object_set_new(a, "command", json_string(c ? c->command : ""));
}

#define COLUMNS \
	"id, DATE_FORMAT(last_at, '%Y-%m-%d %H:%i:%s') AS last_at, DATE_FORMAT(first_at, '%Y-%m-%d %H:%i:%s') AS first_at, " \
	"times, kind, account, dialled, peer, final, cause, code, reason, address, source, user_agent, callid, " \
	"CAST(trust AS SIGNED) AS trust"
#define NEWEST(column) \
	"(SELECT " COLUMNS " FROM aeta_attempt WHERE " column " = ? ORDER BY aeta_attempt.last_at DESC, id DESC LIMIT ?)"

int why_attempts(struct db *db, const struct scope *s, const char *number, long limit, json_t **list)
{
	json_t *a;
	size_t i;
	int rc;

	*list = NULL;
	if (!scope_has_number(s, number)) {
		*list = json_array();
		return st_no_number(db, number);
	}
	rc = db_json(db, list,
			NEWEST("account") " UNION " NEWEST("peer") " UNION " NEWEST("final") " ORDER BY last_at DESC, id DESC LIMIT ?",
			DB_VALUES(DB_TEXT(number), DB_INT(limit), DB_TEXT(number), DB_INT(limit), DB_TEXT(number), DB_INT(limit),
					DB_INT(limit)));
	json_array_foreach(*list, i, a)
	{
		json_object_del(a, "id");
		add_words(a, number);
	}
	return rc;
}

int why_account(struct db *db, const struct scope *s, const char *number, json_t **account)
{
	struct db_rows rows;
	int rc;

	*account = NULL;
	if (!scope_has_number(s, number))
		return st_no_number(db, number);
	rc = db_query(db, &rows,
			"SELECT CAST(a.kind AS CHAR) AS kind, IF(a.state = 'active' AND a.valid_until <= UTC_TIMESTAMP(), 'ended', "
			"CAST(a.state AS CHAR)) AS state, a.valid_until, a.prefix, g.block_incoming, g.block_outgoing, g.hunting, "
			"(SELECT COUNT(*) FROM subscriber s WHERE s.username = a.number) > 0 AS has_password "
			"FROM aeta_account a LEFT JOIN aeta_group g ON g.prefix = a.prefix WHERE a.number = ?",
			DB_VALUES(DB_TEXT(number)));
	if (rc == 0)
		*account = rows.rows ? json_row(&rows, 0) : json_null();
	if (json_is_object(*account))
		json_object_set_new(*account, "has_password", json_boolean(json_integer_value(json_object_get(*account, "has_password"))));
	db_rows_free(&rows);
	return rc;
}

int why_registered_since(struct db *db, const struct scope *s, const char *number, char out[WHY_SINCE])
{
	struct db_rows rows;
	int rc;

	out[0] = '\0';
	if (!scope_has_number(s, number))
		return st_no_number(db, number);
	rc = db_query(db, &rows, "SELECT MAX(last_at) FROM aeta_attempt WHERE account = ? AND kind = 'register' AND cause = 'registered'",
			DB_VALUES(DB_TEXT(number)));
	if (rc == 0 && rows.rows)
		snprintf(out, WHY_SINCE, "%s", db_cell(&rows, 0, 0));
	db_rows_free(&rows);
	return rc;
}
