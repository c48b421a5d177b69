/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls among attackers, in random order: true parties of every rank, strangers who spray all ports, who know SSRC and sequence,
 * who were first, and, once a side is locked, some who forge its very address. Whatever happens:
 *
 *  - nothing is ever sent but to what was signalled, or to the locked true source;
 *  - nothing of a stranger is forwarded while the true party speaks, or under strict, or without rank 4;
 *  - once locked, nothing but the true source's true SSRC is forwarded;
 *  - of the true party (rank 1 to 3) every packet is forwarded, from the first on, also while it changes its address by SIP,
 *    and it is locked within a few packets.
 */
#include "relay_suites.h"
#include "scene.h"

#define CALLS 150
#define STEPS 1500

static uint64_t seed;

static unsigned rnd(unsigned below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % below;
}

struct truth {
	struct endpoint sdp, source;
	uint32_t ssrc;
	uint16_t sequence;
	uint64_t next, speaks_at; /* when it sends */
	uint64_t moves_at;        /* 0: no re-INVITE under way; else it changes its source then */
	struct endpoint moves_to;
	unsigned sent;            /* since learning began */
	bool locked;
};

struct morning {
	struct scene s;
	struct truth truth[2];
	bool quiet; /* the true parties speak late, or not at all: allowed under strict or without rank 4 only */
	uint16_t sequences[8]; /* of the attackers' streams */
	unsigned forwarded, locks, moves, attacks;
};

static struct endpoint at(unsigned a, unsigned b, unsigned c, unsigned d, unsigned port)
{
	return (struct endpoint){.address = {.family = 4, .bytes = {(uint8_t)a, (uint8_t)b, (uint8_t)c, (uint8_t)d}},
			.port = (uint16_t)port};
}

static bool is_stranger(const struct endpoint *e)
{
	return e->address.bytes[0] == 203;
}

/* ---- what must hold ---- */

static void check_destination(const struct morning *m, enum side side, const struct packet_verdict *v)
{
	const struct truth *t = &m->truth[side];
	bool rtcp = v->from->kind == COMPONENT_RTCP, signalled;
	struct endpoint sdp = t->sdp;

	sdp.port = (uint16_t)(sdp.port + rtcp);
	signalled = endpoint_equal(&v->to, &sdp);
	if (rtcp)
		HOT_ASSERT(signalled || address_equal(&v->to.address, &t->source.address), "RTCP goes astray");
	else
		HOT_ASSERT(signalled || (t->locked && endpoint_equal(&v->to, &t->source)), "media goes astray, locked: %d", t->locked);
	HOT_ASSERT(!is_stranger(&v->to), "a stranger hears");
	HOT_ASSERT(!t->locked || rtcp || endpoint_equal(&v->to, &t->source), "the locked party does not hear");
}

static struct packet_verdict packet(struct morning *m, struct component *c, const struct endpoint *from, const uint8_t *bytes,
		size_t n)
{
	struct packet p = {.bytes = bytes, .length = n, .source = *from};
	enum side side = c->stream == &m->s.stream[CALLER] ? CALLER : CALLEE;
	struct packet_verdict v;

	relay_packet(&m->s.relay, c, &p, m->s.now, &v);
	if (v.forward)
		check_destination(m, !side, &v);
	HOT_ASSERT(!v.forward || !is_stranger(from), "a stranger is heard");
	m->forwarded += v.forward;
	return v;
}

static void update(struct morning *m, enum side side)
{
	const struct learning *l = &m->s.stream[side].rtp.learning;
	struct truth *t = &m->truth[side];

	if (l->state != LEARN_LOCKED || t->locked)
		return;
	HOT_ASSERT(endpoint_equal(&l->source, &t->source) && l->ssrc == t->ssrc, "the wrong one is locked");
	t->locked = true;
	m->locks++;
}

/* ---- the true party ---- */

