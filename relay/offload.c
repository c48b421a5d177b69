/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offload_entry.h"

#include "clock.h"
#include "log.h"

/* µs of the relay's clock */
#define JUDGED      900000u    /* so long a flow has time to move; a tick is a second, but one may come late and the next on time */
#define PAUSE       5000000u   /* a stuck one is tried again after this, twice that, ... */
#define PAUSE_MAX   320000000u
#define NEWS_SHARE  20u        /* looking at all flows after news of the network takes one part in so many of the time, at most; ... */
#define NEWS_AHEAD  4000000u   /* ... of so much time at once. The tick looks anyway */
#define UP_IN_VAIN  3          /* so many packets of its own that come up, and none that is forwarded: it is stuck */

const struct offload_counts *offload_counts(const struct offload *o)
{
	return &o->counts;
}

/* ---- what changes ---- */

static void come_back(struct offload *o, struct component *c)
{
	struct entry *e = entry_of(o, c);

	if (!e)
		return;
	if (e->state == ENTRY_INSTALLED)
		entry_withdraw(o, e, ENTRY_NONE);
	left_end(o->left, entry_index(o, e));
	e->state = ENTRY_NONE;
	e->pause = 0;
	for (unsigned i = 0; e->fed && i < o->counts.flows;) {
		struct entry *other = &o->entries[o->installed[i]];

		if (other->is.from == c)
			entry_withdraw(o, other, ENTRY_NONE); /* another one takes its place in the list */
		else
			i++;
	}
}

/* Before the relay has its calls, those are opened that it had before. */
void offload_opened(struct offload *o, const struct component *c)
{
	const struct endpoint local = {c->stream->interface->is.address, c->port};
	int64_t index = flow_set_index(o->set, &local);

	if (!o->relay || index < 0 || left_count(o->left) == 0)
		return;
	left_end(o->left, (uint32_t)index);
	left_end_from(o->left, &local);
}

void offload_changed(struct offload *o, struct stream *s)
{
	come_back(o, &s->rtp);
	if (s->peer)
		come_back(o, &s->peer->rtp);
}

void offload_closed(struct offload *o, struct component *c)
{
	if (c->kind == COMPONENT_RTP)
		come_back(o, c);
}

/* ---- once a second: those that are installed ---- */

static bool same_flow(const struct media_flow *a, const struct media_flow *b)
{
	return a->from == b->from && a->ssrc == b->ssrc && a->tos == b->tos && endpoint_equal(&a->source, &b->source) &&
		endpoint_equal(&a->to, &b->to);
}

/*
 * The classic fault of kernel paths: packets come, and are not forwarded. That takes time to tell: news of the network make
 * flows be looked at right after they were installed.
 */
static bool is_stuck(struct entry *e, uint64_t now)
{
	if (!e->moved)
		return e->here >= UP_IN_VAIN && now - e->since >= JUDGED;
	e->moved = false;
	e->here = 0;
	e->since = now;
	return false;
}

static void say_stuck(const struct entry *e)
{
	char where[ENDPOINT_TEXT_MAX];

	endpoint_format(&e->is.source, where);
	log_call(e->pause == PAUSE ? LOG_WARNING : LOG_INFO, e->at->stream->party->call->id,
		"port %u: packets of %s did not take the kernel's path; back in user space for %u s", e->at->port, where, e->pause / 1000000);
}

/* Whatever stood in the way may go away while the call lasts, so it is tried again, ever more seldom. */
static void give_up(struct offload *o, struct entry *e, uint64_t now)
{
	e->pause = !e->pause ? PAUSE : e->pause < PAUSE_MAX ? 2 * e->pause : PAUSE_MAX;
	e->since = now;
	o->counts.stuck++;
	say_stuck(e);
	entry_withdraw(o, e, ENTRY_STUCK);
}

/* The programs have ended it: this process was held up for so long that it was taken for dead. */
static bool has_ended(const struct offload *o, const struct entry *e)
{
	return flow_set_flow(o->set, entry_index(o, e))->generation == 0;
}

/* XDP has come to the interface that it leaves by, or gone from there, since the flow was written. */
static bool knows_another_path(const struct offload *o, const struct entry *e)
{
	bool knows = flow_set_flow(o->set, entry_index(o, e))->flags & FLOW_XDP;

	return knows != flow_set_xdp(o->set, e->hop.ifindex);
}

