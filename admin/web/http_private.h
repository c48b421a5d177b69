/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the HTTP server (http*.c) share; http.h is for all others. */
#ifndef AETA_WEB_HTTP_PRIVATE_H
#define AETA_WEB_HTTP_PRIVATE_H

#include "answer.h"
#include "web.h"

#include <microhttpd.h>
#include <sys/socket.h>

#define HTTP_ADDRESS_SIZE 46 /* INET6_ADDRSTRLEN */

/* ---- whom a request comes from (http_from.c) ---- */

/* The other end of the connection; NULL: it has none. */
const struct sockaddr *http_from(struct MHD_Connection *c);
/* The same as text; "?" where there is none. */
void http_peer(struct MHD_Connection *c, char out[HTTP_ADDRESS_SIZE]);
/*
 * The last address of the last X-Forwarded-For: what our proxy has seen. Those before it anybody could have written. Without one it is
 * "?", nobody's: never the proxy's own, which is often this machine's. False: there is no such header.
 */
bool http_forwarded(struct MHD_Connection *c, char out[HTTP_ADDRESS_SIZE]);

/* ---- answers (http_answer.c) ---- */

/* What the answer holds is libmicrohttpd's from then on, or gone. */
enum MHD_Result http_send(const struct web *web, struct MHD_Connection *c, struct answer *a);

#endif
