/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the pages of calls that go on share: page_calls.c, page_call.c, page_testcodec.c. */
#ifndef AETA_WEB_PAGE_CALLS_H
#define AETA_WEB_PAGE_CALLS_H

#include "web.h"

#include "live/live.h"

#define CALL_ID_MAX     24
#define CALL_CALLER_MAX 18

/* Seconds since "YYYY-MM-DD HH:MM:SS"; -1: that is no time. */
long long call_seconds(const char *utc);
/* What agents write there may be anything; accounts have digits. */
bool call_is_number(const char *s);
/* Why the media takes its path, from the reasons of the record (NULL: none). */
void call_why(struct html *h, const char *reasons);
/*
 * Ends the call of the id `text`, if the scope sees it, and notes it in the audit. 0; -ENOENT; -EINVAL if another one than `callee` has
 * answered it (NULL: whoever has); or an error of the running service with its sentence in `live`.
 */
int call_end(struct request *r, struct live *live, const char *text, const char *callee);

#endif
