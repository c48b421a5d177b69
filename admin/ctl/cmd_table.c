/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every table that the data layer describes, as lists with search, filters, order and pages, as CSV, and row by row: what the web
 * shows, in the shell.
 */
#include "changes.h"
#include "ctl.h"

#include "data/data.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PER_PAGE  100
#define WORDS_MAX 80 /* characters of a list of words that `table columns` shows */

/* ---- a query ---- */

/* "COLUMN=VALUE" and the like, longer signs first. */
static const struct sign {
	const char *text;
	enum filter_op op;
} signs[] = {{"^=", FILTER_BEGINS}, {">=", FILTER_FROM}, {"<=", FILTER_UNTIL}, {"~", FILTER_HAS}, {"=", FILTER_IS}};

/* The sign that stands first in `s`, and where; NULL: none. */
static const struct sign *find_sign(const char *s, const char **at)
{
	*at = strpbrk(s, "^<>=~");
	for (size_t i = 0; *at && i < sizeof(signs) / sizeof(signs[0]); i++)
		if (strncmp(*at, signs[i].text, strlen(signs[i].text)) == 0)
			return &signs[i];
	return NULL;
}

/* Copies of the columns' names are kept in `names`. An exit status. */
static int take_filters(const struct args *args, struct data_query *q, char names[DATA_FILTERS_MAX][64])
{
	for (size_t i = 0; i < args->more_count; i++) {
		const char *at, *filter = args->more[i];
		const struct sign *sign = find_sign(filter, &at);

		if (i == DATA_FILTERS_MAX)
			return refuse("no more than %d filters at a time", DATA_FILTERS_MAX);
		if (!sign || at == filter)
			return refuse("\"%s\" is no filter: COLUMN=VALUE (is), ^= (begins with), ~ (has), >= (from), <= (until)", filter);
		snprintf(names[i], sizeof(names[i]), "%.*s", (int)(at - filter), filter);
		q->filters[i] = (struct data_filter){.column = names[i], .op = sign->op, .value = at + strlen(sign->text)};
	}
	q->filter_count = args->more_count;
	return CTL_OK;
}

static int take_query(const struct args *args, struct data_query *q, char names[DATA_FILTERS_MAX][64])
{
	const char *sort = arg_text(args, "--sort");

	*q = (struct data_query){.search = arg_text(args, "--search"), .page = (unsigned)arg_number(args, "--page", 1),
			.per_page = (unsigned)arg_number(args, "--per-page", PER_PAGE)};
	if (sort) {
		q->descending = *sort == '-';
		q->sort = sort + q->descending;
	}
	return take_filters(args, q, names);
}

/* ---- rows ---- */

static json_t *cell_json(const struct column *c, const char *cell)
{
	if (!cell)
		return json_null();
	if (c->type == TYPE_SWITCH)
		return json_boolean(strcmp(cell, "0") != 0);
	if (c->type == TYPE_NUMBER)
		return json_integer(strtoll(cell, NULL, 10));
	return json_string(cell);
}

/* "key" first, by which show finds it. */
static json_t *row_json(const struct data_rows *rows, size_t row)
{
	json_t *object = json_object();

	json_object_set_new(object, "key", json_string(data_key(rows, row)));
	for (size_t i = 0; i < rows->column_count; i++)
		json_object_set_new(object, rows->columns[i]->name, cell_json(rows->columns[i], data_cell(rows, row, i)));
	return object;
}

static void say_rows(struct ctl *ctl, const struct data_rows *rows)
{
	unsigned long long shown = (unsigned long long)(rows->page - 1) * rows->per_page + rows->count;
	json_t *array = json_array();

	for (size_t i = 0; i < rows->count; i++)
		json_array_append_new(array, row_json(rows, i));
	ctl_say(ctl, rows->table->name, array);
	ctl_say(ctl, "total", json_integer((json_int_t)rows->total));
	ctl_say(ctl, "more", json_boolean(rows->more));
	if (shown < rows->total || rows->more)
		note("there are more: --page %u, --per-page up to %d, or --csv for all of them", rows->page + 1, DATA_PER_PAGE_MAX);
}

static int put_csv(struct ctl *ctl, const struct args *args, FILE *f)
{
	char names[DATA_FILTERS_MAX][64];
	struct data_query q;
	int rc = take_query(args, &q, names);

	return rc ? rc : ctl_done(ctl, data_csv(ctl->db, &ctl->scope, table_find(arg_text(args, "TABLE")), &q, f));
}

static int command_list(struct ctl *ctl, const struct args *args)
{
	char names[DATA_FILTERS_MAX][64];
	struct data_rows rows;
	struct data_query q;
	int rc = take_query(args, &q, names);

	if (rc)
		return rc;
	if (arg_given(args, "--csv"))
		return ctl_print(ctl, args, "csv", put_csv);
	rc = data_list(ctl->db, &ctl->scope, table_find(arg_text(args, "TABLE")), &q, &rows);
	if (rc == 0)
		say_rows(ctl, &rows);
	data_rows_free(&rows);
	return ctl_done(ctl, rc);
}

static int command_show(struct ctl *ctl, const struct args *args)
{
	struct data_rows rows;
	json_t *row;
	int rc = data_show(ctl->db, &ctl->scope, table_find(arg_text(args, "TABLE")), arg_text(args, "KEY"), &rows);

	if (rc == 0) {
		row = row_json(&rows, 0);
		json_object_update(ctl->result, row);
		json_decref(row);
	}
	data_rows_free(&rows);
	return ctl_done(ctl, rc);
}

/* ---- changes ---- */

