/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any packets from any sources at any port of a call, with re-offers, holds and pauses between them. What must hold at every
 * step: what is forwarded has no reason to be refused; nothing goes to an address that was neither signalled nor locked; under
 * strict nothing to one that was never signalled; counters agree.
 */
#include "../unit/scene.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct scene s;

static void must(int condition)
{
	if (!condition)
		abort();
}

/* Six hosts: the addresses of both SDPs, of both SIP sources, a stranger, ourselves. */
#define HOSTS 6
static const uint8_t hosts[HOSTS][4] = {
	{192, 0, 2, 10}, {198, 51, 100, 20}, {192, 0, 2, 99}, {198, 51, 100, 99}, {203, 0, 113, 66}, {203, 0, 113, 1},
};
static unsigned signalled[2]; /* bit per host: of the party, at any time */

static struct endpoint place(uint8_t who)
{
	struct endpoint e = {.address = {.family = 4}, .port = (uint16_t)(4000 + (who >> 5))};

	memcpy(e.address.bytes, hosts[who % HOSTS], 4);
	if (who % HOSTS == 5)
		e.port = (uint16_t)(55004 + (who >> 5) % 4);
	return e;
}

static void note(enum side side, const struct address *a)
{
	for (unsigned i = 0; i < HOSTS; i++)
		if (memcmp(hosts[i], a->bytes, 4) == 0)
			signalled[side] |= 1u << i;
}

static bool was_signalled(enum side side, const struct address *a)
{
	for (unsigned i = 0; i < HOSTS; i++)
		if (memcmp(hosts[i], a->bytes, 4) == 0)
			return signalled[side] >> i & 1;
	return false;
}

static void check_component(const struct component *c)
{
	const struct learning *l = &c->learning;
	const struct leg_statistics *t = &c->in;

	must((l->state == LEARN_LOCKED) == (l->rank != 0));
	must(l->rank <= 4 && l->candidate.gaps <= LEARN_GAPS + 1);
	must(l->state != LEARN_LOCKED || l->source.port != 0);
	must(t->unique <= t->packets && t->lost <= t->expected && t->duplicates + t->reordered <= t->packets);
}

static void check_verdict(const struct component *at, const struct packet_verdict *v)
{
	const struct learning *l;
	const struct component *c = v->from;

	must(v->refusal < REFUSALS_COUNT);
	must(v->forward == (c != NULL) && !(v->forward && v->refusal));
	if (!v->forward)
		return;
	l = &c->learning;
	must(c->open && c->stream == at->stream->peer);
	must(endpoint_equal(&v->to, &c->signalled) || (l->state == LEARN_LOCKED && endpoint_equal(&v->to, &l->source)));
	if (c->stream->strict)
		must(was_signalled(c->stream == &s.stream[CALLEE], &v->to.address));
}

static size_t packet(const uint8_t *d, size_t n)
{
	struct stream *stream = &s.stream[d[0] & 1];
	struct component *at = d[0] & 2 ? &stream->rtcp : &stream->rtp;
	size_t length = d[0] >> 3 < n - 3 ? d[0] >> 3 : n - 3;
	uint8_t bytes[SCENE_PACKET];
	struct packet p = {.bytes = bytes, .length = length, .source = place(d[1])};
	struct packet_verdict v;

	memcpy(bytes, d + 3, length);
	if (d[0] & 4) { /* a good one: learning needs several in a row, which bytes alone seldom are */
		p.length = at->kind == COMPONENT_RTCP ? scene_rtcp(bytes, d[2] >> 6) : scene_rtp(bytes, d[2] & 8, d[2] & 7, d[2] >> 6);
		length = 0;
	}
	s.now += 5000;
	relay_packet(&s.relay, at, &p, s.now, &v);
	check_verdict(at, &v);
	return 3 + length;
}

static size_t event(const uint8_t *d)
{
	enum side side = d[1] & 1;
	struct stream *stream = &s.stream[side];
	struct endpoint to = place(d[2]), also = place((uint8_t)(d[2] * 7));

	switch (d[1] >> 1 & 15) {
	case 0:
	case 1:
		s.call.last_signal = s.now;
		note(side, &to.address);
		note(side, &also.address);
		learn_signalled(&stream->rtp, &to, &also, s.now);
		to.port++;
		learn_signalled(&stream->rtcp, &to, &also, s.now);
		break;
	case 2:
		stream->party->sip_source = to.address;
		note(side, &to.address);
		break;
	case 3:
		stream->direction = d[2] & 3;
		break;
	case 4:
		stream->handover = d[2] & 1;
		stream->asymmetric = d[2] & 2;
		stream->wait = d[2] & 4;
		stream->held = d[2] & 8;
		break;
	case 5:
		stream->transport = d[2] % 4;
		break;
	case 6:
		stream->muxed = d[2] & 1;
		stream->rtcp.open = !stream->muxed;
		break;
	case 7:
		stream->peer = d[2] & 1 ? NULL : &s.stream[!side];
		break;
	case 8:
		stream->blocked = d[2] & 1;
		stream->silenced = d[2] & 2;
		stream->dtmf_blocked = d[2] & 4;
		break;
	case 9:
		learn_start(&stream->rtp.learning, d[2] & 3, !stream->strict && (d[2] & 4), s.now);
		break;
	default:
		s.now += SCENE_MS(d[2]) * 40;
	}
	return 3;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 4)
		return 0;
	scene_init(&s);
	signalled[CALLER] = 1u << 0;
	signalled[CALLEE] = 1u << 1;
	for (unsigned side = 0; side < 2; side++)
		s.stream[side].strict = data[0] & 1;
	data++;
	size--;
	while (size >= 3) {
		size_t used = data[0] >= 0xf8 ? event(data) : packet(data, size);

		data += used;
		size -= used;
		for (unsigned side = 0; side < 2; side++) {
			check_component(&s.stream[side].rtp);
			check_component(&s.stream[side].rtcp);
		}
	}
	return 0;
}
