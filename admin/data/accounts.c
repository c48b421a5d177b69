/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "accounts.h"

#include "audit.h"
#include "sip_password.h"
#include "statement.h"
#include "when.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* state as Kamailio sees it: an end date that is past wins over "active" */
#define STATE_COLUMN "IF(a.valid_until <= UTC_TIMESTAMP() AND a.state = 'active', 'ended', CAST(a.state AS CHAR)) AS state"
/* the account's own media policy, and that which holds (C3) */
#define MEDIA_COLUMNS \
	"COALESCE(a.media, 'group') AS media, CAST(COALESCE(a.media, g.media, 'auto') AS CHAR) AS media_in_force"

static int no_account(struct db *db, const char *number)
{
	return REFUSED(-ENOENT, db, "there is no account \"%s\": see aetactl account list", number);
}

/* ---- reading ---- */

int accounts_list(struct db *db, const struct scope *s, const struct account_filter *f, json_t **list)
{
	return db_json_with(db, s, BY_OPERATORS, list,
				"SELECT * FROM (SELECT a.number, CAST(a.kind AS CHAR) AS kind, " STATE_COLUMN ", a.valid_until, a.product, a.serial, "
				"a.comment FROM aeta_account a LEFT JOIN aeta_group g ON g.prefix = a.prefix "
				"WHERE ? IN (0, a.prefix) AND ? IN (0, COALESCE(g.customer_id, a.customer_id, 0))) l "
				"WHERE COALESCE(?, kind) = kind AND COALESCE(?, state) = state ORDER BY CHAR_LENGTH(number), number LIMIT ?",
				DB_VALUES(DB_INT(f->prefix), DB_INT(f->customer), DB_TEXT(f->kind), DB_TEXT(f->state), DB_INT(f->limit)));
}

int accounts_show(struct db *db, const struct scope *s, const char *number, json_t **object)
{
	json_t *list = NULL;
	int rc = 0;

	if (scope_may(s, BY_OPERATORS))
		rc = db_json(db, &list,
				"SELECT a.number, CAST(a.kind AS CHAR) AS kind, " STATE_COLUMN ", a.valid_until, a.prefix AS `group`, "
				"c.name AS customer, a.product, a.serial, a.comment, " MEDIA_COLUMNS ", a.created_at, "
				"IF(EXISTS (SELECT username FROM subscriber s WHERE s.username = a.number), 'set', 'none') AS password "
				"FROM aeta_account a LEFT JOIN aeta_group g ON g.prefix = a.prefix "
				"LEFT JOIN aeta_customer c ON c.id = COALESCE(g.customer_id, a.customer_id) WHERE a.number = ?",
				DB_VALUES(DB_TEXT(number)));
	if (rc == 0 && json_array_size(list) == 0)
		rc = no_account(db, number);
	*object = rc ? json_object() : json_incref(json_array_get(list, 0));
	json_decref(list);
	return rc;
}

int accounts_kind(struct db *db, const struct scope *s, const char *number, char kind[16])
{
	struct db_rows rows = {0};
	int rc = 0;

	if (scope_may(s, BY_OPERATORS))
		rc = db_query(db, &rows, "SELECT kind FROM aeta_account WHERE number = ?", DB_VALUES(DB_TEXT(number)));
	if (rc == 0 && rows.rows == 0)
		rc = no_account(db, number);
	if (rc == 0)
		snprintf(kind, 16, "%.15s", db_cell(&rows, 0, 0));
	db_rows_free(&rows);
	return rc;
}

/* 0, or why somebody who sees the account may not change it. */
static int check_staff(struct db *db, const struct scope *s, const char *number)
{
	if (!scope_may(s, BY_OPERATORS))
		return no_account(db, number);
	return scope_may(s, BY_STAFF) ? 0 : REFUSED(-EACCES, db, "accounts are not yours to change");
}

/* ---- a new one ---- */

struct adding {
	const struct scope *scope;
	const struct account_new *n;
	struct db_value values[5]; /* until, product, serial, comment, customer */
	char text[4][CELL_TEXT_MAX + 1];
};

/* A value by the description of its column: NULL where there is none and the column can be NULL. */
static void take(struct adding *a, size_t i, const char *column, const char *value, struct data_problems *problems)
{
	const struct column *c = column_find(table_find("accounts"), column);
	struct data_problem *p = &problems->list[problems->count];

	if (column_check(c, value ? value : "", a->text[i], p->text) != 0) {
		p->column = c;
		problems->count++;
	}
	a->values[i] = c->nullable && !a->text[i][0] ? DB_NULL : DB_TEXT(a->text[i]);
}

/* A new account that has ended already is a slip of the pen: nobody could ever use it. */
static void check_end(const struct adding *a, struct data_problems *problems)
{
	struct data_problem *p = &problems->list[problems->count];
	time_t moment = time(NULL);
	char now[WHEN_SIZE];
	struct tm tm;

	strftime(now, sizeof(now), "%Y-%m-%d %H:%M:%S", gmtime_r(&moment, &tm));
	if (!a->text[0][0] || strcmp(a->text[0], now) > 0)
		return;
	p->column = column_find(table_find("accounts"), "valid_until");
	snprintf(p->text, sizeof(p->text), "is over already: now it is %s UTC", now);
	problems->count++;
}

