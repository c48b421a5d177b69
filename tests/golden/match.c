/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "match.h"

#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 2, 3))) static bool wrong(struct match *m, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(m->wrong, sizeof(m->wrong), format, arguments);
	va_end(arguments);
	return false;
}

static bool digit(struct text t, size_t at)
{
	return at < t.n && t.s[at] >= '0' && t.s[at] <= '9';
}

static unsigned number(struct text *rest)
{
	unsigned value = 0;

	for (; digit(*rest, 0) && value < 100000; *rest = text_from(*rest, 1))
		value = value * 10 + (unsigned)(rest->s[0] - '0');
	return value;
}

static bool port_fits(struct match *m, unsigned which, bool odd, unsigned is)
{
	if (odd && is % 2 == 0)
		return false;
	is -= odd;
	if (m->ports[which])
		return m->ports[which] == is;
	for (unsigned i = 0; i < MATCH_PORTS; i++)
		if (m->ports[i] == is)
			return false;
	if (is % 2 || is < 20000 || is > 29998)
		return false;
	m->ports[which] = is;
	return true;
}

/* A placeholder at the front of `expected`: both go on behind it. */
static bool take_port(struct match *m, struct text *expected, struct text *is)
{
	unsigned which, port;
	bool odd;

	*expected = text_from(*expected, 4);
	which = number(expected);
	odd = text_starts(*expected, TEXT("+1"));
	if (odd)
		*expected = text_from(*expected, 2);
	port = number(is);
	return which < MATCH_PORTS && port_fits(m, which, odd, port);
}

static void take_anything(struct text *expected, struct text *is)
{
	*expected = text_from(*expected, 3);
	while (is->n && !strchr(" \r\n", is->s[0]) && !(expected->n && is->s[0] == expected->s[0]))
		*is = text_from(*is, 1);
}

static bool match_text(struct match *m, struct text expected, struct text is)
{
	while (expected.n) {
		if (text_starts(expected, TEXT("PORT")) && digit(expected, 4)) {
			if (!take_port(m, &expected, &is))
				return false;
		} else if (text_starts(expected, TEXT("<*>"))) {
			take_anything(&expected, &is);
		} else {
			if (is.n == 0 || is.s[0] != expected.s[0])
				return false;
			expected = text_from(expected, 1);
			is = text_from(is, 1);
		}
	}
	return is.n == 0;
}

static bool match_string(struct match *m, struct text expected, struct text is, const char *path)
{
	if (match_text(m, expected, is))
		return true;
	return wrong(m, "%s: expected\n%.*s\n  but it is\n%.*s", path, TEXT_ARGS(expected), TEXT_ARGS(is));
}

static unsigned children(const struct node *n)
{
	unsigned count = 0;

	for (const struct node *c = n->first; c; c = c->next)
		count++;
	return count;
}

static void path_of(char out[256], const char *path, struct text name)
{
	snprintf(out, 256, "%s%s%.*s", path, *path ? "." : "", TEXT_ARGS(name));
}

static bool match_dict(struct match *m, const struct node *expected, const struct node *is, const char *path)
{
	char below[256];

	for (const struct node *e = expected->first; e; e = e->next) {
		const struct node *i = node_find(is, e->key);

		path_of(below, path, e->key);
		if (!i)
			return wrong(m, "%s: is missing", below);
		if (!match_node(m, e, i, below))
			return false;
	}
	for (const struct node *i = is->first; i && !expected->open; i = i->next)
		if (!node_find(expected, i->key))
			return wrong(m, "%s: '%.*s' is not expected", path, TEXT_ARGS(i->key));
	if (!expected->open && children(is) != children(expected))
		return wrong(m, "%s: a key comes twice", path);
	return true;
}

static bool match_list(struct match *m, const struct node *expected, const struct node *is, const char *path)
{
	const struct node *i = is->first;

	for (const struct node *e = expected->first; e; e = e->next, i = i->next) {
		if (!i)
			return wrong(m, "%s: has %u entries, expected are %u", path, children(is), children(expected));
		if (!match_node(m, e, i, path))
			return false;
	}
	return !i || expected->open || wrong(m, "%s: has %u entries, expected are %u", path, children(is), children(expected));
}

bool match_node(struct match *m, const struct node *expected, const struct node *is, const char *path)
{
	char digits[24];

	if (expected->kind == NODE_STRING && text_is(expected->string, "*"))
		return true;
	if (expected->kind == NODE_STRING && is->kind == NODE_INTEGER) {
		snprintf(digits, sizeof(digits), "%lld", is->integer);
		return text_starts(expected->string, TEXT("PORT")) && match_string(m, expected->string, text_of(digits), path);
	}
	if (expected->kind != is->kind)
		return wrong(m, "%s: is of another kind", path);
	switch (expected->kind) {
	case NODE_STRING:
		return match_string(m, expected->string, is->string, path);
	case NODE_INTEGER:
		return expected->integer == is->integer ||
				wrong(m, "%s: expected %lld, is %lld", path, expected->integer, is->integer);
	case NODE_LIST:
		return match_list(m, expected, is, path);
	case NODE_DICT:
	default:
		return match_dict(m, expected, is, path);
	}
}
