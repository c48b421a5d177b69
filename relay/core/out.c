/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "out.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define FORMAT_MAX 512

void out_init(struct out *o, size_t max)
{
	*o = (struct out){.max = max};
}

void out_free(struct out *o)
{
	free(o->s);
	*o = (struct out){.max = o->max};
}

/* Room for `more` bytes; the buffer doubles. */
static bool out_room(struct out *o, size_t more)
{
	size_t room = o->room ? o->room : 256;
	char *s;

	if (o->failed)
		return false;
	if (more <= o->room - o->n)
		return true;
	if (more > o->max - o->n) {
		o->failed = true;
		return false;
	}
	while (room < o->n + more)
		room *= 2;
	if (room > o->max)
		room = o->max;
	s = realloc(o->s, room);
	if (!s) {
		o->failed = true;
		return false;
	}
	o->s = s;
	o->room = room;
	return true;
}

void out_add(struct out *o, struct text t)
{
	if (t.n == 0 || !out_room(o, t.n))
		return;
	memcpy(o->s + o->n, t.s, t.n);
	o->n += t.n;
}

void out_string(struct out *o, const char *s)
{
	out_add(o, text_of(s));
}

/* By hand: replies are full of lengths and counters, and printf() took half the time that a command takes. */
void out_number(struct out *o, int64_t value)
{
	char digits[20];

	if (value < 0)
		out_char(o, '-');
	out_add(o, (struct text){digits, text_write_number(digits, value < 0 ? 0 - (uint64_t)value : (uint64_t)value)});
}

void out_format(struct out *o, const char *format, ...)
{
	char line[FORMAT_MAX];
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (n < 0 || (size_t)n >= sizeof(line))
		o->failed = true;
	else
		out_add(o, (struct text){line, (size_t)n});
}
