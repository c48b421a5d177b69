/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "saved.h"

#include <errno.h>
#include <stdio.h>

#include "call.h"
#include "fields.h"
#include "party.h"
#include "sdp.h"

#define RECORDINGS_MAX 99 /* files of one call */

/* A record on its way, either way. */
struct saving {
	struct fields f;
	struct relay *relay;
	struct call *call;
	struct interface *on[RELAY_INTERFACES_MAX]; /* as the record numbers them; reading: NULL where there is no such one */
	unsigned on_count;
	bool same_key;                 /* hashes under the writer's key mean something to us */
	bool recorded;
	struct text recording_file;
	uint8_t peer[PARTIES_MAX], of[PARTIES_MAX]; /* reading: numbers of parties, from 1 on; 0: none */
	int error;
	char *why;
};

static bool reading(const struct saving *s)
{
	return fields_reading(&s->f);
}

static bool failed(const struct saving *s)
{
	return s->error || s->f.bad;
}

static void fail(struct saving *s, int error, const char *why)
{
	if (failed(s))
		return;
	s->error = error;
	snprintf(s->why, SAVED_WHY_MAX, "%s", why);
}

static void fail_damaged(struct saving *s)
{
	s->error = -EBADMSG;
	snprintf(s->why, SAVED_WHY_MAX, "its record is damaged");
}

static void require(struct saving *s, bool holds)
{
	if (!holds)
		s->f.bad = true;
}

/* ---- learning and statistics ---- */

static void do_track(struct fields *f, struct learn_track *t)
{
	field_endpoint(f, &t->source);
	FIELD_MAX(f, t->rank, 4);
	FIELD(f, t->count);
	FIELD(f, t->gaps);
	FIELD(f, t->type);
	FIELD(f, t->stream);
	FIELD(f, t->sequence);
	FIELD(f, t->ssrc);
	FIELD_PAST(f, t->last);
}

static void do_learning(struct fields *f, struct learning *l)
{
	FIELD_MAX(f, l->state, LEARN_LOCKED);
	FIELD_MAX(f, l->mode, LEARN_DELAYED);
	FIELD_MAX(f, l->rank, 4);
	FIELD(f, l->outside_allowed);
	FIELD(f, l->ssrc_known);
	FIELD(f, l->previous_known);
	FIELD(f, l->previous_open);
	FIELD(f, l->ssrc);
	field_endpoint(f, &l->source);
	FIELD_PAST(f, l->since);
	FIELD_PAST(f, l->signalled_at);
	FIELD_PAST(f, l->last);
	FIELD_PAST(f, l->plausible);
	do_track(f, &l->candidate);
	do_track(f, &l->outsider);
	FIELD_PAST(f, l->crowded);
	field_endpoint(f, &l->previous);
	FIELD(f, l->previous_ssrc);
}

static void do_sequence(struct fields *f, struct leg_statistics *in)
{
	FIELD(f, in->expected);
	FIELD(f, in->unique);
	FIELD(f, in->lost);
	FIELD(f, in->duplicates);
	FIELD(f, in->reordered);
	FIELD(f, in->restarts);
	FIELD(f, in->ssrc_changes);
	FIELD(f, in->type_changes);
	FIELD(f, in->jitter);
	FIELD(f, in->ssrc);
	FIELD(f, in->clock_rate);
	FIELD(f, in->tick);
	FIELD(f, in->last_timestamp);
	FIELD(f, in->first_timestamp);
	FIELD_PAST(f, in->last_arrival);
	FIELD_PAST(f, in->first_arrival);
	FIELD(f, in->highest_sequence);
	FIELD(f, in->cycles);
	FIELD(f, in->run);
	FIELD(f, in->bad_sequence);
	FIELD(f, in->bad_count);
	FIELD(f, in->bad_type);
	FIELD(f, in->last_type);
	for (unsigned i = 0; i < STATISTICS_WINDOW / 64; i++)
		in->seen[i] = field_word(f, in->seen[i]);
}

static void do_statistics(struct fields *f, struct leg_statistics *in)
{
	FIELD(f, in->packets);
	FIELD(f, in->bytes);
	FIELD_PAST(f, in->first);
	FIELD_PAST(f, in->last);
	FIELD(f, in->keepalives);
	FIELD(f, in->largest_gap_us);
	for (unsigned i = 1; i < REFUSALS_COUNT; i++)
		FIELD(f, in->refused[i]);
	FIELD(f, in->started);
	if (in->started)
		do_sequence(f, in);
}

