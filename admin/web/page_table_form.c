/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A new row, a change of one, and its end: the forms, and what they send. */
#include "page_tables.h"

#include "page_choices.h"
#include "page_sell.h"
#include "respond.h"
#include "view.h"

#include "data/data.h"
#include "data/groups.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHOICES_MAX 4
#define NAME_SIZE   80

enum shown { SHOW_EDIT, SHOW_STALE, SHOW_DELETE };

/* A form with what it can choose from. */
struct work {
	struct view_form form;
	struct choice choice[CHOICES_MAX];
	struct view_choices choices[CHOICES_MAX]; /* the same, for the form */
	size_t found; /* so many were looked for by name */
	struct data_rows row;
	struct data_problems problems;
	struct fields asked, sent; /* what was sent, and the same with what was found */
	struct page page;
	struct view_above above;
	char title[CELL_TEXT_MAX + 16];
};

static void work_free(struct work *w)
{
	for (size_t i = 0; i < CHOICES_MAX; i++)
		choice_free(&w->choice[i]);
	data_rows_free(&w->row);
	free(w);
}

static bool chooses(const struct request *r, const struct work *w, const struct column *c)
{
	return c->refers && c->store && scope_may(&r->scope, w->form.row ? c->edit : c->insert);
}

static const char *sent_before(const struct work *w, const char *before, const struct column *c)
{
	char name[NAME_SIZE];

	snprintf(name, sizeof(name), "%s%s", before, c->name);
	return field_get(&w->asked, name);
}

/* The rows that were typed by their names; a name that is none, or several rows', is a problem. -EINVAL then. */
static int find_typed(struct request *r, struct work *w)
{
	const struct table *t = view_table(w->form.view);
	char problem[PROBLEM_SIZE];
	const char *typed;
	int rc = 0;

	for (const struct column *c = t->columns; c->name && rc == 0 && w->found < CHOICES_MAX; c++) {
		if (!chooses(r, w, c))
			continue;
		typed = sent_before(w, VIEW_FIND, c);
		rc = choice_find(r, &w->choice[w->found++], c, typed ? typed : "", problem);
		if (rc == 0 && *problem) {
			w->problems.list[w->problems.count].column = c;
			snprintf(w->problems.list[w->problems.count++].text, PROBLEM_SIZE, "%s", problem);
		}
	}
	return rc ? rc : w->problems.count ? -EINVAL : 0;
}

/* What was sent, with the keys of the rows that were typed by their names. */
static const char *get_sent(const void *from, const char *name)
{
	const struct work *w = from;

	for (size_t i = 0; i < w->found; i++) {
		if (w->choice[i].key[0] && !strcmp(w->choice[i].view.column->name, name))
			return w->choice[i].key;
	}
	return field_get(&w->asked, name);
}

static int find_all_choices(struct request *r, struct work *w)
{
	const struct table *t = view_table(w->form.view);
	const char *now;
	size_t n = 0;
	int rc = 0;

	for (const struct column *c = t->columns; c->name && rc == 0 && n < CHOICES_MAX; c++) {
		if (!chooses(r, w, c))
			continue;
		now = w->form.row ? data_named(&w->row, 0, c->name) : NULL;
		rc = choice_read(r, &w->choice[n], c,
				(const char *const[CHOICE_KEYS]){sent_before(w, VIEW_WAS, c), now, field_get(&w->sent, c->name)});
		w->choices[n] = w->choice[n].view;
		n++;
	}
	w->form.choices = w->choices;
	w->form.choice_count = n;
	return rc;
}

/* Reads the row (unless it is a new one) and what the form has to have. */
static int work_begin(struct request *r, bool is_new, struct work **out)
{
	const struct view *v = page_table_view(r);
	const struct table *t = view_table(v);
	struct work *w = calloc(1, sizeof(*w));
	int rc = 0;

	*out = w;
	if (!w)
		return -ENOMEM;
	w->asked = page_table_sent(r);
	w->sent = (struct fields){get_sent, w};
	w->form = (struct view_form){.page = &w->page, .view = v, .scope = &r->scope, .sent = &w->sent, .problems = &w->problems};
	if (is_new) {
		snprintf(w->title, sizeof(w->title), "New %c%s", tolower((unsigned char)*t->one), t->one + 1);
	} else {
		rc = data_show(r->db, &r->scope, t, param(r, "key"), &w->row);
		w->form.row = &w->row;
	}
	request_page(r, &w->page, w->title);
	view_under(&w->page, v);
	if (rc == 0 && !is_new)
		view_under_row(&w->page, v, &w->row, &w->above);
	return rc;
}

static int may_insert(const struct request *r)
{
	const struct table *t = view_table(page_table_view(r));

	return !table_visible(t, &r->scope) ? -ENOENT : scope_may(&r->scope, t->insert) ? 0 : -EACCES;
}

static int may_edit(const struct request *r)
{
	const struct table *t = view_table(page_table_view(r));

	return !table_visible(t, &r->scope) ? -ENOENT : table_editable(t, &r->scope) ? 0 : -EACCES;
}

static int may_delete(const struct request *r)
{
	const struct table *t = view_table(page_table_view(r));

	return !table_visible(t, &r->scope) ? -ENOENT : scope_may(&r->scope, t->remove) ? 0 : -EACCES;
}

