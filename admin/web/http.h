/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP by libmicrohttpd: a thread for each connection, so that one that waits (for the database, for argon2id) holds up no other. */
#ifndef AETA_WEB_HTTP_H
#define AETA_WEB_HTTP_H

#include "web.h"

struct MHD_Daemon;

/* What it needs of files, which is read before root is given up. */
struct http_keys {
	char *certificate, *key; /* PEM; owned; NULL without TLS */
};

int http_keys_read(struct http_keys *k, const struct settings *s, char *error, size_t size);
void http_keys_free(struct http_keys *k);

/* A socket that listens as the settings say, or the one that systemd has passed. A descriptor, or -errno with a sentence. */
int http_listen(const struct settings *s, char *error, size_t size);

/* Begins to answer; `fd` is its own from here. NULL: it does not start (stderr says why). */
struct MHD_Daemon *http_start(struct web *web, const struct http_keys *k, int fd);

/* Shuts connections down that take too long to send a request, or hardly take an answer; to be called every few seconds while it runs. */
void http_sweep(struct web *web);

/* No new connections; waits until what is under way is answered, `wait_s` seconds at most; ends the rest. */
void http_stop(struct web *web, struct MHD_Daemon *daemon, unsigned wait_s);

#endif
