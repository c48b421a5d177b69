/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan.h"

#include "audit.h"
#include "data.h"
#include "statement.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- lists ---- */

int plan_exceptions(struct db *db, const struct scope *s, json_t **list)
{
	return db_json_for(db, s, BY_OPERATORS, list,
			"SELECT IF(prefix = 0, 'every', CAST(prefix AS CHAR)) AS `group`, number FROM aeta_exception ORDER BY prefix, number");
}

int plan_domains(struct db *db, const struct scope *s, json_t **list)
{
	return db_json_for(db, s, BY_OPERATORS, list,
			"SELECT domain, relay_set, (SELECT COUNT(*) FROM aeta_relay r JOIN aeta_relay_set s ON s.number = r.set_number "
			"WHERE s.name = d.relay_set AND r.enabled) AS relays, comment FROM aeta_domain d ORDER BY domain");
}

int plan_relays(struct db *db, const struct scope *s, json_t **list)
{
	return db_json_for(db, s, BY_OPERATORS, list,
			"SELECT s.name AS `set`, CAST(s.number AS SIGNED) AS number, r.url, r.position, r.enabled, r.comment FROM aeta_relay r "
			"JOIN aeta_relay_set s ON s.number = r.set_number ORDER BY s.number, r.position, r.url");
}

int plan_sets(struct db *db, const struct scope *s, json_t **list)
{
	return db_json_for(db, s, BY_OPERATORS, list,
			"SELECT CAST(s.number AS SIGNED) AS number, s.name, (SELECT COUNT(*) FROM aeta_relay r WHERE r.set_number = s.number) AS relays, "
			"(SELECT COUNT(*) FROM aeta_domain d WHERE d.relay_set = s.name) AS domains FROM aeta_relay_set s ORDER BY s.number");
}

int plan_empty_sets(struct db *db, const struct scope *s, json_t **list)
{
	return db_json_for(db, s, BY_OPERATORS, list,
			"SELECT CAST(s.number AS SIGNED) AS number, s.name FROM aeta_relay_set s WHERE (s.number = 0 OR EXISTS (SELECT 1 FROM aeta_domain d WHERE d.relay_set "
			"= s.name)) AND NOT EXISTS (SELECT 1 FROM aeta_relay r WHERE r.set_number = s.number AND r.enabled)");
}

/* ---- relays ---- */

/* What a change is about, while it is made. */
struct relay_work {
	const struct scope *s;
	const struct relay_new *n;
	char set_number[RELAY_SET_KEY_SIZE], position[24];
};

/* The first cell of one row; false: no row. */
static int read_cell(struct db *db, char *out, size_t size, bool *found, const char *sql, const struct db_value *values, size_t count)
{
	struct db_rows rows;
	int rc = db_query(db, &rows, sql, values, count);

	*found = rc == 0 && rows.rows;
	snprintf(out, size, "%s", *found ? db_cell(&rows, 0, 0) : "");
	db_rows_free(&rows);
	return rc;
}

static int find_set(struct db *db, struct relay_work *w, bool *found)
{
	return read_cell(db, w->set_number, sizeof(w->set_number), found, "SELECT number FROM aeta_relay_set WHERE name = ?",
			DB_VALUES(DB_TEXT(w->n->set)));
}

int plan_set_key(struct db *db, const struct scope *s, const char *name, char key[RELAY_SET_KEY_SIZE])
{
	struct relay_work w = {.s = s, .n = &(struct relay_new){.set = name}};
	bool found = false;
	int rc = table_visible(table_find("relay-sets"), s) ? find_set(db, &w, &found) : 0;

	if (rc == 0 && !found)
		rc = REFUSED(-ENOENT, db, "there is no relay set \"%s\": see aetactl relay-set list", name);
	snprintf(key, RELAY_SET_KEY_SIZE, "%s", w.set_number);
	return rc;
}

/* The set of that name, made and noted where there was none. */
static int have_set(struct db *db, struct relay_work *w)
{
	bool found;
	int rc = find_set(db, w, &found);

	if (rc || found)
		return rc;
	rc = db_exec(db, "CALL aeta_relay_set_have(?)", DB_VALUES(DB_TEXT(w->n->set)));
	if (rc == 0)
		rc = find_set(db, w, &found);
	return rc ? rc : audit_change(db, w->s, "relay-set add", w->set_number, NULL, json_pack("{s:s}", "name", w->n->set));
}

