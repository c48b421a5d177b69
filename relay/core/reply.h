/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing what the ng protocol carries: a command writes its reply once, and it becomes bencode or JSON, as the request came.
 *
 *      struct reply w;
 *      reply_start(&w, encoding, out);              // the reply's dictionary is open
 *      reply_put_string(&w, "result", TEXT("ok"));
 *      reply_open_list(&w, "calls");
 *      reply_string(&w, call->id);
 *      reply_close(&w);
 *      reply_finish(&w);                            // closes whatever is open
 *
 * Entries keep the order in which they are written. What does not fit, or finds no memory, sets out->failed, looked at once at the end.
 * Strings may hold any byte. JSON can carry text alone: a byte that is not part of valid UTF-8 is written as the character of
 * that number (as in Latin-1), so that the "é" of an old device stays one; bencode carries the bytes as they are.
 */
#ifndef RELAY_CORE_REPLY_H
#define RELAY_CORE_REPLY_H

#include "out.h"

enum ng_encoding { NG_BENCODE = 0, NG_JSON };

#define REPLY_DEPTH_MAX 31 /* dictionaries and lists inside one another; one more sets out->failed */

struct reply {
	struct out *out;
	uint8_t encoding; /* enum ng_encoding */
	uint8_t depth;    /* how many are open */
	bool after_key;   /* a value belongs to the key just written */
	uint32_t lists;   /* bit n: the one at depth n is a list, else a dictionary */
	uint32_t filled;  /* bit n: it has an entry already (JSON wants a comma) */
};

/* Starts at the end of what is in `out` (a cookie and a space may stand there), with the outermost dictionary open. */
void reply_start(struct reply *w, enum ng_encoding encoding, struct out *out);
/* Closes everything that is open. */
void reply_finish(struct reply *w);

/* A key of the dictionary that is open; one value must follow. */
void reply_key(struct reply *w, struct text key);

/* Values: after a key, or in a list. */
void reply_string(struct reply *w, struct text value);
void reply_integer(struct reply *w, int64_t value);
void reply_dict(struct reply *w); /* opens one */
void reply_list(struct reply *w); /* opens one */
void reply_close(struct reply *w); /* what was opened last */

/* Key and value in one. Here, so that the length of a key is known when it is compiled. */
static inline void reply_put_string(struct reply *w, const char *key, struct text value)
{
	reply_key(w, text_of(key));
	reply_string(w, value);
}
static inline void reply_put_integer(struct reply *w, const char *key, int64_t value)
{
	reply_key(w, text_of(key));
	reply_integer(w, value);
}
static inline void reply_open_dict(struct reply *w, const char *key)
{
	reply_key(w, text_of(key));
	reply_dict(w);
}
static inline void reply_open_list(struct reply *w, const char *key)
{
	reply_key(w, text_of(key));
	reply_list(w);
}

/*
 * A place to come back to, so that an optional part can be taken out again when the reply grows too long for a datagram: mark
 * before it, write it, close it, and cut if it was too much. Cutting lifts a failure of the part, but not an earlier one.
 */
struct reply_mark {
	struct reply state;
	size_t at;
	bool failed;
};

struct reply_mark reply_mark(const struct reply *w);
void reply_cut(struct reply *w, const struct reply_mark *to);

#endif