static void speak(struct morning *m, enum side side)
{
	struct truth *t = &m->truth[side];
	uint8_t bytes[SCENE_PACKET];
	unsigned copies = 1 + (rnd(10) == 0);

	t->next += SCENE_MS(20);
	t->sequence++;
	if (rnd(50) == 0)
		return; /* lost */
	for (; copies; copies--) {
		size_t n = scene_rtp(bytes, rnd(20) ? 0 : 101, t->sequence, t->ssrc);

		HOT_ASSERT(packet(m, &m->s.stream[side].rtp, &t->source, bytes, n).forward, "a true packet is refused");
		update(m, side);
	}
	HOT_ASSERT(t->locked || t->moves_at || ++t->sent < 20, "not locked after %u packets", t->sent);
	if (rnd(50) == 0) {
		struct endpoint from = t->source;

		from.port++;
		HOT_ASSERT(packet(m, &m->s.stream[side].rtcp, &from, bytes, scene_rtcp(bytes, t->ssrc)).forward, "true RTCP is refused");
	}
}

/* A re-INVITE with another port; the party goes on from the old one for a while. */
static void reinvite(struct morning *m, enum side side)
{
	struct truth *t = &m->truth[side];
	struct component *rtp = &m->s.stream[side].rtp, *rtcp = &m->s.stream[side].rtcp;
	struct endpoint none = {0}, control;

	t->sdp.port = (uint16_t)(4000 + 2 * rnd(1000));
	control = t->sdp;
	control.port++;
	m->s.call.last_signal = m->s.now;
	if (!learn_signalled(rtp, &t->sdp, &none, m->s.now))
		return;
	learn_signalled(rtcp, &control, &none, m->s.now);
	t->locked = rtp->learning.state == LEARN_LOCKED;
	t->moves_to = t->sdp;
	t->moves_at = m->s.now + SCENE_MS(rnd(1000));
	m->moves++;
}

static void moves(struct truth *t)
{
	t->source = t->moves_to;
	t->moves_at = 0;
	t->sent = 0;
	if (rnd(2))
		t->ssrc += 1000; /* a device that opens a new stream */
	t->sequence = (uint16_t)rnd(65536);
}

/* ---- attackers ---- */

static void spray(struct morning *m)
{
	struct component *c = rnd(2) ? &m->s.stream[rnd(2)].rtp : &m->s.stream[rnd(2)].rtcp;
	const struct truth *t = &m->truth[rnd(2)];
	unsigned who = rnd(4);
	struct endpoint from = at(203, 0, 113, 66 + who, 7000 + rnd(2));
	uint8_t bytes[SCENE_PACKET];

	m->attacks++;
	switch (rnd(6)) {
	case 0: /* the true SSRC, and the very next sequence number */
		packet(m, c, &from, bytes, scene_rtp(bytes, 0, (uint16_t)(t->sequence + 1), t->ssrc));
		break;
	case 1:
		packet(m, c, &from, bytes, scene_rtcp(bytes, rnd(2) ? t->ssrc : rnd(1000)));
		break;
	case 2:
		packet(m, c, &from, bytes, rnd(2) ? scene_stun(bytes) : 0);
		break;
	case 3:
		for (unsigned i = 0; i < SCENE_PACKET; i++)
			bytes[i] = (uint8_t)rnd(256);
		packet(m, c, &from, bytes, rnd(SCENE_PACKET));
		break;
	default: /* a consistent stream */
		packet(m, c, &from, bytes, scene_rtp(bytes, 0, m->sequences[who]++, 500 + who));
	}
}

/* With the source address of a party that is locked, or of its neighbour behind one NAT, or of its SDP. */
static void forge(struct morning *m, enum side side)
{
	struct truth *t = &m->truth[side];
	struct endpoint from = rnd(3) ? t->source : t->sdp;
	uint32_t ssrc = rnd(2) ? 900 + side : t->ssrc;
	uint8_t bytes[SCENE_PACKET];

	if (rnd(2))
		from.port = (uint16_t)(from.port + 1 + rnd(9));
	if (!t->locked || (ssrc == t->ssrc && endpoint_equal(&from, &t->source)))
		return;
	m->attacks++;
	HOT_ASSERT(!packet(m, &m->s.stream[side].rtp, &from, bytes, scene_rtp(bytes, 0, m->sequences[4 + side]++, ssrc)).forward,
			"injected");
	HOT_ASSERT(m->s.stream[side].rtp.learning.ssrc == t->ssrc, "the lock has moved");
}

