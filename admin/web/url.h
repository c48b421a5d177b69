/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A path and query under construction, for addresses whose parts only the run time knows: url_begin(&u, "/cdrs"), then
 * url_segment() and url_add() for each. What does not fit is cut off whole (no half a parameter), and `cut` says so.
 */
#ifndef AETA_WEB_URL_H
#define AETA_WEB_URL_H

#include <stdbool.h>
#include <stddef.h>

struct url {
	char text[2048];
	size_t length;
	bool asked; /* a "?" was written */
	bool cut;
};

/* `path` is one of this program's own, written as it is. */
void url_begin(struct url *u, const char *path);
/* A "/" and `segment`, percent-encoded, so that it stays one segment. Before the first url_add(). */
void url_segment(struct url *u, const char *segment);
/* Name and value are percent-encoded; a NULL or empty value adds nothing. */
void url_add(struct url *u, const char *name, const char *value);

/* A byte that stands for itself in every part of an address. */
bool url_is_unreserved(unsigned char c);
/* Of this site, whoever reads it: it begins with one "/", "?" or "#". */
bool url_is_local(const char *url);

#endif
