/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "params.h"

#include <errno.h>
#include <string.h>

/* ---- text ---- */

/* How many bytes the UTF-8 character at `s` has, or 0: it is none (too long a form, a surrogate, beyond U+10FFFF, cut off). */
static size_t utf8_length(const unsigned char *s, size_t left)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : (s[0] & 0xf0) == 0xe0 ? 3 : s[0] >= 0xf0 && s[0] < 0xf5 ? 4 : 0;

	if (n == 0 || n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] >= 0xa0) || (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] >= 0x90))
		return 0;
	return n;
}

bool params_is_text(const char *s, size_t length)
{
	const unsigned char *at = (const unsigned char *)s;

	for (size_t i = 0, n; i < length; i += n) {
		n = utf8_length(at + i, length - i);
		if (n == 0 || (at[i] < ' ' && at[i] != '\t' && at[i] != '\r' && at[i] != '\n') || at[i] == 0x7f)
			return false;
		if (n == 2 && at[i] == 0xc2 && at[i + 1] < 0xa0) /* C1 controls */
			return false;
	}
	return true;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes %XX, and + to a blank where `plus`, from `in` to `out`, which may be the same. The length, or -EINVAL. */
static long decode(const char *in, size_t length, char *out, bool plus)
{
	size_t n = 0;

	for (size_t i = 0; i < length; i++, n++) {
		int high, low;

		if (in[i] == '%') {
			high = i + 2 < length ? hex(in[i + 1]) : -1;
			low = i + 2 < length ? hex(in[i + 2]) : -1;
			if (high < 0 || low < 0)
				return -EINVAL;
			out[n] = (char)(high << 4 | low);
			i += 2;
		} else {
			out[n] = plus && in[i] == '+' ? ' ' : in[i];
		}
	}
	return params_is_text(out, n) ? (long)n : -EINVAL;
}

/* ---- a query or a form ---- */

/* Decodes a piece where it stands, and ends it with a NUL. 0 or -EINVAL. */
static int take(char *piece, size_t length)
{
	long n = decode(piece, length, piece, true);

	if (n < 0)
		return -EINVAL;
	piece[n] = '\0';
	return 0;
}

static int add(struct params *p, const char *name, const char *value)
{
	if (p->n == PARAMS_MAX)
		return -E2BIG;
	p->at[p->n++] = (struct param){name, value};
	return 0;
}

/* One "name=value", or "name". */
static int take_pair(struct params *p, char *pair, size_t length)
{
	char *equals = memchr(pair, '=', length);
	size_t name = equals ? (size_t)(equals - pair) : length;
	int rc;

	if (length == 0)
		return 0;
	rc = equals ? take(equals + 1, length - name - 1) : 0;
	if (rc == 0)
		rc = take(pair, name);
	return rc ? rc : add(p, pair, equals ? equals + 1 : "");
}

int params_parse(struct params *p, char *text, size_t length)
{
	size_t before = p->n;
	int rc = 0;

	for (char *end; rc == 0 && length; length -= (size_t)(end - text), text = end) {
		size_t n;

		end = memchr(text, '&', length);
		n = end ? (size_t)(end - text) : length;
		end = end ? end + 1 : text + length;
		rc = take_pair(p, text, n);
	}
	if (rc)
		p->n = before;
	return rc;
}

const char *params_find(const struct params *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->at[i].name, name) == 0)
			return p->at[i].value;
	return NULL;
}

/* ---- a cookie ---- */

bool params_cookie(const char *header, const char *name, char *out, size_t size)
{
	size_t length = strlen(name);
	bool found = false;

	while (header) {
		const char *end = strchr(header, ';');
		size_t n;

		header += strspn(header, " \t");
		n = end ? (size_t)(end - header) : strlen(header);
		if (n > length && strncmp(header, name, length) == 0 && header[length] == '=') {
			n -= length + 1;
			if (found || n >= size)
				return false;
			memcpy(out, header + length + 1, n);
			out[n] = '\0';
			found = true;
		}
		header = end ? end + 1 : NULL;
	}
	return found;
}

/* ---- a path ---- */

/* One segment of the path for a ":name" of the pattern. How much of `room` it took, or -errno. */
static long take_segment(struct params *p, const char *name, const char *segment, size_t length, char *room, size_t size)
{
	long n;
	int rc;

	if (length == 0)
		return -ENOENT;
	if (length >= size)
		return -E2BIG;
	n = decode(segment, length, room, false);
	if (n < 0)
		return n;
	room[n] = '\0';
	rc = add(p, name, room);
	return rc ? rc : n + 1;
}

/* The name stands behind the colon in the pattern, and is a view of `room`, too. */
static long take_name(const char *pattern, size_t length, char *room, size_t size)
{
	if (length >= size)
		return -E2BIG;
	memcpy(room, pattern, length);
	room[length] = '\0';
	return (long)length + 1;
}

int params_path(struct params *p, const char *pattern, const char *path, char *room, size_t size)
{
	size_t before = p->n;
	long took = 0;

	while (took >= 0 && *pattern && *path) {
		size_t want = strcspn(pattern + 1, "/") + 1, have = strcspn(path + 1, "/") + 1;

		if (pattern[0] != '/' || path[0] != '/') {
			took = -ENOENT;
		} else if (pattern[1] == ':') {
			const char *name = room;

			took = take_name(pattern + 2, want - 2, room, size);
			if (took < 0)
				break;
			room += took;
			size -= (size_t)took;
			took = take_segment(p, name, path + 1, have - 1, room, size);
			if (took > 0) {
				room += took;
				size -= (size_t)took;
			}
		} else if (want != have || strncmp(pattern, path, want) != 0) {
			took = -ENOENT;
		}
		pattern += want;
		path += have;
	}
	if (took >= 0 && (*pattern || *path))
		took = -ENOENT;
	if (took >= 0)
		return 0;
	p->n = before;
	return (int)took;
}