static int note_new(struct db *db, const struct adding *a)
{
	const struct account_new *n = a->n;
	json_t *object = json_pack("{s:s, s:s?, s:s?, s:s?, s:s?}", "kind", n->kind, "valid_until", a->values[0].text, "product",
			a->values[1].text, "serial", a->values[2].text, "comment", a->values[3].text);

	json_object_set_new(object, "customer_id", n->customer ? json_integer(n->customer) : json_null());
	return audit_change(db, a->scope, "account add", n->number, NULL, object);
}

/* A sentence for whoever fills in a form, before the schema has one for whoever writes SQL. */
static int check_new(struct db *db, const char *number)
{
	struct db_rows rows;
	int rc = db_query(db, &rows, "SELECT 1 FROM aeta_account WHERE number = ?", DB_VALUES(DB_TEXT(number)));

	if (rc == 0 && rows.rows)
		rc = REFUSED(-EEXIST, db, "number %s exists already: choose another one", number);
	db_rows_free(&rows);
	return rc;
}

static int insert(struct db *db, void *arg)
{
	const struct adding *a = arg;
	const struct account_new *n = a->n;
	int rc = check_new(db, n->number);

	if (rc == 0)
		rc = db_exec(db,
				"INSERT INTO aeta_account (number, kind, valid_until, product, serial, comment, customer_id) "
				"VALUES (?, ?, ?, ?, ?, ?, ?)",
				DB_VALUES(DB_TEXT(n->number), DB_TEXT(n->kind), a->values[0], a->values[1], a->values[2], a->values[3], a->values[4]));

	if (rc == 0)
		rc = sip_password_store(db, n->number, n->realm, n->ha1, n->ha1b);
	return rc ? rc : note_new(db, a);
}

int account_add(struct db *db, const struct scope *s, const struct account_new *n, struct data_problems *problems)
{
	struct adding a = {.scope = s, .n = n};
	int rc = check_staff(db, s, n->number);

	problems->count = 0;
	if (rc)
		return rc;
	if (strcmp(n->kind, "factory") != 0 && (n->product || n->serial))
		return REFUSED(-EPERM, db, "product and serial are a factory account's");
	take(&a, 0, "valid_until", n->valid_until, problems);
	if (problems->count == 0)
		check_end(&a, problems);
	take(&a, 1, "product", n->product, problems);
	take(&a, 2, "serial", n->serial, problems);
	take(&a, 3, "comment", n->comment, problems);
	a.values[4] = n->customer ? DB_INT(n->customer) : DB_NULL;
	if (problems->count)
		return REFUSED(-EINVAL, db, "%s %s", problems->list[0].column->label, problems->list[0].text);
	return db_transaction(db, insert, &a);
}

/* ---- changes that no column stands for ---- */

struct change {
	const struct scope *scope;
	const char *number, *realm, *ha1, *ha1b;
	long long customer;
};

static int store_digests(struct db *db, void *arg)
{
	const struct change *c = arg;
	char kind[16];
	int rc = accounts_kind(db, c->scope, c->number, kind);

	if (rc == 0)
		rc = sip_password_store(db, c->number, c->realm, c->ha1, c->ha1b);
	return rc ? rc : audit_act(db, c->scope, "account password", c->number, NULL);
}

int account_digests(struct db *db, const struct scope *s, const char *number, const char *realm, const char *ha1, const char *ha1b)
{
	int rc = check_staff(db, s, number);

	return rc ? rc : db_transaction(db, store_digests,
						 &(struct change){.scope = s, .number = number, .realm = realm, .ha1 = ha1, .ha1b = ha1b});
}

/* {"customer_id": …} */
static json_t *customer_json(long long id)
{
	return json_pack("{s:o}", "customer_id", id ? json_integer(id) : json_null());
}

static int give(struct db *db, void *arg)
{
	const struct change *c = arg;
	long long before = 0;
	struct db_rows rows;
	int rc = db_query(db, &rows, "SELECT customer_id FROM aeta_account WHERE number = ? FOR UPDATE", DB_VALUES(DB_TEXT(c->number)));

	if (rc == 0 && rows.rows == 0)
		rc = no_account(db, c->number);
	if (rc == 0) {
		before = strtoll(db_cell(&rows, 0, 0), NULL, 10);
		rc = db_exec(db, "UPDATE aeta_account SET customer_id = ? WHERE number = ?",
				DB_VALUES(c->customer ? DB_INT(c->customer) : DB_NULL, DB_TEXT(c->number)));
	}
	if (rc == 0 && before != c->customer)
		rc = audit_change(db, c->scope, "account set", c->number, customer_json(before), customer_json(c->customer));
	db_rows_free(&rows);
	return rc;
}

int account_give(struct db *db, const struct scope *s, const char *number, long long customer)
{
	int rc = check_staff(db, s, number);

	return rc ? rc : db_transaction(db, give, &(struct change){.scope = s, .number = number, .customer = customer});
}
