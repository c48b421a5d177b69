/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way back after a login: to the page that was asked for before it, and to none but a page of ours. */
#ifndef AETA_WEB_BACK_H
#define AETA_WEB_BACK_H

#include "web.h"

#define BACK      "back" /* the parameter of the login pages, */
#define BACK_LOST "lost" /* and that something was sent that was not stored: "1" */
#define BACK_MAX  400    /* bytes of an address, with its query */

/*
 * Is that the address of a page (path and query, encoded, as a browser asks for it) that one of `who` may get? One "/" at its begin and no
 * other host behind it, no backslash, nothing that ends a header; a path of the table of routes that is not there for everybody.
 */
bool back_is_page(const char *address, unsigned who);

/*
 * The address to come back to from a request that needs a login: itself; of a change, the page with its form; "" where there is none.
 * `path` and `query` (`query_length` bytes, may be NULL) as they came, still encoded.
 */
void back_of(const char *method, const char *path, const char *query, size_t query_length, char out[BACK_MAX + 1]);

/* The answer: to a page of login, which leads to `back` ("": to where it always does). */
int back_to_login(struct request *r, const char *login, const char *back, bool lost);

#endif
