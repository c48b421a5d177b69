/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A world (world.h) and requests about its calls in words, for tests of whole calls. */
#ifndef AETA_TESTS_CALLS_H
#define AETA_TESTS_CALLS_H

#include "world.h"

#define SDP_HEAD "v=0\r\no=- 1 1 IN IP4 198.51.100.7\r\ns=-\r\nc=IN IP4 198.51.100.7\r\nt=0 0\r\n"
#define SDP_AUDIO SDP_HEAD "m=audio 6000 RTP/AVP 8\r\n"
#define SDP_VIDEO SDP_AUDIO "m=video 6002 RTP/AVP 96\r\n"
#define NO_SDP ((struct text){"", 0})

extern struct world world;

void calls_begin(void);
/* Nothing may be wrong, or left. */
void calls_end(void);

/*
 * About call `id`: "COMMAND FROM-TAG TO-TAG VIA-BRANCH DELETE-DELAY"; a "-" and what is missing at the end are left out, "_" in the
 * command is a space. `more`: further keys, as bencode. The reply's dictionary; empty: there was none.
 */
struct text calls_ask(const char *id, const char *words, struct text sdp, const char *more);
/* The same; was it "ok"? */
bool calls_ok(const char *id, const char *words, struct text sdp);
bool calls_is_ok(struct text reply);

#endif
