/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "node.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

/* All that is in use, newest first. */
static struct block {
	struct block *next;
	max_align_t bytes[];
} *blocks;

static void *memory(size_t n)
{
	struct block *b = calloc(1, sizeof(*b) + n);

	if (!b)
		abort();
	b->next = blocks;
	blocks = b;
	return b->bytes;
}

void node_forget(void)
{
	struct block *next;

	for (; blocks; blocks = next) {
		next = blocks->next;
		free(blocks);
	}
}

struct node *node_new(enum node_kind kind)
{
	struct node *n = memory(sizeof(*n));

	n->kind = kind;
	return n;
}

void node_add(struct node *to, struct node *child)
{
	*(to->last ? &to->last->next : &to->first) = child;
	to->last = child;
}

struct node *node_find(const struct node *dict, struct text key)
{
	struct node *n = dict->first;

	while (n && !text_equal(n->key, key))
		n = n->next;
	return n;
}

struct text text_copy(struct text t)
{
	char *s = memory(t.n + 1);

	if (t.n)
		memcpy(s, t.s, t.n);
	return (struct text){s, t.n};
}

/* ---- as the cases write it ---- */

static void skip(struct text *rest)
{
	while (rest->n && (isspace((unsigned char)rest->s[0]) || rest->s[0] == ','))
		*rest = text_from(*rest, 1);
}

static bool take(struct text *rest, const char *what)
{
	skip(rest);
	if (!text_starts(*rest, text_of(what)))
		return false;
	*rest = text_from(*rest, strlen(what));
	return true;
}

/* A quoted text has no escapes but \r and \n. */
static struct text read_quoted(struct text *rest)
{
	struct text t = text_until(rest, '"');
	char *s = memory(t.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < t.n; i++) {
		if (t.s[i] == '\\' && i + 1 < t.n && (t.s[i + 1] == 'r' || t.s[i + 1] == 'n'))
			s[n++] = t.s[++i] == 'r' ? '\r' : '\n';
		else
			s[n++] = t.s[i];
	}
	return (struct text){s, n};
}

static struct text read_word(struct text *rest, const char *ends)
{
	struct text word = *rest;

	word.n = 0;
	while (word.n < rest->n && !strchr(ends, word.s[word.n]))
		word.n++;
	*rest = text_from(*rest, word.n);
	return text_trimmed(word);
}

static struct node *read_scalar(struct text *rest)
{
	struct node *n = node_new(NODE_STRING);
	uint64_t number;
	bool negative;
	struct text t;

	if (take(rest, "\"")) {
		n->string = read_quoted(rest);
		return n;
	}
	n->string = read_word(rest, ",]}\n");
	negative = n->string.n > 1 && n->string.s[0] == '-';
	t = text_from(n->string, negative);
	if (text_number(t, INT64_MAX, &number) && (number == 0 || t.s[0] != '0')) {
		n->kind = NODE_INTEGER;
		n->integer = negative ? -(long long)number : (long long)number;
	}
	return n;
}

static struct node *read_list(struct text *rest)
{
	struct node *list = node_new(NODE_LIST);

	while (!take(rest, "]")) {
		if (rest->n == 0)
			return NULL;
		if (take(rest, "..."))
			list->open = true;
		else
			node_add(list, node_read(rest));
	}
	return list;
}

static struct node *read_dict(struct text *rest)
{
	struct node *dict = node_new(NODE_DICT), *value;
	struct text key;

	while (!take(rest, "}")) {
		if (rest->n == 0)
			return NULL;
		if (take(rest, "...")) {
			dict->open = true;
			continue;
		}
		key = take(rest, "\"") ? read_quoted(rest) : read_word(rest, ":\n");
		if (!take(rest, ":"))
			return NULL;
		value = node_read(rest);
		if (!value)
			return NULL;
		value->key = key;
		node_add(dict, value);
	}
	return dict;
}

struct node *node_read(struct text *rest)
{
	if (take(rest, "["))
		return read_list(rest);
	if (take(rest, "{"))
		return read_dict(rest);
	return read_scalar(rest);
}

/* ---- onto the wire ---- */

static void write_string(struct text t, struct out *out)
{
	out_format(out, "%zu:", t.n);
	out_add(out, t);
}

void node_write_bencode(const struct node *n, struct out *out)
{
	switch (n->kind) {
	case NODE_STRING:
		write_string(n->string, out);
		break;
	case NODE_INTEGER:
		out_format(out, "i%llde", n->integer);
		break;
	case NODE_LIST:
	case NODE_DICT:
		out_char(out, n->kind == NODE_LIST ? 'l' : 'd');
		for (const struct node *c = n->first; c; c = c->next) {
			if (n->kind == NODE_DICT)
				write_string(c->key, out);
			node_write_bencode(c, out);
		}
		out_char(out, 'e');
	}
}

static void write_quoted(struct text t, struct out *out)
{
	out_char(out, '"');
	for (size_t i = 0; i < t.n; i++) {
		unsigned char c = (unsigned char)t.s[i];

		if (c == '"' || c == '\\')
			out_char(out, '\\');
		if (c < ' ')
			out_format(out, "\\u%04x", c);
		else
			out_char(out, (char)c);
	}
	out_char(out, '"');
}

