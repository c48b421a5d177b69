/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sentence.h"

#include <stdarg.h>
#include <stdio.h>

void say(struct sentence *s, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(s->text + s->used, sizeof(s->text) - s->used, format, ap);
	va_end(ap);
	if (n > 0)
		s->used += (size_t)n < sizeof(s->text) - s->used ? (size_t)n : sizeof(s->text) - s->used - 1;
}

json_t *sentence_json(const struct sentence *s)
{
	json_t *text = json_string(s->text);

	return text ? text : json_string("?"); /* what is not UTF-8 was taken out when the row was read */
}
