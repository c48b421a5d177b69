/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offload.h"

#include "clock.h"
#include "core/ports.h"
#include "kernel/next_hop.h"
#include "kernel/rewrite.h"
#include "log.h"
#include "offload_left.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>

/* µs of the relay's clock */
#define UNDER_WAY   200000u    /* packets that were on their way up when a flow was written are read within this */
#define JUDGED      900000u    /* so long a flow has time to move; a tick is a second, but one may come late and the next on time */
#define PAUSE       5000000u   /* a stuck one is tried again after this, twice that, ... */
#define PAUSE_MAX   320000000u
#define NEWS_SHARE  20u        /* looking at all flows after news of the network takes one part in so many of the time, at most; ... */
#define NEWS_AHEAD  4000000u   /* ... of so much time at once. The tick looks anyway */
#define UP_IN_VAIN  3          /* so many packets of its own that come up, and none that is forwarded: it is stuck */

enum entry_state { ENTRY_NONE = 0, ENTRY_INSTALLED, ENTRY_STUCK };

/* What is known of a local port. */
struct entry {
	struct component *at;      /* ENTRY_INSTALLED: whose packets the kernel forwards, ... */
	struct media_flow is;      /* ... how, ... */
	struct next_hop hop;       /* ... and by which way; ifindex 0: the kernel asks its routes */
	uint64_t base_packets, base_bytes; /* of the kernel's counters, when it was installed */
	uint64_t since;            /* installed, or seen to have moved; ENTRY_STUCK: taken back */
	uint64_t media;            /* what media_of() was before the packet in hand */
	uint32_t here;             /* packets of its own that came to user space all the same, from UNDER_WAY after `since` on */
	uint32_t pause;            /* µs: when it was stuck last time, it waited so long; 0: it was not, or has moved since then */
	unsigned fed;              /* flows that leave from this port */
	uint32_t place;            /* in the list of installed ones */
	uint8_t state;             /* enum entry_state */
	bool moved;                /* after `since` */
};

struct offload {
	struct flow_set *set;
	struct flow_pins *pins;    /* NULL: none */
	struct offload_left *left; /* of the relay before this one */
	uint32_t outlive_s, grace_s;
	uint64_t grace_ends;
	struct next_hops *hops;
	struct relay *relay;
	struct entry *entries;     /* by index of the port */
	uint32_t *installed;       /* indices, counts.flows many */
	uint32_t generation;
	bool ways_changed, secured; /* secured: the last that was said of it */
	uint64_t news_paid;        /* µs: when what looks after news have taken is no more than their share */
	struct offload_counts counts;
};

/* ---- start and end ---- */

static bool same_address(const struct sockaddr *a, const struct address *b)
{
	if (!a || (a->sa_family != AF_INET && a->sa_family != AF_INET6))
		return false;
	if (a->sa_family == AF_INET)
		return b->family == 4 && memcmp(&((const struct sockaddr_in *)(const void *)a)->sin_addr, b->bytes, 4) == 0;
	return b->family == 6 && memcmp(&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr, b->bytes, 16) == 0;
}

static bool is_media_address(const struct relay_config *c, const struct sockaddr *a)
{
	for (unsigned i = 0; i < c->interface_count; i++)
		if (same_address(a, &c->interfaces[i].address))
			return true;
	return false;
}

static bool has_media(const struct relay_config *c, const struct ifaddrs *a)
{
	return !(a->ifa_flags & IFF_LOOPBACK) && is_media_address(c, a->ifa_addr);
}

static bool sweep_filters(const struct relay_config *c)
{
	struct ifaddrs *all;
	bool found = false;

	if (getifaddrs(&all) != 0)
		return false;
	for (const struct ifaddrs *a = all; a; a = a->ifa_next)
		if (has_media(c, a) && flow_set_sweep(if_nametoindex(a->ifa_name), c->interfaces[0].port_min))
			found = true;
	freeifaddrs(all);
	return found;
}

int offload_sweep(const struct relay_config *c, const struct flow_pins_place *place)
{
	char error[FLOW_PINS_ERROR_MAX];
	int rc = -ENOENT;
	struct flow_pins *pins = place->directory ? flow_pins_open(place, &rc, error) : NULL;

	if (rc == -EBUSY)
		return rc;
	if (!pins)
		return sweep_filters(c);
	flow_pins_remove(pins);
	flow_set_sweep_all(c->interfaces[0].port_min);
	flow_pins_close(pins);
	return 1;
}

static void say_news(struct offload *o, uint64_t now)
{
	struct flow_news news;
	char name[IF_NAMESIZE];

	while (flow_set_prove(o->set, now, &news))
		log_say(news.path == FLOW_PATH_OFF ? LOG_NOTICE : LOG_INFO, "what comes in by %s is forwarded %s",
			if_indextoname(news.ifindex, name) ? name : "an interface that is gone", news.text);
}

