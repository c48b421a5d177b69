/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "html_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LENGTH 32
#define DEPTH_MAX       64

struct reader {
	struct journal *j;
	const char *start, *s, *end;
	char open[DEPTH_MAX][NAME_MAX_LENGTH];
	int depth;
};

void journal_free(struct journal *j)
{
	free(j->data);
	memset(j, 0, sizeof(*j));
}

static void append(struct journal *j, const char *s, size_t n)
{
	while (j->room < j->length + n + 1) {
		j->room = j->room ? j->room * 2 : 256;
		j->data = realloc(j->data, j->room);
		if (!j->data)
			abort();
	}
	memcpy(j->data + j->length, s, n);
	j->length += n;
	j->data[j->length] = '\0';
}

/* A line end and a backslash are written as two characters. */
static void append_value(struct journal *j, const char *s, size_t n)
{
	for (; n; n--, s++) {
		if (*s == '\n' || *s == '\\')
			append(j, *s == '\n' ? "\\n" : "\\\\", 2);
		else
			append(j, s, 1);
	}
}

void journal_add(struct journal *j, char kind, const char *name, const char *value, size_t length)
{
	char head[NAME_MAX_LENGTH + 16];

	if (kind == '"' && !length)
		return;
	if (kind == '"' && j->text_last) {
		append_value(j, value, length);
		return;
	}
	append(j, head, (size_t)snprintf(head, sizeof(head), "\n%c%s:", kind, name));
	append_value(j, value, length);
	j->text_last = kind == '"';
}

/* One character or entity of text or of a value becomes what it stands for. */
static bool read_character(struct reader *r, char out[4], size_t *n)
{
	static const struct {
		const char *written, *meant;
	} entities[] = {{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&#96;", "`"}, {"&#13;", "\r"}};

	for (size_t i = 0; i < sizeof(entities) / sizeof(*entities); i++) {
		size_t length = strlen(entities[i].written);

		if ((size_t)(r->end - r->s) >= length && !memcmp(r->s, entities[i].written, length)) {
			out[0] = *entities[i].meant;
			*n = 1;
			r->s += length;
			return true;
		}
	}
	if (strchr("<>&\"'`\r", *r->s)) /* NUL as well */
		return false;
	out[0] = *r->s++;
	*n = 1;
	return true;
}

/* Up to `stop`, which is not taken. */
static bool read_value(struct reader *r, char kind, const char *name, char stop)
{
	struct journal value = {0};
	bool good = true;
	char c[4];
	size_t n;

	while (good && r->s < r->end && *r->s != stop) {
		good = read_character(r, c, &n);
		if (good)
			append(&value, c, n);
	}
	if (good)
		journal_add(r->j, kind, name, value.data ? value.data : "", value.length);
	journal_free(&value);
	return good;
}

static bool read_name(struct reader *r, char name[NAME_MAX_LENGTH])
{
	size_t n = 0;

	while (r->s < r->end && n + 1 < NAME_MAX_LENGTH && strchr("abcdefghijklmnopqrstuvwxyz0123456789-", *r->s) && *r->s)
		name[n++] = *r->s++;
	name[n] = '\0';
	return n > 0;
}

static bool take(struct reader *r, const char *what)
{
	size_t n = strlen(what);

	if ((size_t)(r->end - r->s) < n || memcmp(r->s, what, n) != 0)
		return false;
	r->s += n;
	return true;
}

static bool read_attributes(struct reader *r)
{
	char name[NAME_MAX_LENGTH];

	while (take(r, " ")) {
		if (!read_name(r, name))
			return false;
		if (!take(r, "=\""))
			journal_add(r->j, '=', name, "", 0);
		else if (!read_value(r, '=', name, '"') || !take(r, "\""))
			return false;
	}
	return take(r, ">");
}

static bool is_void(const char *name)
{
	static const char *const names[] = {"input", "br", "meta", "link", "img", "hr", "wbr", "col"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!strcmp(name, names[i]))
			return true;
	}
	return false;
}

static bool read_end(struct reader *r)
{
	char name[NAME_MAX_LENGTH];

	if (!read_name(r, name) || !take(r, ">") || !r->depth || strcmp(name, r->open[--r->depth]) != 0)
		return false;
	journal_add(r->j, '>', name, "", 0);
	return true;
}

static bool read_element(struct reader *r)
{
	char name[NAME_MAX_LENGTH];

	if (take(r, "/"))
		return read_end(r);
	if (!read_name(r, name) || r->depth == DEPTH_MAX)
		return false;
	journal_add(r->j, '<', name, "", 0);
	if (!is_void(name))
		snprintf(r->open[r->depth++], NAME_MAX_LENGTH, "%s", name);
	if (!read_attributes(r))
		return false;
	if (!strcmp(name, "textarea") || !strcmp(name, "pre"))
		take(r, "\n"); /* as browsers do */
	return true;
}

bool html_read(struct journal *j, const char *html, size_t length, size_t *at)
{
	struct reader r = {.j = j, .start = html, .s = html, .end = html + length};
	bool good = true;

	while (good && r.s < r.end)
		good = take(&r, "<") ? read_element(&r) : read_value(&r, '"', "", '<');
	*at = (size_t)(r.s - r.start);
	return good && !r.depth;
}
