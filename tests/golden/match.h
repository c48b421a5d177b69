/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a reply what the case expects? Every key must be there and no other, but in what ends with `...`; the order of keys does not
 * count, that of lists does. In texts PORT0, PORT1 ... stand for local ports: the first one met is kept, must be even, and is
 * another than the others of the case; PORT0+1 is the odd one after it. A value `*` is anything; `<*>` inside a text is any
 * run of characters up to the next space or line end.
 */
#ifndef AETA_GOLDEN_MATCH_H
#define AETA_GOLDEN_MATCH_H

#include "node.h"

#define MATCH_PORTS 64

struct match {
	unsigned ports[MATCH_PORTS]; /* 0: not met yet */
	char wrong[4096];            /* what does not match, for people */
};

bool match_node(struct match *m, const struct node *expected, const struct node *is, const char *path);

#endif
