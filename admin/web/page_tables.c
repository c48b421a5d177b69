/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pages that every table has, from its description: list, CSV, one row, new, edit, delete. What a route is about is the name of
 * its table; which parameters it takes follows from the table's columns.
 */
#include "page_tables.h"

#include "page_sell.h"
#include "respond.h"
#include "routes.h"
#include "view.h"

#include "data/groups.h"
#include "live/binding.h"
#include "live/reload.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHOICES_MAX 4
#define NAME_SIZE   80

/* ---- parameters ---- */

/* Where whoever asks sees the table of the route. */
static const struct view *view_here(const struct request *r)
{
	return view_for(&r->scope, r->route->about);
}

static const struct field *declare(struct field *room, const char *name, size_t max)
{
	*room = (struct field){.name = name, .type = FIELD_TEXT, .max = max};
	return room;
}

const struct field *page_table_field(const struct route *route, const char *name, struct field *room)
{
	static const char *const prefixes[] = {"f.", "from.", "until."};
	const struct table *t = table_find(route->about);

	if (!strcmp(name, "q") || !strcmp(name, "sort") || !strcmp(name, "page"))
		return declare(room, name, TYPED_MAX);
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])) && column_find(t, name + strlen(prefixes[i])))
			return declare(room, name, TYPED_MAX);
	}
	return NULL;
}

/* What a form takes: its columns, what it showed of each, and for each switch that it was there. */
static const struct field *form_field(const struct route *route, const char *name, struct field *room)
{
	const struct table *t = table_find(route->about);
	const char *column = name;

	if (!strcmp(name, VIEW_VERSION))
		return declare(room, name, 32);
	if (!strncmp(name, VIEW_SWITCH, strlen(VIEW_SWITCH)))
		column += strlen(VIEW_SWITCH);
	else if (!strncmp(name, VIEW_WAS, strlen(VIEW_WAS)))
		column += strlen(VIEW_WAS);
	return column_find(t, column) ? declare(room, name, TYPED_MAX) : NULL;
}

/* A parameter that was sent, for the views; NULL: it was not, or the route does not take it. */
static const char *get_param(const void *from, const char *name)
{
	const struct request *r = from;

	return params_find(&r->params, name);
}

static struct fields fields_of(const struct request *r)
{
	return (struct fields){get_param, r};
}

/* ---- lists ---- */

/* 0; 1: answered; or -errno. */
static int take_query(struct request *r, const struct view *v, struct data_query *q)
{
	const struct fields fields = fields_of(r);
	int rc;

	if (view_query(v, &r->scope, &fields, q) == 0)
		return 0;
	rc = respond_error(r, 400, "Those are too many filters at a time: take some out.");
	return rc ? rc : 1;
}

int page_table_list(struct request *r)
{
	const struct view *v = view_here(r);
	const struct table *t = view_table(v);
	struct data_rows rows = {0};
	struct data_query q;
	struct page page;
	int rc = take_query(r, v, &q);

	if (rc)
		return rc < 0 ? rc : 0;
	rc = data_list(r->db, &r->scope, t, &q, &rows);
	if (rc == 0 || rc == -EINVAL) { /* a filter that no row can be like finds none */
		request_page(r, &page, t->label);
		page.wide = true;
		page_begin(&r->body, &page);
		view_list(&r->body, v, &r->scope, &q, &rows, rc ? data_error(r->db) : NULL);
		page_end(&r->body, &page);
		rc = respond_page(r, 200);
	}
	data_rows_free(&rows);
	return rc;
}

/* By way of a file without a name: a million rows are no load on the memory. */
int page_table_csv(struct request *r)
{
	const struct view *v = view_here(r);
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
		return rc;
	}
	snprintf(name, sizeof(name), "%s.csv", strrchr(v->path, '/') + 1);
	return respond_file(r, "text/csv; charset=utf-8", name, f);
}

/* ---- one row ---- */

/* Rows of another table that belong to the row that is shown. */
struct related {
	const char *table, *of, *column; /* rows of `of`, filtered by `column` with the key of the row */
	const char *without;             /* columns that say the same in each row */
};