/* What Kamailio has to hear of a change, of the tables that no other command changes whole. */
static const struct edited {
	const char *table;
	unsigned tell; /* enum live_reload */
} edited[] = {{"customers", 0}, {"contacts", 0}, {"operators", 0}, {"web-logins", 0}, {"domains", LIVE_DOMAINS | LIVE_PLAN},
		{"relay-sets", LIVE_PLAN | LIVE_RELAYS}, {"relays", LIVE_PLAN | LIVE_RELAYS}};

static const struct edited *find_edited(const char *table)
{
	for (size_t i = 0; i < sizeof(edited) / sizeof(edited[0]); i++)
		if (strcmp(edited[i].table, table) == 0)
			return &edited[i];
	return NULL;
}

/* "COLUMN=VALUE" of the command line; the names are kept in `names`. An exit status. */
static int take_changes(const struct args *args, struct changes *c, char names[ARGS_MORE_MAX][64])
{
	for (size_t i = 0; i < args->more_count; i++) {
		const char *change = args->more[i], *at = strchr(change, '=');

		if (!at || at == change)
			return refuse("\"%s\" is no change: COLUMN=VALUE, or COLUMN= to take away what is there", change);
		snprintf(names[i], sizeof(names[i]), "%.*s", (int)(at - change), change);
		change_to(c, names[i], at + 1);
	}
	return CTL_OK;
}

static int command_edit(struct ctl *ctl, const struct args *args)
{
	const char *table = arg_text(args, "TABLE");
	const struct edited *e = find_edited(table);
	struct changes c = {.count = 0};
	char names[ARGS_MORE_MAX][64];
	int rc = take_changes(args, &c, names);

	if (!e)
		return refuse("%s are not changed in this way: see aetactl help", table);
	if (rc == CTL_OK)
		rc = ctl_done(ctl, changes_update(ctl, table, arg_text(args, "KEY"), &c));
	if (rc == CTL_OK)
		rc = command_show(ctl, args);
	return rc || !e->tell ? rc : tell_kamailio(ctl, e->tell);
}

/* ---- which tables and columns there are ---- */

static int table_list(struct ctl *ctl, const struct args *args)
{
	json_t *array = json_array();

	(void)args;
	for (size_t i = 0; tables[i]; i++)
		if (table_visible(tables[i], &ctl->scope))
			json_array_append_new(array, json_pack("{s:s, s:s}", "table", tables[i]->name, "label", tables[i]->label));
	ctl_say(ctl, "tables", array);
	return CTL_OK;
}

static const char *type_name(const struct column *c)
{
	static const char *const names[] = {[TYPE_TEXT] = "text", [TYPE_NUMBER] = "number", [TYPE_SWITCH] = "1|0",
			[TYPE_TIME] = "UTC", [TYPE_DIGITS] = "digits", [TYPE_EMAIL] = "e-mail", [TYPE_BYTES] = "bytes"};

	if (c->type == TYPE_WORD)
		return strlen(c->words) <= WORDS_MAX ? c->words : "word";
	return names[c->type];
}

static int table_columns(struct ctl *ctl, const struct args *args)
{
	const struct table *t = table_find(arg_text(args, "TABLE"));
	json_t *array = json_array();

	for (const struct column *c = t->columns; c->name; c++) {
		if (!scope_may(&ctl->scope, c->list | c->show))
			continue;
		json_array_append_new(array, json_pack("{s:s, s:s, s:s, s:b, s:b, s:b, s:b}", "column", c->name, "label", c->label, "type",
				type_name(c), "in_list", scope_may(&ctl->scope, c->list), "filter", scope_may(&ctl->scope, c->search), "sort",
				scope_may(&ctl->scope, c->list) && !c->unsorted, "edit", scope_may(&ctl->scope, c->edit)));
	}
	ctl_say(ctl, "columns", array);
	return CTL_OK;
}

#define TABLE_ARG {.name = "TABLE", .type = ARG_TABLE, .required = true, .help = "which one; see aetactl table list"}

static const struct arg no_args[] = {{0}};
static const struct arg table_args[] = {TABLE_ARG, {0}};
static const struct arg show_args[] = {TABLE_ARG, {.name = "KEY", .required = true, .help = "as the list shows it, its first column"}, {0}};
static const struct arg list_args[] = {TABLE_ARG,
		{.name = "FILTER", .more = true, .help = "COLUMN=VALUE, or ^= (begins with), ~ (has), >= (from), <= (until)"},
		{.name = "--search", .value = "TEXT", .help = "in every column that can be searched"},
		{.name = "--sort", .value = "COLUMN", .help = "by this column; -COLUMN the other way round"},
		{.name = "--page", .type = ARG_NUMBER, .value = "N", .min = 1, .max = 1000000, .help = "which page"},
		{.name = "--per-page", .type = ARG_NUMBER, .value = "N", .min = 1, .max = DATA_PER_PAGE_MAX, .help = "rows of a page, 100 without"},
		{.name = "--csv", .type = ARG_FLAG, .help = "all rows that match, as CSV"}, {0}};

static const struct arg edit_args[] = {TABLE_ARG, {.name = "KEY", .required = true, .help = "as the list shows it, its first column"},
		{.name = "CHANGE", .required = true, .more = true, .help = "COLUMN=VALUE; COLUMN= takes away what is there"}, {0}};

const struct command table_commands[] = {
		{"list", NULL, list_args, command_list, NEEDS_DB, "the rows of any table, with search, filters and pages, or as CSV"},
		{"show", NULL, show_args, command_show, NEEDS_DB, "one row of any table, with all its columns"},
		{"edit", NULL, edit_args, command_edit, NEEDS_DB, "change a row of a table that has no command of its own for it"},
		{"table", "list", no_args, table_list, NEEDS_CONFIG, "which tables there are"},
		{"table", "columns", table_args, table_columns, NEEDS_CONFIG, "the columns of a table: their types, and what can be done by them"},
		{0},
};