/* False: it is not installed any more. */
static bool look_at_installed(struct offload *o, struct entry *e, uint64_t now)
{
	struct next_hop hop = {0};
	struct media_flow f;

	entry_refresh(o, e);
	if (has_ended(o, e) || !relay_flow(o->relay, e->at, now, &f) || !same_flow(&f, &e->is) || !entry_way(o, &f, &hop)) {
		entry_withdraw(o, e, ENTRY_NONE);
		return false;
	}
	if (is_stuck(e, now)) {
		give_up(o, e, now);
		return false;
	}
	if (!entry_same_hop(&hop, &e->hop) || knows_another_path(o, e)) {
		e->hop = hop;
		entry_write(o, e);
	}
	return true;
}

static void look_at_all_installed(struct offload *o, uint64_t now)
{
	for (unsigned i = 0; i < o->counts.flows;)
		if (look_at_installed(o, &o->entries[o->installed[i]], now))
			i++;
}

/* ---- those that may be ---- */

/* A stuck one is, when its time has come, or there is another way for it. */
static bool may_be_tried(const struct entry *e, const struct next_hop *hop, uint64_t now)
{
	return e->state == ENTRY_NONE || now - e->since >= e->pause || !entry_same_hop(hop, &e->hop);
}

static void look_at_new(struct offload *o, struct stream *s, uint64_t now)
{
	struct entry *e = entry_of(o, &s->rtp);
	struct next_hop hop = {0};
	struct media_flow f;
	bool settled;

	if (!e || e->state == ENTRY_INSTALLED)
		return;
	settled = relay_flow(o->relay, &s->rtp, now, &f);
	if (left_has(o->left, entry_index(o, e))) {
		if (settled && entry_take_over(o, e, &s->rtp, &f, now))
			return;
		left_end(o->left, entry_index(o, e));
	}
	if (settled && flow_set_forwards(o->set) && entry_way(o, &f, &hop) && may_be_tried(e, &hop, now))
		entry_install(o, e, &s->rtp, &f, &hop, now);
}

static void look_at_call(struct offload *o, struct call *c, uint64_t now)
{
	for (struct party *p = c->parties; p; p = p->next)
		for (unsigned i = 0; i < p->stream_count; i++)
			look_at_new(o, p->streams[i], now);
}

static void look_at_all_new(struct offload *o, uint64_t now)
{
	for (struct call *c = relay_first(o->relay); c; c = relay_next(c))
		look_at_call(o, c, now);
}

/* ---- all of them ---- */

static void look_at_left(struct offload *o, uint64_t now)
{
	unsigned n = left_count(o->left);

	if (n == 0 || now < o->grace_ends)
		return;
	left_end_all(o->left);
	o->counts.orphaned += n;
	log_say(LOG_NOTICE, "%u streams in the kernel were ended: no call of theirs has been known for %u s", n, o->grace_s);
}

static void say_secured(struct offload *o)
{
	if (next_hops_secured(o->hops) == o->secured)
		return;
	o->secured = !o->secured;
	if (o->secured)
		log_say(LOG_NOTICE, "this machine has IPsec policies, which the kernel's path goes past: all streams are forwarded in user space");
	else
		log_say(LOG_NOTICE, "this machine has no IPsec policies any more: streams are given to the kernel");
}

void offload_tick(struct offload *o, uint64_t now)
{
	flow_set_beat(o->set, now, o->outlive_s);
	next_hops_tick(o->hops, now);
	say_secured(o);
	offload_say_news(o, now);
	o->ways_changed = false;
	look_at_all_installed(o, now);
	look_at_all_new(o, now);
	look_at_left(o, now);
}

void offload_serve(struct offload *o, struct relay *r)
{
	uint64_t now = clock_now();
	int rc = flow_set_watch(o->set);

	if (rc)
		log_say(LOG_NOTICE, "if this relay dies, senders will be told by ICMP: %s", strerror(-rc));
	o->relay = r;
	o->grace_ends = now + o->grace_s * 1000000ull;
	look_at_all_new(o, now);
	if (o->counts.taken || left_count(o->left))
		log_say(LOG_NOTICE, "%llu streams in the kernel are taken over, and %u more are there", (unsigned long long)o->counts.taken,
			left_count(o->left));
}

int offload_fd(const struct offload *o)
{
	return next_hops_fd(o->hops);
}

/* At once, since packets may go the wrong way; but a network that changes all the time must not cost a processor. */
void offload_read(struct offload *o)
{
	uint64_t now = clock_now();

	next_hops_read(o->hops);
	if (!o->ways_changed || o->news_paid > now + NEWS_AHEAD)
		return;
	o->ways_changed = false;
	look_at_all_installed(o, now);
	o->news_paid = (o->news_paid > now ? o->news_paid : now) + NEWS_SHARE * (clock_now() - now);
}
