/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each thing that is shown or changed is described once, in tables*.c: list, search, form, validation, CSV and SQL come from
 * that description. Everything here is constant, so that no name that a user writes ever gets into SQL text.
 */
#ifndef AETA_ADMIN_DESCRIBE_H
#define AETA_ADMIN_DESCRIBE_H

#include "scope.h"

#include <stdbool.h>
#include <stddef.h>

#define COLUMNS_MAX    32   /* of a table */
#define CELL_TEXT_MAX  1024 /* bytes of a value that is written */
#define PROBLEM_SIZE   160

enum column_type {
	TYPE_TEXT,   /* min..max characters, one line; min 0: may be empty */
	TYPE_NUMBER, /* min..max */
	TYPE_SWITCH, /* 1 or 0; also read: on, off, yes, no, true, false */
	TYPE_WORD,   /* one of `words` */
	TYPE_TIME,   /* UTC, "YYYY-MM-DD HH:MM:SS"; also read: without seconds, with T, a date alone (its end, 23:59:59) */
	TYPE_DIGITS, /* min..max digits, such as the number of an account */
	TYPE_EMAIL,  /* one address */
	TYPE_BYTES   /* what an agent wrote: shown, never trusted, never written */
};

struct column {
	const char *name;  /* in JSON, CSV, forms */
	const char *label; /* at the field, in the head of a list */
	const char *sql;   /* the expression that is shown and searched */
	const char *store; /* the column of the base table that is written; NULL: never */
	enum column_type type;
	long long min, max;
	const char *words;      /* TYPE_WORD: "auto|always|never" */
	const char *word_labels; /* what they mean, likewise; NULL: the words themselves */
	bool lines;             /* TYPE_TEXT of many lines: shown with them, never written by a form */
	bool names;             /* TYPE_NUMBER: it names something and is no quantity, such as a prefix */
	const char *zero;       /* TYPE_NUMBER: what 0 means, where it is no quantity either; NULL: 0 */
	bool plain;             /* word_labels are sentences: shown as text, however short */
	bool reasons;           /* words of reasons.h, shown as their sentences */
	bool nullable;          /* an empty text is written as NULL */
	bool optional;          /* an empty text is right, and written as such */
	bool unsorted;          /* a list is not sorted by it: too many rows, no index */
	bool by_end;            /* TYPE_DIGITS: the search finds it by its last four digits or more, too: a table of few rows */
	bool only_filter;       /* a filter may name it, but the search in all columns leaves it out, for the same reason */
	const char *with;       /* a switch of the same table, without which it means nothing */
	const char *refers;     /* its value is the key of a row of this table, */
	bool anybodys;          /* ... be it in the scope or not */
	const char *help;       /* a sentence for the form; NULL: the label says all */
	const char *initial;    /* in the form of a new row; NULL: empty */
	unsigned list, show, search, edit, insert; /* enum by, or-ed: who may; `search`: also filter */
};

struct table {
	const char *name;         /* in URLs, in JSON: "groups" */
	const char *noun;         /* in the audit, as aetactl's commands: "group"; of those that are written */
	const char *label, *one;  /* "Groups", "Group" */
	const char *from;         /* FROM, with aliases */
	const char *base, *alias; /* what is written, as `from` calls it: "aeta_group", "g"; NULL: nothing */
	const char *key;          /* the expression that names a row, unique */
	const char *find;         /* a condition with ? for the key, once or more; NULL: key = ? */
	const char *version;      /* the expression; NULL: rows do not change, or nobody's change can be lost */
	const char *key_of;       /* names of the columns that make the key of a new row, with - between them: "prefix-number"; NULL: AUTO_INCREMENT */
	const char *title;        /* name of the column that calls a row by its name */
	const char *only;         /* a condition that all of its rows meet; NULL: all there are */
	const char *of_customer;  /* condition with ? for the customer, once or more; NULL: BY_CONTACT sees nothing, */
	const char *of_contact;   /* ... but where this one holds, with ? for the contact itself */
	const char *of_account;   /* likewise with the number */
	const char *sort;         /* name of the column that lists are sorted by at first */
	bool descending;
	const char *then;         /* what makes the order of equal rows certain: a unique expression */
	const char *removal;      /* what removing a row is called; NULL: "Delete" */
	unsigned insert, remove;  /* enum by: who may add and delete rows by data_insert() and data_delete() */
	const struct column *columns; /* ended by a row without a name */
};

extern const struct table *const tables[]; /* ended by NULL */

const struct table *table_find(const char *name);                                     /* NULL: none */
const struct column *column_find(const struct table *t, const char *name);            /* NULL: none */
bool table_visible(const struct table *t, const struct scope *s);                     /* any row could be seen */
bool table_editable(const struct table *t, const struct scope *s);                    /* any column may be edited */

/*
 * Checks a value that a user wrote and brings it into the form that is stored: `out` holds CELL_TEXT_MAX + 1 bytes.
 * Returns 0, or -EINVAL with a sentence in `why`. Empty for a nullable or optional column is right, and stays empty. Pure.
 */
int column_check(const struct column *c, const char *text, char *out, char why[PROBLEM_SIZE]);

#endif
