/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads HTML back, as strictly as admin/web/html.c writes it, into a journal of what a browser would see:
 *
 *	<div:             an element begins
 *	=class:number     its attribute, and the value
 *	":some text       a text
 *	>div:             the element ends
 *
 * A record is a line; line ends and backslashes of values are written as "\n" and "\\", so no value can look like another record.
 */
#ifndef AETA_TESTS_HTML_READER_H
#define AETA_TESTS_HTML_READER_H

#include <stdbool.h>
#include <stddef.h>

struct journal {
	char *data; /* owned */
	size_t length, room;
	bool text_last; /* the last record is a text: another one would be part of it */
};

/* Frees what the journal holds. */
void journal_free(struct journal *j);
/* A record; `value` has `length` bytes. Texts after one another become one; an empty one is none. Memory is had, or the program stops. */
void journal_add(struct journal *j, char kind, const char *name, const char *value, size_t length);

/* The journal of `html`; false: it is not as html.c writes, `*at` says where. */
bool html_read(struct journal *j, const char *html, size_t length, size_t *at);

#endif
