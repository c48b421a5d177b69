/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The data layer for a test: data_shell CONFIG reads a request as one line of JSON, answers with one, and so on.
 *
 *      {"op": "list", "scope": {"by": "account", "number": "45675001"}, "table": "cdrs", "search": "902080"}
 *      {"rc": "", "rows": [{"start_time": …, "_key": "1", "_version": ""}], "total": 1, …}
 *
 * op: tables, list, show, csv, update, insert, delete. rc: "" or the name of the errno, with its sentence in `error`. With "hex": true
 * the search, the values of filters and those of changes are bytes in hexadecimal, which JSON itself could not hold.
 */
#include "data/config.h"
#include "data/data.h"

#include <jansson.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const roles[] = {"viewer", "support", "admin", "contact", "account"}; /* by the bits of enum by */

static const char *text_of(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? s : "";
}

static void take_scope(const json_t *request, struct scope *s)
{
	const json_t *o = json_object_get(request, "scope");
	const char *by = text_of(o, "by"), *place = "a test";

	memset(s, 0, sizeof(*s));
	if (strcmp(by, "contact") == 0)
		scope_contact(s, json_integer_value(json_object_get(o, "customer")), json_integer_value(json_object_get(o, "contact")), "somebody", place);
	else if (strcmp(by, "account") == 0)
		scope_account(s, text_of(o, "number"), place);
	for (size_t i = 0; i < 3; i++)
		if (strcmp(by, roles[i]) == 0)
			scope_operator(s, 1 << i, by, place);
}

/* The bytes that a text has in hexadecimal. */
static json_t *bytes_of(const json_t *value)
{
	char bytes[16384];
	const char *hex = json_string_value(value);
	size_t n = 0;

	for (unsigned byte; hex && n < sizeof(bytes) && sscanf(hex + 2 * n, "%2x", &byte) == 1; n++)
		bytes[n] = (char)byte;
	return json_stringn_nocheck(bytes, n);
}

static void take_bytes(json_t *request)
{
	json_t *changes = json_object_get(request, "changes"), *value;
	const char *name;
	size_t i;

	if (!json_is_true(json_object_get(request, "hex")))
		return;
	if (json_object_get(request, "search"))
		json_object_set_new(request, "search", bytes_of(json_object_get(request, "search")));
	json_array_foreach (json_object_get(request, "filters"), i, value)
		json_array_set_new(value, 2, bytes_of(json_array_get(value, 2)));
	json_object_foreach (changes, name, value)
		json_object_set_new(changes, name, bytes_of(value));
}

static void take_query(const json_t *request, struct data_query *q)
{
	static const char *const ops[] = {"is", "begins", "has", "from", "until"};
	json_t *filter;
	size_t i;

	*q = (struct data_query){.search = text_of(request, "search"), .sort = text_of(request, "sort"),
			.descending = json_is_true(json_object_get(request, "descending")),
			.page = (unsigned)json_integer_value(json_object_get(request, "page")),
			.per_page = (unsigned)json_integer_value(json_object_get(request, "per_page"))};
	json_array_foreach (json_object_get(request, "filters"), i, filter) {
		struct data_filter *f = &q->filters[i < DATA_FILTERS_MAX ? i : 0];

		f->column = json_string_value(json_array_get(filter, 0));
		f->value = json_string_value(json_array_get(filter, 2));
		for (size_t op = 0; op < COUNT(ops); op++)
			if (strcmp(ops[op], json_string_value(json_array_get(filter, 1))) == 0)
				f->op = (enum filter_op)op;
		q->filter_count = i + 1;
	}
}

static size_t take_changes(const json_t *request, struct data_change changes[COLUMNS_MAX])
{
	json_t *all = json_object_get(request, "changes"), *value;
	const char *name;
	size_t n = 0;

	json_object_foreach (all, name, value)
		if (n < COLUMNS_MAX)
			changes[n++] = (struct data_change){name, json_string_value(value)};
	return n;
}

static json_t *cell(const char *text)
{
	return text ? json_string(text) : json_null();
}

static void answer_rows(json_t *answer, const struct data_rows *r)
{
	json_t *rows = json_array(), *row, *columns = json_array();

	for (size_t i = 0; i < r->column_count; i++)
		json_array_append_new(columns, json_string(r->columns[i]->name));
	for (size_t i = 0; i < r->count; i++) {
		row = json_pack("{s:s, s:s}", "_key", data_key(r, i), "_version", data_version(r, i));
		for (size_t k = 0; k < r->column_count; k++)
			json_object_set_new(row, r->columns[k]->name, cell(data_cell(r, i, k)));
		json_array_append_new(rows, row);
	}
	json_object_set_new(answer, "columns", columns);
	json_object_set_new(answer, "rows", rows);
	json_object_set_new(answer, "total", json_integer((json_int_t)r->total));
	json_object_set_new(answer, "more", json_boolean(r->more));
	json_object_set_new(answer, "page", json_integer(r->page));
}

static json_t *names(unsigned mask)
{
	json_t *array = json_array();

	for (size_t i = 0; i < COUNT(roles); i++)
		if (mask & 1u << i)
			json_array_append_new(array, json_string(roles[i]));
	return array;
}

