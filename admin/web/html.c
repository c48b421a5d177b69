/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "html.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* A mistake of the program, not of its input: kept in release builds, too. */
static void must(bool condition)
{
	if (!condition)
		abort();
}

void html_init(struct html *h)
{
	memset(h, 0, sizeof(*h));
}

void html_free(struct html *h)
{
	free(h->data);
	html_init(h);
}

/* Room for `n` bytes more and a NUL. */
static bool has_room(struct html *h, size_t n)
{
	size_t room = h->room ? h->room : 4096;
	char *data;

	if (h->error)
		return false;
	if (n > HTML_LENGTH_MAX - h->length) {
		h->error = -EFBIG;
		return false;
	}
	while (room < h->length + n + 1)
		room *= 2;
	if (room == h->room)
		return true;
	data = realloc(h->data, room);
	if (!data) {
		h->error = -ENOMEM;
		return false;
	}
	h->data = data;
	h->room = room;
	return true;
}

static void put(struct html *h, const char *s, size_t n)
{
	if (!has_room(h, n))
		return;
	memcpy(h->data + h->length, s, n);
	h->length += n;
	h->data[h->length] = '\0';
}

static void put_string(struct html *h, const char *s)
{
	put(h, s, strlen(s));
}

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

static void put_escaped(struct html *h, const char *s, size_t length)
{
	const unsigned char *at = (const unsigned char *)s, *end = at + length, *plain = at;
	const char *instead;
	unsigned c = 0;
	size_t n;

	while (at < end) {
		n = utf8(at, (size_t)(end - at), &c);
		instead = n ? entity(c) : REPLACEMENT;
		if (instead) {
			put(h, (const char *)plain, (size_t)(at - plain));
			put_string(h, instead);
			plain = at + (n ? n : 1);
		}
		at += n ? n : 1;
	}
	put(h, (const char *)plain, (size_t)(at - plain));
}

static void end_tag(struct html *h)
{
	if (h->in_tag)
		put(h, ">", 1);
	h->in_tag = h->is_void = false;
}

void html_doctype(struct html *h)
{
	must(!h->length && !h->depth);
	put_string(h, "<!doctype html>\n");
}

static bool is_one_of(const char *name, const char *const *names)
{
	for (; *names; names++) {
		if (!strcasecmp(name, *names))
			return true;
	}
	return false;
}

static const char *const void_elements[] = {"input", "br", "meta", "link", "img", "hr", "wbr", "col", NULL};

static void begin_tag(struct html *h, const char *element)
{
	end_tag(h);
	put(h, "<", 1);
	put_string(h, element);
	h->in_tag = true;
}

void html_open_element(struct html *h, const char *element)
{
	must(h->depth < HTML_DEPTH_MAX && !is_one_of(element, void_elements));
	begin_tag(h, element);
	h->open[h->depth++] = element;
}

void html_void_element(struct html *h, const char *element)
{
	must(is_one_of(element, void_elements));
	begin_tag(h, element);
	h->is_void = true;
}

void html_close(struct html *h)
{
	must(h->depth > 0);
	end_tag(h);
	put(h, "</", 2);
	put_string(h, h->open[--h->depth]);
	put(h, ">", 1);
}

void html_close_to(struct html *h, int depth)
{
	must(depth >= 0 && depth <= h->depth);
	while (h->depth > depth)
		html_close(h);
}

int html_depth(const struct html *h)
{
	return h->depth;
}

int html_finish(struct html *h, char **data, size_t *length)
{
	int error;

	must(!h->depth);
	end_tag(h);
	has_room(h, 0); /* an empty page is a string, too */
	error = h->error;
	*data = NULL;
	*length = 0;
	if (!error) {
		h->data[h->length] = '\0';
		*data = h->data;
		*length = h->length;
		h->data = NULL;
	}
	html_free(h);
	return error;
}

/* Attributes whose value is code or a style, and those that are addresses: html_url() writes these. */
static bool is_code(const char *name)
{
	static const char *const names[] = {"style", "srcdoc", "hx-vals", "hx-vars", "hx-headers", "hx-request", "hx-disable-elt", NULL};

	return !strncasecmp(name, "on", 2) || !strncasecmp(name, "hx-on", 5) || !strncasecmp(name, "data-hx", 7) || is_one_of(name, names);
}

static bool is_address(const char *name)
{
	static const char *const names[] = {"href", "src", "srcset", "action", "formaction", "poster", "ping", "xlink:href",
			"hx-get", "hx-post", "hx-put", "hx-patch", "hx-delete", NULL};

	return is_one_of(name, names);
}

static void begin_attr(struct html *h, const char *name)
{
	must(h->in_tag && !is_code(name));
	put(h, " ", 1);
	put_string(h, name);
}

void html_attr_named(struct html *h, const char *name, const char *value)
{
	must(!is_address(name));
	if (!value)
		return;
	begin_attr(h, name);
	put(h, "=\"", 2);
	put_escaped(h, value, strlen(value));
	put(h, "\"", 1);
}

void html_attrf_named(struct html *h, const char *name, const char *format, ...)
{
	char value[4096];
	va_list ap;

	va_start(ap, format);
	vsnprintf(value, sizeof(value), format, ap);
	va_end(ap);
	html_attr_named(h, name, value);
}

void html_flag_named(struct html *h, const char *name, bool set)
{
	if (set)
		begin_attr(h, name);
}

static bool is_unreserved(unsigned char c)
{
	return c < 0x80 && (isalnum(c) || strchr("-._~", c)) && c;
}

