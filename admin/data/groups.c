/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "groups.h"

#include "statement.h"

#include <stdlib.h>
#include <string.h>

/* ---- changes ---- */

struct group_work {
	const struct scope *s;
	const char *realm, *key, *version;
	const struct data_change *changes;
	size_t count;
	struct data_problems *problems;
	struct numbers_sold *twins;
};

static bool hunting_goes_on(const struct group_work *w)
{
	char value[CELL_TEXT_MAX + 1], why[PROBLEM_SIZE];

	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->changes[i].column, "hunting") == 0)
			return column_check(column_find(table_find("groups"), "hunting"), w->changes[i].value, value, why) == 0 && value[0] == '1';
	return false;
}

static int update(struct db *db, void *arg)
{
	const struct group_work *w = arg;
	int rc;

	numbers_forget(w->twins); /* of a try before */
	rc = data_update(db, w->s, table_find("groups"), w->key, w->version, w->changes, w->count, w->problems);
	if (rc == 0 && hunting_goes_on(w))
		rc = numbers_twins(db, w->s, w->realm, strtol(w->key, NULL, 10), w->twins);
	return rc;
}

int group_update(struct db *db, const struct scope *s, const char *realm, const char *key, const char *version,
		const struct data_change *changes, size_t count, struct data_problems *problems, struct numbers_sold *twins)
{
	struct group_work w = {s, realm, key, version, changes, count, problems, twins};
	int rc;

	memset(twins, 0, sizeof(*twins));
	problems->count = 0;
	rc = db_transaction(db, update, &w);
	if (rc)
		numbers_forget(twins);
	return rc;
}

/* ---- lists ---- */

#define LAST_SEQ "NULLIF(g.last_seq, 5000) AS last_seq" /* NULL: none was given yet */
#define PREMIUM  "(SELECT COUNT(*) FROM aeta_account a WHERE a.prefix = g.prefix AND a.kind = 'premium') AS premium, "

int group_list(struct db *db, const struct scope *s, long long customer, json_t **list)
{
	return db_json_with(db, s, BY_OPERATORS, list,
			"SELECT g.prefix, c.name AS customer, g.name, g.block_incoming, g.block_outgoing, g.hunting, " PREMIUM LAST_SEQ
			" FROM aeta_group g JOIN aeta_customer c ON c.id = g.customer_id WHERE ? IN (0, g.customer_id) ORDER BY g.prefix",
			DB_VALUES(DB_INT(customer)));
}

int group_show(struct db *db, const struct scope *s, long prefix, json_t **list)
{
	return db_json_with(db, s, BY_OPERATORS, list,
			"SELECT g.prefix, c.name AS customer, g.name, block_incoming, block_outgoing, hunting, hunt_direct, hunt_busy_603, "
			"hunt_busy_in_call, hunt_next_488, no_answer_s, hunt_max_s, self_management, call_log, CAST(media AS CHAR) AS media, "
			LAST_SEQ ", " PREMIUM
			"(SELECT COUNT(*) FROM aeta_account a WHERE a.prefix = g.prefix AND a.kind = 'hunting') AS hunting_series, "
			"g.created_at FROM aeta_group g JOIN aeta_customer c ON c.id = g.customer_id WHERE g.prefix = ?",
			DB_VALUES(DB_INT(prefix)));
}

int group_exceptions(struct db *db, const struct scope *s, long prefix, json_t **list)
{
	return db_json_with(db, s, BY_OPERATORS, list,
			"SELECT prefix, number FROM aeta_exception WHERE prefix IN (0, ?) ORDER BY prefix, number", DB_VALUES(DB_INT(prefix)));
}

long group_series(struct db *db, const struct scope *s, long prefix)
{
	json_t *list;
	long members = 0;

	if (db_json_with(db, s, BY_OPERATORS, &list, "SELECT COUNT(*) AS members FROM aeta_account WHERE prefix = ? AND kind = 'hunting'",
				DB_VALUES(DB_INT(prefix))) == 0)
		members = (long)json_integer_value(json_object_get(json_array_get(list, 0), "members"));
	json_decref(list);
	return members;
}