static json_t *describe(const struct table *t)
{
	json_t *columns = json_array();

	for (const struct column *c = t->columns; c->name; c++)
		json_array_append_new(columns, json_pack("{s:s, s:s?, s:i, s:b, s:b, s:o, s:o, s:o, s:o, s:o}", "name", c->name, "store", c->store,
				"type", (int)c->type, "unsorted", c->unsorted, "only_filter", c->only_filter, "list", names(c->list), "show", names(c->show), "search",
				names(c->search), "edit", names(c->edit), "insert", names(c->insert)));
	return json_pack("{s:s, s:s?, s:b, s:b, s:b, s:o, s:o, s:o}", "name", t->name, "base", t->base, "versioned", t->version != NULL,
			"contact", t->of_customer || t->of_contact, "account", t->of_account != NULL, "insert", names(t->insert), "remove",
			names(t->remove), "columns", columns);
}

static void answer_tables(json_t *answer)
{
	json_t *all = json_array();

	for (size_t i = 0; tables[i]; i++)
		json_array_append_new(all, describe(tables[i]));
	json_object_set_new(answer, "tables", all);
}

static int answer_csv(json_t *answer, struct db *db, const struct scope *s, const struct table *t, const struct data_query *q)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	int rc = f ? data_csv(db, s, t, q, f) : -ENOMEM;

	if (f)
		fclose(f);
	json_object_set_new(answer, "csv", cell(text));
	free(text);
	return rc;
}

static int read_rows(json_t *answer, const json_t *request, struct db *db, const struct scope *s, const struct table *t)
{
	struct data_query q;
	struct data_rows rows;
	int rc;

	take_query(request, &q);
	if (strcmp(text_of(request, "op"), "csv") == 0)
		return answer_csv(answer, db, s, t, &q);
	if (strcmp(text_of(request, "op"), "show") == 0)
		rc = data_show(db, s, t, text_of(request, "key"), &rows);
	else
		rc = data_list(db, s, t, &q, &rows);
	answer_rows(answer, &rows);
	data_rows_free(&rows);
	return rc;
}

static void answer_problems(json_t *answer, const struct data_problems *problems)
{
	json_t *all = json_object();

	for (size_t i = 0; i < problems->count; i++)
		json_object_set_new(all, problems->list[i].column->name, json_string(problems->list[i].text));
	json_object_set_new(answer, "problems", all);
}

static int write_row(json_t *answer, const json_t *request, struct db *db, const struct scope *s, const struct table *t)
{
	const char *op = text_of(request, "op"), *key = text_of(request, "key"), *version = text_of(request, "version");
	struct data_change changes[COLUMNS_MAX];
	struct data_problems problems = {.count = 0};
	char made[CELL_TEXT_MAX + 1] = "";
	size_t n = take_changes(request, changes);
	int rc = -EINVAL;

	if (strcmp(op, "update") == 0)
		rc = data_update(db, s, t, key, version, changes, n, &problems);
	else if (strcmp(op, "insert") == 0)
		rc = data_insert(db, s, t, changes, n, &problems, made);
	else if (strcmp(op, "delete") == 0)
		rc = data_delete(db, s, t, key, version);
	answer_problems(answer, &problems);
	json_object_set_new(answer, "key", json_string(made));
	return rc;
}

static json_t *run(struct db *db, json_t *request)
{
	const char *op = text_of(request, "op");
	const struct table *t = table_find(text_of(request, "table"));
	json_t *answer = json_object();
	struct scope scope;
	int rc = 0;

	take_bytes(request);
	take_scope(request, &scope);
	if (strcmp(op, "tables") == 0)
		answer_tables(answer);
	else if (!t)
		rc = -ENOENT;
	else if (strcmp(op, "list") == 0 || strcmp(op, "show") == 0 || strcmp(op, "csv") == 0)
		rc = read_rows(answer, request, db, &scope, t);
	else
		rc = write_row(answer, request, db, &scope, t);
	json_object_set_new(answer, "rc", json_string(rc ? strerrorname_np(-rc) : ""));
	json_object_set_new(answer, "error", json_string(rc ? data_error(db) : ""));
	return answer;
}

static int serve(struct db *db)
{
	char *line = NULL;
	size_t size = 0;
	json_error_t error;
	json_t *request, *answer;

	while (getline(&line, &size, stdin) > 0) {
		request = json_loads(line, 0, &error);
		answer = request ? run(db, request) : json_pack("{s:s}", "rc", error.text);
		json_dumpf(answer, stdout, JSON_COMPACT);
		putchar('\n');
		fflush(stdout);
		json_decref(answer);
		json_decref(request);
	}
	free(line);
	return 0;
}

int main(int argc, char **argv)
{
	struct config config;
	struct db *db = NULL;
	char error[512] = "";
	int rc = argc == 2 ? config_read(&config, argv[1], error, sizeof(error)) : -EINVAL;

	if (rc == 0)
		rc = data_open(&db, &config, error, sizeof(error));
	if (rc) {
		fprintf(stderr, "data_shell CONFIG: %s\n", error);
		return 1;
	}
	rc = serve(db);
	data_close(db);
	return rc;
}
