/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Comma-separated values (RFC 4180), read from memory and written to a stream; no database, no file is opened here.
 *
 * A spreadsheet takes a field that begins with = + - @ TAB CR or LF for a formula (or may), and leaves it out or runs it. Such a
 * field, and one that begins with an apostrophe, is written with an apostrophe before it, and an apostrophe before one of these
 * characters is taken off when it is read: what is written and read again is the same text.
 */
#ifndef AETA_ADMIN_CSV_H
#define AETA_ADMIN_CSV_H

#include <stddef.h>
#include <stdio.h>

#define CSV_FIELDS_MAX 32   /* of a row */
#define CSV_ROW_MAX    8192 /* bytes of a row's fields, each with its NUL */

enum csv_found {
	CSV_END, /* no more rows */
	CSV_ROW, /* a row: `line`, `fields`, `field` */
	CSV_BAD  /* `line` is no row that can be used: `wrong`; the next call goes on behind it */
};

struct csv {
	size_t line;                 /* where the row begins, from 1 */
	size_t fields;
	char *field[CSV_FIELDS_MAX]; /* UTF-8 without NUL; good until the next call */
	const char *wrong;           /* a sentence; constant */
	size_t wrong_field;          /* the field that it speaks of, from 0 */
	/* private */
	const char *at, *end;
	size_t next_line, used;
	char separator, text[CSV_ROW_MAX];
};

/*
 * Begins to read `n` bytes, which must stay until the last row was read. A byte order mark is left out. The separator is the
 * first comma, semicolon or TAB of the first line (spreadsheets of many countries write semicolons), a comma if it has none.
 */
void csv_begin(struct csv *c, const char *bytes, size_t n);

/* The next row. Rows end with LF, CR LF or CR; those that have nothing in any field are left out. */
enum csv_found csv_next(struct csv *c);

/* Writes a row, with commas and CR LF. NULL is an empty field. Errors: ferror(f). */
void csv_write(FILE *f, const char *const *fields, size_t count);

#endif
