/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pages that every table has, from its description: list, CSV, one row, new, edit, delete. What a route is about is the name of
 * its table; which parameters it takes follows from the table's columns.
 */
#include "page_tables.h"

#include "routes.h"
#include "view.h"

#include <string.h>

/* ---- parameters ---- */

/* Where whoever asks sees the table of the route. */
const struct view *page_table_view(const struct request *r)
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

/* What a form takes: its columns, what it showed of each, for each switch that it was there, names of rows that were typed. */
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
	else if (!strncmp(name, VIEW_FIND, strlen(VIEW_FIND)))
		column += strlen(VIEW_FIND);
	return column_find(t, column) ? declare(room, name, TYPED_MAX) : NULL;
}

/* A parameter that was sent, for the views; NULL: it was not, or the route does not take it. */
static const char *get_param(const void *from, const char *name)
{
	const struct request *r = from;

	return params_find(&r->params, name);
}

struct fields page_table_sent(const struct request *r)
{
	return (struct fields){get_param, r};
}

/* ---- routes ---- */

static const struct field key_fields[] = {{"key", FIELD_LINE, PAGE_KEY_MAX}, {0}};

#define READ_ROUTES(path, table, who) \
	ROUTE_GET(path, who, page_table_list, .more = page_table_field, .about = table), ROUTE_GET(path ".csv", who, page_table_csv, .more = page_table_field, .about = table)

#define ROW_ROUTE(path, table, who) ROUTE_GET(path "/:key", who, page_table_row, .fields = key_fields, .about = table)

#define NEW_ROUTES(path, table) \
	ROUTE_GET(path "/new", MAY_WRITERS, page_table_new, .more = form_field, .about = table), \
			ROUTE_POST(path "/new", MAY_WRITERS, page_table_add, .more = form_field, .about = table)

#define EDIT_ROUTES(path, table) \
	ROUTE_GET(path "/:key/edit", MAY_WRITERS, page_table_edit, .fields = key_fields, .more = form_field, .about = table), \
			ROUTE_POST(path "/:key/edit", MAY_WRITERS, page_table_save, .fields = key_fields, .more = form_field, .about = table)

#define DELETE_ROUTES(path, table) \
	ROUTE_GET(path "/:key/delete", MAY_WRITERS, page_table_delete, .fields = key_fields, .more = form_field, .about = table), \
			ROUTE_POST(path "/:key/delete", MAY_WRITERS, page_table_gone, .fields = key_fields, .more = form_field, .about = table)

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
