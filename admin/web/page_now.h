/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the pages of the running service share. */
#ifndef AETA_WEB_PAGE_NOW_H
#define AETA_WEB_PAGE_NOW_H

#include "live/live.h"
#include "web.h"

/* The running Kamailio, for one request. */
struct live now_live(const struct request *r);

/* The number of the test codec. */
const char *now_test_codec(const struct request *r);

/* A page with a message first; NULL: none. The caller writes the rest and ends with now_end(). */
void now_begin(struct request *r, struct page *page, const char *title, enum message_kind kind, const char *message);
int now_end(struct request *r, const struct page *page, unsigned status);

/* Opens a part of a page that htmx asks for anew, by its own address, every some seconds; the caller closes it. */
void now_part(struct html *h, const char *address);

/* When this was looked at, and a link to look again, for browsers without JavaScript. `path` is that of the page. */
void now_refresh(struct html *h, const char *path);

/* An act upon the running service: its row of the audit is written before it is done. Returns as data_update(). */
int now_audit(struct request *r, const char *action, const char *object, const char *detail);

#endif
