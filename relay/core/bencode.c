/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bencode: i-12e, 3:abc, l...e, d<key><value>...e. Leading zeros are tolerated, keys may be in any order. */
#include "value.h"

#include <errno.h>

#define LENGTH_DIGITS_MAX 9

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits at the front of `in`, followed by `end`. Returns how many there are; -EAGAIN, -EINVAL. */
static int digits_before(struct text in, size_t max, char end)
{
	size_t n = 0;

	while (n < in.n && n <= max && digit(in.s[n]))
		n++;
	if (n > max)
		return -EINVAL;
	if (n == in.n)
		return -EAGAIN;
	return n && in.s[n] == end ? (int)n : -EINVAL;
}

/* i<digits>e. Returns its length. */
static int integer(struct value_builder *b, struct text in)
{
	struct text rest = text_from(in, 1);
	struct value v = {.kind = VALUE_INTEGER};
	size_t minus = rest.n && rest.s[0] == '-';
	int n = digits_before(text_from(rest, minus), in.n, 'e'), err;

	if (n < 0)
		return n;
	v.string = (struct text){rest.s, minus + (size_t)n};
	if (!value_integer_of(v.string, &v.integer))
		return -EINVAL;
	err = value_add(b, v);
	return err ? err : n + (int)minus + 2;
}

/* <length>:<bytes>. Returns its length. */
static int string(struct value_builder *b, struct text in)
{
	int n = digits_before(in, LENGTH_DIGITS_MAX, ':'), err;
	uint64_t length;

	if (n < 0)
		return n;
	text_number((struct text){in.s, (size_t)n}, UINT64_MAX, &length);
	in = text_from(in, (size_t)n + 1);
	if (length > in.n)
		return -EAGAIN;
	err = value_add(b, (struct value){.kind = VALUE_STRING, .string = {in.s, length}});
	return err ? err : n + 1 + (int)length;
}

/* The token at the front of `in`. Returns its length. */
static int token(struct value_builder *b, struct text in)
{
	int err;

	if (in.n == 0)
		return -EAGAIN;
	switch (in.s[0]) {
	case 'i':
		return integer(b, in);
	case 'l':
		err = value_open(b, VALUE_LIST);
		break;
	case 'd':
		err = value_open(b, VALUE_DICT);
		break;
	case 'e':
		err = value_close(b);
		break;
	default:
		return digit(in.s[0]) ? string(b, in) : -EINVAL;
	}
	return err ? err : 1;
}

int bencode_parse(struct text in, struct value_tree *tree, size_t *used)
{
	struct value_builder b = {.tree = tree};
	unsigned before = tree->n;
	struct text rest = in;
	int n;

	if (in.n > INT32_MAX)
		return -E2BIG;
	do {
		n = token(&b, rest);
		if (n < 0) {
			tree->n = before;
			return n;
		}
		rest = text_from(rest, (size_t)n);
	} while (b.depth);
	*used = in.n - rest.n;
	return 0;
}
