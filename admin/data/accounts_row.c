/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "accounts_row.h"

#include "db.h"
#include "secret.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define UNKNOWN_HEAD HEADS
#define STORED(head) ((head) >= HEAD_STATE && (head) <= HEAD_COMMENT) /* compared and written, each by itself */

void row_problem(struct work *w, const char *column, const char *format, ...)
{
	struct import *in = w->in;
	struct import_problem *p;
	va_list ap;

	if (!w->row_bad)
		in->bad++;
	w->row_bad = true;
	if (in->problem_count == IMPORT_PROBLEMS_MAX)
		return;
	p = &in->problems[in->problem_count++];
	*p = (struct import_problem){.line = w->csv.line ? w->csv.line : 1, .column = column};
	va_start(ap, format);
	vsnprintf(p->why, sizeof(p->why), format, ap);
	va_end(ap);
}

/* ---- the head ---- */

static enum account_head find_head(const char *name)
{
	enum account_head h = 0;

	while (h < HEADS && strcasecmp(account_heads[h], name) != 0)
		h++;
	return h;
}

void row_read_head(struct work *w)
{
	bool named[HEADS + 1] = {false};
	enum csv_found found = csv_next(&w->csv);

	if (found != CSV_ROW) {
		row_problem(w, "", found == CSV_BAD ? "%s" : "%sthe file is empty", found == CSV_BAD ? w->csv.wrong : "");
		return;
	}
	w->heads = w->csv.fields;
	for (size_t i = 0; i < w->heads; i++) {
		enum account_head h = find_head(w->csv.field[i]);

		w->head_of[i] = h;
		if (h == UNKNOWN_HEAD)
			row_problem(w, "", "there is no column \"%.100s\"", w->csv.field[i]);
		else if (named[h])
			row_problem(w, account_heads[h], "the column is named twice");
		named[h] = true;
	}
	if (!named[HEAD_NUMBER])
		row_problem(w, "", "the first row has to name the columns, and a column \"number\" is not among them");
}

/* ---- values ---- */

static bool is_empty_word(enum account_head h, const char *s)
{
	return (h == HEAD_UNTIL && strcmp(s, "never") == 0) || (h == HEAD_MEDIA && strcmp(s, "group") == 0);
}

/* The fields of the row here, by their heads. Trailing ones may be missing: spreadsheets leave empty ones out. */
static void take_fields(struct work *w)
{
	memset(w->row.value, 0, sizeof(w->row.value));
	if (w->csv.fields > w->heads)
		row_problem(w, "", "the row has more fields than the first one");
	for (size_t i = 0; i < w->csv.fields && i < w->heads; i++) {
		enum account_head h = w->head_of[i];
		const char *s = w->csv.field[i];

		if (is_empty_word(h, s))
			s = "";
		if (*s || STORED(h) || h == HEAD_CUSTOMER)
			w->row.value[h] = s;
	}
	if (w->row.value[HEAD_STATE] && !w->row.value[HEAD_STATE][0])
		w->row.value[HEAD_STATE] = NULL;
}

/* By the description of the column; what is wrong counts as not said. */
static void check_value(struct work *w, enum account_head h)
{
	const struct column *c = column_find(table_find("accounts"), account_heads[h]);
	char why[PROBLEM_SIZE];

	if (!w->row.value[h])
		return;
	if (column_check(c, w->row.value[h], w->row.checked[h], why) == 0) {
		w->row.value[h] = w->row.checked[h];
		return;
	}
	row_problem(w, account_heads[h], "%s", why);
	w->row.value[h] = NULL;
}

