/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of a table, and the same as CSV. */
#include "page_tables.h"

#include "respond.h"
#include "view.h"

#include "data/data.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NAME_SIZE   80

/* 0; 1: answered; or -errno. */
static int take_query(struct request *r, const struct view *v, struct data_query *q)
{
	const struct fields fields = page_table_sent(r);
	int rc;

	if (view_query(v, &r->scope, &fields, q) == 0)
		return 0;
	rc = respond_error(r, 400, "Those are too many filters at a time: take some out.");
	return rc ? rc : 1;
}

int page_table_list(struct request *r)
{
	const struct view *v = page_table_view(r);
	const struct table *t = view_table(v);
	struct data_rows rows = {0};
	struct data_query q;
	struct page page;
	int above, rc = take_query(r, v, &q);

	if (rc)
		return rc < 0 ? rc : 0;
	rc = data_list(r->db, &r->scope, t, &q, &rows);
	if (rc == 0 || rc == -EINVAL) { /* a filter that no row can be like finds none */
		request_page(r, &page, t->label);
		page.wide = true;
		page_begin(&r->body, &page);
		above = page_table_above(r, &page, t->name);
		view_list(&r->body, v, &r->scope, &q, &rows, rc ? data_error(r->db) : NULL);
		page_end(&r->body, &page);
		rc = above ? above : respond_page(r, 200);
	}
	data_rows_free(&rows);
	return rc;
}

/* A filter that nothing can be like: the list shows it over its search field, a file has no place for it. */
static int refuse_csv(struct request *r)
{
	char sentence[PROBLEM_SIZE + 128];

	snprintf(sentence, sizeof(sentence), "%s. No file was made: go back, mend the filter of that name, and load the file again.", data_error(r->db));
	return respond_error(r, 400, sentence);
}

/* By way of a file without a name: a million rows are no load on the memory. */
int page_table_csv(struct request *r)
{
	const struct view *v = page_table_view(r);
	struct data_query q;
	char name[NAME_SIZE];
	int rc = take_query(r, v, &q);
	FILE *f;

	if (rc)
		return rc < 0 ? rc : 0;
	f = tmpfile();
	if (!f)
		return -EIO;
	rc = data_csv(r->db, &r->scope, view_table(v), &q, f);
	if (rc) {
		fclose(f);
		return rc == -EINVAL ? refuse_csv(r) : rc;
	}
	snprintf(name, sizeof(name), "%s.csv", strrchr(v->path, '/') + 1);
	return respond_file(r, "text/csv; charset=utf-8", name, f);
}