/* ---- streams ---- */

static void do_component(struct fields *f, struct component *c)
{
	field_endpoint(f, &c->signalled);
	field_endpoint(f, &c->also);
	do_learning(f, &c->learning);
	do_statistics(f, &c->in);
	FIELD(f, c->out_packets);
	FIELD(f, c->out_bytes);
	FIELD(f, c->out_errors);
	FIELD_PAST(f, c->last_here);
	FIELD_PAST(f, c->last_elsewhere);
	FIELD(f, c->kernel_packets);
	FIELD(f, c->kernel_bytes);
}

static void do_types(struct fields *f, uint64_t types[2])
{
	FIELD(f, types[0]);
	FIELD(f, types[1]);
}

static void do_tos(struct fields *f, int16_t *tos)
{
	*tos = (int16_t)((int)field_number(f, (uint64_t)(*tos + 1), 256) - 1);
}

static void do_stream_signalling(struct fields *f, struct stream *s)
{
	do_types(f, s->payload_types);
	do_types(f, s->dtmf_types);
	do_types(f, s->said_types);
	do_types(f, s->said_dtmf);
	FIELD_MAX(f, s->transport, SDP_UDP);
	FIELD_MAX(f, s->direction, SDP_INACTIVE);
	FIELD_MAX(f, s->offered_direction, SDP_INACTIVE);
	FIELD_MAX(f, s->mux_answer, MUX_REFUSED);
	FIELD(f, s->media_type);
	FIELD(f, s->profile);
	FIELD_MAX(f, s->proto, 2);
	do_tos(f, &s->tos);
}

static void do_stream_flags(struct fields *f, struct stream *s)
{
	FIELD(f, s->muxed);
	FIELD(f, s->offered_mux);
	FIELD(f, s->held);
	FIELD(f, s->strict);
	FIELD(f, s->asymmetric);
	FIELD(f, s->handover);
	FIELD(f, s->blocked);
	FIELD(f, s->silenced);
	FIELD(f, s->dtmf_blocked);
	FIELD(f, s->pierce);
	FIELD(f, s->wait);
	FIELD(f, s->offered_rejected);
	FIELD(f, s->offered_held);
	FIELD(f, s->offers_mux);
	FIELD(f, s->mux_required);
}

static unsigned number_of(const struct saving *s, const struct interface *on)
{
	unsigned i = 0;

	while (i < s->on_count && s->on[i] != on)
		i++;
	return i;
}

/* Reading: the pair is taken, its sockets are not opened yet. */
static void do_ports(struct saving *s, struct stream *stream)
{
	uint16_t port = (uint16_t)field_number(&s->f, stream->rtp.port, UINT16_MAX);
	bool rtcp = field_number(&s->f, stream->rtcp.port != 0, 1);

	if (!reading(s) || failed(s))
		return;
	if (port == 0) {
		require(s, !rtcp);
	} else if (port % 2 != 0) {
		require(s, false);
	} else if (!pair_take_this(stream->interface, port)) {
		fail(s, -EADDRNOTAVAIL, "one of its ports is another call's now, or not in the range of ports");
	} else {
		stream->rtp.port = port;
		stream->rtcp.port = rtcp ? (uint16_t)(port + 1) : 0;
		stream->in_use = true;
	}
}

static struct stream *stream_of(struct saving *s, struct party *p, unsigned i, unsigned on)
{
	if (!reading(s))
		return p->streams[i];
	if (failed(s) || on >= s->on_count)
		return NULL;
	if (!s->on[on]) {
		fail(s, -EADDRNOTAVAIL, "the relay does not have its local address any more");
		return NULL;
	}
	p->streams[i] = stream_new(p, s->on[on]);
	if (!p->streams[i]) {
		fail(s, -ENOMEM, "no memory");
		return NULL;
	}
	p->stream_count++;
	return p->streams[i];
}

static void do_stream(struct saving *s, struct party *p, unsigned i)
{
	unsigned on = (unsigned)field_number(&s->f, reading(s) ? 0 : number_of(s, p->streams[i]->interface), RELAY_INTERFACES_MAX - 1);
	struct stream *stream = stream_of(s, p, i, on);

	if (!stream) {
		require(s, failed(s));
		return;
	}
	do_ports(s, stream);
	do_stream_signalling(&s->f, stream);
	do_stream_flags(&s->f, stream);
	do_component(&s->f, &stream->rtp);
	do_component(&s->f, &stream->rtcp);
}

