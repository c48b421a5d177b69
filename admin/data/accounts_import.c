/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The import of a file: its rows, in one transaction. */
#include "accounts_row.h"
#include "statement.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

static int compare_numbers(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* -EEXIST: the number was in the file before. */
static int mark_seen(struct work *w)
{
	char *copy = strdup(w->row.value[HEAD_NUMBER]);
	void *node = copy ? tsearch(copy, &w->seen, compare_numbers) : NULL;

	if (!node) {
		free(copy);
		return -ENOMEM;
	}
	if (*(char **)node == copy)
		return 0;
	free(copy);
	return -EEXIST;
}

static int load_account(struct work *w)
{
	return db_query(w->db, &w->row.there,
			"SELECT a.number, CAST(a.kind AS CHAR), a.prefix, c.name, CAST(a.state AS CHAR), a.valid_until, CAST(a.media AS CHAR), "
			"a.product, a.serial, a.comment, c.id FROM aeta_account a LEFT JOIN aeta_group g ON g.prefix = a.prefix "
			"LEFT JOIN aeta_customer c ON c.id = COALESCE(g.customer_id, a.customer_id) WHERE a.number = ?",
			DB_VALUES(DB_TEXT(w->row.value[HEAD_NUMBER])));
}

static int account_row(struct work *w)
{
	int rc = load_account(w);

	if (rc)
		return rc;
	w->row.before = json_object();
	w->row.after = json_object();
	row_check(w);
	rc = w->row.there.rows ? row_change(w) : row_add(w);
	db_rows_free(&w->row.there);
	json_decref(w->row.before);
	json_decref(w->row.after);
	return rc;
}

static int take_row(struct work *w)
{
	int rc;

	if (!row_take(w))
		return 0;
	rc = mark_seen(w);
	if (rc == -EEXIST)
		row_problem(w, account_heads[HEAD_NUMBER], "it is in the file twice");
	return rc == 0 ? account_row(w) : rc == -EEXIST ? 0 : rc;
}

static void reset(struct work *w)
{
	struct import *in = w->in;

	in->rows = in->added = in->changed = in->same = in->bad = in->needed = in->problem_count = in->closed_count = 0;
	w->row_bad = false;
	csv_begin(&w->csv, in->bytes, in->size);
	if (in->begin)
		in->begin(in->listener);
}

static int import_rows(struct work *w)
{
	enum csv_found found;
	int rc = 0;

	row_read_head(w);
	if (w->in->bad)
		return -EBADMSG;
	while (rc == 0 && (found = csv_next(&w->csv)) != CSV_END) {
		if (found == CSV_BAD)
			row_bad(w);
		else
			rc = take_row(w);
		if (w->in->progress)
			w->in->progress(w->in->listener, (size_t)(w->csv.at - w->in->bytes));
	}
	return rc ? rc : w->in->bad ? -EBADMSG : 0;
}

/* The body of the transaction, which does not stand after a dry run. */
static int import_all(struct db *db, void *arg)
{
	struct work *w = arg;
	int rc;

	reset(w);
	rc = import_rows(w);
	tdestroy(w->seen, free);
	w->seen = NULL;
	if (rc || w->in->dry_run)
		return rc ? rc : -ECANCELED;
	if (w->in->needed && !w->in->password)
		return db_refuse(db, "%zu new accounts need a password that is made here, and nobody would hear it", w->in->needed);
	return w->in->end ? w->in->end(w->in->listener, db) : 0;
}

int account_import(struct db *db, const struct scope *s, struct import *in)
{
	struct work *w;
	int rc = -ENOMEM;

	if (!scope_may(s, BY_STAFF))
		return REFUSED(-ENOENT, db, "there is nothing to import to");
	w = calloc(1, sizeof(*w));
	in->problems = calloc(IMPORT_PROBLEMS_MAX, sizeof(*in->problems));
	if (w && in->problems) {
		w->db = db;
		w->scope = s;
		w->in = in;
		rc = db_transaction(db, import_all, w);
	} else {
		db_refuse(db, "out of memory");
	}
	if (w)
		explicit_bzero(w, sizeof(*w));
	free(w);
	return rc == -ECANCELED ? 0 : rc;
}

void account_import_free(struct import *in)
{
	free(in->problems);
	free(in->closed);
	in->problems = NULL;
	in->closed = NULL;
	in->problem_count = in->closed_count = 0;
}
