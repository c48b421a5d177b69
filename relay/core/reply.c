/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reply.h"

#include "utf8.h"


static uint32_t bit(const struct reply *w)
{
	return 1u << w->depth;
}

/* ---- strings ---- */

/* A byte that cannot go out as it is. */
static void json_byte(struct out *o, unsigned char c)
{
	static const char names[] = "btn?fr"; /* 8..13; 11 has no letter */
	char bytes[4];

	if (c >= 0x80) {
		out_add(o, (struct text){bytes, utf8_write(c, bytes)});
	} else if (c == '"' || c == '\\') {
		out_char(o, '\\');
		out_char(o, (char)c);
	} else if (c >= 8 && c <= 13 && c != 11) {
		out_char(o, '\\');
		out_char(o, names[c - 8]);
	} else {
		out_format(o, "\\u%04x", c);
	}
}

static void json_string(struct out *o, struct text t)
{
	size_t plain = 0; /* bytes before t.s[plain] can go out as they are */

	out_char(o, '"');
	while (plain < t.n) {
		unsigned char c = (unsigned char)t.s[plain];
		size_t length = c < 0x20 || c == '"' || c == '\\' || c == 0x7f ? 0 : utf8_length(text_from(t, plain));

		plain += length;
		if (length && plain < t.n)
			continue;
		out_add(o, (struct text){t.s, plain});
		t = text_from(t, plain);
		plain = 0;
		if (t.n == 0)
			break;
		json_byte(o, c);
		t = text_from(t, 1);
	}
	out_char(o, '"');
}

static void string(struct reply *w, struct text t)
{
	if (w->encoding == NG_JSON) {
		json_string(w->out, t);
	} else {
		out_number(w->out, (int64_t)t.n);
		out_char(w->out, ':');
		out_add(w->out, t);
	}
}

/* ---- structure ---- */

/* What stands before a key, or before an entry of a list. */
static void separate(struct reply *w)
{
	if (w->encoding == NG_JSON && (w->filled & bit(w)))
		out_char(w->out, ',');
	w->filled |= bit(w);
}

static void before_value(struct reply *w)
{
	if (!w->after_key)
		separate(w);
	w->after_key = false;
}

static void open_one(struct reply *w, bool list)
{
	static const char begins[2][2] = {{'d', 'l'}, {'{', '['}};

	if (w->depth >= REPLY_DEPTH_MAX) {
		w->out->failed = true;
		return;
	}
	out_char(w->out, begins[w->encoding == NG_JSON][list]);
	w->depth++;
	w->filled &= ~bit(w);
	w->lists = list ? w->lists | bit(w) : w->lists & ~bit(w);
}

void reply_start(struct reply *w, enum ng_encoding encoding, struct out *out)
{
	*w = (struct reply){.out = out, .encoding = encoding};
	open_one(w, false);
}

void reply_finish(struct reply *w)
{
	while (w->depth)
		reply_close(w);
}

void reply_key(struct reply *w, struct text key)
{
	separate(w);
	string(w, key);
	if (w->encoding == NG_JSON)
		out_char(w->out, ':');
	w->after_key = true;
}

void reply_string(struct reply *w, struct text value)
{
	before_value(w);
	string(w, value);
}

void reply_integer(struct reply *w, int64_t value)
{
	before_value(w);
	if (w->encoding == NG_BENCODE)
		out_char(w->out, 'i');
	out_number(w->out, value);
	if (w->encoding == NG_BENCODE)
		out_char(w->out, 'e');
}

void reply_dict(struct reply *w)
{
	before_value(w);
	open_one(w, false);
}

void reply_list(struct reply *w)
{
	before_value(w);
	open_one(w, true);
}

void reply_close(struct reply *w)
{
	if (!w->depth)
		return;
	if (w->encoding == NG_JSON)
		out_char(w->out, w->lists & bit(w) ? ']' : '}');
	else
		out_char(w->out, 'e');
	w->depth--;
}

struct reply_mark reply_mark(const struct reply *w)
{
	return (struct reply_mark){*w, w->out->n, w->out->failed};
}

void reply_cut(struct reply *w, const struct reply_mark *to)
{
	*w = to->state;
	out_cut(w->out, to->at);
	w->out->failed = to->failed;
}