/* ---- a call ---- */

static void side_init(struct morning *m, enum side side)
{
	struct truth *t = &m->truth[side];
	char sip[16] = "192.0.2.90", sdp[24] = "10.0.0.5:4000";
	unsigned rank = 1 + rnd(3);

	if (side == CALLEE) {
		sip[8] = '8';
		sdp[5] = '1';
	}
	scene_signal(&m->s, side, sdp, sip);
	t->sdp = t->source = scene_endpoint(sdp);
	if (rank > 1)
		t->source.port = (uint16_t)(20000 + rnd(1000));
	if (rank == 3)
		address_parse(text_of(sip), &t->source.address);
	t->ssrc = 1 + side;
	t->sequence = (uint16_t)rnd(65536);
	t->next = t->speaks_at = m->quiet && rnd(2) ? UINT64_MAX : m->s.now + SCENE_MS(rnd(m->quiet ? 10000 : 1900));
}

static void call_init(struct morning *m)
{
	unsigned guard = rnd(3);

	memset(m, 0, sizeof(*m));
	scene_init(&m->s);
	m->quiet = guard && rnd(2);
	for (unsigned side = 0; side < 2; side++) {
		m->s.stream[side].strict = guard == 1;
		m->s.stream[side].rtp.learning.outside_allowed = guard != 2;
		side_init(m, side);
	}
	for (unsigned i = 0; i < 8; i++)
		m->sequences[i] = (uint16_t)rnd(65536);
}

static void step(struct morning *m, enum side side)
{
	struct truth *t = &m->truth[side];

	if (t->moves_at && m->s.now >= t->moves_at)
		moves(t);
	if (m->s.now >= t->next)
		speak(m, side);
	if (t->locked && !t->moves_at && rnd(400) == 0)
		reinvite(m, side);
	if (!t->moves_at && rnd(3) == 0)
		forge(m, side);
}

static void one_call(struct morning *m, unsigned ring)
{
	call_init(m);
	m->s.call.answered = !ring; /* strangers are there while it rings, and the answer is signalling */
	for (unsigned i = 0; i < ring; i++, m->s.now += SCENE_MS(10))
		spray(m);
	for (unsigned side = 0; side < 2; side++)
		if (m->truth[side].next != UINT64_MAX)
			m->truth[side].next += SCENE_MS(10) * ring;
	m->s.call.answered = true;
	m->s.call.last_signal = m->s.now;
	for (unsigned i = 0; i < STEPS; i++, m->s.now += SCENE_MS(rnd(20))) {
		step(m, CALLER);
		step(m, CALLEE);
		for (unsigned n = rnd(4); n; n--)
			spray(m);
	}
}

START_TEST(calls_among_attackers)
{
	static struct morning m;
	unsigned forwarded = 0, locks = 0, moved = 0, attacks = 0;

	for (unsigned i = 1; i <= CALLS; i++) {
		seed = i;
		one_call(&m, rnd(2) * 500);
		forwarded += m.forwarded;
		locks += m.locks;
		moved += m.moves;
		attacks += m.attacks;
	}
	ck_assert_msg(forwarded > CALLS * 500 && locks > CALLS && moved > CALLS / 2 && attacks > CALLS * 1000,
			"%u forwarded, %u locks, %u moves, %u attacks prove little", forwarded, locks, moved, attacks);
}
END_TEST

Suite *media_property_suite(void)
{
	const TTest *const tests[] = {calls_among_attackers, NULL};

	return suite_of("media among attackers", tests);
}