static int find_position(struct db *db, struct relay_work *w)
{
	bool found;

	snprintf(w->position, sizeof(w->position), "%ld", w->n->position);
	if (w->n->position)
		return 0;
	return read_cell(db, w->position, sizeof(w->position), &found,
			"SELECT COALESCE(MAX(position), 0) + 1 FROM aeta_relay WHERE set_number = ?", DB_VALUES(DB_TEXT(w->set_number)));
}

static int add_relay(struct db *db, void *arg)
{
	struct relay_work *w = arg;
	struct data_problems problems;
	char key[CELL_TEXT_MAX + 1];
	int rc = have_set(db, w);

	if (rc == 0)
		rc = find_position(db, w);
	if (rc)
		return rc;
	return data_insert(db, w->s, table_find("relays"),
			(const struct data_change[]){{"set_number", w->set_number}, {"url", w->n->url}, {"position", w->position},
					{"comment", w->n->comment ? w->n->comment : ""}},
			4, &problems, key);
}

int relay_add(struct db *db, const struct scope *s, const struct relay_new *n)
{
	struct relay_work w = {.s = s, .n = n};

	if (!scope_may(s, table_find("relays")->insert))
		return REFUSED(scope_may(s, BY_OPERATORS) ? -EACCES : -ENOENT, db, "relays are not yours to change");
	return db_transaction(db, add_relay, &w);
}

/* The key of a relay in a set. */
static int find_relay(struct db *db, const char *set, const char *url, char key[24])
{
	bool found;
	int rc = read_cell(db, key, 24, &found,
			"SELECT r.id FROM aeta_relay r JOIN aeta_relay_set s ON s.number = r.set_number WHERE s.name = ? AND r.url = ?",
			DB_VALUES(DB_TEXT(set), DB_TEXT(url)));

	if (rc == 0 && !found)
		rc = REFUSED(-ENOENT, db, "there is no relay %s in the set %s: see aetactl relay list", url, set);
	return rc;
}

/* Nothing needs the set any more: no relay, no domain. */
static int drop_empty_set(struct db *db, const struct scope *s, const char *set)
{
	char number[24];
	bool found;
	int rc = read_cell(db, number, sizeof(number), &found,
			"SELECT s.number FROM aeta_relay_set s WHERE s.name = ? AND s.number > 0 AND NOT EXISTS (SELECT 1 FROM aeta_domain d "
			"WHERE d.relay_set = s.name) AND NOT EXISTS (SELECT 1 FROM aeta_relay r WHERE r.set_number = s.number)",
			DB_VALUES(DB_TEXT(set)));

	return rc || !found ? rc : data_delete(db, s, table_find("relay-sets"), number, NULL);
}

static int remove_relay(struct db *db, void *arg)
{
	struct relay_work *w = arg;
	char key[24];
	int rc = find_relay(db, w->n->set, w->n->url, key);

	if (rc == 0)
		rc = data_delete(db, w->s, table_find("relays"), key, NULL);
	return rc ? rc : drop_empty_set(db, w->s, w->n->set);
}

int relay_remove(struct db *db, const struct scope *s, const char *set, const char *url)
{
	struct relay_work w = {.s = s, .n = &(struct relay_new){.set = set, .url = url}};

	if (!table_visible(table_find("relays"), s))
		return REFUSED(-ENOENT, db, "there is no such table");
	return db_transaction(db, remove_relay, &w);
}

int relay_change(struct db *db, const struct scope *s, const char *set, const char *url, const struct data_change *changes, size_t count)
{
	struct data_problems problems;
	char key[24];
	int rc;

	if (!table_visible(table_find("relays"), s))
		return REFUSED(-ENOENT, db, "there is no such table");
	rc = find_relay(db, set, url, key);
	return rc ? rc : data_update(db, s, table_find("relays"), key, NULL, changes, count, &problems);
}

int relay_switch(struct db *db, const struct scope *s, const char *set, const char *url, bool on)
{
	return relay_change(db, s, set, url, &(struct data_change){"enabled", on ? "1" : "0"}, 1);
}
