/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>

static void changed(void *context, struct stream *stream)
{
	struct scene *s = context;

	s->changed++;
	s->changed_last = stream;
}

static void log_line(void *context, int level, const struct call *c, const char *line)
{
	struct scene *s = context;

	if (level > 7 || c != &s->call)
		abort();
	s->lines++;
	snprintf(s->line, sizeof(s->line), "%s", line);
}

struct endpoint scene_endpoint(const char *text)
{
	const char *colon = strrchr(text, ':');
	struct endpoint e;

	if (!colon || !address_parse((struct text){text, (size_t)(colon - text)}, &e.address))
		abort();
	e.port = (uint16_t)atoi(colon + 1);
	return e;
}

bool scene_signal(struct scene *s, enum side side, const char *rtp, const char *sip)
{
	struct endpoint to = scene_endpoint(rtp), none = {0};
	bool gone;

	s->call.last_signal = s->now;
	address_parse(text_of(sip), &s->party[side].sip_source);
	gone = learn_signalled(&s->stream[side].rtp, &to, &none, s->now);
	to.port = to.port ? (uint16_t)(to.port + 1) : 0;
	learn_signalled(&s->stream[side].rtcp, &to, &none, s->now);
	return gone;
}

static void component_init(struct scene *s, enum side side, struct component *c, enum component_kind kind)
{
	c->stream = &s->stream[side];
	c->kind = (uint8_t)kind;
	c->open = true;
	c->port = (uint16_t)(55004 + 2 * side + kind);
	learn_start(&c->learning, LEARN_HEURISTIC, true, s->now);
}

static void side_init(struct scene *s, enum side side)
{
	struct stream *stream = &s->stream[side];
	struct party *party = &s->party[side];

	stream->party = party;
	stream->peer = &s->stream[!side];
	stream->interface = &s->interface;
	stream->payload_types[0] = 1 | 1 << 8;
	stream->payload_types[1] = stream->dtmf_types[1] = 1ull << (101 - 64);
	stream->transport = SDP_RTP;
	stream->in_use = true;
	stream->tos = -1;
	component_init(s, side, &stream->rtp, COMPONENT_RTP);
	component_init(s, side, &stream->rtcp, COMPONENT_RTCP);
	s->streams[side] = stream;
	party->call = &s->call;
	party->peer = &s->party[!side];
	party->next = side == CALLER ? &s->party[CALLEE] : NULL;
	party->tag = side == CALLER ? TEXT("caller") : TEXT("callee");
	party->streams = &s->streams[side];
	party->stream_count = 1;
	party->answered = true;
}

void scene_init(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	s->now = SCENE_MS(100000);
	s->relay.shell = (struct relay_shell){.context = s, .changed = changed, .log = log_line};
	address_parse(TEXT("203.0.113.1"), &s->interface.is.address);
	s->call.relay = &s->relay;
	s->call.parties = &s->party[CALLER];
	s->call.party_count = 2;
	s->call.answered = true;
	side_init(s, CALLER);
	side_init(s, CALLEE);
	scene_signal(s, CALLER, "192.0.2.10:4000", "192.0.2.10");
	scene_signal(s, CALLEE, "198.51.100.20:5000", "198.51.100.20");
}

static void write32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

size_t scene_rtp(uint8_t out[SCENE_PACKET], uint8_t type, uint16_t sequence, uint32_t ssrc)
{
	memset(out, 0xd5, SCENE_PACKET);
	out[0] = 0x80;
	out[1] = type;
	out[2] = (uint8_t)(sequence >> 8);
	out[3] = (uint8_t)sequence;
	write32(out + 4, sequence * 160u);
	write32(out + 8, ssrc);
	return SCENE_PACKET;
}

size_t scene_rtcp(uint8_t out[SCENE_PACKET], uint32_t ssrc)
{
	memset(out, 0, SCENE_PACKET);
	out[0] = 0x80;
	out[1] = 200; /* a sender report of 28 bytes */
	out[3] = 6;
	write32(out + 4, ssrc);
	return 28;
}

size_t scene_stun(uint8_t out[SCENE_PACKET])
{
	memset(out, 0, SCENE_PACKET);
	out[1] = 1;
	write32(out + 4, 0x2112a442);
	return 20;
}

struct packet_verdict scene_packet(struct scene *s, struct component *at, const char *from, const uint8_t *bytes, size_t n)
{
	struct packet p = {.bytes = bytes, .length = n, .source = scene_endpoint(from), .tos = 0xb8};
	struct packet_verdict v;

	relay_packet(&s->relay, at, &p, s->now, &v);
	return v;
}

struct packet_verdict scene_media(struct scene *s, enum side side, const char *from, uint16_t sequence, uint32_t ssrc)
{
	uint8_t bytes[SCENE_PACKET];

	return scene_packet(s, &s->stream[side].rtp, from, bytes, scene_rtp(bytes, 0, sequence, ssrc));
}

struct packet_verdict scene_control(struct scene *s, enum side side, const char *from, uint32_t ssrc)
{
	uint8_t bytes[SCENE_PACKET];

	return scene_packet(s, &s->stream[side].rtcp, from, bytes, scene_rtcp(bytes, ssrc));
}

void scene_lock(struct scene *s)
{
	scene_media(s, CALLER, "192.0.2.10:4000", 1, 1);
	scene_media(s, CALLEE, "198.51.100.20:5000", 1, 2);
	if (s->stream[CALLER].rtp.learning.state != LEARN_LOCKED || s->stream[CALLEE].rtp.learning.state != LEARN_LOCKED)
		abort();
}
