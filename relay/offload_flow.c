/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stream as a flow in the kernel's table: in, out, another way, taken over from the relay before this one. */
#include "offload_entry.h"

#include "kernel/rewrite.h"

#include <arpa/inet.h>

/* ---- entries ---- */

static int64_t index_of(const struct offload *o, const struct component *c)
{
	const struct endpoint local = {c->stream->interface->is.address, c->port};

	return flow_set_index(o->set, &local);
}

struct entry *entry_of(const struct offload *o, const struct component *c)
{
	int64_t i = c->port && c->open ? index_of(o, c) : -1;

	return i < 0 ? NULL : &o->entries[i];
}

struct entry *entry_installed(const struct offload *o, const struct component *c)
{
	struct entry *e = entry_of(o, c);

	return e && e->state == ENTRY_INSTALLED ? e : NULL;
}

/* ---- the flow ---- */

static void put_address(const struct address *a, __be32 *four, __u8 six[16])
{
	if (a->family == 6)
		memcpy(six, a->bytes, 16);
	else
		memcpy(four, a->bytes, 4);
}

static void make_flow(const struct offload *o, const struct entry *e, struct flow *f)
{
	const struct component *at = e->at;
	const struct address *local = &at->stream->interface->is.address, *leaves = &e->is.from->stream->interface->is.address;

	*f = (struct flow){.flags = FLOW_RTP | FLOW_RTCP_TO_USER, .ssrc = htonl(e->is.ssrc), .source_port = htons(e->is.source.port),
		.from_port = htons(e->is.from->port), .to_port = htons(e->is.to.port), .ifindex = e->hop.ifindex, .mtu = e->hop.mtu,
		.base_packets = e->base_packets, .base_bytes = e->base_bytes};
	if (local->family == 6)
		f->flags |= FLOW_IN_IPV6;
	if (leaves->family == 6)
		f->flags |= FLOW_OUT_IPV6;
	if (e->is.tos >= 0) {
		f->flags |= FLOW_SET_DSCP;
		f->tos = (uint8_t)e->is.tos;
	}
	if (flow_set_xdp(o->set, e->hop.ifindex))
		f->flags |= FLOW_XDP;
	put_address(&e->is.source.address, &f->source4, f->source6);
	put_address(leaves, &f->from4, f->from6);
	put_address(&e->is.to.address, &f->to4, f->to6);
	memcpy(f->mac_to, e->hop.mac_to, sizeof(f->mac_to));
	memcpy(f->mac_from, e->hop.mac_from, sizeof(f->mac_from));
	flow_seal(f, local->bytes, htons(at->port));
}

void entry_write(struct offload *o, struct entry *e)
{
	struct flow f;

	make_flow(o, e, &f);
	if (++o->generation == 0)
		o->generation = 1;
	f.generation = o->generation;
	flow_write(flow_set_flow(o->set, entry_index(o, e)), &f);
}

bool entry_way(struct offload *o, const struct media_flow *f, struct next_hop *hop)
{
	const struct address *leaves = &f->from->stream->interface->is.address;

	return leaves->family == f->to.address.family && next_hops_find(o->hops, leaves, &f->to.address, hop) == 0;
}

bool entry_same_hop(const struct next_hop *a, const struct next_hop *b)
{
	return a->ifindex == b->ifindex && a->mtu == b->mtu && memcmp(a->mac_to, b->mac_to, sizeof(a->mac_to)) == 0 &&
		memcmp(a->mac_from, b->mac_from, sizeof(a->mac_from)) == 0;
}

static void add_installed(struct offload *o, struct entry *e, const struct entry *is)
{
	unsigned fed = e->fed;

	*e = *is;
	e->fed = fed;
	e->state = ENTRY_INSTALLED;
	e->place = o->counts.flows;
	entry_of(o, e->is.from)->fed++;
	o->installed[o->counts.flows++] = entry_index(o, e);
}

void entry_install(struct offload *o, struct entry *e, struct component *at, const struct media_flow *f, const struct next_hop *hop,
	uint64_t now)
{
	uint32_t index = entry_index(o, e);
	struct flow_counters counters;

	if (!entry_of(o, f->from) || flow_set_counters(o->set, index, &counters) != 0)
		return;
	at->kernel_packets = counters.packets;
	at->kernel_bytes = counters.bytes;
	add_installed(o, e, &(struct entry){.at = at, .is = *f, .hop = *hop, .since = now, .pause = e->pause,
		.base_packets = counters.packets, .base_bytes = counters.bytes});
	o->counts.installed++;
	entry_give_state(o, e, &at->in);
	call_touch(at->stream->party->call);
	entry_write(o, e);
}

void entry_withdraw(struct offload *o, struct entry *e, enum entry_state then)
{
	uint32_t index = entry_index(o, e), last;
	struct entry *from = entry_of(o, e->is.from);

	flow_withdraw(flow_set_flow(o->set, index));
	entry_refresh(o, e);
	if (from && from->fed)
		from->fed--;
	o->counts.flows--;
	o->counts.withdrawn++;
	last = o->installed[o->counts.flows];
	o->installed[e->place] = last;
	o->entries[last].place = e->place;
	call_touch(e->at->stream->party->call);
	e->state = (uint8_t)then;
	e->at = NULL;
}

/* ---- what the relay before this one has left ---- */

static void read_hop(const struct flow *f, struct next_hop *hop)
{
	*hop = (struct next_hop){.ifindex = f->ifindex, .mtu = f->mtu};
	memcpy(hop->mac_to, f->mac_to, sizeof(hop->mac_to));
	memcpy(hop->mac_from, f->mac_from, sizeof(hop->mac_from));
}

/* What was saved with the call is older than the flow where the relay before had no time to save it again. */
static void find_base(struct component *at, const struct flow *is, const struct flow_counters *now)
{
	if (at->kernel_packets >= is->base_packets && at->kernel_packets <= now->packets)
		return;
	at->kernel_packets = is->base_packets;
	at->kernel_bytes = is->base_bytes;
}

bool entry_take_over(struct offload *o, struct entry *e, struct component *at, const struct media_flow *f, uint64_t now)
{
	uint32_t index = entry_index(o, e);
	const struct flow *is = flow_set_flow(o->set, index);
	struct entry taken = {.at = at, .is = *f, .since = now, .base_packets = is->base_packets, .base_bytes = is->base_bytes};
	struct flow_counters counters;
	struct flow wanted;

	read_hop(is, &taken.hop);
	make_flow(o, &taken, &wanted);
	if (!entry_of(o, f->from) || !left_is_like(is, &wanted) || flow_set_counters(o->set, index, &counters) != 0)
		return false;
	find_base(at, is, &counters);
	taken.moved = counters.packets > is->base_packets;
	add_installed(o, e, &taken);
	left_take(o->left, index);
	o->counts.taken++;
	entry_refresh(o, e);
	return true;
}