/* ---- parties ---- */

static void do_text(struct saving *s, struct party *p, struct text *t)
{
	struct text is = field_text(&s->f, *t);

	if (reading(s) && !failed(s) && arena_text(&p->memory, is, t) < 0)
		fail(s, -ENOMEM, "no memory");
}

static void do_number(struct saving *s, const struct party *p, uint8_t *to)
{
	const struct party *at = s->call->parties;
	uint64_t number = 0;

	if (!reading(s) && p)
		for (number = 1; at != p; at = at->next)
			number++;
	number = field_number(&s->f, number, PARTIES_MAX);
	if (reading(s))
		*to = (uint8_t)number;
}

/* A stream of the party, or none. */
static void do_map(struct fields *f, const struct party *p, uint8_t *map)
{
	for (unsigned i = 0; i < p->media_count; i++) {
		unsigned above = map[i] == NO_STREAM ? 0 : map[i] + 1u;

		above = (unsigned)field_number(f, above, p->stream_count);
		map[i] = above ? (uint8_t)(above - 1) : NO_STREAM;
	}
}

static void do_party_interface(struct saving *s, struct party *p)
{
	unsigned above = !reading(s) && p->interface ? number_of(s, p->interface) + 1 : 0;

	above = (unsigned)field_number(&s->f, above, s->on_count);
	if (reading(s) && above && !s->on[above - 1])
		fail(s, -EADDRNOTAVAIL, "the relay does not have its local address any more");
	if (reading(s))
		p->interface = above ? s->on[above - 1] : NULL;
}

static void do_party_state(struct saving *s, struct party *p)
{
	struct fields *f = &s->f;

	do_text(s, p, &p->label);
	FIELD(f, p->origin_kept);
	do_text(s, p, &p->origin_username);
	do_text(s, p, &p->origin_id);
	do_text(s, p, &p->session_name);
	field_address(f, &p->sip_source);
	FIELD_MAX(f, p->family, 6);
	FIELD(f, p->answered);
	FIELD(f, p->final);
	FIELD(f, p->blocked);
	FIELD(f, p->silenced);
	FIELD(f, p->dtmf_blocked);
	FIELD(f, p->hidden);
	do_text(s, p, &p->hidden_lines);
	FIELD_PAST(f, p->created);
	FIELD(f, p->sdp_version);
	p->sdp_hash = field_word(f, p->sdp_hash);
	if (reading(s) && p->sdp_hash && !s->same_key)
		p->sdp_hash = 1; /* of no SDP: the next one is another version */
}

static struct party *party_made(struct saving *s, struct text tag, struct text branch, unsigned streams, unsigned medias)
{
	struct party *p;

	if (failed(s))
		return NULL;
	p = party_new(s->call, tag, branch, streams, medias, s->f.now);
	if (!p)
		fail(s, -ENOMEM, "no memory");
	return p;
}

/* Its streams come after what says where its m-lines are. */
static struct party *do_party(struct saving *s, struct party *p, unsigned number)
{
	struct fields *f = &s->f;
	struct text tag = field_text(f, p ? p->tag : (struct text){0}), branch = field_text(f, p ? p->branch : (struct text){0});
	unsigned streams = (unsigned)field_number(f, p ? p->stream_count : 0, SDP_MEDIA_MAX);
	unsigned medias = (unsigned)field_number(f, p ? p->media_count : 0, SDP_MEDIA_MAX);

	if (reading(s))
		p = party_made(s, tag, branch, streams, medias);
	if (!p)
		return NULL;
	do_number(s, p->peer, &s->peer[number]);
	do_number(s, p->of, &s->of[number]);
	do_party_interface(s, p);
	do_party_state(s, p);
	for (unsigned i = 0; i < streams && !failed(s); i++)
		do_stream(s, p, i);
	if (failed(s))
		return NULL;
	p->media_count = (uint16_t)medias;
	do_map(f, p, p->media_stream);
	do_map(f, p, p->media_fec);
	return p;
}

/* ---- the call ---- */

static void do_flags(struct fields *f, struct call *c)
{
	FIELD(f, c->blocked);
	FIELD(f, c->silenced);
	FIELD(f, c->dtmf_blocked);
	FIELD(f, c->dropping);
	FIELD(f, c->answered);
	do_tos(f, &c->tos);
}

