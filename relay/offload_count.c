/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel forwards counts as if the core had seen every packet. */
#include "offload_entry.h"

#define UNDER_WAY 200000u /* µs: packets that were on their way up when a flow was written are read within this */

#define SAME_FIELDS(X) \
	X(last) X(expected) X(unique) X(last_arrival) X(first_arrival) X(last_timestamp) X(tick) X(jitter) X(run) X(clock_rate) \
	X(first_timestamp) X(largest_gap_us) X(highest_sequence) X(cycles) X(duplicates) X(reordered) X(restarts) X(type_changes) \
	X(bad_sequence) X(bad_count) X(bad_type) X(last_type) X(started)

void entry_give_state(struct offload *o, const struct entry *e, const struct leg_statistics *from)
{
	struct flow_state *to = flow_set_state(o->set, entry_index(o, e));

#define X(field) to->field = from->field;
	SAME_FIELDS(X)
#undef X
	memcpy(to->seen, from->seen, sizeof(to->seen));
}

static void take_state(struct leg_statistics *to, const struct flow_state *from)
{
#define X(field) to->field = from->field;
	SAME_FIELDS(X)
#undef X
	memcpy(to->seen, from->seen, sizeof(to->seen));
	to->lost = to->expected > to->unique ? (uint32_t)(to->expected - to->unique) : 0;
}

_Static_assert(FLOW_WINDOW == STATISTICS_WINDOW, "the same window");

void entry_refresh(struct offload *o, struct entry *e)
{
	struct component *at = e->at;
	uint32_t index = entry_index(o, e);
	struct flow_counters now;
	uint64_t packets;

	if (flow_set_counters(o->set, index, &now) != 0)
		return;
	packets = now.packets - at->kernel_packets;
	if (packets) {
		e->moved = true;
		e->pause = 0;
		take_state(&at->in, flow_set_state(o->set, index));
		at->in.packets += packets;
		at->in.bytes += now.bytes - at->kernel_bytes;
		relay_flowed(o->relay, at, e->is.from, packets, now.bytes - at->kernel_bytes, at->in.last);
	}
	at->kernel_packets = now.packets;
	at->kernel_bytes = now.bytes;
}

/* RTP packets of the party itself: strangers' are refused, RTCP and keepalives do not count here. */
static uint64_t media_of(const struct component *c)
{
	return c->in.unique + c->in.duplicates;
}

void offload_before(struct offload *o, struct component *c)
{
	struct entry *e = entry_installed(o, c);

	if (!e)
		return;
	entry_refresh(o, e);
	e->media = media_of(c);
}

void offload_after(struct offload *o, struct component *c, uint64_t now)
{
	struct entry *e = entry_installed(o, c);

	if (!e)
		return;
	if (now - e->since >= UNDER_WAY && media_of(c) != e->media)
		e->here++;
	entry_give_state(o, e, &c->in);
}

static void refresh_stream(struct offload *o, struct stream *s)
{
	struct entry *e = entry_installed(o, &s->rtp);

	if (e)
		entry_refresh(o, e);
}

void offload_refresh(struct offload *o, struct call *c)
{
	for (struct party *p = c->parties; p; p = p->next)
		for (unsigned i = 0; i < p->stream_count; i++)
			refresh_stream(o, p->streams[i]);
}

void offload_refresh_all(struct offload *o)
{
	for (unsigned i = 0; i < o->counts.flows; i++)
		entry_refresh(o, &o->entries[o->installed[i]]);
}
