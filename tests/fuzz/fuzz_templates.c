/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as text, attribute or part of an address, in any order of elements: read back, the page has those elements, those attributes
 * and those values, and nothing else. A byte of the input is what is written next, what follows up to a 0xff is its value.
 */
#include "../unit/html_reader.h"
#include "web/html.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct scene {
	struct html h;
	struct journal expected;
	const char *open[HTML_DEPTH_MAX];
	bool taggable; /* an attribute may be written now */
};

static void must(int condition)
{
	if (!condition)
		abort();
}

/* The length of a character that is written as it is, or has an entity; 0: the byte (`*skip` bytes) becomes U+FFFD. */
static size_t kept(const unsigned char *s, size_t left, size_t *skip)
{
	size_t n = *s < 0x80 ? 1 : (*s & 0xe0) == 0xc0 ? 2 : (*s & 0xf0) == 0xe0 ? 3 : (*s & 0xf8) == 0xf0 ? 4 : 0;
	uint32_t c = n == 1 ? *s : n == 2 ? *s & 31u : n == 3 ? *s & 15u : *s & 7u;
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

	*skip = 1;
	if (!n || n > left)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if (s[i] >> 6 != 2)
			return 0;
		c = c * 64 + (s[i] & 63u);
	}
	if (c < least[n] || c > 0x10ffff || (c >> 11) == 0x1b)
		return 0;
	*skip = n;
	if (c < 32)
		return c == 9 || c == 10 || c == 13;
	if ((c >= 127 && c < 160) || c == 0xfeff || (c & 0xffff) >= 0xfffe || (c >= 0xfdd0 && c < 0xfdf0))
		return 0;
	return (c >= 0x200e && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ? 0 : n;
}

/* What a browser must see of `s`. */
static size_t seen(const char *s, char *out)
{
	size_t left = strlen(s), n = 0, length, skip;

	while (left) {
		length = kept((const unsigned char *)s, left, &skip);
		memcpy(out + n, length ? s : "\xef\xbf\xbd", length ? length : 3);
		n += length ? length : 3;
		s += skip;
		left -= skip;
	}
	return n;
}

static size_t encoded(const char *s, char *out)
{
	size_t n = 0;

	if (!strcmp(s, ".") || !strcmp(s, ".."))
		s = "-";
	for (; *s; s++) {
		if (isascii((unsigned char)*s) && (isalnum((unsigned char)*s) || strchr("-._~", *s)))
			out[n++] = *s;
		else
			n += (size_t)sprintf(out + n, "%%%02X", (unsigned char)*s);
	}
	return n;
}

static void begin(struct scene *s, const char *element)
{
	journal_add(&s->expected, '<', element, "", 0);
	s->taggable = true;
}

static void open_element(struct scene *s, unsigned char which)
{
	static const char *const elements[] = {"div", "textarea", "a", "title", "pre", "td"};
	const char *element = elements[which % 6];

	if (s->h.depth >= HTML_DEPTH_MAX)
		return;
	html_open_element(&s->h, element);
	s->open[s->h.depth - 1] = element;
	begin(s, element);
}

static void close_element(struct scene *s)
{
	if (!s->h.depth)
		return;
	journal_add(&s->expected, '>', s->open[s->h.depth - 1], "", 0);
	html_close(&s->h);
	s->taggable = false;
}

static void write_text(struct scene *s, const char *value, char *room)
{
	html_text(&s->h, value);
	journal_add(&s->expected, '"', "", room, seen(value, room));
	s->taggable = s->taggable && !*value;
}

static void write_attribute(struct scene *s, const char *value, char *room)
{
	if (!s->taggable)
		return;
	html_attr(&s->h, "title", value);
	journal_add(&s->expected, '=', "title", room, seen(value, room));
}

static void write_address(struct scene *s, const char *value, char *room)
{
	static const char path[] = "/groups/";
	size_t n = sizeof(path) - 1;

	if (!s->taggable)
		return;
	html_url(&s->h, "href", "/groups/%s?of=%s", value, value);
	memcpy(room, path, n);
	n += encoded(value, room + n);
	memcpy(room + n, "?of=", 4);
	n += 4;
	n += encoded(value, room + n);
	journal_add(&s->expected, '=', "href", room, n);
}

/* An address that is made at run time stays on this site, and has no parameter but ours. */
static void check_made(const char *value)
{
	static const char harmless[] = "?=&%-._~abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	struct html h;
	struct url u;
	char *page;
	size_t length;

	html_init(&h);
	html_void(&h, "img");
	html_url_made(&h, "src", value);
	must(!html_finish(&h, &page, &length) && !strncmp(page, "<img src=\"", 10));
	must(strchr("/?#", page[10]) && strncmp(page + 10, "//", 2) != 0 && !strpbrk(page, "\\\t\r\n"));
	free(page);
	url_begin(&u, "/cdrs");
	url_segment(&u, value);
	must(u.cut || (!strncmp(u.text, "/cdrs/", 6) && !u.text[6 + strspn(u.text + 6, harmless + 3)]));
	must(strcmp(u.text, "/cdrs/..") != 0 && strcmp(u.text, "/cdrs/.") != 0);
	url_begin(&u, "/cdrs");
	url_add(&u, "q", value);
	url_add(&u, "r", value);
	must(!strncmp(u.text, "/cdrs", 5) && strlen(u.text) == u.length && strspn(u.text + 5, harmless) == u.length - 5);
	for (const char *q = strchr(u.text, '='); q; q = strchr(q + 1, '='))
		must(q[-1] == 'q' || q[-1] == 'r');
}

static void step(struct scene *s, unsigned char what, const char *value, char *room)
{
	switch (what & 7) {
	case 0:
	case 1:
		open_element(s, what >> 3);
		break;
	case 2:
		close_element(s);
		break;
	case 3:
		html_void(&s->h, "br");
		begin(s, "br");
		break;
	case 4:
	case 5:
		write_text(s, value, room);
		break;
	case 6:
		write_attribute(s, value, room);
		break;
	default:
		write_address(s, value, room);
	}
}

/* The value that begins at `data`; the rest of the input begins behind it. */
static char *take_value(const uint8_t **data, size_t *size)
{
	const uint8_t *end = memchr(*data, 0xff, *size);
	size_t n = end ? (size_t)(end - *data) : *size;
	char *value = malloc(n + 1);

	must(value != NULL);
	memcpy(value, *data, n);
	value[n] = '\0';
	n += end != NULL;
	*data += n;
	*size -= n;
	return value;
}

static void compare(struct scene *s)
{
	struct journal read = {0};
	size_t length, at;
	char *page;

	while (s->h.depth)
		close_element(s);
	must(!html_finish(&s->h, &page, &length) && strlen(page) == length);
	must(html_read(&read, page, length, &at));
	must(read.length == s->expected.length && (!read.length || !memcmp(read.data, s->expected.data, read.length)));
	journal_free(&read);
	free(page);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scene s = {0};
	unsigned char what;
	char *value, *room;

	html_init(&s.h);
	while (size) {
		what = *data++;
		size--;
		value = take_value(&data, &size);
		room = malloc(6 * strlen(value) + 32);
		must(room != NULL);
		step(&s, what, value, room);
		check_made(value);
		free(room);
		free(value);
	}
	compare(&s);
	journal_free(&s.expected);
	return 0;
}