static void do_gone(struct saving *s, struct call *c)
{
	for (unsigned i = 0; i < CALL_GONE; i++) {
		FIELD(&s->f, c->gone[i]);
		if (reading(s) && !s->same_key)
			c->gone[i] = 0;
	}
	FIELD_MAX(&s->f, c->gone_next, CALL_GONE - 1);
}

static void do_metadata(struct saving *s, struct call *c)
{
	struct text metadata = field_text(&s->f, c->metadata);

	if (reading(s) && !failed(s) && call_metadata(c, metadata) < 0)
		fail(s, -ENOMEM, "no memory");
}

static void do_call(struct saving *s, struct call *c)
{
	struct fields *f = &s->f;
	struct party *p = c->parties;
	unsigned count = c->party_count;

	FIELD_PAST(f, c->last_signal);
	FIELD_PAST(f, c->last_media);
	c->delete_at = field_time(f, c->delete_at);
	do_flags(f, c);
	do_gone(s, c);
	do_metadata(s, c);
	s->recorded = field_number(f, c->recorded, 1);
	s->recording_file = field_text(f, c->recording_file);
	count = (unsigned)field_number(f, count, PARTIES_MAX);
	for (unsigned i = 0; i < count && !failed(s); i++) {
		do_party(s, p, i);
		p = p ? p->next : NULL;
	}
}

/* ---- a record ---- */

/* What its hashes were made with, without saying it. */
static uint64_t key_mark(const struct relay *r)
{
	return text_hash(TEXT("saved"), r->config.key);
}

static void do_interfaces(struct saving *s)
{
	s->on_count = (unsigned)field_number(&s->f, s->on_count, RELAY_INTERFACES_MAX);
	for (unsigned i = 0; i < s->on_count && !failed(s); i++) {
		struct address address = reading(s) ? (struct address){0} : s->on[i]->is.address;
		struct text name = field_text(&s->f, reading(s) ? (struct text){0} : text_of(s->on[i]->is.name));

		field_address(&s->f, &address);
		if (reading(s))
			s->on[i] = ports_at(&s->relay->ports, name, &address);
	}
}

/* Who wrote it: the key of its hashes, and its clock's distance from 1970. */
struct writer {
	uint64_t key_mark, epoch_offset;
};

/* The SIP server's names of the call stand before all that is only for a relay. False: it is of another version. */
static bool do_front(struct fields *f, struct writer *w, struct saved_head *h)
{
	if (field_number(f, SAVED_VERSION, UINT64_MAX) != SAVED_VERSION)
		return false;
	w->key_mark = field_word(f, w->key_mark);
	w->epoch_offset = field_word(f, w->epoch_offset);
	h->id = field_text(f, h->id);
	h->from_tag = field_text(f, h->from_tag);
	h->to_tag = field_text(f, h->to_tag);
	return true;
}

/* ---- writing ---- */

static void add_interface(struct saving *s, struct interface *on)
{
	if (on && number_of(s, on) == s->on_count)
		s->on[s->on_count++] = on;
}

static void gather_interfaces(struct saving *s)
{
	for (const struct party *p = s->call->parties; p; p = p->next) {
		add_interface(s, p->interface);
		for (unsigned i = 0; i < p->stream_count; i++)
			add_interface(s, p->streams[i]->interface);
	}
}

void saved_write(struct call *c, struct out *to)
{
	struct saving s = {.f = {.to = to}, .relay = c->relay, .call = c};
	struct writer w = {key_mark(c->relay), c->relay->config.epoch_offset};
	struct saved_head head = {.id = c->id};

	if (c->parties)
		head.from_tag = c->parties->tag;
	if (c->parties && c->parties->peer)
		head.to_tag = c->parties->peer->tag;
	gather_interfaces(&s);
	do_front(&s.f, &w, &head);
	field_past(&s.f, c->created);
	do_interfaces(&s);
	do_call(&s, c);
}

/* ---- reading ---- */

bool saved_head(struct text record, struct saved_head *head)
{
	struct fields f = {.from = record, .now = FIELD_TIME_MAX};
	struct writer w = {0};

	*head = (struct saved_head){0};
	if (!do_front(&f, &w, head))
		return false;
	head->created = field_past(&f, 0);
	return !f.bad && head->id.n;
}

static struct party *numbered(const struct call *c, unsigned number)
{
	struct party *p = number ? c->parties : NULL;