static const struct related related[] = {
		{"customers", "contacts", "customer_id", "customer"},
		{"customers", "groups", "customer_id", "customer"},
		{"groups", "accounts", "prefix", "prefix customer"},
		{"accounts", "web-logins", "account", "account"},
		{"groups", "exceptions", "prefix", "prefix"},
		{"relay-sets", "relays", "set_number", "set"},
		{0},
};

static void put_all_link(struct html *h, const struct view *v, const struct data_query *q, const struct data_rows *rows)
{
	struct url u;

	if (!v || (!rows->more && rows->count >= rows->total))
		return;
	view_list_url(&u, v->path, q, 0);
	html_open(h, "p");
	html_open(h, "a");
	html_url_made(h, "href", u.text);
	html_textf(h, "All %llu", rows->total);
	html_close(h);
	html_close(h);
}

/* A new row of that table, which the row that is shown is chosen in already. */
static void put_new_button(struct html *h, const struct related *rel, const struct table *t, const struct scope *s, const char *key)
{
	char label[NAME_SIZE], path[NAME_SIZE];
	struct url u;

	if (!scope_may(s, t->insert))
		return;
	snprintf(path, sizeof(path), "%s/new", view_of(rel->of)->path);
	snprintf(label, sizeof(label), "New %c%s", tolower((unsigned char)*t->one), t->one + 1);
	url_begin(&u, path);
	url_add(&u, rel->column, key);
	html_open(h, "p");
	html_attr(h, "class", "actions");
	html_open(h, "a");
	html_attr(h, "class", "button plain");
	html_url_made(h, "href", u.text);
	html_text(h, label);
	html_close(h);
	html_close(h);
}

static int put_related(struct request *r, const struct related *rel, const char *key)
{
	const struct table *t = table_find(rel->of);
	struct data_query q = {.filters = {{rel->column, FILTER_IS, key}}, .filter_count = 1};
	struct data_rows rows = {0};
	struct html *h = &r->body;
	int rc = table_visible(t, &r->scope) ? data_list(r->db, &r->scope, t, &q, &rows) : -ENOENT;

	if (rc == 0) {
		html_element(h, "h2", NULL, t->label);
		if (rows.count)
			view_table_of(h, &r->scope, &rows, rel->without);
		else
			html_element(h, "p", "quiet", "None.");
		put_all_link(h, view_for(&r->scope, rel->of), &q, &rows);
		put_new_button(h, rel, t, &r->scope, key);
	}
	data_rows_free(&rows);
	return rc == -ENOENT ? 0 : rc;
}

static int put_all_related(struct request *r, const char *table, const char *key)
{
	int rc = 0;

	for (const struct related *rel = related; rel->table && rc == 0; rel++) {
		if (!strcmp(rel->table, table))
			rc = put_related(r, rel, key);
	}
	return rc;
}

int page_table_row(struct request *r)
{
	const struct view *v = view_here(r);
	const struct table *t = view_table(v);
	struct data_rows rows = {0};
	char title[CELL_TEXT_MAX];
	struct page page;
	int rc = data_show(r->db, &r->scope, t, param(r, "key"), &rows);

	if (rc == 0) {
		view_title(t, &rows, title, sizeof(title));
		request_page(r, &page, title);
		page_begin(&r->body, &page);
		view_crumbs(&r->body, v);
		view_actions(&r->body, v, &r->scope, &rows, page_table_acts);
		view_facts(&r->body, &r->scope, &rows);
		rc = page_table_more(r, &rows);
		if (rc == 0)
			rc = put_all_related(r, t->name, data_key(&rows, 0));
		page_end(&r->body, &page);
		if (rc == 0)
			rc = respond_page(r, 200);
	}
	data_rows_free(&rows);
	return rc;
}

/* ---- forms ---- */

enum shown { SHOW_EDIT, SHOW_STALE, SHOW_DELETE };

/* A form with what it can choose from. */
struct work {
	struct view_form form;
	struct view_choices choices[CHOICES_MAX];
	struct data_rows rows[CHOICES_MAX], row;
	struct data_problems problems;
	struct fields sent;
	struct page page;
	char title[CELL_TEXT_MAX];
};

