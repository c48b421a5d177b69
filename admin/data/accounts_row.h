/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to the import of accounts: a row of the file beside the account that is there, and what is wrong with it. */
#ifndef AETA_ADMIN_ACCOUNTS_ROW_H
#define AETA_ADMIN_ACCOUNTS_ROW_H

#include "accounts_csv.h"
#include "csv.h"
#include "db.h"
#include "describe.h"

#include <jansson.h>

/* A row of the file, and what is to come of it. */
struct row {
	const char *value[HEADS]; /* as the file has it; NULL: it says nothing, or what it says is wrong */
	char checked[HEADS][CELL_TEXT_MAX + 1];
	struct db_rows there; /* the account as it is, if it is: the columns of account_heads, then the id of its customer */
	long long customer;   /* 0: none, or not its own */
	json_t *before, *after; /* what changes */
};

struct work {
	struct db *db;
	const struct scope *scope;
	struct import *in;
	struct csv csv;
	enum account_head head_of[CSV_FIELDS_MAX]; /* of each field */
	size_t heads;
	void *seen; /* numbers so far, a tree */
	bool row_bad;
	struct row row;
};

/* Notes that the row is bad, and why; `column`: a constant. */
__attribute__((format(printf, 3, 4))) void row_problem(struct work *w, const char *column, const char *format, ...);

/* Reads the first row, which names the columns. */
void row_read_head(struct work *w);

/* Takes over the row that csv_next() found; false if its number is none, so that there is no more to do with it. */
bool row_take(struct work *w);
/* ... that it found to be none. */
void row_bad(struct work *w);

/* Checks the values that the file changes, when `there` is known. What is wrong counts as not said from here on. */
void row_check(struct work *w);

/*
 * Checks what an account cannot change, kind and prefix, against what is there and its number, and finds out row.customer: in a group
 * an account has none of its own. `in_group`: it is, or will be. Returns as db_query().
 */
int row_settle(struct work *w, bool in_group);

/* Whose account it is, an id; 0: nobody's, or it is new. */
long long row_customer_now(const struct work *w);

/* What is there, "" for NULL. */
const char *row_there(const struct work *w, enum account_head h);
/* Does the file say another value than what is there, or than nothing? */
bool row_differs(const struct work *w, enum account_head h);

/* ---- accounts_store.c ---- */

/*
 * Store a new account, or what the file changes of one that is there, with its password and its row of the audit. Return as db_exec();
 * what the schema refuses is a problem of the row, and 0.
 */
int row_add(struct work *w);
int row_change(struct work *w);

#endif
