/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes being written: a buffer that grows to a limit. What does not fit, or finds no memory, sets `failed` and is looked at once, at the end. */
#ifndef RELAY_CORE_OUT_H
#define RELAY_CORE_OUT_H

#include "text.h"

struct out {
	char *s;
	size_t n, room; /* bytes that are used, that there are: at most `max` */
	size_t max;
	bool failed;
};

#define OUT_MAX (256 * 1024)

void out_init(struct out *o, size_t max);
void out_free(struct out *o);
static inline void out_clear(struct out *o) /* keeps its memory */
{
	o->n = 0;
	o->failed = false;
}
void out_add(struct out *o, struct text t);
void out_string(struct out *o, const char *s);
static inline void out_char(struct out *o, char c)
{
	if (o->n < o->room && !o->failed)
		o->s[o->n++] = c;
	else
		out_add(o, (struct text){&c, 1});
}
void out_number(struct out *o, int64_t value); /* decimal */
void out_format(struct out *o, const char *format, ...) __attribute__((format(printf, 2, 3))); /* at most 512 bytes a call */
/* Replaces what was written since `from` (an earlier o->n) by nothing. */
static inline void out_cut(struct out *o, size_t from)
{
	if (from < o->n)
		o->n = from;
}
static inline struct text out_text(const struct out *o)
{
	return (struct text){o->s, o->n};
}

#endif