static void work_free(struct work *w)
{
	for (size_t i = 0; i < w->form.choice_count; i++)
		data_rows_free(&w->rows[i]);
	data_rows_free(&w->row);
	free(w);
}

/* ---- Kamailio ---- */

/* An account that was deleted, or is not active any more, does not stay registered (A7). */
static bool is_out(struct request *r, const struct work *w, enum shown shown)
{
	struct data_rows now = {0};
	const char *state;
	bool out = shown == SHOW_DELETE;

	if (!out && data_show(r->db, &r->scope, view_table(w->form.view), data_key(&w->row, 0), &now) == 0) {
		state = data_named(&now, 0, "state_now");
		out = state && strcmp(state, "active") != 0;
	}
	data_rows_free(&now);
	return out;
}

/* Kamailio is told what it must load anew; where it cannot be, the change is stored all the same, and it finds out when it starts. */
static void tell_kamailio(struct request *r, const struct work *w, enum shown shown)
{
	static const struct {
		const char *table;
		unsigned what;
	} rows[] = {{"groups", LIVE_PLAN}, {"exceptions", LIVE_PLAN}, {"domains", LIVE_DOMAINS | LIVE_PLAN}, {"relay-sets", LIVE_PLAN | LIVE_RELAYS},
			{"relays", LIVE_PLAN | LIVE_RELAYS}};
	const char *table = view_table(w->form.view)->name;
	struct live live = {.socket = r->web->settings.config.rpc_socket};
	struct live_reloaded told;

	if (!*live.socket)
		return;
	if (!strcmp(table, "accounts")) {
		live_accounts_changed(&live);
		if (is_out(r, w, shown))
			live_unbind(&live, data_key(&w->row, 0));
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (!strcmp(table, rows[i].table) && live_reload(&live, rows[i].what, &told))
			fprintf(stderr, "aeta-admin: Kamailio was not told of a change: %s\n", live.error);
	}
}

/* ---- what a form can choose from ---- */

/* The rows that a column may refer to; a table of too many is typed instead. */
static int find_choices(struct request *r, struct work *w, const struct column *c)
{
	const struct data_query all = {.per_page = DATA_PER_PAGE_MAX};
	size_t n = w->form.choice_count;
	int rc;

	if (n == CHOICES_MAX)
		return 0;
	rc = data_list(r->db, &r->scope, table_find(c->refers), &all, &w->rows[n]);
	if (rc || w->rows[n].more || w->rows[n].total > w->rows[n].count) {
		data_rows_free(&w->rows[n]);
		memset(&w->rows[n], 0, sizeof(w->rows[n]));
		return rc;
	}
	w->choices[n] = (struct view_choices){c, &w->rows[n]};
	w->form.choice_count++;
	return 0;
}

static int find_all_choices(struct request *r, struct work *w)
{
	const struct table *t = view_table(w->form.view);
	int rc = 0;

	w->form.choices = w->choices;
	for (const struct column *c = t->columns; c->name && rc == 0; c++) {
		if (c->refers && c->store && scope_may(&r->scope, w->form.row ? c->edit : c->insert))
			rc = find_choices(r, w, c);
	}
	return rc;
}

/* Reads the row (unless it is a new one) and what the form has to have. */
static int work_begin(struct request *r, bool is_new, struct work **out)
{
	const struct view *v = view_here(r);
	const struct table *t = view_table(v);
	struct work *w = calloc(1, sizeof(*w));
	int rc = 0;

	*out = w;
	if (!w)
		return -ENOMEM;
	w->sent = fields_of(r);
	w->form = (struct view_form){.page = &w->page, .view = v, .scope = &r->scope, .sent = &w->sent, .problems = &w->problems};
	if (is_new) {
		snprintf(w->title, sizeof(w->title), "New %c%s", tolower((unsigned char)*t->one), t->one + 1);
	} else {
		rc = data_show(r->db, &r->scope, t, param(r, "key"), &w->row);
		if (rc == 0)
			view_title(t, &w->row, w->title, sizeof(w->title));
		w->form.row = &w->row;
	}
	request_page(r, &w->page, w->title);
	return rc;
}