void node_write_json(const struct node *n, struct out *out)
{
	switch (n->kind) {
	case NODE_STRING:
		write_quoted(n->string, out);
		break;
	case NODE_INTEGER:
		out_format(out, "%lld", n->integer);
		break;
	case NODE_LIST:
	case NODE_DICT:
		out_char(out, n->kind == NODE_LIST ? '[' : '{');
		for (const struct node *c = n->first; c; c = c->next) {
			if (n->kind == NODE_DICT) {
				write_quoted(c->key, out);
				out_string(out, ": ");
			}
			node_write_json(c, out);
			out_string(out, c->next ? ", " : "");
		}
		out_char(out, n->kind == NODE_LIST ? ']' : '}');
	}
}

/* ---- off the wire ---- */

static bool eat(struct text *rest, char c)
{
	if (rest->n == 0 || rest->s[0] != c)
		return false;
	*rest = text_from(*rest, 1);
	return true;
}

static bool bencode_string(struct text *rest, struct text *out)
{
	uint64_t n;

	if (!memchr(rest->s, ':', rest->n) || !text_number(text_until(rest, ':'), rest->n, &n) || n > rest->n)
		return false;
	*out = (struct text){rest->s, n};
	*rest = text_from(*rest, n);
	return true;
}

static struct node *bencode_value(struct text *rest)
{
	bool dict = rest->n && rest->s[0] == 'd';
	struct node *n = node_new(dict ? NODE_DICT : NODE_LIST), *child;
	struct text key = {0}, digits;
	uint64_t number;

	if (eat(rest, 'i')) {
		digits = text_until(rest, 'e');
		n->kind = NODE_INTEGER;
		if (!text_number(text_from(digits, digits.n && digits.s[0] == '-'), INT64_MAX, &number))
			return NULL;
		n->integer = digits.s[0] == '-' ? -(long long)number : (long long)number;
		return n;
	}
	if (!eat(rest, 'd') && !eat(rest, 'l')) {
		n->kind = NODE_STRING;
		return bencode_string(rest, &n->string) ? n : NULL;
	}
	while (!eat(rest, 'e')) {
		if ((dict && !bencode_string(rest, &key)) || !(child = bencode_value(rest)))
			return NULL;
		child->key = key;
		node_add(n, child);
	}
	return n;
}

struct node *node_parse_bencode(struct text wire)
{
	struct node *n = bencode_value(&wire);

	return wire.n ? NULL : n;
}

/* Of the escapes those that a strict writer needs; \u up to 00ff, as that byte (nothing here needs more). */
static bool json_escape(struct text *rest, char *to)
{
	static const char from[] = "\"\\/bfnrt", as[] = "\"\\/\b\f\n\r\t";
	char digits[5] = "", *end;
	const char *at;
	unsigned long value;

	if (rest->n == 0)
		return false;
	if (rest->s[0] == 'u' && rest->n > 4) {
		memcpy(digits, rest->s + 1, 4);
		value = strtoul(digits, &end, 16);
		*rest = text_from(*rest, 5);
		*to = (char)value;
		return *end == 0 && value < 256;
	}
	at = memchr(from, rest->s[0], sizeof(from) - 1);
	if (!at)
		return false;
	*to = as[at - from];
	*rest = text_from(*rest, 1);
	return true;
}

static bool json_string(struct text *rest, struct text *out)
{
	char *s = memory(rest->n + 1);

	*out = (struct text){s, 0};
	if (!eat(rest, '"'))
		return false;
	while (!eat(rest, '"')) {
		if (rest->n == 0 || (unsigned char)rest->s[0] < ' ')
			return false;
		if (eat(rest, '\\')) {
			if (!json_escape(rest, &s[out->n++]))
				return false;
			continue;
		}
		s[out->n++] = rest->s[0];
		*rest = text_from(*rest, 1);
	}
	return true;
}

static void json_space(struct text *rest)
{
	while (rest->n && isspace((unsigned char)rest->s[0]))
		*rest = text_from(*rest, 1);
}

static struct node *json_value(struct text *rest);

static struct node *json_children(struct text *rest, bool dict)
{
	struct node *n = node_new(dict ? NODE_DICT : NODE_LIST), *child;
	struct text key = {0};

	json_space(rest);
	if (eat(rest, dict ? '}' : ']'))
		return n;
	do {
		json_space(rest);
		if (dict && !json_string(rest, &key))
			return NULL;
		json_space(rest);
		if ((dict && !eat(rest, ':')) || !(child = json_value(rest)))
			return NULL;
		child->key = key;
		node_add(n, child);
		json_space(rest);
	} while (eat(rest, ','));
	return eat(rest, dict ? '}' : ']') ? n : NULL;
}

static struct node *json_value(struct text *rest)
{
	struct node *n = node_new(NODE_STRING);
	struct text digits;
	bool negative;
	uint64_t number;

	json_space(rest);
	if (eat(rest, '{'))
		return json_children(rest, true);
	if (eat(rest, '['))
		return json_children(rest, false);
	if (rest->n && rest->s[0] == '"')
		return json_string(rest, &n->string) ? n : NULL;
	n->kind = NODE_INTEGER;
	negative = eat(rest, '-');
	digits = (struct text){rest->s, 0};
	while (digits.n < rest->n && isdigit((unsigned char)rest->s[digits.n]))
		digits.n++;
	*rest = text_from(*rest, digits.n);
	if (!text_number(digits, INT64_MAX, &number))
		return NULL;
	n->integer = negative ? -(long long)number : (long long)number;
	return n;
}

struct node *node_parse_json(struct text wire)
{
	struct node *n = json_value(&wire);

	json_space(&wire);
	return wire.n ? NULL : n;
}