	while (p && --number)
		p = p->next;
	return p;
}

/* As streams_link() leaves them. */
static void link_streams(struct party *p)
{
	for (unsigned i = 0; p->peer && i < p->stream_count; i++) {
		struct stream *other = i < p->peer->stream_count ? p->peer->streams[i] : NULL;

		if (other && other->in_use && p->streams[i]->in_use)
			p->streams[i]->peer = other;
	}
}

static void check_party(struct saving *s, unsigned n)
{
	unsigned peer = s->peer[n], of = s->of[n], count = s->call->party_count;

	require(s, of <= count && of != n + 1);
	require(s, peer <= count && peer != n + 1 && (peer == 0 || s->peer[peer - 1] == n + 1));
}

static void link_parties(struct saving *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < s->call->party_count && !failed(s); i++)
		check_party(s, i);
	if (failed(s))
		return;
	for (struct party *p = s->call->parties; p; p = p->next, n++) {
		p->of = numbered(s->call, s->of[n]);
		p->peer = numbered(s->call, s->peer[n]);
	}
	for (struct party *p = s->call->parties; p; p = p->next)
		link_streams(p);
}

static void open_ports(struct saving *s)
{
	char why[SAVED_WHY_MAX];
	int rc;

	for (struct party *p = s->call->parties; p; p = p->next)
		for (unsigned i = 0; i < p->stream_count && !failed(s); i++) {
			uint16_t port = p->streams[i]->rtp.port;

			rc = port ? stream_open_again(p->streams[i]) : 0;
			if (!rc)
				continue;
			snprintf(why, sizeof(why), "ports %u and %u cannot be had: %s", port, port + 1u, strerror(-rc));
			fail(s, rc, why);
		}
}

/* On into another file beside the one that it had. */
static void record_on(struct saving *s)
{
	struct text base = s->recording_file;
	struct relay *r = s->relay;
	char line[80];
	struct out name;
	int error = -EEXIST;

	if (base.n > 5 && text_is(text_from(base, base.n - 5), ".pcap"))
		base.n -= 5;
	out_init(&name, OUT_MAX);
	for (unsigned i = 2; error == -EEXIST && i <= RECORDINGS_MAX; i++) {
		out_clear(&name);
		out_add(&name, base);
		out_format(&name, "-%u.pcap", i);
		error = name.failed ? -ENOMEM : call_record(s->call, base.n ? out_text(&name) : base, (struct text){0}, (struct text){0});
	}
	out_free(&name);
	if (!error)
		return;
	snprintf(line, sizeof(line), "the call is not recorded any more: %s", strerror(-error));
	r->shell.log(r->shell.context, 4, s->call, line);
}

/* All but its sockets. */
static void read_call(struct saving *s, struct text id, uint64_t now)
{
	struct call *c;
	uint64_t created = field_past(&s->f, 0);

	do_interfaces(s);
	if (failed(s))
		return;
	c = s->call = call_new(s->relay, id, now);
	if (!c) {
		fail(s, -ENOMEM, "no memory");
		return;
	}
	c->created = created;
	call_by_age(c);
	do_call(s, c);
	if (!failed(s))
		require(s, s->f.from.n == 0);
	if (!failed(s))
		link_parties(s);
}

int saved_restore(struct relay *r, struct text record, bool same_clock, uint64_t now, char why[SAVED_WHY_MAX])
{
	struct saving s = {.f = {.from = record, .now = now}, .relay = r, .why = why};
	struct writer w = {0};
	struct saved_head head = {0};

	r->now = now;
	if (!do_front(&s.f, &w, &head))
		fail(&s, -EPROTO, "it was written by another version");
	require(&s, head.id.n > 0);
	s.same_key = w.key_mark == key_mark(r);
	s.f.shift = same_clock ? 0 : (int64_t)(w.epoch_offset - r->config.epoch_offset);
	if (!failed(&s) && call_find(r, head.id))
		fail(&s, -EEXIST, "there is a call of this Call-ID");
	if (!failed(&s))
		read_call(&s, head.id, now);
	if (!failed(&s))
		open_ports(&s);
	if (s.f.bad && !s.error)
		fail_damaged(&s);
	if (!s.error && s.recorded)
		record_on(&s);
	if (!s.error)
		call_touch(s.call);
	else if (s.call)
		call_discard(s.call);
	return s.error;
}
