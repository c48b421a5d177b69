/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "value.h"

#include <errno.h>

bool value_integer_of(struct text t, int64_t *out)
{
	bool minus = t.n && t.s[0] == '-';
	uint64_t magnitude;

	if (!text_number(text_from(t, minus), (uint64_t)INT64_MAX + minus, &magnitude))
		return false;
	*out = minus ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	return true;
}

bool value_number(const struct value *v, int64_t *out)
{
	if (v->kind == VALUE_STRING)
		return value_integer_of(v->string, out);
	*out = v->integer;
	return v->kind == VALUE_INTEGER;
}

int value_add(struct value_builder *b, struct value v)
{
	struct value_tree *t = b->tree;

	if (value_wants_key(b) && v.kind != VALUE_STRING)
		return -EINVAL;
	if (t->n >= t->room)
		return -E2BIG;
	v.next = t->n + 1;
	t->at[t->n++] = v;
	if (value_in_dict(b))
		b->key_next[b->depth - 1] = !b->key_next[b->depth - 1];
	return 0;
}

int value_open(struct value_builder *b, enum value_kind kind)
{
	int err;

	if (b->depth >= VALUE_DEPTH_MAX)
		return -E2BIG;
	err = value_add(b, (struct value){.kind = kind});
	if (err)
		return err;
	b->open[b->depth] = b->tree->n - 1;
	b->key_next[b->depth] = kind == VALUE_DICT;
	b->depth++;
	return 0;
}

int value_close(struct value_builder *b)
{
	if (!b->depth || (value_in_dict(b) && !value_wants_key(b)))
		return -EINVAL;
	b->depth--;
	b->tree->at[b->open[b->depth]].next = b->tree->n;
	return 0;
}
