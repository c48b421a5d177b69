/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON (RFC 8259), tolerant where nothing is lost by it: raw control characters and invalid UTF-8 in strings stay as they are. */
#include "utf8.h"
#include "value.h"

#include <errno.h>

struct json {
	struct value_builder b;
	struct scratch *scratch;
	struct text rest;
	bool after_value; /* a comma or a closing bracket comes next */
	bool first;       /* a bracket was just opened: it may be closed at once */
};

static void skip(struct json *j, size_t n)
{
	j->rest = text_from(j->rest, n);
}

static void skip_space(struct json *j)
{
	while (j->rest.n && memchr(" \t\r\n", j->rest.s[0], 4))
		skip(j, 1);
}

/* ---- strings ---- */

static bool hexadecimal(struct text t, uint32_t *out)
{
	*out = 0;
	for (size_t i = 0; i < 4; i++) {
		unsigned c = (unsigned char)t.s[i], low = c | 0x20;

		if (c >= '0' && c <= '9')
			*out = *out << 4 | (c - '0');
		else if (low >= 'a' && low <= 'f')
			*out = *out << 4 | (low - 'a' + 10);
		else
			return false;
	}
	return true;
}

/* \uXXXX at the front of `in`, or two of them that are a surrogate pair. Returns the length in `in`. */
static int unicode(struct text in, uint32_t *out)
{
	uint32_t low;

	if (in.n < 6)
		return -EAGAIN;
	if (!hexadecimal(text_from(in, 2), out))
		return -EINVAL;
	if (*out < 0xd800 || *out > 0xdfff)
		return 6;
	if (*out < 0xdc00 && in.n >= 12 && in.s[6] == '\\' && in.s[7] == 'u' && hexadecimal(text_from(in, 8), &low) &&
			low >= 0xdc00 && low <= 0xdfff) {
		*out = 0x10000 + ((*out - 0xd800) << 10) + (low - 0xdc00);
		return 12;
	}
	*out = UTF8_REPLACEMENT;
	return 6;
}

/* The escape at the front of `in`, written to `to`. Returns its length in `in`; `written` the other one. */
static int escape(struct text in, char to[4], size_t *written)
{
	static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *name;
	uint32_t c;
	int n;

	if (in.n < 2)
		return -EAGAIN;
	if (in.s[1] == 'u') {
		n = unicode(in, &c);
		if (n > 0)
			*written = utf8_write(c, to);
		return n;
	}
	name = in.s[1] ? strchr(names, in.s[1]) : NULL;
	if (!name)
		return -EINVAL;
	to[0] = meant[name - names];
	*written = 1;
	return 2;
}

static int scratch_add(struct scratch *to, const char *s, size_t n)
{
	if (n > to->room - to->n)
		return -E2BIG;
	if (n)
		memcpy(to->at + to->n, s, n);
	to->n += n;
	return 0;
}

/* Up to the next quote or backslash. */
static size_t plain(struct text t)
{
	size_t n = 0;

	while (n < t.n && t.s[n] != '"' && t.s[n] != '\\')
		n++;
	return n;
}

/* A string with escapes, from behind its quote: decoded into scratch. Returns its length in `in` without the last quote. */
static int decoded(struct text in, struct scratch *scratch, struct text *out)
{
	size_t begin = scratch->n;
	struct text rest = in;

	for (;;) {
		size_t n = plain(rest), written;
		char bytes[4];
		int err = scratch_add(scratch, rest.s, n), used;

		if (err)
			return err;
		rest = text_from(rest, n);
		if (rest.n == 0)
			return -EAGAIN;
		if (rest.s[0] == '"')
			break;
		used = escape(rest, bytes, &written);
		if (used < 0)
			return used;
		err = scratch_add(scratch, bytes, written);
		if (err)
			return err;
		rest = text_from(rest, (size_t)used);
	}
	*out = (struct text){scratch->at + begin, scratch->n - begin};
	return (int)(in.n - rest.n);
}

static int string(struct json *j)
{
	struct value v = {.kind = VALUE_STRING};
	struct text in = text_from(j->rest, 1);
	int n = (int)plain(in);

	if ((size_t)n == in.n)
		return -EAGAIN;
	if (in.s[n] == '"')
		v.string = (struct text){in.s, (size_t)n};
	else
		n = decoded(in, j->scratch, &v.string);
	if (n < 0)
		return n;
	skip(j, (size_t)n + 2);
	return value_add(&j->b, v);
}

/* ---- other values ---- */

