/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bencode_span.h"

#define DEPTH_MAX 64
#define DIGITS_MAX 20

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "12:" and its twelve bytes, "i-3e". Length as above; a string's may lie beyond the end. */
static ssize_t string_span(struct text t)
{
	uint64_t n;
	size_t digits = 0;

	while (digits < t.n && digits < 7 && is_digit(t.s[digits]))
		digits++;
	if (digits == t.n)
		return 0;
	if (t.s[digits] != ':' || !text_number((struct text){t.s, digits}, BENCODE_SPAN_MAX, &n))
		return -1;
	return (ssize_t)(digits + 1 + n);
}

static ssize_t integer_span(struct text t)
{
	size_t at = 1;

	if (at < t.n && t.s[at] == '-')
		at++;
	while (at < t.n && at < DIGITS_MAX + 2 && is_digit(t.s[at]))
		at++;
	if (at == t.n)
		return 0;
	return t.s[at] == 'e' ? (ssize_t)at + 1 : -1;
}

ssize_t bencode_span(struct text t)
{
	size_t at = 0;
	unsigned depth = 0;

	if (t.n && t.s[0] != 'd')
		return -1;
	while (at < t.n && at < BENCODE_SPAN_MAX) {
		char c = t.s[at];
		ssize_t n = 1;

		if (c == 'd' || c == 'l')
			depth++;
		else if (c == 'e')
			depth--;
		else
			n = c == 'i' ? integer_span(text_from(t, at)) : string_span(text_from(t, at));
		if (n <= 0 || depth > DEPTH_MAX)
			return n == 0 ? 0 : -1;
		at += (size_t)n;
		if (depth == 0)
			return (ssize_t)at;
	}
	return at < BENCODE_SPAN_MAX ? 0 : -1;
}
