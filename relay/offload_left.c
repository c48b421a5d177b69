/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offload_left.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

struct offload_left {
	struct flow_set *set;
	unsigned count;
	bool is[]; /* by index */
};

struct offload_left *left_new(struct flow_set *set, uint32_t *generation)
{
	unsigned ports = flow_set_ports(set);
	struct offload_left *l = calloc(1, sizeof(*l) + ports * sizeof(l->is[0]));

	*generation = 0;
	if (!l)
		return NULL;
	l->set = set;
	for (uint32_t i = 0; i < ports; i++) {
		uint32_t is = flow_set_flow(set, i)->generation;

		l->is[i] = is != 0;
		l->count += is != 0;
		if (is > *generation)
			*generation = is;
	}
	return l;
}

void left_free(struct offload_left *l)
{
	free(l);
}

unsigned left_count(const struct offload_left *l)
{
	return l->count;
}

bool left_has(const struct offload_left *l, uint32_t index)
{
	return l->count && l->is[index];
}

void left_take(struct offload_left *l, uint32_t index)
{
	l->is[index] = false;
	l->count--;
}

void left_end(struct offload_left *l, uint32_t index)
{
	if (!left_has(l, index))
		return;
	flow_withdraw(flow_set_flow(l->set, index));
	left_take(l, index);
}

static bool leaves_from(const struct flow *f, const struct endpoint *from)
{
	if (f->from_port != htons(from->port))
		return false;
	if (from->address.family == 6)
		return f->flags & FLOW_OUT_IPV6 && memcmp(f->from6, from->address.bytes, 16) == 0;
	return !(f->flags & FLOW_OUT_IPV6) && memcmp(&f->from4, from->address.bytes, 4) == 0;
}

void left_end_from(struct offload_left *l, const struct endpoint *from)
{
	for (uint32_t i = 0; l->count && i < flow_set_ports(l->set); i++)
		if (l->is[i] && leaves_from(flow_set_flow(l->set, i), from))
			left_end(l, i);
}

void left_end_all(struct offload_left *l)
{
	for (uint32_t i = 0; l->count && i < flow_set_ports(l->set); i++)
		left_end(l, i);
}

bool left_is_like(const struct flow *a, const struct flow *b)
{
	const unsigned way = FLOW_XDP;

	return ((a->flags ^ b->flags) & ~way) == 0 && a->tos == b->tos && a->ssrc == b->ssrc && a->source_port == b->source_port &&
		a->source4 == b->source4 && a->from4 == b->from4 && a->to4 == b->to4 && a->from_port == b->from_port &&
		a->to_port == b->to_port && memcmp(a->source6, b->source6, 16) == 0 && memcmp(a->from6, b->from6, 16) == 0 &&
		memcmp(a->to6, b->to6, 16) == 0;
}
