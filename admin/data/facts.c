/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts.h"

#include "db.h"

#define STATE "IF(state = 'active' AND valid_until <= UTC_TIMESTAMP(), 'ended', CAST(state AS CHAR)) AS state "

int facts_groups(struct db *db, const struct scope *s, json_t **list)
{
	return db_json_with(db, s, BY_OPERATORS, list,
			"SELECT prefix, block_incoming, block_outgoing, hunting, hunt_direct, hunt_busy_603, hunt_busy_in_call, hunt_next_488, "
			"no_answer_s, hunt_max_s, self_management, call_log FROM aeta_group",
			DB_NOTHING);
}

int facts_exceptions(struct db *db, const struct scope *s, json_t **list)
{
	return db_json_with(db, s, BY_OPERATORS, list, "SELECT prefix, number FROM aeta_exception", DB_NOTHING);
}

int facts_account(struct db *db, const struct scope *s, const char *number, json_t **list)
{
	return db_json_with(db, s, BY_OPERATORS, list, "SELECT CAST(kind AS CHAR) AS kind, " STATE "FROM aeta_account WHERE number = ?", DB_VALUES(DB_TEXT(number)));
}

int facts_series(struct db *db, const struct scope *s, long prefix, json_t **list)
{
	return db_json_with(db, s, BY_OPERATORS, list, "SELECT number, " STATE "FROM aeta_account WHERE prefix = ? AND kind = 'hunting' ORDER BY seq",
			DB_VALUES(DB_INT(prefix)));
}

int facts_relay_set(struct db *db, const struct scope *s, long long set, json_t **list)
{
	return db_json_with(db, s, BY_OPERATORS, list, "SELECT name FROM aeta_relay_set WHERE number = ?", DB_VALUES(DB_INT(set)));
}

int facts_relays(struct db *db, const struct scope *s, long long set, json_t **list)
{
	return db_json_with(db, s, BY_OPERATORS, list,
			"SELECT s.name AS `set`, r.url, r.position FROM aeta_relay r JOIN aeta_relay_set s ON s.number = r.set_number "
			"WHERE r.enabled AND r.set_number = IF(EXISTS (SELECT 1 FROM aeta_relay o WHERE o.enabled AND o.set_number = ?), ?, 0) "
			"ORDER BY r.position, r.url",
			DB_VALUES(DB_INT(set), DB_INT(set)));
}
