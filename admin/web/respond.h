/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers of handlers; exactly one for each request. They return 0, so that a handler can end with one. */
#ifndef AETA_WEB_RESPOND_H
#define AETA_WEB_RESPOND_H

#include "web.h"

#include <stdio.h>

/* What is written into r->body is the page (layout.h begins and ends it). */
int respond_page(struct request *r, unsigned status);

#define RESPOND_PATH_MAX 1500 /* bytes */

/* Only a path of this server: one slash, and nothing that a browser would take for another host or a header's end. */
bool respond_is_path(const char *s);

/* 303 to a path of ours, at most RESPOND_PATH_MAX long (else to "/"); a browser that asked for a part of a page loads the other page whole. */
int respond_to(struct request *r, const char *path);

/* Plain text, or another type; copied. */
int respond_text(struct request *r, unsigned status, const char *text);
int respond_bytes(struct request *r, unsigned status, const char *type, const void *bytes, size_t length);

/* A file for the browser to keep, such as a CSV; takes over `bytes`, which it frees. `name`: letters, digits, . _ - only. */
int respond_download(struct request *r, const char *type, const char *name, char *bytes, size_t length);

/*
 * The same of any length, without its being in memory: what was written to `f`, of tmpfile() for example, which is closed in any case.
 * Returns -EIO where it could not be written.
 */
int respond_file(struct request *r, const char *type, const char *name, FILE *f);

/* A page that says what is wrong in one sentence. */
int respond_error(struct request *r, unsigned status, const char *sentence);

/* A cookie that lasts as long as the browser runs (value NULL: takes it away). At most two an answer. */
void respond_cookie(struct request *r, const char *name, const char *value);

/* One that lasts a year: for what is no secret. */
void respond_cookie_for_long(struct request *r, const char *name, const char *value);

/* Every answer but the fingerprinted files is not kept by anybody; this one is, for a year. */
void respond_keep(struct request *r);

#endif