static size_t digits(struct text t)
{
	size_t n = 0;

	while (n < t.n && t.s[n] >= '0' && t.s[n] <= '9')
		n++;
	return n;
}

/* Is all of `t` a JSON number? (Leading zeros are tolerated.) */
static bool is_number(struct text t)
{
	size_t n;

	t = text_from(t, t.n && t.s[0] == '-');
	n = digits(t);
	if (n == 0)
		return false;
	t = text_from(t, n);
	if (t.n && t.s[0] == '.') {
		n = digits(text_from(t, 1));
		if (n == 0)
			return false;
		t = text_from(t, n + 1);
	}
	if (t.n == 0)
		return true;
	if (t.s[0] != 'e' && t.s[0] != 'E')
		return false;
	t = text_from(t, 1);
	t = text_from(t, t.n && (t.s[0] == '+' || t.s[0] == '-'));
	return t.n && digits(t) == t.n;
}

static int number(struct json *j)
{
	struct value v = {.kind = VALUE_INTEGER, .string = {j->rest.s, 0}};

	while (v.string.n < j->rest.n && j->rest.s[v.string.n] && strchr("+-.0123456789Ee", j->rest.s[v.string.n]))
		v.string.n++;
	if (v.string.n == j->rest.n)
		return -EAGAIN;
	if (!is_number(v.string))
		return -EINVAL;
	if (!value_integer_of(v.string, &v.integer))
		v.kind = VALUE_STRING;
	skip(j, v.string.n);
	return value_add(&j->b, v);
}

static int literal(struct json *j, struct text word, struct value v)
{
	size_t n = word.n < j->rest.n ? word.n : j->rest.n;

	if (memcmp(j->rest.s, word.s, n) != 0)
		return -EINVAL;
	if (n < word.n)
		return -EAGAIN;
	skip(j, n);
	return value_add(&j->b, v);
}

/* ---- structure ---- */

static int open_one(struct json *j, enum value_kind kind)
{
	int err = value_open(&j->b, kind);

	skip(j, 1);
	j->after_value = false;
	j->first = true;
	return err;
}

static int close_one(struct json *j)
{
	bool dict = value_in_dict(&j->b);

	if ((!j->after_value && !j->first) || j->rest.s[0] != (dict ? '}' : ']'))
		return -EINVAL;
	skip(j, 1);
	j->after_value = true;
	j->first = false;
	return value_close(&j->b);
}

static int scalar(struct json *j)
{
	switch (j->rest.s[0]) {
	case '"':
		return string(j);
	case 't':
		return literal(j, TEXT("true"), (struct value){.kind = VALUE_INTEGER, .integer = 1, .string = TEXT("1")});
	case 'f':
		return literal(j, TEXT("false"), (struct value){.kind = VALUE_INTEGER, .string = TEXT("0")});
	case 'n':
		return literal(j, TEXT("null"), (struct value){.kind = VALUE_STRING});
	default:
		return number(j);
	}
}

/* The colon after a key. */
static int colon(struct json *j)
{
	skip_space(j);
	if (j->rest.n == 0)
		return -EAGAIN;
	if (j->rest.s[0] != ':')
		return -EINVAL;
	skip(j, 1);
	return 0;
}

static int value(struct json *j)
{
	bool key = value_wants_key(&j->b);
	int err;

	if (!key && j->rest.s[0] == '{')
		return open_one(j, VALUE_DICT);
	if (!key && j->rest.s[0] == '[')
		return open_one(j, VALUE_LIST);
	if (key && j->rest.s[0] != '"')
		return -EINVAL;
	err = scalar(j);
	j->first = false;
	j->after_value = !key;
	return err || !key ? err : colon(j);
}

static int token(struct json *j)
{
	skip_space(j);
	if (j->rest.n == 0)
		return -EAGAIN;
	if (j->rest.s[0] == '}' || j->rest.s[0] == ']')
		return close_one(j);
	if (!j->after_value)
		return value(j);
	if (j->rest.s[0] != ',')
		return -EINVAL;
	skip(j, 1);
	j->after_value = false;
	return 0;
}

int json_parse(struct text in, struct value_tree *tree, struct scratch *scratch, size_t *used)
{
	struct json j = {.b = {.tree = tree}, .scratch = scratch, .rest = in};
	struct scratch before = *scratch;
	unsigned n = tree->n;
	int err;

	if (in.n > INT32_MAX)
		return -E2BIG;
	do {
		err = token(&j);
		if (err) {
			tree->n = n;
			*scratch = before;
			return err;
		}
	} while (j.b.depth || !j.after_value);
	*used = in.n - j.rest.n;
	return 0;
}
