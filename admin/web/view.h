/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists, single rows and forms as pages, from the descriptions of the data layer: nothing here knows a table. What is read comes in
 * as data_rows, what a user sent as fields; this writes HTML only. Addresses, with PATH of the view:
 *
 *	PATH?q=&f.COLUMN=&from.COLUMN=&until.COLUMN=&sort=COLUMN|-COLUMN&page=     PATH.csv with the same
 *	PATH/new    PATH/KEY    PATH/KEY/edit    PATH/KEY/delete
 */
#ifndef AETA_WEB_VIEW_H
#define AETA_WEB_VIEW_H

#include "data/data.h"
#include "html.h"
#include "layout.h"

#include <stdbool.h>

/* What a user sent, whoever read it: `get` returns NULL for what was not sent. */
struct fields {
	const char *(*get)(const void *from, const char *name);
	const void *from;
};

static inline const char *field_get(const struct fields *f, const char *name)
{
	return f && f->get ? f->get(f->from, name) : NULL;
}

/* Where a table is shown, and what its list offers as filters. */
struct view {
	const char *table;   /* of describe.h */
	const char *path;
	const char *about;   /* a sentence under the heading; NULL: none */
	const char *filters; /* names of columns, with blanks between; NULL: only the search field */
	bool no_search;      /* too many rows for a search in all columns */
	unsigned add;        /* enum by: PATH/new is a page of its own, for those; 0: as the table says */
	const char *empty;   /* what to do where there is no row at all; NULL: nothing to say */
};

extern const struct view views[]; /* those of operators, ended by a row without a table */
const struct view *view_of(const char *table); /* NULL: none */
/* Where that scope sees the table: as operators do, or a technical contact on the pages of its own; NULL: nowhere. */
const struct view *view_for(const struct scope *s, const char *table);
const struct table *view_table(const struct view *v);
bool view_is_watched(const struct view *v); /* the running service changes its rows: list and row look again by themselves */
/* Columns that its list leaves to the CSV and the row's own page, names with blanks between; NULL: none. */
const char *view_unlisted(const struct view *v);

/* ---- lists (view_list.c) ---- */

/*
 * The query that the fields say, of what the scope may search and sort by; the rest is left out. Its texts are those of the fields.
 * 0; -EINVAL: more filters than DATA_FILTERS_MAX, and to leave some out would answer another question.
 */
int view_query(const struct view *v, const struct scope *s, const struct fields *f, struct data_query *q);
/* A whole page but for the frame; the title is the caller's. `refused`: what is wrong with the query; NULL: nothing. */
void view_list(struct html *h, const struct view *v, const struct scope *s, const struct data_query *q, const struct data_rows *rows,
		const char *refused);
/* Only the table, e.g. of a group's accounts on the page of the group; none of the columns in `without` (names with blanks; NULL). */
void view_table_of(struct html *h, const struct scope *s, const struct data_rows *rows, const char *without);
/* The address of a list with this query; `page` 0 leaves it out. */
void view_list_url(struct url *u, const char *path, const struct data_query *q, unsigned page);

/* ---- one row (view_show.c) ---- */

/* A value as it is shown: a label, a link, a time ... */
void view_value(struct html *h, const struct scope *s, const struct column *c, const char *value);
/* What a word of a TYPE_WORD column means. */
const char *view_word(const struct column *c, const char *word, char room[CELL_TEXT_MAX + 1]);
/* What a row is called, e.g. as a heading: "Group 4567". */
void view_title(const struct table *t, const struct data_rows *rows, char *out, size_t size);
/* A link to a row of the view, and to a page of it ("edit"; NULL: the row itself). */
void view_link(struct html *h, const struct view *v, const char *key, const char *page, const char *label);
/* The same as a button of that class. */
void view_button(struct html *h, const struct view *v, const char *key, const char *page, const char *class_name, const char *label);
/* The page stands under the list ... */
void view_under(struct page *page, const struct view *v);
/* ... or under row 0 of it; `room` lives as long as the page. */
struct view_above {
	struct url url;
	char label[CELL_TEXT_MAX];
};
void view_under_row(struct page *page, const struct view *v, const struct data_rows *rows, struct view_above *room);
/* Facts of row 0. */
void view_facts(struct html *h, const struct scope *s, const struct data_rows *rows);
/* What can be done with a row of a table beside: PATH/KEY/page, for those. */
struct view_act {
	const char *table, *page, *label, *class_name;
	unsigned by; /* enum by */
};

/* What deleting a row is called, on buttons: "Delete", "End". */
const char *view_removal(const struct table *t);
/* Buttons to change and to delete it, and those of `more` (ended by a row without a table; NULL: none), as far as the scope may. */
void view_actions(struct html *h, const struct view *v, const struct scope *s, const struct data_rows *rows, const struct view_act *more);

/* ---- forms (view_form.c) ---- */

/* What a column that refers to another table may choose from. */
struct view_choices {
	const struct column *column;
	const struct data_rows *rows; /* NULL: too many, a name is typed (VIEW_FIND) */
	bool all;                     /* `rows` are all there are; else those that what was typed finds */
	const struct data_rows *const *named; /* single rows whose names the form knows, ended by NULL; NULL: none */
};

struct view_form {
	const struct page *page;
	const struct view *view;
	const struct scope *scope;
	const struct data_rows *row;   /* as it is now; NULL: a new one */
	const struct fields *sent;     /* what was sent and is shown again; NULL: nothing yet */
	const struct data_problems *problems; /* NULL: none */
	const char *refused;           /* a sentence that concerns no field; NULL: none */
	const struct view_choices *choices;
	size_t choice_count;
};

/* A form to change or add a row. */
void view_edit(struct html *h, const struct view_form *form);
/*
 * Somebody else has changed the row since it was read: what was, is and should be, of the columns that either has changed; and the form
 * again, with the user's changes to the row as it is now (`form->row`).
 */
void view_stale(struct html *h, const struct view_form *form);
/* Really? `form->row` is what would go. */
void view_delete(struct html *h, const struct view_form *form, const char *warning);
/*
 * The values that a form sent, of the columns that the scope may set, without those that it was shown and left alone: for data_update() and
 * data_insert(). Returns their number.
 */
size_t view_changes(const struct table *t, const struct scope *s, bool is_new, const struct fields *sent, struct data_change changes[COLUMNS_MAX]);

/* A field with label, help and problem, for forms that no table describes. `type` is that of <input>; `value` NULL: empty. */
struct view_field {
	const char *name, *label, *type, *value, *help, *problem;
	const char *sentence; /* a whole one in place of label and problem; the field gets the focus; NULL: none */
	bool required;
	bool plain; /* the label has no mark of what is required: all is */
	bool focus;
	size_t max; /* characters; 0: any number */
	const char *autocomplete; /* NULL: off */
};
void view_input(struct html *h, const struct view_field *f);
/* The same to choose from: values and labels in turn, ended by NULL. `type` is not used. */
void view_select(struct html *h, const struct view_field *f, const char *const *options);

#define VIEW_FIND    "find." /* before the name of a column: the name, or its beginning, of the row that it shall refer to */
#define VIEW_VERSION "version"
#define VIEW_WAS     "was." /* before the name of a column: the value that the form showed */
#define VIEW_SWITCH  "has." /* before the name of a checkbox: one that is not ticked is not sent */

#endif
