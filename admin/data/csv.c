/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "csv.h"

#include <stdbool.h>
#include <string.h>

#define FORMULA "=+-@\t\r\n'"  /* what a spreadsheet may take for a formula, and our own mark */
#define SPECIAL "\",;\t\r\n"   /* what a field is quoted for; the separators that csv_begin() looks for among them */

/* ---- reading ---- */

static void complain(struct csv *c, const char *sentence)
{
	if (c->wrong)
		return;
	c->wrong = sentence;
	c->wrong_field = c->fields;
}

static void put(struct csv *c, char byte)
{
	if (byte == '\0')
		complain(c, "it has a NUL byte: save the file as CSV UTF-8");
	else if (c->used + 1 >= sizeof(c->text)) /* room for the NUL of this field */
		complain(c, "the row is too long");
	else
		c->text[c->used++] = byte;
}

/* Steps over the byte here, and the LF of a CR LF with it. */
static void step(struct csv *c)
{
	bool cr = *c->at == '\r', end_of_line = cr || *c->at == '\n';

	c->at++;
	if (cr && c->at < c->end && *c->at == '\n')
		c->at++;
	c->next_line += end_of_line;
}

static bool is_end_of_line(char byte)
{
	return byte == '\r' || byte == '\n';
}

/* From the quote here to behind the one that closes it. A CR LF within is kept as it is. */
static void read_quoted(struct csv *c)
{
	const char *begin;

	for (c->at++; c->at < c->end; ) {
		if (*c->at == '"') {
			c->at++;
			if (c->at == c->end || *c->at != '"')
				return;
		}
		begin = c->at;
		step(c);
		while (begin < c->at)
			put(c, *begin++);
	}
	complain(c, "the quote that begins this field is never closed, so the rest of the file was not read");
}

static void read_bare(struct csv *c)
{
	for (; c->at < c->end && *c->at != c->separator && !is_end_of_line(*c->at); c->at++) {
		if (*c->at == '"')
			complain(c, "a quote in a field that does not begin with one: quote the whole field, and write \"\" for the quote");
		put(c, *c->at);
	}
}

/* The bytes of the character that begins at `s`; 0 if it is not UTF-8. `s` ends with NUL, which no character goes across. */
static size_t utf8_length(const unsigned char *s)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;

	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) ||
			(s[0] == 0xf4 && s[1] > 0x8f))
		return 0; /* longer than need be, half of a pair, or beyond U+10FFFF */
	return n;
}

static bool is_utf8(const char *s)
{
	size_t n = 1;

	for (const unsigned char *p = (const unsigned char *)s; *p && n; p += n)
		n = utf8_length(p);
	return n > 0;
}

static bool is_formula(const char *s)
{
	return s[0] && strchr(FORMULA, s[0]);
}

static void close_field(struct csv *c, char *text)
{
	c->text[c->used] = '\0';
	if (!is_utf8(text))
		complain(c, "it is not UTF-8: save the file as CSV UTF-8");
	if (text[0] == '\'' && is_formula(text + 1)) {
		memmove(text, text + 1, strlen(text));
		c->used--;
	}
	if (c->used + 1 < sizeof(c->text))
		c->used++; /* else the row is too long already */
	if (c->fields < CSV_FIELDS_MAX)
		c->field[c->fields++] = text;
	else
		complain(c, "the row has too many fields");
}

static void read_field(struct csv *c)
{
	char *text = c->text + c->used;

	if (c->at < c->end && *c->at == '"') {
		read_quoted(c);
		if (c->at < c->end && *c->at != c->separator && !is_end_of_line(*c->at))
			complain(c, "text behind the quote that closes this field: write \"\" for a quote within it");
	}
	read_bare(c);
	close_field(c, text);
}

static void read_row(struct csv *c)
{
	bool more = true;

	c->line = c->next_line;
	c->fields = c->used = 0;
	c->wrong = NULL;
	while (more) {
		read_field(c);
		more = c->at < c->end && *c->at == c->separator;
		if (c->at < c->end)
			step(c);
	}
}

static bool is_empty(const struct csv *c)
{
	for (size_t i = 0; i < c->fields; i++)
		if (c->field[i][0])
			return false;
	return true;
}

enum csv_found csv_next(struct csv *c)
{
	while (c->at < c->end) {
		read_row(c);
		if (c->wrong)
			return CSV_BAD;
		if (!is_empty(c))
			return CSV_ROW;
	}
	return CSV_END;
}

static char find_separator(const char *at, const char *end)
{
	for (; at < end && !is_end_of_line(*at); at++)
		if (*at == ',' || *at == ';' || *at == '\t')
			return *at;
	return ',';
}

void csv_begin(struct csv *c, const char *bytes, size_t n)
{
	c->at = bytes;
	c->end = bytes + n;
	if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
		c->at += 3;
	c->separator = find_separator(c->at, c->end);
	c->next_line = 1;
	c->line = c->fields = c->used = 0;
	c->wrong = NULL;
}

/* ---- writing ---- */

/* Whoever writes a row has locked the stream: a lock for each byte of a million rows is what they would take. */
static void write_field(FILE *f, const char *s)
{
	bool quoted = strpbrk(s, SPECIAL) != NULL;
	size_t n;

	if (quoted)
		putc_unlocked('"', f);
	if (is_formula(s))
		putc_unlocked('\'', f);
	for (;; s += n + 1) {
		n = strcspn(s, "\"");
		fwrite_unlocked(s, 1, n, f);
		if (!s[n])
			break;
		fwrite_unlocked("\"\"", 1, 2, f);
	}
	if (quoted)
		putc_unlocked('"', f);
}

void csv_write(FILE *f, const char *const *fields, size_t count)
{
	flockfile(f);
	for (size_t i = 0; i < count; i++) {
		if (i)
			putc_unlocked(',', f);
		write_field(f, fields[i] ? fields[i] : "");
	}
	fwrite_unlocked("\r\n", 1, 2, f);
	funlockfile(f);
}
