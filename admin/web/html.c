/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "html.h"
#include "escape.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

static void put_escaped(struct html *h, const char *s, size_t length)
{
	const unsigned char *at = (const unsigned char *)s, *end = at + length, *plain = at;
	const char *instead;
	size_t n;

	for (; at < end; at += n) {
		instead = escape_next(at, (size_t)(end - at), &n);
		if (!instead)
			continue;
		put(h, (const char *)plain, (size_t)(at - plain));
		put_string(h, instead);
		plain = at + n;
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

/* "." and ".." would be taken for steps in the path, however they are encoded; no key of ours is one. */
static void put_encoded(struct html *h, const char *s)
{
	char code[4];

	if (!strcmp(s, ".") || !strcmp(s, ".."))
		s = "-";
	for (; *s; s++) {
		if (url_is_unreserved((unsigned char)*s)) {
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

void html_url_named(struct html *h, const char *name, const char *format, ...)
{
	va_list ap;

	must(is_address(name) && url_is_local(format) && !(format[0] == '/' && format[1] == '%'));
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
	if (!url || !url_is_local(url))
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
