/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "escape.h"

#include <stdbool.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

static bool is_continued(const unsigned char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return false;
	}
	return true;
}

/* The bytes of the UTF-8 character at `s`, and the character in `*c`; 0: it is none (too short, too long, a surrogate). */
static size_t utf8(const unsigned char *s, size_t left, unsigned *c)
{
	size_t n = *s < 0x80 ? 1 : *s < 0xc2 ? 0 : *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : *s < 0xf5 ? 4 : 0;

	if (!n || n > left || !is_continued(s + 1, n - 1))
		return 0;
	*c = n == 1 ? *s : n == 2 ? *s & 0x1fu : n == 3 ? *s & 0x0fu : *s & 0x07u;
	for (size_t i = 1; i < n; i++)
		*c = *c << 6 | (s[i] & 0x3fu);
	return (n == 3 && (*c < 0x800 || (*c >= 0xd800 && *c <= 0xdfff))) || (n == 4 && (*c < 0x10000 || *c > 0x10ffff)) ? 0 : n;
}

/* Characters that a parser drops or changes, and those that turn the direction of what stands after them. */
static bool is_steering(unsigned c)
{
	return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7f && c <= 0x9f) || (c >= 0x202a && c <= 0x202e) ||
		   (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f || c == 0xfeff || (c & 0xfffe) == 0xfffe ||
		   (c >= 0xfdd0 && c <= 0xfdef);
}

/* What stands for a character that HTML gives a meaning to, inside or outside of quotes. (A CR that is written as such is read as a LF.) */
static const char *entity(unsigned c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '`':
		return "&#96;";
	case '\r':
		return "&#13;";
	default:
		return is_steering(c) ? REPLACEMENT : NULL;
	}
}

const char *escape_next(const unsigned char *s, size_t left, size_t *n)
{
	unsigned c = 0;

	*n = utf8(s, left, &c);
	if (*n)
		return entity(c);
	*n = 1;
	return REPLACEMENT;
}
