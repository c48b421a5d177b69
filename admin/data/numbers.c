/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "numbers.h"

#include "audit.h"
#include "operators.h"
#include "policy/number.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void numbers_forget(struct numbers_sold *n)
{
	if (n->at)
		explicit_bzero(n->at, n->n * sizeof(*n->at));
	free(n->at);
	memset(n, 0, sizeof(*n));
}

struct sale {
	const struct scope *scope;
	const char *realm, *number;
	long prefix, count, after;
	bool web;
	struct numbers_sold *out;
};

/* ---- one account ---- */

static int set_sip_password(struct db *db, const struct sale *sale, struct number_sold *n)
{
	char ha1[SECRET_HA1_SIZE], ha1b[SECRET_HA1_SIZE];
	int rc = secret_generate(n->password);

	if (rc)
		return db_refuse(db, "no random numbers for a password: %s", strerror(-rc));
	secret_ha1(n->number, sale->realm, n->password, ha1, ha1b);
	rc = db_exec(db, "UPDATE subscriber SET domain = ?, password = '', ha1 = ?, ha1b = ? WHERE username = ?",
			DB_VALUES(DB_TEXT(sale->realm), DB_TEXT(ha1), DB_TEXT(ha1b), DB_TEXT(n->number)));
	if (rc == 0 && db_affected(db) == 0)
		rc = db_exec(db, "INSERT INTO subscriber (username, domain, password, ha1, ha1b) VALUES (?, ?, '', ?, ?)",
				DB_VALUES(DB_TEXT(n->number), DB_TEXT(sale->realm), DB_TEXT(ha1), DB_TEXT(ha1b)));
	explicit_bzero(ha1, sizeof(ha1));
	explicit_bzero(ha1b, sizeof(ha1b));
	return rc;
}

static int set_web_password(struct db *db, struct number_sold *n)
{
	int rc = secret_generate(n->web_password);

	if (rc)
		return db_refuse(db, "no random numbers for a password: %s", strerror(-rc));
	return web_login_password(db, n->number, n->web_password, 0);
}

static int add_number(struct db *db, const struct sale *sale, long sequence, bool hunting)
{
	struct number_sold *n = &sale->out->at[sale->out->n++];
	int rc;

	memset(n, 0, sizeof(*n));
	n->hunting = hunting;
	snprintf(n->number, sizeof(n->number), "%ld%ld", sale->prefix, sequence);
	rc = db_exec(db, "INSERT INTO aeta_account (number, kind) VALUES (?, ?)",
			DB_VALUES(DB_TEXT(n->number), DB_TEXT(hunting ? "hunting" : "premium")));
	if (rc == 0)
		rc = set_sip_password(db, sale, n);
	if (rc == 0 && sale->out->self_management)
		rc = set_web_password(db, n);
	return rc;
}

/* ---- numbers of a group ---- */

/* The group's row, locked until the end: sales of a group follow one another. */
static int lock_group(struct db *db, const struct sale *sale)
{
	struct db_rows rows;
	long last;
	int rc = db_query(db, &rows, "SELECT last_seq, hunting, self_management FROM aeta_group WHERE prefix = ? FOR UPDATE",
			DB_VALUES(DB_INT(sale->prefix)));

	if (rc == 0 && rows.rows == 0) {
		rc = -ENOENT;
	} else if (rc == 0) {
		last = strtol(db_cell(&rows, 0, 0), NULL, 10);
		sale->out->hunting = strcmp(db_cell(&rows, 0, 1), "0") != 0;
		sale->out->self_management = strcmp(db_cell(&rows, 0, 2), "0") != 0;
		if (last != sale->after)
			rc = -ESTALE;
		else if (sale->count > AETA_SEQ_REGULAR + AETA_SERIES_MAX - last)
			rc = db_refuse(db, "group %ld has %ld numbers left: open another group for the customer", sale->prefix,
					AETA_SEQ_REGULAR + AETA_SERIES_MAX - last);
	}
	db_rows_free(&rows);
	return rc;
}

/* Their twins in the hunting series (B8). */
static int add_twins(struct db *db, const struct sale *sale)
{
	int rc = 0;

	for (long i = 1; rc == 0 && i <= sale->count; i++)
		rc = add_number(db, sale, sale->after + i + 1000, true);
	return rc;
}

static int sell(struct db *db, void *arg)
{
	const struct sale *sale = arg;
	char object[16], detail[64];
	int rc;

	sale->out->n = 0; /* of a try before */
	rc = lock_group(db, sale);
	for (long i = 1; rc == 0 && i <= sale->count; i++)
		rc = add_number(db, sale, sale->after + i, false);
	if (rc == 0 && sale->out->hunting)
		rc = add_twins(db, sale);
	if (rc)
		return rc;
	sale->out->first = sale->after + 1;
	sale->out->last = sale->after + sale->count;
	snprintf(object, sizeof(object), "%ld", sale->prefix);
	snprintf(detail, sizeof(detail), "%ld%ld to %ld%ld", sale->prefix, sale->out->first, sale->prefix, sale->out->last);
	return audit_write(db, sale->scope, "number allocate", object, detail, NULL, NULL);
}

static int run_sale(struct db *db, int (*body)(struct db *db, void *arg), struct sale *sale, size_t most)
{
	int rc;

	memset(sale->out, 0, sizeof(*sale->out));
	if (!scope_may(sale->scope, BY_STAFF))
		return -EACCES;
	sale->out->at = calloc(most, sizeof(*sale->out->at));
	if (!sale->out->at)
		return -ENOMEM;
	rc = db_transaction(db, body, sale);
	if (rc)
		numbers_forget(sale->out);
	return rc;
}

int numbers_sell(struct db *db, const struct scope *s, const char *realm, long prefix, long count, long after, struct numbers_sold *out)
{
	struct sale sale = {.scope = s, .realm = realm, .prefix = prefix, .count = count, .after = after, .out = out};

	memset(out, 0, sizeof(*out));
	if (count < 1 || count > NUMBERS_MAX)
		return -EINVAL;
	return run_sale(db, sell, &sale, 2 * NUMBERS_MAX);
}

/* ---- new credentials ---- */

static int renew(struct db *db, void *arg)
{
	const struct sale *sale = arg;
	struct number_sold *n = sale->out->at;
	struct db_rows rows;
	int rc = db_query(db, &rows, "SELECT kind FROM aeta_account WHERE number = ? FOR UPDATE", DB_VALUES(DB_TEXT(sale->number)));

	if (rc == 0 && rows.rows == 0)
		rc = -ENOENT;
	if (rc == 0) {
		memset(n, 0, sizeof(*n));
		sale->out->n = 1;
		sale->out->self_management = sale->web;
		n->hunting = strcmp(db_cell(&rows, 0, 0), "hunting") == 0;
		snprintf(n->number, sizeof(n->number), "%s", sale->number);
		rc = sale->web ? set_web_password(db, n) : set_sip_password(db, sale, n);
	}
	db_rows_free(&rows);
	return rc ? rc : audit_write(db, sale->scope, sale->web ? "web password" : "account password", sale->number, "generated", NULL, NULL);
}

int numbers_renew(struct db *db, const struct scope *s, const char *realm, const char *number, bool web, struct numbers_sold *out)
{
	struct sale sale = {.scope = s, .realm = realm, .number = number, .web = web, .out = out};

	return run_sale(db, renew, &sale, 1);
}
