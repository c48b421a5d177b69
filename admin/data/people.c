/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "people.h"

#include "statement.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int no_customer(struct db *db, const char *who)
{
	return REFUSED(-ENOENT, db, "there is no customer \"%s\": see aetactl customer list", who);
}

/* ---- one ---- */

int people_find_customer(struct db *db, const struct scope *s, const char *who, long long *id)
{
	bool digits = strlen(who) < 10 && strspn(who, "0123456789") == strlen(who);
	struct db_rows rows;
	int rc;

	if (!scope_may(s, BY_OPERATORS))
		return no_customer(db, who);
	rc = db_query(db, &rows, "SELECT id FROM aeta_customer WHERE id = ? OR name = ? ORDER BY id = ? DESC LIMIT 1",
			DB_VALUES(DB_TEXT(digits ? who : NULL), DB_TEXT(who), DB_TEXT(digits ? who : NULL)));
	if (rc == 0 && rows.rows == 0)
		rc = no_customer(db, who);
	if (rc == 0)
		*id = strtoll(db_cell(&rows, 0, 0), NULL, 10);
	db_rows_free(&rows);
	return rc;
}

int people_find_contact(struct db *db, const struct scope *s, long long customer, const char *email, char key[24])
{
	struct db_rows rows = {0};
	int rc = 0;

	if (scope_may(s, BY_OPERATORS))
		rc = db_query(db, &rows, "SELECT id FROM aeta_contact WHERE customer_id = ? AND email = ?",
				DB_VALUES(DB_INT(customer), DB_TEXT(email)));
	if (rc == 0 && rows.rows == 0)
		rc = REFUSED(-ENOENT, db, "the customer has no contact %s: see aetactl contact list", email);
	if (rc == 0)
		snprintf(key, 24, "%.23s", db_cell(&rows, 0, 0));
	db_rows_free(&rows);
	return rc;
}

/* ---- lists ---- */

int people_customers(struct db *db, const struct scope *s, json_t **list)
{
	return db_json_with(db, s, BY_OPERATORS, list,
			"SELECT c.id, c.name, (SELECT email FROM aeta_contact k WHERE k.customer_id = c.id ORDER BY k.id LIMIT 1) AS email, "
			"(SELECT COUNT(*) FROM aeta_group g WHERE g.customer_id = c.id) AS `groups`, c.comment FROM aeta_customer c "
			"ORDER BY c.name",
			DB_NOTHING);
}

int people_contacts(struct db *db, const struct scope *s, long long customer, json_t **list)
{
	return db_json_with(db, s, BY_OPERATORS, list,
			"SELECT c.name AS customer, k.email, k.name, k.phone, IF(w.enabled, w.login, NULL) AS login FROM aeta_contact k "
			"JOIN aeta_customer c ON c.id = k.customer_id LEFT JOIN aeta_contact_login w ON w.contact_id = k.id "
			"WHERE ? IN (0, k.customer_id) ORDER BY c.name, k.id",
			DB_VALUES(DB_INT(customer)));
}

/* ---- a customer with what it has ---- */

static const struct part {
	const char *key, *sql;
} parts[] = {
		{"contacts", "SELECT email, name, phone FROM aeta_contact WHERE customer_id = ? ORDER BY id"},
		{"groups", "SELECT prefix, name FROM aeta_group WHERE customer_id = ? ORDER BY prefix"},
		{"accounts", "SELECT number, kind, state FROM aeta_account WHERE customer_id = ? ORDER BY number"},
};

int people_customer(struct db *db, const struct scope *s, long long id, json_t **object)
{
	json_t *list;
	int rc = db_json_with(db, s, BY_OPERATORS, &list, "SELECT id, name, comment, created_at FROM aeta_customer WHERE id = ?",
			DB_VALUES(DB_INT(id)));

	if (rc == 0 && json_array_size(list) == 0)
		rc = REFUSED(-ENOENT, db, "there is no such customer: see aetactl customer list");
	*object = rc ? json_object() : json_incref(json_array_get(list, 0));
	json_decref(list);
	for (size_t i = 0; rc == 0 && i < sizeof(parts) / sizeof(parts[0]); i++) {
		rc = db_json(db, &list, parts[i].sql, DB_VALUES(DB_INT(id)));
		json_object_set_new(*object, parts[i].key, list);
	}
	return rc;
}