static void say_secured(struct offload *o)
{
	if (next_hops_secured(o->hops) == o->secured)
		return;
	o->secured = !o->secured;
	log_say(LOG_NOTICE, o->secured ? "this machine has IPsec policies, which the kernel's path goes past: all streams are forwarded in user space"
		: "this machine has no IPsec policies any more: streams are given to the kernel");
}

/* The interfaces that have the media addresses; loopback's packets never left this machine, and go the usual way. */
static int attach_all(struct offload *o, const struct relay_config *c, enum flow_path wanted, char *error)
{
	struct ifaddrs *all;
	bool any = false;

	if (getifaddrs(&all) != 0) {
		snprintf(error, FLOW_SET_ERROR_MAX, "no list of interfaces: %s", strerror(errno));
		return -errno;
	}
	for (const struct ifaddrs *a = all; a; a = a->ifa_next)
		if (has_media(c, a) && flow_set_attach(o->set, if_nametoindex(a->ifa_name), wanted))
			any = true;
	freeifaddrs(all);
	flow_set_settle(o->set);
	flow_set_await(o->set);
	say_news(o, clock_now());
	if (any)
		return 0;
	snprintf(error, FLOW_SET_ERROR_MAX, "no interface of a media address takes the program");
	return -EOPNOTSUPP;
}

static void on_ways_changed(void *context)
{
	((struct offload *)context)->ways_changed = true;
}

/*
 * Without them nothing is missing but a restart that nobody notices; `missing` says why then. False: another relay would lose its filters
 * to this one.
 */
static bool open_pins(struct offload *o, const struct offload_options *options, char missing[FLOW_PINS_ERROR_MAX], char *error)
{
	int rc;

	missing[0] = '\0';
	if (!options->pins.directory)
		return true;
	o->pins = flow_pins_open(&options->pins, &rc, missing);
	if (!o->pins && rc == -EBUSY)
		snprintf(error, FLOW_SET_ERROR_MAX, "%s", missing);
	return o->pins || rc != -EBUSY;
}

static void say_start(enum flow_set_start start, const char *error)
{
	if (start == FLOW_SET_TAKEN)
		log_say(LOG_INFO, "the tables in the kernel are those of the relay before");
	if (start == FLOW_SET_REFUSED)
		log_say(LOG_WARNING, "the tables of the relay before in the kernel were taken away: %s", error);
}

static int make_set(struct offload *o, const struct relay_config *c, char *error)
{
	struct flow_range ranges[RELAY_INTERFACES_MAX];
	enum flow_set_start start;

	for (unsigned i = 0; i < c->interface_count; i++)
		ranges[i] = (struct flow_range){c->interfaces[i].address, c->interfaces[i].port_min, c->interfaces[i].port_max};
	o->set = flow_set_new(ranges, c->interface_count, o->pins, &start, error);
	if (!o->set)
		return -EOPNOTSUPP;
	say_start(start, error);
	flow_set_beat(o->set, clock_now(), o->outlive_s);
	o->left = left_new(o->set, &o->generation);
	return o->left ? 0 : -ENOMEM;
}

struct offload *offload_new(const struct relay_config *c, const struct offload_options *options, char error[FLOW_SET_ERROR_MAX])
{
	struct offload *o = calloc(1, sizeof(*o));
	char missing[FLOW_PINS_ERROR_MAX];
	int rc;

	snprintf(error, FLOW_SET_ERROR_MAX, "no memory");
	if (!o)
		return NULL;
	o->outlive_s = options->outlive_s;
	o->grace_s = options->grace_s;
	if (!open_pins(o, options, missing, error) || make_set(o, c, error) != 0)
		goto failed;
	if (missing[0])
		log_say(LOG_NOTICE, "streams in the kernel will not outlive this relay: %s", missing);
	o->entries = calloc(flow_set_ports(o->set), sizeof(*o->entries));
	o->installed = calloc(flow_set_ports(o->set), sizeof(*o->installed));
	o->hops = next_hops_new(on_ways_changed, o, &rc);
	if (!o->hops)
		snprintf(error, FLOW_SET_ERROR_MAX, "no news of routes: %s", strerror(-rc));
	if (o->entries && o->installed && o->hops && attach_all(o, c, options->path, error) == 0)
		return o;
failed:
	offload_free(o, false);
	return NULL;
}

void offload_free(struct offload *o, bool keep)
{
	if (!o)
		return;
	flow_set_free(o->set, keep);
	flow_pins_close(o->pins);
	left_free(o->left);
	next_hops_free(o->hops);
	free(o->entries);
	free(o->installed);
	free(o);
}

