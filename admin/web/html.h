/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes HTML into a buffer that grows. A value never leaves its place, by construction:
 *
 *	html_open(h, "a");                               names of elements and attributes are string literals, or it does not compile
 *	html_url(h, "href", "/groups/%s", prefix);       every value in an address is percent-encoded
 *	html_attr(h, "class", "number");                 every attribute is quoted and escaped
 *	html_text(h, prefix);                            every text is escaped
 *	html_close(h);                                   closes what was opened last: elements are always nested
 *
 * There is no function that takes HTML. What is not UTF-8, and characters that steer a terminal, a parser or the direction of
 * writing, become U+FFFD. Values of attributes that a browser or htmx would execute (`onclick`, `style`, `hx-on`, `hx-vals` ...), text
 * in `script` and `style`, an attribute after the content of its element, and what was not closed are mistakes of the program: it stops.
 * Memory that cannot be had is remembered and said by html_finish(); until then every call may go on as if nothing were.
 */
#ifndef AETA_WEB_HTML_H
#define AETA_WEB_HTML_H

#include "url.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum {
	HTML_DEPTH_MAX = 48,            /* elements in one another */
	HTML_LENGTH_MAX = 32 << 20, /* bytes of a page; more is -EFBIG */
};

struct html {
	char *data;  /* owned; html_finish() gives it away, html_free() frees it */
	size_t length, room;
	int error;   /* 0, -ENOMEM or -EFBIG: nothing more is written */
	bool in_tag; /* its ">" is still to be written, so attributes may come */
	bool is_void; /* what is open is an element without content, which is not in `open` */
	int depth;
	const char *open[HTML_DEPTH_MAX];
};

/* An empty buffer; nothing is allocated yet. `h` is not read. */
void html_init(struct html *h);

/* Frees what html_init() and the writing after it made; `h` may be written to again. */
void html_free(struct html *h);

/*
 * Everything is closed and the page is whole: gives its bytes (NUL-terminated, `*length` without the NUL) to the caller, who frees
 * them with free(), and leaves an empty buffer. -ENOMEM, or -EFBIG for more than HTML_LENGTH_MAX: `*data` is NULL.
 */
int html_finish(struct html *h, char **data, size_t *length);

/* "<!doctype html>", before anything else of a page. */
void html_doctype(struct html *h);

/* An element begins; attributes may follow, then text and elements, then html_close(). */
#define html_open(h, element) html_open_element((h), "" element)
/* An element that has no content and no end: input, br, meta, link, img, hr, wbr, col. */
#define html_void(h, element) html_void_element((h), "" element)
/* Ends what was opened last. */
void html_close(struct html *h);
/* Ends elements until only `depth` (of html_depth()) are open. */
void html_close_to(struct html *h, int depth);
int html_depth(const struct html *h);

/* An attribute of the element that has just begun; NULL: none is written. */
#define html_attr(h, name, value) html_attr_named((h), "" name, (value))
/* The same from a format; the result is escaped as a whole. */
#define html_attrf(h, name, ...)  html_attrf_named((h), "" name, __VA_ARGS__)
/* An attribute without a value (`required`, `checked`), written if `set`. */
#define html_flag(h, name, set)   html_flag_named((h), "" name, (set))

/*
 * An attribute that is an address of this site: href, src, action, formaction, hx-get, hx-post. The format is a literal that begins with
 * "/", "?" or "#" and knows "%s", "%d", "%u", "%lld" and "%%"; what %s puts in is percent-encoded, "/" and "?" in it too, so that it is
 * one segment or one parameter whatever it holds. NULL is written as nothing.
 */
#define html_url(h, name, ...) html_url_named((h), "" name, "" __VA_ARGS__)
/*
 * The same with an address made at run time, e.g. by url_add(): written if it is of this site (begins with one "/", "?" or "#"; no
 * backslash, no control character), else "#" is.
 */
#define html_url_made(h, name, url) html_url_made_named((h), "" name, (url))

/* Text; NULL is nothing. */
void html_text(struct html *h, const char *s);
void html_text_n(struct html *h, const char *s, size_t length);
/* Text from a format; the result (at most 4 KiB, longer ones are cut) is escaped as a whole. */
void html_textf(struct html *h, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* An element with a class (or NULL) and text (or NULL) in it, closed. */
#define html_element(h, element, class_name, text) html_element_named((h), "" element, (class_name), (text))

/* What the macros above call. */
void html_open_element(struct html *h, const char *element);
void html_void_element(struct html *h, const char *element);
void html_attr_named(struct html *h, const char *name, const char *value);
void html_attrf_named(struct html *h, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
void html_flag_named(struct html *h, const char *name, bool set);
void html_url_named(struct html *h, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
void html_url_made_named(struct html *h, const char *name, const char *url);
void html_element_named(struct html *h, const char *element, const char *class_name, const char *text);

#endif
