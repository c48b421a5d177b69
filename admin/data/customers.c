/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "customers.h"

#include "audit.h"
#include "statement.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The values, as they are stored. */
struct adding {
	const struct scope *scope;
	char name[CELL_TEXT_MAX + 1], comment[CELL_TEXT_MAX + 1];
	char email[CELL_TEXT_MAX + 1], contact[CELL_TEXT_MAX + 1], phone[CELL_TEXT_MAX + 1];
	long long id;
};

/* One value by the description of its column; what is wrong goes into `problems`. */
static void check(const char *table, const char *column, const char *value, char *out, struct data_problems *problems)
{
	const struct column *c = column_find(table_find(table), column);
	struct data_problem *p = &problems->list[problems->count];

	if (column_check(c, value ? value : "", out, p->text) == 0)
		return;
	p->column = c;
	problems->count++;
}

/* A sentence for whoever fills in a form, before the schema has one for whoever writes SQL. */
static int check_new(struct db *db, const struct adding *a)
{
	struct db_rows rows;
	int rc = db_query(db, &rows, "SELECT 1 FROM aeta_customer WHERE name = ?", DB_VALUES(DB_TEXT(a->name)));

	if (rc == 0 && rows.rows)
		rc = REFUSED(-EEXIST, db, "a customer of that name exists already: choose another name");
	db_rows_free(&rows);
	return rc;
}

static int insert(struct db *db, void *arg)
{
	struct adding *a = arg;
	char object[24];
	int rc = check_new(db, a);

	if (rc == 0)
		rc = db_exec(db, "INSERT INTO aeta_customer (name, comment) VALUES (?, ?)", DB_VALUES(DB_TEXT(a->name), DB_TEXT(a->comment)));

	if (rc)
		return rc;
	a->id = (long long)db_insert_id(db);
	rc = db_exec(db, "INSERT INTO aeta_contact (customer_id, email, name, phone) VALUES (?, ?, ?, ?)",
			DB_VALUES(DB_INT(a->id), DB_TEXT(a->email), DB_TEXT(a->contact), DB_TEXT(a->phone)));
	snprintf(object, sizeof(object), "%lld", a->id);
	return rc ? rc : audit_change(db, a->scope, "customer add", object, NULL,
						 json_pack("{s:s, s:s, s:{s:s, s:s, s:s}}", "name", a->name, "comment", a->comment, "contact", "email", a->email,
								 "name", a->contact, "phone", a->phone));
}

int customer_add(struct db *db, const struct scope *s, const struct customer_new *n, struct data_problems *problems, long long *id)
{
	struct adding a = {.scope = s};
	int rc;

	problems->count = 0;
	if (!scope_may(s, BY_STAFF))
		return REFUSED(-EACCES, db, "customers are not yours to add");
	check("customers", "name", n->name, a.name, problems);
	check("customers", "comment", n->comment, a.comment, problems);
	check("contacts", "email", n->email, a.email, problems);
	check("contacts", "name", n->contact, a.contact, problems);
	check("contacts", "phone", n->phone, a.phone, problems);
	if (problems->count)
		return REFUSED(-EINVAL, db, "%s %s", problems->list[0].column->label, problems->list[0].text);
	rc = db_transaction(db, insert, &a);
	*id = a.id;
	return rc;
}