static int may_insert(const struct request *r)
{
	const struct table *t = view_table(view_here(r));

	return !table_visible(t, &r->scope) ? -ENOENT : scope_may(&r->scope, t->insert) ? 0 : -EACCES;
}

static int may_edit(const struct request *r)
{
	const struct table *t = view_table(view_here(r));

	return !table_visible(t, &r->scope) ? -ENOENT : table_editable(t, &r->scope) ? 0 : -EACCES;
}

static int may_delete(const struct request *r)
{
	const struct table *t = view_table(view_here(r));

	return !table_visible(t, &r->scope) ? -ENOENT : scope_may(&r->scope, t->remove) ? 0 : -EACCES;
}

static int show_form(struct request *r, struct work *w, enum shown shown, unsigned status)
{
	int rc = shown == SHOW_DELETE ? 0 : find_all_choices(r, w);

	if (rc)
		return rc;
	page_begin(&r->body, &w->page);
	view_crumbs(&r->body, w->form.view);
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
		tell_kamailio(r, w, shown);
		return to_row(r, w->form.view, key);
	}
	if (rc == -EINVAL || rc == -EPERM || rc == -EEXIST) {
		w->form.refused = w->problems.count ? NULL : data_error(r->db);
		return show_form(r, w, shown, rc == -EINVAL ? 400 : 409);
	}
	return rc;
}

static int get_new(struct request *r)
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

static int post_new(struct request *r)
{
	struct data_change changes[COLUMNS_MAX];
	char key[CELL_TEXT_MAX + 1] = "";
	struct work *w = NULL;
	size_t n;
	int rc = may_insert(r);

	if (rc == 0)
		rc = work_begin(r, true, &w);
	if (rc == 0) {
		n = view_changes(view_table(w->form.view), &r->scope, true, &w->sent, changes);
		rc = data_insert(r->db, &r->scope, view_table(w->form.view), changes, n, &w->problems, key);
		rc = after_write(r, w, rc, key, SHOW_EDIT);
	}
	if (w)
		work_free(w);
	return rc;
}

static int get_edit(struct request *r)
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
	tell_kamailio(r, w, SHOW_EDIT);
	return sell_sheet(r, "Credentials of the hunting series", w->form.view, data_key(&w->row, 0), twins);
}

