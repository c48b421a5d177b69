/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a column of a form can choose from, where it refers to the rows of another table: all of them; or, of a table of too many, those
 * that what was typed finds. Works without scripts: a name, or its beginning, is typed and sent; where it fits several rows the form comes
 * back with these to choose from.
 */
#ifndef AETA_WEB_PAGE_CHOICES_H
#define AETA_WEB_PAGE_CHOICES_H

#include "view.h"
#include "web.h"

#include "data/data.h"

/* What was, is, and should be: whose names a form shows. */
#define CHOICE_KEYS 3

struct choice {
	struct view_choices view;           /* for the form: `rows` are of this */
	struct data_rows rows;              /* all, or those that were found */
	struct data_rows named[CHOICE_KEYS];
	const struct data_rows *names[CHOICE_KEYS + 1];
	char key[CELL_TEXT_MAX + 1];        /* of the row that was found by what was typed; "": none was */
};

/*
 * Finds the row that was typed as `typed` ("" : nothing was): c->key, or a problem: a sentence without its subject, as at fields. Where
 * several fit, they are in c->rows. 0 or -errno; `*problem` is empty where there is none. Before choice_read().
 */
int choice_find(struct request *r, struct choice *c, const struct column *column, const char *typed, char problem[PROBLEM_SIZE]);

/* Reads what the form has to have: all rows, or the names of these keys (NULL or "": none). 0 or -errno. */
int choice_read(struct request *r, struct choice *c, const struct column *column, const char *const keys[CHOICE_KEYS]);

void choice_free(struct choice *c);

#endif
