/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "numbers.h"

#include "audit.h"
#include "operators.h"
#include "password_mark.h"
#include "policy/number.h"
#include "sip_password.h"
#include "statement.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TWIN 1000 /* 45675001 and 45676001 */

void numbers_forget(struct numbers_sold *n)
{
	if (n->at)
		explicit_bzero(n->at, n->n * sizeof(*n->at));
	free(n->at);
	memset(n, 0, sizeof(*n));
}

struct sale {
	const struct scope *scope;
	const char *realm, *number, *mark;
	long prefix, count, after;
	bool web;    /* of numbers_renew(): the web password */
	size_t room; /* of out->at */
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
	rc = sip_password_store(db, n->number, sale->realm, ha1, ha1b);
	explicit_bzero(ha1, sizeof(ha1));
	explicit_bzero(ha1b, sizeof(ha1b));
	return rc;
}

static int set_web_password(struct db *db, struct number_sold *n)
{
	int rc = secret_generate(n->web_password);

	if (rc)
		return db_refuse(db, "no random numbers for a password: %s", strerror(-rc));
	return web_login_store(db, n->number, n->web_password, 0);
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

/* Is that many still to be had? `last`: the highest that was given. */
static int check_count(struct db *db, const struct sale *sale, long last)
{
	long left = AETA_SEQ_REGULAR + AETA_SERIES_MAX - last;

	if (sale->after >= 0 && last != sale->after)
		return REFUSED(-ESTALE, db, "somebody else has had numbers of this group meanwhile: look at it again");
	if (sale->count > left)
		return db_refuse(db, "group %ld has %ld number%s left of %d: %ld cannot be allocated%s", sale->prefix, left, left == 1 ? "" : "s",
				AETA_SERIES_MAX, sale->count, left ? "" : "; open another group for the customer");
	if (sale->out->self_management && sale->count > NUMBERS_MAX)
		return db_refuse(db, "at most %d numbers at a time in a group with self-management: each gets a web password", NUMBERS_MAX);
	return 0;
}

/* The group's row, locked until the end: sales of a group follow one another. `*last`: the highest sequence that was given. */
static int lock_group(struct db *db, const struct sale *sale, long *last)
{
	struct db_rows rows;
	int rc = db_query(db, &rows, "SELECT last_seq, hunting, self_management FROM aeta_group WHERE prefix = ? FOR UPDATE",
			DB_VALUES(DB_INT(sale->prefix)));

	if (rc == 0 && rows.rows == 0) {
		rc = REFUSED(-ENOENT, db, "there is no group %ld: see aetactl group list", sale->prefix);
	} else if (rc == 0) {
		*last = strtol(db_cell(&rows, 0, 0), NULL, 10);
		sale->out->hunting = strcmp(db_cell(&rows, 0, 1), "0") != 0;
		sale->out->self_management = strcmp(db_cell(&rows, 0, 2), "0") != 0;
	}
	db_rows_free(&rows);
	return rc;
}

/* Their twins in the hunting series (B8). */
static int add_twins(struct db *db, const struct sale *sale, long after)
{
	int rc = 0;

	for (long i = 1; rc == 0 && i <= sale->count; i++)
		rc = add_number(db, sale, after + i + TWIN, true);
	return rc;
}

/* The first and the last one that were given of a kind; null for none. */
static json_t *given(const struct sale *sale, bool hunting)
{
	const struct number_sold *first = NULL, *last = NULL;

	for (size_t i = 0; i < sale->out->n; i++) {
		if (sale->out->at[i].hunting != hunting)
			continue;
		last = &sale->out->at[i];
		first = first ? first : last;
	}
	return first ? json_pack("[s, s]", first->number, last->number) : json_null();
}

static int note_sale(struct db *db, const struct sale *sale)
{
	char object[16];

	snprintf(object, sizeof(object), "%ld", sale->prefix);
	return audit_change(db, sale->scope, "number allocate", object, NULL,
			json_pack("{s:o, s:o, s:I, s:b}", "premium", given(sale, false), "hunting", given(sale, true), "accounts",
					(json_int_t)sale->out->n, "web_logins", sale->out->self_management));
}

static int sell(struct db *db, void *arg)
{
	const struct sale *sale = arg;
	long after = 0;
	int rc;

	sale->out->n = 0; /* of a try before */
	rc = lock_group(db, sale, &after);
	if (rc == 0)
		rc = check_count(db, sale, after);
	for (long i = 1; rc == 0 && i <= sale->count; i++)
		rc = add_number(db, sale, after + i, false);
	if (rc == 0 && sale->out->hunting)
		rc = add_twins(db, sale, after);
	if (rc)
		return rc;
	sale->out->first = after + 1;
	sale->out->last = after + sale->count;
	return note_sale(db, sale);
}

static int run_sale(struct db *db, int (*body)(struct db *db, void *arg), struct sale *sale)
{
	int rc;

	memset(sale->out, 0, sizeof(*sale->out));
	if (!scope_may(sale->scope, BY_STAFF))
		return REFUSED(-EACCES, db, "numbers and passwords are not yours to give");
	sale->out->at = calloc(sale->room, sizeof(*sale->out->at));
	if (!sale->out->at)
		return REFUSED(-ENOMEM, db, "out of memory");
	rc = db_transaction(db, body, sale);
	if (rc)
		numbers_forget(sale->out);
	return rc;
}

int numbers_sell(struct db *db, const struct scope *s, const char *realm, long prefix, long count, long after, struct numbers_sold *out)
{
	struct sale sale = {.scope = s, .realm = realm, .prefix = prefix, .count = count, .after = after, .room = 2 * AETA_SERIES_MAX,
			.out = out};

	memset(out, 0, sizeof(*out));
	if (count < 1 || count > AETA_SERIES_MAX)
		return REFUSED(-EINVAL, db, "1 to %d numbers can be allocated", AETA_SERIES_MAX);
	return run_sale(db, sell, &sale);
}

/* Gives a twin to each regular number of the rows. */
static int add_missing(struct db *db, const struct sale *sale, const struct db_rows *rows)
{
	int rc = 0;

	if (rows->rows > NUMBERS_MAX)
		sale->out->self_management = false; /* too many to wait for their web passwords */
	for (size_t i = 0; rc == 0 && i < rows->rows; i++)
		rc = add_number(db, sale, strtol(db_cell(rows, i, 0), NULL, 10) + TWIN, true);
	if (rc || rows->rows == 0)
		return rc;
	return note_sale(db, sale);
}

static int twins(struct db *db, void *arg)
{
	const struct sale *sale = arg;
	struct db_rows rows = {0};
	long last;
	int rc;

	sale->out->n = 0;
	rc = lock_group(db, sale, &last);
	if (rc == 0)
		rc = db_query(db, &rows,
				"SELECT a.seq FROM aeta_account a LEFT JOIN aeta_account h ON h.prefix = a.prefix AND h.seq = a.seq + 1000 "
				"WHERE a.prefix = ? AND a.kind = 'premium' AND h.number IS NULL ORDER BY a.seq",
				DB_VALUES(DB_INT(sale->prefix)));
	if (rc == 0)
		rc = add_missing(db, sale, &rows);
	db_rows_free(&rows);
	return rc;
}

int numbers_twins(struct db *db, const struct scope *s, const char *realm, long prefix, struct numbers_sold *out)
{
	struct sale sale = {.scope = s, .realm = realm, .prefix = prefix, .room = AETA_SERIES_MAX, .out = out};

	return run_sale(db, twins, &sale);
}

/* ---- new credentials ---- */

static int renew(struct db *db, void *arg)
{
	const struct sale *sale = arg;
	struct number_sold *n = sale->out->at;
	struct db_rows rows;
	int rc = password_mark_check(db, sale->scope, sale->number, sale->mark);

	if (rc)
		return rc;
	rc = db_query(db, &rows, "SELECT kind FROM aeta_account WHERE number = ?", DB_VALUES(DB_TEXT(sale->number)));
	if (rc == 0) {
		memset(n, 0, sizeof(*n));
		sale->out->n = 1;
		sale->out->self_management = sale->web;
		n->hunting = strcmp(db_cell(&rows, 0, 0), "hunting") == 0;
		snprintf(n->number, sizeof(n->number), "%s", sale->number);
		rc = sale->web ? set_web_password(db, n) : set_sip_password(db, sale, n);
	}
	db_rows_free(&rows);
	return rc ? rc : audit_act(db, sale->scope, sale->web ? "weblogin password" : "account password", sale->number, "generated");
}

int numbers_renew(struct db *db, const struct scope *s, const char *realm, const char *number, bool web, const char *mark,
		struct numbers_sold *out)
{
	struct sale sale = {.scope = s, .realm = realm, .number = number, .mark = mark, .web = web, .room = 1, .out = out};

	return run_sale(db, renew, &sale);
}