const struct offload_counts *offload_counts(const struct offload *o)
{
	return &o->counts;
}

/* ---- entries ---- */

static int64_t index_of(const struct offload *o, const struct component *c)
{
	const struct endpoint local = {c->stream->interface->is.address, c->port};

	return flow_set_index(o->set, &local);
}

static struct entry *entry_of(const struct offload *o, const struct component *c)
{
	int64_t i = c->port && c->open ? index_of(o, c) : -1;

	return i < 0 ? NULL : &o->entries[i];
}

static struct entry *installed_of(const struct offload *o, const struct component *c)
{
	struct entry *e = entry_of(o, c);

	return e && e->state == ENTRY_INSTALLED ? e : NULL;
}

/* ---- counters ---- */

#define SAME_FIELDS(X) \
	X(last) X(expected) X(unique) X(last_arrival) X(first_arrival) X(last_timestamp) X(tick) X(jitter) X(run) X(clock_rate) \
	X(first_timestamp) X(largest_gap_us) X(highest_sequence) X(cycles) X(duplicates) X(reordered) X(restarts) X(type_changes) \
	X(bad_sequence) X(bad_count) X(bad_type) X(last_type) X(started)

static void give_state(const struct leg_statistics *from, struct flow_state *to)
{
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

/* What the kernel has forwarded since the last time becomes the core's. */
static void refresh(struct offload *o, struct entry *e)
{
	struct component *at = e->at;
	uint32_t index = (uint32_t)(e - o->entries);
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
	struct entry *e = installed_of(o, c);

	if (!e)
		return;
	refresh(o, e);
	e->media = media_of(c);
}

void offload_after(struct offload *o, struct component *c, uint64_t now)
{
	struct entry *e = installed_of(o, c);

	if (!e)
		return;
	if (now - e->since >= UNDER_WAY && media_of(c) != e->media)
		e->here++;
	give_state(&c->in, flow_set_state(o->set, (uint32_t)(e - o->entries)));
}

static void refresh_stream(struct offload *o, struct stream *s)
{
	struct entry *e = installed_of(o, &s->rtp);

	if (e)
		refresh(o, e);
}

void offload_refresh(struct offload *o, struct call *c)
{
	for (struct party *p = c->parties; p; p = p->next)
		for (unsigned i = 0; i < p->stream_count; i++)
			refresh_stream(o, p->streams[i]);
}

/* ---- in and out of the kernel ---- */

static void withdraw(struct offload *o, struct entry *e, enum entry_state then)
{
	uint32_t index = (uint32_t)(e - o->entries), last;
	struct entry *from = entry_of(o, e->is.from);

	flow_withdraw(flow_set_flow(o->set, index));
	refresh(o, e);
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

static void write_flow(struct offload *o, struct entry *e)
{
	struct flow f;

	make_flow(o, e, &f);
	if (++o->generation == 0)
		o->generation = 1;
	f.generation = o->generation;
	flow_write(flow_set_flow(o->set, (uint32_t)(e - o->entries)), &f);
}

static bool find_way(struct offload *o, const struct media_flow *f, struct next_hop *hop)
{
	const struct address *leaves = &f->from->stream->interface->is.address;

	return leaves->family == f->to.address.family && next_hops_find(o->hops, leaves, &f->to.address, hop) == 0;
}

static void add_installed(struct offload *o, struct entry *e, const struct entry *is)
{
	unsigned fed = e->fed;

	*e = *is;
	e->fed = fed;
	e->state = ENTRY_INSTALLED;
	e->place = o->counts.flows;
	entry_of(o, e->is.from)->fed++;
	o->installed[o->counts.flows++] = (uint32_t)(e - o->entries);
}

static void install(struct offload *o, struct entry *e, struct component *at, const struct media_flow *f, const struct next_hop *hop,
	uint64_t now)
{
	uint32_t index = (uint32_t)(e - o->entries);
	struct flow_counters counters;

	if (!entry_of(o, f->from) || flow_set_counters(o->set, index, &counters) != 0)
		return;
	at->kernel_packets = counters.packets;
	at->kernel_bytes = counters.bytes;
	add_installed(o, e, &(struct entry){.at = at, .is = *f, .hop = *hop, .since = now, .pause = e->pause,
		.base_packets = counters.packets, .base_bytes = counters.bytes});
	o->counts.installed++;
	give_state(&at->in, flow_set_state(o->set, index));
	call_touch(at->stream->party->call);
	write_flow(o, e);
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

/* The flow that is there is the one that would be installed: no packet notices. False: it is another one. */
static bool take_over(struct offload *o, struct entry *e, struct component *at, const struct media_flow *f, uint64_t now)
{
	uint32_t index = (uint32_t)(e - o->entries);
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
	refresh(o, e);
	return true;
}

static void look_at_left(struct offload *o, uint64_t now)
{
	unsigned n = left_count(o->left);

	if (n == 0 || now < o->grace_ends)
		return;
	left_end_all(o->left);
	o->counts.orphaned += n;
	log_say(LOG_NOTICE, "%u streams in the kernel were ended: no call of theirs has been known for %u s", n, o->grace_s);
}

/* ---- what changes ---- */

static void come_back(struct offload *o, struct component *c)
{
	struct entry *e = entry_of(o, c);

	if (!e)
		return;
	if (e->state == ENTRY_INSTALLED)
		withdraw(o, e, ENTRY_NONE);
	left_end(o->left, (uint32_t)(e - o->entries));
	e->state = ENTRY_NONE;
	e->pause = 0;
	for (unsigned i = 0; e->fed && i < o->counts.flows;) {
		struct entry *other = &o->entries[o->installed[i]];

		if (other->is.from == c)
			withdraw(o, other, ENTRY_NONE); /* another one takes its place in the list */
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

/* ---- once a second ---- */

static bool same_flow(const struct media_flow *a, const struct media_flow *b)
{
	return a->from == b->from && a->ssrc == b->ssrc && a->tos == b->tos && endpoint_equal(&a->source, &b->source) &&
		endpoint_equal(&a->to, &b->to);
}

static bool same_hop(const struct next_hop *a, const struct next_hop *b)
{
	return a->ifindex == b->ifindex && a->mtu == b->mtu && memcmp(a->mac_to, b->mac_to, sizeof(a->mac_to)) == 0 &&
		memcmp(a->mac_from, b->mac_from, sizeof(a->mac_from)) == 0;
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
	withdraw(o, e, ENTRY_STUCK);
}

/* The programs have ended it: this process was held up for so long that it was taken for dead. */
static bool has_ended(const struct offload *o, const struct entry *e)
{
	return flow_set_flow(o->set, (uint32_t)(e - o->entries))->generation == 0;
}

/* XDP has come to the interface that it leaves by, or gone from there, since the flow was written. */
static bool knows_another_path(const struct offload *o, const struct entry *e)
{
	bool knows = flow_set_flow(o->set, (uint32_t)(e - o->entries))->flags & FLOW_XDP;

	return knows != flow_set_xdp(o->set, e->hop.ifindex);
}

/* False: it is not installed any more. */
static bool look_at_installed(struct offload *o, struct entry *e, uint64_t now)
{
	struct next_hop hop = {0};
	struct media_flow f;

	refresh(o, e);
	if (has_ended(o, e) || !relay_flow(o->relay, e->at, now, &f) || !same_flow(&f, &e->is) || !find_way(o, &f, &hop)) {
		withdraw(o, e, ENTRY_NONE);
		return false;
	}
	if (is_stuck(e, now)) {
		give_up(o, e, now);
		return false;
	}
	if (!same_hop(&hop, &e->hop) || knows_another_path(o, e)) {
		e->hop = hop;
		write_flow(o, e);
	}
	return true;
}

/* A stuck one is, when its time has come, or there is another way for it. */
static bool may_be_tried(const struct entry *e, const struct next_hop *hop, uint64_t now)
{
	return e->state == ENTRY_NONE || now - e->since >= e->pause || !same_hop(hop, &e->hop);
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
	if (left_has(o->left, (uint32_t)(e - o->entries))) {
		if (settled && take_over(o, e, &s->rtp, &f, now))
			return;
		left_end(o->left, (uint32_t)(e - o->entries));
	}
	if (settled && flow_set_forwards(o->set) && find_way(o, &f, &hop) && may_be_tried(e, &hop, now))
		install(o, e, &s->rtp, &f, &hop, now);
}

static void look_at_call(struct offload *o, struct call *c, uint64_t now)
{
	for (struct party *p = c->parties; p; p = p->next)
		for (unsigned i = 0; i < p->stream_count; i++)
			look_at_new(o, p->streams[i], now);
}

static void look_at_all_installed(struct offload *o, uint64_t now)
{
	for (unsigned i = 0; i < o->counts.flows;)
		if (look_at_installed(o, &o->entries[o->installed[i]], now))
			i++;
}

void offload_refresh_all(struct offload *o)
{
	for (unsigned i = 0; i < o->counts.flows; i++)
		refresh(o, &o->entries[o->installed[i]]);
}

static void look_at_all_new(struct offload *o, uint64_t now)
{
	for (struct call *c = relay_first(o->relay); c; c = relay_next(c))
		look_at_call(o, c, now);
}

void offload_tick(struct offload *o, uint64_t now)
{
	flow_set_beat(o->set, now, o->outlive_s);
	next_hops_tick(o->hops, now);
	say_secured(o);
	say_news(o, now);
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