static int post_edit(struct request *r)
{
	struct data_change changes[COLUMNS_MAX];
	struct numbers_sold twins = {0};
	struct work *w = NULL;
	size_t n;
	int rc = may_edit(r);

	if (rc == 0)
		rc = work_begin(r, false, &w);
	if (rc == 0) {
		n = view_changes(view_table(w->form.view), &r->scope, false, &w->sent, changes);
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

static int get_delete(struct request *r)
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

static int post_delete(struct request *r)
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

/* ---- routes ---- */

static const struct field key_fields[] = {{"key", FIELD_LINE, PAGE_KEY_MAX}, {0}};

#define READ_ROUTES(path, table, who) \
	ROUTE_GET(path, who, page_table_list, .more = page_table_field, .about = table), ROUTE_GET(path ".csv", who, page_table_csv, .more = page_table_field, .about = table)
#define ROW_ROUTE(path, table, who) ROUTE_GET(path "/:key", who, page_table_row, .fields = key_fields, .about = table)
#define NEW_ROUTES(path, table) \
	ROUTE_GET(path "/new", MAY_WRITERS, get_new, .more = form_field, .about = table), \
			ROUTE_POST(path "/new", MAY_WRITERS, post_new, .more = form_field, .about = table)
#define EDIT_ROUTES(path, table) \
	ROUTE_GET(path "/:key/edit", MAY_WRITERS, get_edit, .fields = key_fields, .more = form_field, .about = table), \
			ROUTE_POST(path "/:key/edit", MAY_WRITERS, post_edit, .fields = key_fields, .more = form_field, .about = table)
#define DELETE_ROUTES(path, table) \
	ROUTE_GET(path "/:key/delete", MAY_WRITERS, get_delete, .fields = key_fields, .more = form_field, .about = table), \
			ROUTE_POST(path "/:key/delete", MAY_WRITERS, post_delete, .fields = key_fields, .more = form_field, .about = table)

/* Fixed parts before those that are a key: the first that matches is taken. */
const struct route table_routes[] = {
		READ_ROUTES("/customers", "customers", MAY_OPERATORS),
		ROW_ROUTE("/customers", "customers", MAY_OPERATORS),
		EDIT_ROUTES("/customers", "customers"),
		DELETE_ROUTES("/customers", "customers"),
		READ_ROUTES("/contacts", "contacts", MAY_OPERATORS),
		NEW_ROUTES("/contacts", "contacts"),
		ROW_ROUTE("/contacts", "contacts", MAY_OPERATORS),
		EDIT_ROUTES("/contacts", "contacts"),
		DELETE_ROUTES("/contacts", "contacts"),
		READ_ROUTES("/groups", "groups", MAY_OPERATORS),
		NEW_ROUTES("/groups", "groups"),
		ROW_ROUTE("/groups", "groups", MAY_OPERATORS),
		EDIT_ROUTES("/groups", "groups"),
		DELETE_ROUTES("/groups", "groups"),
		READ_ROUTES("/accounts", "accounts", MAY_OPERATORS),
		ROW_ROUTE("/accounts", "accounts", MAY_OPERATORS),
		EDIT_ROUTES("/accounts", "accounts"),
		DELETE_ROUTES("/accounts", "accounts"),
		READ_ROUTES("/exceptions", "exceptions", MAY_OPERATORS),
		NEW_ROUTES("/exceptions", "exceptions"),
		ROW_ROUTE("/exceptions", "exceptions", MAY_OPERATORS),
		DELETE_ROUTES("/exceptions", "exceptions"),
		READ_ROUTES("/domains", "domains", MAY_OPERATORS),
		NEW_ROUTES("/domains", "domains"),
		ROW_ROUTE("/domains", "domains", MAY_OPERATORS),
		EDIT_ROUTES("/domains", "domains"),
		DELETE_ROUTES("/domains", "domains"),
		READ_ROUTES("/relay-sets", "relay-sets", MAY_OPERATORS),
		ROW_ROUTE("/relay-sets", "relay-sets", MAY_OPERATORS),
		EDIT_ROUTES("/relay-sets", "relay-sets"),
		DELETE_ROUTES("/relay-sets", "relay-sets"),
		READ_ROUTES("/relays", "relays", MAY_OPERATORS),
		NEW_ROUTES("/relays", "relays"),
		ROW_ROUTE("/relays", "relays", MAY_OPERATORS),
		EDIT_ROUTES("/relays", "relays"),
		DELETE_ROUTES("/relays", "relays"),
		READ_ROUTES("/location", "location", MAY_OPERATORS),
		ROW_ROUTE("/location", "location", MAY_OPERATORS),
		READ_ROUTES("/cdrs", "cdrs", MAY_OPERATORS),
		ROW_ROUTE("/cdrs", "cdrs", MAY_OPERATORS),
		READ_ROUTES("/blocked", "failures", MAY_OPERATORS),
		ROW_ROUTE("/blocked", "failures", MAY_OPERATORS),
		READ_ROUTES("/nat", "nat", MAY_OPERATORS),
		ROW_ROUTE("/nat", "nat", MAY_OPERATORS),
		READ_ROUTES("/redial", "redial", MAY_OPERATORS),
		ROW_ROUTE("/redial", "redial", MAY_OPERATORS),
		READ_ROUTES("/operators", "operators", MAY_ADMIN),
		ROW_ROUTE("/operators", "operators", MAY_ADMIN),
		EDIT_ROUTES("/operators", "operators"),
		READ_ROUTES("/web-logins", "web-logins", MAY_OPERATORS),
		ROW_ROUTE("/web-logins", "web-logins", MAY_OPERATORS),
		EDIT_ROUTES("/web-logins", "web-logins"),
		READ_ROUTES("/sessions", "sessions", MAY_ADMIN),
		ROW_ROUTE("/sessions", "sessions", MAY_ADMIN),
		DELETE_ROUTES("/sessions", "sessions"),
		READ_ROUTES("/audit", "audit", MAY_WRITERS),
		ROW_ROUTE("/audit", "audit", MAY_WRITERS),
		{0},
};