/* "." and ".." would be taken for steps in the path, however they are encoded; no key of ours is one. */
static void put_encoded(struct html *h, const char *s)
{
	char code[4];

	if (!strcmp(s, ".") || !strcmp(s, ".."))
		s = "-";
	for (; *s; s++) {
		if (is_unreserved((unsigned char)*s)) {
			put(h, s, 1);
		} else {
			snprintf(code, sizeof(code), "%%%02X", (unsigned char)*s);
			put(h, code, 3);
		}
	}
}

/* The directive at `s`, behind its "%": its value is written, its length returned. */
static size_t put_directive(struct html *h, const char *s, va_list *ap)
{
	char number[24];
	const char *value;

	switch (*s) {
	case 's':
		value = va_arg(*ap, const char *);
		put_encoded(h, value ? value : "");
		return 1;
	case 'd':
		snprintf(number, sizeof(number), "%d", va_arg(*ap, int));
		break;
	case 'u':
		snprintf(number, sizeof(number), "%u", va_arg(*ap, unsigned));
		break;
	case '%':
		snprintf(number, sizeof(number), "%%");
		break;
	default:
		must(!strncmp(s, "lld", 3));
		snprintf(number, sizeof(number), "%lld", va_arg(*ap, long long));
		put_string(h, number);
		return 3;
	}
	put_string(h, number);
	return 1;
}

/* Of this site, whoever reads it: browsers take a backslash for a slash, and skip tabs and line ends. */
static bool is_local(const char *url)
{
	if (!strchr("/?#", url[0]) || !url[0] || (url[0] == '/' && (url[1] == '/' || url[1] == '\\')))
		return false;
	for (; *url; url++) {
		if ((unsigned char)*url <= ' ' || *url == '\\' || (unsigned char)*url >= 0x7f)
			return false;
	}
	return true;
}

void html_url_named(struct html *h, const char *name, const char *format, ...)
{
	va_list ap;

	must(is_address(name) && is_local(format) && !(format[0] == '/' && format[1] == '%'));
	begin_attr(h, name);
	put(h, "=\"", 2);
	va_start(ap, format);
	for (; *format; format++) {
		if (*format == '%')
			format += put_directive(h, format + 1, &ap);
		else
			put_escaped(h, format, 1);
	}
	va_end(ap);
	put(h, "\"", 1);
}

void html_url_made_named(struct html *h, const char *name, const char *url)
{
	must(is_address(name));
	if (!url || !is_local(url))
		url = "#";
	begin_attr(h, name);
	put(h, "=\"", 2);
	put_escaped(h, url, strlen(url));
	put(h, "\"", 1);
}

void html_text_n(struct html *h, const char *s, size_t length)
{
	static const char *const no_text[] = {"script", "style", NULL}, *const eats_line_end[] = {"textarea", "pre", NULL};
	const char *in = h->depth ? h->open[h->depth - 1] : "";
	bool first = h->in_tag && !h->is_void;

	if (!length)
		return;
	must(!is_one_of(in, no_text));
	end_tag(h);
	if (first && *s == '\n' && is_one_of(in, eats_line_end))
		put(h, "\n", 1); /* the parser drops the first */
	put_escaped(h, s, length);
}

void html_text(struct html *h, const char *s)
{
	if (s)
		html_text_n(h, s, strlen(s));
}

void html_textf(struct html *h, const char *format, ...)
{
	char text[4096];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	html_text(h, text);
}

void html_element_named(struct html *h, const char *element, const char *class_name, const char *text)
{
	html_open_element(h, element);
	html_attr(h, "class", class_name);
	html_text(h, text);
	html_close(h);
}

void url_begin(struct url *u, const char *path)
{
	u->length = (size_t)snprintf(u->text, sizeof(u->text), "%s", path);
	u->cut = u->length >= sizeof(u->text);
	if (u->cut)
		u->length = sizeof(u->text) - 1;
	u->asked = strchr(u->text, '?') != NULL;
}

static size_t encode(char *out, size_t room, const char *s)
{
	size_t n = 0;

	for (; *s && n + 4 < room; s++)
		n += (size_t)snprintf(out + n, room - n, is_unreserved((unsigned char)*s) ? "%c" : "%%%02X", (unsigned char)*s);
	return *s ? room : n;
}

void url_segment(struct url *u, const char *segment)
{
	size_t n = u->length;

	if (!strcmp(segment, ".") || !strcmp(segment, ".."))
		segment = "-";
	if (u->cut)
		return;
	if (n + 8 < sizeof(u->text)) {
		u->text[n++] = '/';
		n += encode(u->text + n, sizeof(u->text) - n, segment);
	}
	u->cut = n + 8 >= sizeof(u->text);
	if (!u->cut)
		u->length = n;
	u->text[u->length] = '\0';
}

void url_add(struct url *u, const char *name, const char *value)
{
	size_t n = u->length;

	if (!value || !*value || u->cut)
		return;
	if (n + 8 < sizeof(u->text)) {
		u->text[n++] = u->asked ? '&' : '?';
		n += encode(u->text + n, sizeof(u->text) - n, name);
	}
	if (n + 8 < sizeof(u->text)) {
		u->text[n++] = '=';
		n += encode(u->text + n, sizeof(u->text) - n, value);
	}
	u->cut = n + 8 >= sizeof(u->text);
	if (!u->cut) {
		u->length = n;
		u->asked = true;
	}
	u->text[u->length] = '\0';
}
