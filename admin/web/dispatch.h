/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a request to its route's handler: is there one, who may, is what came declared, does it come from a page of ours. */
#ifndef AETA_WEB_DISPATCH_H
#define AETA_WEB_DISPATCH_H

#include "answer.h"
#include "web.h"

/* What came in, as it came. */
struct incoming {
	const char *method, *path; /* still encoded, without the query */
	char *query, *body;        /* decoded where they stand; each with a byte more than its length; NULL: none */
	size_t query_length, body_length;
	bool too_long, forwarded; /* a proxy has passed it on */
	const char *cookie, *host, *origin, *site, *content_type, *user_agent, *hx_request, *hx_trigger; /* headers; NULL: none */
	char address[46];
};

/* Answers, always; the caller frees a->body. */
void dispatch(struct web *web, struct incoming *in, struct answer *a);

/* The session cookie's name without its prefix. */
#define SESSION_COOKIE "aeta"

/* All routes as JSON, for tests: [{method, path, who: [...], fields: [...]}]. */
void dispatch_print_routes(void);

#endif
