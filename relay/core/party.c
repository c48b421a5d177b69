/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "party.h"

#include "learn.h"

/* ---- birth and death ---- */

static size_t room_for(unsigned streams, unsigned medias)
{
	return sizeof(struct party) + streams * (sizeof(struct stream *) + sizeof(struct stream) + 16) + 2 * medias + 64;
}

struct party *party_new(struct call *c, struct text tag, struct text branch, unsigned streams, unsigned medias, uint64_t now)
{
	struct arena memory;
	struct party *p, **end = &c->parties;

	if (c->party_count >= PARTIES_MAX || arena_init(&memory, room_for(streams, medias) + tag.n + branch.n + 48) < 0)
		return NULL;
	p = arena_take(&memory, sizeof(*p));
	if (!p)
		goto failed;
	p->memory = memory;
	p->call = c;
	p->created = now;
	if (party_room(p, streams, medias) < 0 || arena_text(&p->memory, tag, &p->tag) < 0 ||
			arena_text(&p->memory, branch, &p->branch) < 0) {
		memory = p->memory;
		goto failed;
	}
	while (*end)
		end = &(*end)->next;
	*end = p;
	c->party_count++;
	return p;
failed:
	arena_free(&memory);
	return NULL;
}

void party_free(struct party *p)
{
	struct call *c = p->call;
	struct party **at = &c->parties;
	struct arena memory = p->memory;

	party_unlink(p);
	for (unsigned i = 0; i < p->stream_count; i++)
		stream_close(p->streams[i]);
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	c->party_count--;
	for (struct party *other = c->parties; other; other = other->next)
		if (other->of == p)
			other->of = NULL;
	arena_free(&memory);
}

int party_room(struct party *p, unsigned streams, unsigned medias)
{
	if (streams > p->stream_room) {
		struct stream **more = arena_take(&p->memory, streams * sizeof(*more));

		if (!more)
			return -1;
		if (p->stream_count)
			memcpy(more, p->streams, p->stream_count * sizeof(*more));
		p->streams = more;
		p->stream_room = (uint16_t)streams;
	}
	if (medias > p->media_room) {
		uint8_t *more = arena_take(&p->memory, 2 * medias);

		if (!more)
			return -1;
		memset(more, NO_STREAM, 2 * medias);
		if (p->media_count) {
			memcpy(more, p->media_stream, p->media_count);
			memcpy(more + medias, p->media_fec, p->media_count);
		}
		p->media_stream = more;
		p->media_fec = more + medias;
		p->media_room = (uint16_t)medias;
	}
	return 0;
}

/* ---- who is who ---- */

struct party *party_by_tag(const struct call *c, struct text tag)
{
	struct party *p = tag.n ? c->parties : NULL;

	while (p && !text_equal(p->tag, tag))
		p = p->next;
	return p;
}

struct party *party_by_branch(const struct call *c, struct text branch)
{
	struct party *p = branch.n ? c->parties : NULL;

	while (p && !text_equal(p->branch, branch))
		p = p->next;
	return p;
}

struct party *party_by_label(const struct call *c, struct text label)
{
	struct party *p = label.n ? c->parties : NULL;

	while (p && !text_equal(p->label, label))
		p = p->next;
	return p;
}

struct party *party_by_address(const struct call *c, const struct address *a)
{
	for (struct party *p = c->parties; p; p = p->next)
		for (unsigned i = 0; i < p->stream_count; i++)
			if (address_equal(&p->streams[i]->rtp.signalled.address, a))
				return p;
	return NULL;
}

struct interface *party_interface(const struct party *p, struct text name, uint8_t family)
{
	struct ports *ports = &p->call->relay->ports;
	struct interface *now = p->interface;

	if (now && name.n && !text_is(name, now->is.name) && ports_named(ports, name))
		return ports_choose(ports, name, family ? family : now->is.address.family);
	if (now && (family == 0 || family == now->is.address.family))
		return now;
	if (now && !ports_named(ports, name))
		name = text_of(now->is.name);
	return ports_choose(ports, name, family);
}

/* ---- links ---- */

static void stream_tell(struct stream *s)
{
	struct relay *r = s->party->call->relay;

	r->shell.changed(r->shell.context, s);
}

static void stream_set_peer(struct stream *s, struct stream *peer)
{
	if (s->peer == peer)
		return;
	s->peer = peer;
	stream_tell(s);
}

/* What both sides have said of payload types: either may send what the other has named. */
static void types_sum_up(struct stream *s)
{
	static const uint64_t none[2];
	const struct stream *peer = s->peer;

	for (unsigned i = 0; i < 2; i++) {
		s->payload_types[i] = s->said_types[i] | (peer ? peer->said_types : none)[i];
		s->dtmf_types[i] = s->said_dtmf[i] | (peer ? peer->said_dtmf : none)[i];
	}
}

static void stream_link(struct party *p, unsigned i)
{
	struct party *peer = p->peer;
	struct stream *other = peer && peer->peer == p && i < peer->stream_count ? peer->streams[i] : NULL;
	bool both = other && other->in_use && p->streams[i]->in_use;

	stream_set_peer(p->streams[i], both ? other : NULL);
	types_sum_up(p->streams[i]);
}

void streams_link(struct party *a)
{
	for (unsigned i = 0; i < a->stream_count; i++)
		stream_link(a, i);
	for (unsigned i = 0; a->peer && i < a->peer->stream_count; i++)
		stream_link(a->peer, i);
}

void party_unlink(struct party *p)
{
	struct party *peer = p->peer;

	p->peer = NULL;
	streams_link(p);
	if (peer && peer->peer == p) {
		peer->peer = NULL;
		streams_link(peer);
	}
}

void parties_link(struct party *a, struct party *b)
{
	if (a->peer && a->peer != b)
		party_unlink(a);
	if (b->peer && b->peer != a)
		party_unlink(b);
	a->peer = b;
	b->peer = a;
	streams_link(a);
}
