/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables of what no description of the data layer knows, such as the running service, in the looks of the lists (view.h): cards on a
 * phone, where each cell bears its label.
 *
 *	struct listing l = {h, columns};
 *	listing_begin(&l, "Bans");
 *	for each: listing_row(&l); listing_text(&l, source); listing_cell(&l); ... html_close(h);
 *	listing_end(&l);
 */
#ifndef AETA_WEB_LISTING_H
#define AETA_WEB_LISTING_H

#include "html.h"

struct listing_column {
	const char *label;      /* "": no head, e.g. over buttons; NULL ends the columns */
	const char *class_name; /* of its cells: number, word, time, digits; NULL: none */
};

struct listing {
	struct html *h;
	const struct listing_column *columns;
	unsigned at; /* private: the column that comes next */
	int depth;   /* private */
};

/* `caption` is read out, and shown above the table. */
void listing_begin(struct listing *l, const char *caption);
void listing_row(struct listing *l); /* ends the one before */
void listing_cell(struct listing *l); /* opens the next cell; to be closed */
void listing_text(struct listing *l, const char *text); /* a whole cell; NULL or "" is shown as a dash */
void listing_number(struct listing *l, long long n); /* negative: not known */
void listing_time(struct listing *l, const char *utc); /* "YYYY-MM-DD HH:MM:SS" or with T and Z */
void listing_end(struct listing *l);

/* A time as an element, for machines too; NULL or "" is a dash. */
void put_time(struct html *h, const char *utc);
/* The same with its zone, where no head of a column says it. */
void put_utc(struct html *h, const char *utc);
/* A link to the account of a number; what is no number is text. */
void put_number(struct html *h, const char *number);
/* How long: "45 s", "12 min", "3 h 20 min", "2 d 4 h". Negative: a dash. */
void put_duration(struct html *h, long long seconds);
/* relayed or direct, as a badge. */
void put_path(struct html *h, const char *path);

#endif