static bool is_sendable(const char *password)
{
	for (const char *s = password; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return false;
	return true;
}

static void check_secrets(struct work *w)
{
	const char *ha1 = w->row.value[HEAD_HA1], *password = w->row.value[HEAD_PASSWORD];

	if (ha1 && password)
		row_problem(w, account_heads[HEAD_HA1], "there is a password, too: one of them is enough");
	if (ha1 && (strlen(ha1) >= SECRET_HA1_SIZE || !secret_is_ha1(strcpy(w->row.checked[HEAD_HA1], ha1))))
		row_problem(w, account_heads[HEAD_HA1], "it is not the 32 hex digits of MD5(number:realm:password)");
	else if (password && strlen(password) > SECRET_MAX)
		row_problem(w, account_heads[HEAD_PASSWORD], "it is longer than %d bytes", SECRET_MAX);
	else if (password && !is_sendable(password))
		row_problem(w, account_heads[HEAD_PASSWORD], "it has a character that no device can send");
	else if (ha1)
		w->row.value[HEAD_HA1] = w->row.checked[HEAD_HA1];
	if (w->row_bad)
		w->row.value[HEAD_HA1] = w->row.value[HEAD_PASSWORD] = NULL;
}

const char *row_there(const struct work *w, enum account_head h)
{
	return db_cell(&w->row.there, 0, (size_t)h);
}

bool row_differs(const struct work *w, enum account_head h)
{
	return w->row.value[h] && strcmp(w->row.value[h], w->row.there.rows ? row_there(w, h) : "") != 0;
}

/* ---- the row ---- */

bool row_take(struct work *w)
{
	w->row_bad = false;
	w->in->rows++;
	take_fields(w);
	if (!w->row.value[HEAD_NUMBER])
		row_problem(w, account_heads[HEAD_NUMBER], "it is missing");
	check_value(w, HEAD_NUMBER);
	return w->row.value[HEAD_NUMBER] != NULL;
}

void row_bad(struct work *w)
{
	w->row_bad = false;
	w->in->rows++;
	row_problem(w, w->csv.wrong_field < w->heads ? account_heads[w->head_of[w->csv.wrong_field]] : "", "%s", w->csv.wrong);
}

/* Values that are the same as before need no check: they may be from a time when less was checked. */
void row_check(struct work *w)
{
	check_value(w, HEAD_KIND);
	check_value(w, HEAD_PREFIX);
	for (enum account_head h = HEAD_STATE; h <= HEAD_COMMENT; h++)
		if (row_differs(w, h))
			check_value(w, h);
	check_secrets(w);
}

/* ---- customer, prefix and kind ---- */

/* The id of a customer by its name or else its id, 0 with a problem where there is none. */
static int find_customer(struct work *w, const char *who, long long *id)
{
	bool digits = strlen(who) < 10 && strspn(who, "0123456789") == strlen(who);
	struct db_rows rows;
	int rc = db_query(w->db, &rows, "SELECT id FROM aeta_customer WHERE name = ? OR id = ? ORDER BY name = ? DESC LIMIT 1",
			DB_VALUES(DB_TEXT(who), DB_TEXT(digits ? who : NULL), DB_TEXT(who)));

	*id = 0;
	if (rc == 0 && rows.rows)
		*id = strtoll(db_cell(&rows, 0, 0), NULL, 10);
	else if (rc == 0)
		row_problem(w, account_heads[HEAD_CUSTOMER], "there is no customer \"%.100s\"", who);
	db_rows_free(&rows);
	return rc;
}

/* The customer of a group; 0 where there is no such group. */
static int customer_of_group(struct work *w, const char *number, long long *id)
{
	char prefix[5];
	struct db_rows rows;
	int rc;

	snprintf(prefix, sizeof(prefix), "%.4s", number);
	rc = db_query(w->db, &rows, "SELECT customer_id FROM aeta_group WHERE prefix = ?", DB_VALUES(DB_TEXT(prefix)));
	*id = rc == 0 && rows.rows ? strtoll(db_cell(&rows, 0, 0), NULL, 10) : 0;
	db_rows_free(&rows);
	return rc;
}

/* Whose account it is; 0: nobody's, or it is new. */
long long row_customer_now(const struct work *w)
{
	return w->row.there.rows ? strtoll(db_cell(&w->row.there, 0, HEAD_COMMENT + 1), NULL, 10) : 0;
}

/* Sets row.customer: what the account's own customer is to be. In a group it has none, and the file has to agree with the group. */
static int settle_customer(struct work *w, bool in_group)
{
	const char *who = w->row.value[HEAD_CUSTOMER];
	bool known = w->row.there.rows > 0;
	long long now = row_customer_now(w), named = 0;
	int rc = 0;

	w->row.customer = in_group ? 0 : now;
	if (!who || (known && strcmp(who, row_there(w, HEAD_CUSTOMER)) == 0) || (in_group && !*who))
		return 0;
	if (*who)
		rc = find_customer(w, who, &named);
	if (rc || (*who && !named))
		return rc;
	if (in_group && !known)
		rc = customer_of_group(w, w->row.value[HEAD_NUMBER], &now);
	if (in_group && now && named != now)
		row_problem(w, account_heads[HEAD_CUSTOMER], "it is another one that has the group");
	if (!in_group)
		w->row.customer = named;
	return rc;
}

static void check_fixed(struct work *w, bool in_group)
{
	const char *number = w->row.value[HEAD_NUMBER], *prefix = w->row.value[HEAD_PREFIX];
	const char *kind = w->row.value[HEAD_KIND];

	if (w->row.there.rows && kind && strcmp(kind, row_there(w, HEAD_KIND)) != 0)
		row_problem(w, account_heads[HEAD_KIND], "the account is there as %s, and its kind never changes", row_there(w, HEAD_KIND));
	if (prefix && (!in_group || strncmp(prefix, number, 4) != 0))
		row_problem(w, account_heads[HEAD_PREFIX], in_group ? "the number is in another group" : "the account is in no group");
	if (w->row.there.rows)
		kind = row_there(w, HEAD_KIND);
	for (enum account_head h = HEAD_PRODUCT; kind && h <= HEAD_SERIAL; h++)
		if (strcmp(kind, "factory") != 0 && w->row.value[h] && w->row.value[h][0])
			row_problem(w, account_heads[h], "only a factory account has one");
}

int row_settle(struct work *w, bool in_group)
{
	check_fixed(w, in_group);
	return settle_customer(w, in_group);
}