static int show_form(struct request *r, struct work *w, enum shown shown, unsigned status)
{
	int rc = shown == SHOW_DELETE ? 0 : find_all_choices(r, w);

	if (rc)
		return rc;
	if (w->form.row) /* its name as a heading: "Edit account 45675001" */
		snprintf(w->title, sizeof(w->title), "%s %c%s", shown == SHOW_DELETE ? view_removal(w->row.table) : "Edit",
				tolower((unsigned char)*w->above.label), w->above.label + 1);
	page_begin(&r->body, &w->page);
	if (shown == SHOW_STALE)
		view_stale(&r->body, &w->form);
	else if (shown == SHOW_DELETE)
		view_delete(&r->body, &w->form, NULL);
	else
		view_edit(&r->body, &w->form);
	page_end(&r->body, &w->page);
	return respond_page(r, status);
}

static int to_row(struct request *r, const struct view *v, const char *key)
{
	struct url u;

	url_begin(&u, v->path);
	if (key)
		url_segment(&u, key);
	return respond_to(r, u.text);
}

/* What a write was answered: another page, or the form again with what is wrong. */
static int after_write(struct request *r, struct work *w, int rc, const char *key, enum shown shown)
{
	if (rc == 0) {
		page_table_told(r, view_table(w->form.view), w->form.row ? data_key(&w->row, 0) : key, shown == SHOW_DELETE);
		return to_row(r, w->form.view, key);
	}
	if (rc == -EINVAL || rc == -EPERM || rc == -EEXIST) {
		w->form.refused = w->problems.count ? NULL : data_error(r->db);
		return show_form(r, w, shown, rc == -EINVAL ? 400 : 409);
	}
	return rc;
}

int page_table_new(struct request *r)
{
	struct work *w = NULL;
	int rc = may_insert(r);

	if (rc == 0)
		rc = work_begin(r, true, &w);
	if (rc == 0)
		rc = show_form(r, w, SHOW_EDIT, 200);
	if (w)
		work_free(w);
	return rc;
}

int page_table_add(struct request *r)
{
	struct data_change changes[COLUMNS_MAX];
	char key[CELL_TEXT_MAX + 1] = "";
	struct work *w = NULL;
	size_t n;
	int rc = may_insert(r);

	if (rc == 0)
		rc = work_begin(r, true, &w);
	if (rc == 0) {
		rc = find_typed(r, w);
		n = view_changes(view_table(w->form.view), &r->scope, true, &w->sent, changes);
		if (rc == 0)
			rc = data_insert(r->db, &r->scope, view_table(w->form.view), changes, n, &w->problems, key);
		rc = after_write(r, w, rc, key, SHOW_EDIT);
	}
	if (w)
		work_free(w);
	return rc;
}

int page_table_edit(struct request *r)
{
	struct work *w = NULL;
	int rc = may_edit(r);

	if (rc == 0)
		rc = work_begin(r, false, &w);
	if (rc == 0) {
		w->form.sent = NULL;
		rc = show_form(r, w, SHOW_EDIT, 200);
	}
	if (w)
		work_free(w);
	return rc;
}

/* A change of a group may make accounts: the twins of its numbers, where it hunts from now on. */
static int update(struct request *r, struct work *w, const struct data_change *changes, size_t n, struct numbers_sold *twins)
{
	const struct table *t = view_table(w->form.view);
	const char *key = param(r, "key"), *version = param(r, VIEW_VERSION);

	if (!strcmp(t->name, "groups"))
		return group_update(r->db, &r->scope, r->web->settings.config.realm, key, version, changes, n, &w->problems, twins);
	return data_update(r->db, &r->scope, t, key, version, changes, n, &w->problems);
}

static int show_twins(struct request *r, struct work *w, const struct numbers_sold *twins)
{
	page_table_told(r, view_table(w->form.view), data_key(&w->row, 0), false);
	return sell_sheet(r, "Credentials of the hunting series", w->form.view, data_key(&w->row, 0), twins);
}

int page_table_save(struct request *r)
{
	struct data_change changes[COLUMNS_MAX];
	struct numbers_sold twins = {0};
	struct work *w = NULL;
	size_t n;
	int rc = may_edit(r);

	if (rc == 0)
		rc = work_begin(r, false, &w);
	if (rc == 0) {
		rc = find_typed(r, w);
		n = view_changes(view_table(w->form.view), &r->scope, false, &w->sent, changes);
		if (rc == 0)
			rc = update(r, w, changes, n, &twins);
		if (rc == -ESTALE && n == 0)
			rc = to_row(r, w->form.view, data_key(&w->row, 0)); /* nothing that could be lost */
		else if (rc == -ESTALE)
			rc = show_form(r, w, SHOW_STALE, 409);
		else if (rc == 0 && twins.n)
			rc = show_twins(r, w, &twins);
		else
			rc = after_write(r, w, rc, data_key(&w->row, 0), SHOW_EDIT);
		numbers_forget(&twins);
	}
	if (w)
		work_free(w);
	return rc;
}

int page_table_delete(struct request *r)
{
	struct work *w = NULL;
	int rc = may_delete(r);

	if (rc == 0)
		rc = work_begin(r, false, &w);
	if (rc == 0)
		rc = show_form(r, w, SHOW_DELETE, 200);
	if (w)
		work_free(w);
	return rc;
}

int page_table_gone(struct request *r)
{
	struct work *w = NULL;
	int rc = may_delete(r);

	if (rc == 0)
		rc = work_begin(r, false, &w);
	if (rc == 0) {
		rc = data_delete(r->db, &r->scope, view_table(w->form.view), param(r, "key"), param(r, VIEW_VERSION));
		if (rc == -ESTALE) {
			w->form.refused = "Somebody else has changed this while you had it open: this is how it is now.";
			rc = show_form(r, w, SHOW_DELETE, 409);
		} else {
			rc = after_write(r, w, rc, NULL, SHOW_DELETE);
		}
	}
	if (w)
		work_free(w);
	return rc;
}
