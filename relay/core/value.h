/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an ng message holds, as a tree of views: parsed from bencode or JSON into the caller's array, in preorder.
 *
 *      d 7:command 4:ping 5:flags l 1:a 1:b e e        {"command": "ping", "flags": ["a", "b"]}
 *
 *      0 dict, next 7 ─┬─ 1 "command"  2 "ping"
 *                      └─ 3 "flags"    4 list, next 7 ─┬─ 5 "a"
 *                                                      └─ 6 "b"
 *
 * A node's children begin right after it; `next` is the node after its whole subtree, which is its sibling if there is one.
 * Nothing recurses; nesting and number of nodes are limited.
 */
#ifndef RELAY_CORE_VALUE_H
#define RELAY_CORE_VALUE_H

#include "text.h"

#define VALUE_DEPTH_MAX 16

enum value_kind { VALUE_STRING = 0, VALUE_INTEGER, VALUE_LIST, VALUE_DICT };

struct value {
	uint8_t kind;       /* enum value_kind */
	uint32_t next;
	struct text string; /* of an integer its digits, as they stand; of a list or dictionary empty */
	int64_t integer;
};

struct value_tree {
	struct value *at; /* the caller's */
	unsigned n, room;
};

/* Bytes for strings that cannot be views, because they had escapes. Decoded bytes are never more than those they stand for. */
struct scratch {
	char *at; /* the caller's */
	size_t n, room;
};

/*
 * Both add one value to the tree; its root is the node at the former tree->n. `used` is then its length in bytes: what follows is
 * not looked at. Returns 0; -EAGAIN: the beginning of a value, the rest is missing; -EINVAL: no such value; -E2BIG: more nodes or
 * scratch than there is room, or deeper than VALUE_DEPTH_MAX. On an error the tree is as it was.
 * Dictionaries' keys may be in any order. JSON: a number that is no 64-bit integer stays a string, true is 1, false is 0, null is
 * the empty string; a surrogate without its other half becomes U+FFFD.
 */
int bencode_parse(struct text in, struct value_tree *tree, size_t *used);
int json_parse(struct text in, struct value_tree *tree, struct scratch *scratch, size_t *used);

/* An integer, or a string that is one. */
bool value_number(const struct value *v, int64_t *out);

/* `for` over the children of node `parent`; of a dictionary these are key, value, key, value ... */
#define VALUE_EACH(child, tree, parent) \
	for (unsigned child = (parent) + 1; child < (tree)->at[parent].next; child = (tree)->at[child].next)

/* ---- for parsers ---- */

struct value_builder {
	struct value_tree *tree;
	unsigned depth;
	uint32_t open[VALUE_DEPTH_MAX];
	bool key_next[VALUE_DEPTH_MAX]; /* of a dictionary: what comes next is a key */
};

/* Each 0, -EINVAL (a key that is no string, a key without value), -E2BIG. */
int value_add(struct value_builder *b, struct value v);
int value_open(struct value_builder *b, enum value_kind kind);
int value_close(struct value_builder *b);

static inline bool value_wants_key(const struct value_builder *b)
{
	return b->depth && b->key_next[b->depth - 1];
}

static inline bool value_in_dict(const struct value_builder *b)
{
	return b->depth && b->tree->at[b->open[b->depth - 1]].kind == VALUE_DICT;
}

/* `t` as a decimal 64-bit integer with an optional minus; false where it is none. */
bool value_integer_of(struct text t, int64_t *out);

#endif
