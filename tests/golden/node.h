/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an ng message holds, as the golden cases write it, and as it goes over the wire. Written apart from the relay's own decoder
 * and writer, so that a mistake in one is seen by the other. Memory is freed all at once, by node_forget().
 */
#ifndef AETA_GOLDEN_NODE_H
#define AETA_GOLDEN_NODE_H

#include "core/out.h"

enum node_kind { NODE_STRING, NODE_INTEGER, NODE_LIST, NODE_DICT };

struct node {
	enum node_kind kind;
	struct text key;      /* in a dictionary */
	struct text string;
	long long integer;
	bool open;            /* of an expected list or dictionary: others may follow */
	struct node *first, *last, *next;
};

void node_forget(void);

struct node *node_new(enum node_kind kind);
void node_add(struct node *to, struct node *child);
struct node *node_find(const struct node *dict, struct text key);
struct text text_copy(struct text t);

/*
 * A value as the cases write it: 12, word, "quoted", [a, b], {key: value}; `...` ends a list or dictionary that may hold more.
 * NULL: there is none.
 */
struct node *node_read(struct text *rest);

void node_write_bencode(const struct node *n, struct out *out);
void node_write_json(const struct node *n, struct out *out);

/* The whole of `wire`, and nothing behind it; NULL: it is malformed. */
struct node *node_parse_bencode(struct text wire);
struct node *node_parse_json(struct text wire);

#endif
