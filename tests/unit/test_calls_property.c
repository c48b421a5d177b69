/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random life of a few calls: offers, branches, answers, re-offers from either side with other m-lines, deletes of branches and
 * calls, refused ports, time. After each step the core's books must be right, and no port may have moved that a party was told.
 *
 * With a twin: a second relay lives the same life, but another one takes its place every now and then, with the calls that were saved.
 * Nobody may be able to tell the two by their replies, or by what becomes of packets.
 */
#include "relay_suites.h"
#include "world.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define STEPS 100000
#define TWIN_STEPS 20000
#define CALLS 12
#define BRANCHES 4
#define MEDIAS 4
#define TOLD 256 /* ports that are remembered of a call */

/* The port of each stream of each party of a call, as it was after the last step. */
struct told {
	unsigned n;
	struct {
		const struct party *party;
		uint64_t created;
		unsigned stream;
		uint16_t port;
		const struct interface *on;
	} at[TOLD];
};

static struct world world, twin;
static bool twins;
static struct told told[CALLS];
static uint64_t random_state;

static unsigned random_below(unsigned n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned)((random_state >> 11) % n);
}

static bool chance(unsigned percent)
{
	return random_below(100) < percent;
}

/* ---- requests ---- */

static void add_string(struct out *o, const char *key, const char *value)
{
	out_format(o, "%zu:%s%zu:%s", strlen(key), key, strlen(value), value);
}

static void add_media(struct out *sdp, unsigned i, unsigned shared)
{
	static const char *const kinds[][2] = {{"audio", "RTP/AVP 8 101"}, {"video", "RTP/AVPF 96"}, {"image", "udptl t38"},
			{"audio", "RTP/SAVP 0"}, {"application", "TCP/MSRP *"}};
	static const char *const lines[] = {"a=sendonly\r\n", "a=recvonly\r\n", "a=inactive\r\n", "a=rtcp-mux\r\n", "a=rtcp:7777\r\n",
			"c=IN IP4 0.0.0.0\r\n", "c=IN IP6 2001:db8:5::5\r\n", "a=rtcp-mux-only\r\na=rtcp-mux\r\n",
			"a=rtpmap:101 telephone-event/8000\r\n"};
	unsigned port = chance(12) ? 0 : chance(20) ? shared : 6000 + 2 * random_below(5000);
	unsigned kind = i == 0 || chance(70) ? 0 : random_below(5);

	out_format(sdp, "m=%s %u %s\r\n", kinds[kind][0], port, kinds[kind][1]);
	for (unsigned k = 0; k < 9; k++)
		if (chance(8))
			out_string(sdp, lines[k]);
}

static void make_sdp(struct out *sdp)
{
	unsigned n = chance(70) ? 1 : 1 + random_below(MEDIAS), shared = 6000 + 2 * random_below(5000);

	out_string(sdp, "v=0\r\no=- 1 1 IN IP4 198.51.100.7\r\ns=-\r\n");
	out_format(sdp, "c=IN IP4 198.51.100.%u\r\nt=0 0\r\n", 1 + random_below(5));
	if (chance(3))
		out_string(sdp, "a=group:BUNDLE 1 2\r\n");
	for (unsigned i = 0; i < n; i++)
		add_media(sdp, i, shared);
}

static void add_flags(struct out *o)
{
	static const char *const flags[] = {"strict-source", "asymmetric", "reset", "SIP-source-address", "original-sendrecv",
			"provisional", "trust-address", "no-rtcp-attribute"};
	static const char *const mux[] = {"offer", "require", "demux", "accept", "reject"};

	out_string(o, "5:flagsl");
	for (unsigned i = 0; i < 8; i++)
		if (chance(6))
			out_format(o, "%zu:%s", strlen(flags[i]), flags[i]);
	out_string(o, "e8:rtcp-muxl");
	if (chance(30)) {
		const char *word = mux[random_below(5)];

		out_format(o, "%zu:%s", strlen(word), word);
	}
	out_string(o, "e");
}

static void add_sdp(struct out *o)
{
	struct out sdp;

	out_init(&sdp, OUT_MAX);
	make_sdp(&sdp);
	out_format(o, "3:sdp%zu:", sdp.n);
	out_add(o, out_text(&sdp));
	out_free(&sdp);
	add_string(o, "received-from", "198.51.100.9");
	if (chance(6))
		add_string(o, "sdp-media-remove", chance(70) ? "video" : "audio");
}

/* The twin says the same. */
static void ask_twin(const struct out *request, struct text reply)
{
	struct text other = world_ask(&twin, out_text(request), NULL);
	size_t same = 0, from;

	while (same < reply.n && same < other.n && reply.s[same] == other.s[same])
		same++;
	from = same > 40 ? same - 40 : 0;
	HOT_ASSERT(text_equal(reply, other), "asked '%.300s': '%.100s', and after restarts '%.100s'", request->s, reply.s + from,
			other.s + from);
}

static bool ask(const struct out *request)
{
	struct text reply = world_ask(&world, out_text(request), NULL);

	HOT_ASSERT(reply.n, "no reply");
	if (twins)
		ask_twin(request, reply);
	return text_starts(reply, TEXT("d6:result2:ok"));
}

static bool request(const char *command, unsigned call, const char *from, const char *to, const char *branch, bool sdp)
{
	struct out o;
	char id[16];
	bool ok;

	snprintf(id, sizeof(id), "call-%u", call);
	out_init(&o, OUT_MAX);
	out_char(&o, 'd');
	add_string(&o, "command", command);
	add_string(&o, "call-id", id);
	if (from)
		add_string(&o, "from-tag", from);
	if (to)
		add_string(&o, "to-tag", to);
	if (branch)
		add_string(&o, "via-branch", branch);
	if (sdp) {
		add_sdp(&o);
		add_flags(&o);
	} else if (chance(70)) {
		add_string(&o, "delete delay", chance(80) ? "0" : "5");
	}
	out_char(&o, 'e');
	ok = ask(&o);
	out_free(&o);
	return ok;
}

/* ---- what must hold ---- */

static struct call *call_in(struct world *w, unsigned n)
{
	char id[16];

	snprintf(id, sizeof(id), "call-%u", n);
	for (struct call *c = relay_first(w->relay); c; c = relay_next(c))
		if (text_is(c->id, id))
			return c;
	return NULL;
}

static struct call *call_of(unsigned n)
{
	return call_in(&world, n);
}

/* A stream stays on its port as long as it is in use and on the same address (an SDP of another family moves it). */
static void check_port(const struct told *before, const struct party *p, unsigned k)
{
	const struct stream *s = p->streams[k];

	for (unsigned i = 0; i < before->n; i++)
		if (before->at[i].party == p && before->at[i].created == p->created && before->at[i].stream == k)
			HOT_ASSERT(before->at[i].port == s->rtp.port || before->at[i].on != s->interface, "a port moved from %u to %u",
					before->at[i].port, s->rtp.port);
}

static void check_ports(unsigned n)
{
	struct told now = {0}, *before = &told[n];
	struct call *c = call_of(n);

	for (struct party *p = c ? c->parties : NULL; p; p = p->next)
		for (unsigned k = 0; k < p->stream_count; k++) {
			const struct stream *s = p->streams[k];

			if (!s->in_use)
				continue;
			check_port(before, p, k);
			if (now.n < TOLD) {
				now.at[now.n].party = p;
				now.at[now.n].created = p->created;
				now.at[now.n].stream = k;
				now.at[now.n].on = s->interface;
				now.at[now.n++].port = s->rtp.port;
			}
		}
	*before = now;
}

/* The answerer is the offerer's peer; or another is, who answered for good, and this answer was a provisional one. */
static void check_answered(unsigned n, const char *offerer, const char *answerer)
{
	const struct party *a = party_by_tag(call_of(n), text_of(offerer));

	HOT_ASSERT(a && a->peer && a->peer->peer == a, "an answer's parties are not there, or not linked");
	HOT_ASSERT(text_is(a->peer->tag, answerer) || a->peer->final, "an answer does not link its parties");
}

/* ---- packets, with a twin ---- */

static struct component *component_in(struct world *w, unsigned n, unsigned party, unsigned stream, bool rtcp)
{
	struct call *c = call_in(w, n);
	struct party *p = c ? c->parties : NULL;

	for (; p && party; party--)
		p = p->next;
	if (!p || stream >= p->stream_count)
		return NULL;
	return rtcp ? &p->streams[stream]->rtcp : &p->streams[stream]->rtp;
}

static void random_source(struct endpoint *e, const struct component *c)
{
	*e = chance(60) && c->signalled.port ? c->signalled : (struct endpoint){{4, {198, 51, 100, (uint8_t)(5 + random_below(6))}}, 9000};
	if (chance(20))
		e->port = (uint16_t)(e->port + 2);
}

static void packet(struct world *w, struct component *at, const struct packet *p, struct packet_verdict *v)
{
	relay_packet(w->relay, at, p, w->now, v);
	if (v->forward)
		relay_sent(v->from, p->length, true);
}

static void compare_packet(struct component *at, struct component *other, const struct packet *p)
{
	struct packet_verdict v, o;

	packet(&world, at, p, &v);
	packet(&twin, other, p, &o);
	HOT_ASSERT(v.forward == o.forward && v.refusal == o.refusal, "a packet's fate is %u %u, and after restarts %u %u", v.forward,
			v.refusal, o.forward, o.refusal);
	if (v.forward)
		HOT_ASSERT(endpoint_equal(&v.to, &o.to) && v.from->port == o.from->port && v.tos == o.tos &&
				v.silence_from == o.silence_from, "a packet goes elsewhere after restarts");
}

/* A few of one stream, so that sources are learned and locked. */
static void step_packets(unsigned n)
{
	static uint16_t sequence;
	unsigned party = random_below(3), stream = random_below(2), count = 1 + random_below(8);
	bool rtcp = chance(15);
	struct component *at = component_in(&world, n, party, stream, rtcp), *other = component_in(&twin, n, party, stream, rtcp);
	uint8_t bytes[60] = {0x80, rtcp ? 200 : 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, (uint8_t)(1 + random_below(2))};
	struct packet p = {.bytes = bytes, .length = rtcp ? 28 : sizeof(bytes)};

	HOT_ASSERT(!at == !other, "a stream is lost by a restart");
	if (!at || !at->open)
		return;
	HOT_ASSERT(other->open && at->port == other->port, "a port is lost by a restart");
	random_source(&p.source, at);
	for (unsigned i = 0; i < count; i++) {
		sequence++;
		bytes[2] = rtcp ? 0 : (uint8_t)(sequence >> 8);
		bytes[3] = rtcp ? 6 : (uint8_t)sequence;
		bytes[6] = (uint8_t)(sequence >> 3);
		bytes[7] = rtcp ? bytes[11] : (uint8_t)(sequence * 160);
		twin.now = world.now += 20000;
		compare_packet(at, other, &p);
	}
}

/* The twin's pairs wait in the order that the other's do, so that both go on with the same ports. */
static void same_order_of_pairs(void)
{
	static uint16_t order[32768];

	ports_retry(&world.relay->ports);
	ports_retry(&twin.relay->ports);
	for (unsigned i = 0; i < WORLD_INTERFACES; i++) {
		struct interface *on = &world.relay->ports.at[i], *other = &twin.relay->ports.at[i];
		unsigned n = 0;

		while ((order[n] = pair_take(on)))
			n++;
		for (unsigned k = 0; k < n; k++)
			HOT_ASSERT(pair_take_this(other, order[k]), "port %u is free, but not after a restart", order[k]);
		HOT_ASSERT(pair_take(other) == 0, "a port is free after a restart that was not");
		for (unsigned k = 0; k < n; k++) {
			pair_give(on, order[k]);
			pair_give(other, order[k]);
		}
	}
}

static void restart_twin(unsigned number)
{
	const char *wrong = world_restart(&twin);

	HOT_ASSERT(!wrong, "step %u: after a restart %s", number, wrong);
	same_order_of_pairs();
}

/* ---- steps ---- */

static void step_call(unsigned n)
{
	char branch[16], tag[16];

	snprintf(branch, sizeof(branch), "z9hG4bK-%u", random_below(BRANCHES));
	snprintf(tag, sizeof(tag), "b%c", branch[8]);
	switch (random_below(12)) {
	case 0:
	case 1:
	case 2:
		request("offer", n, "a", NULL, branch, true);
		break;
	case 3:
	case 4:
	case 5:
		if (request("answer", n, "a", tag, branch, true))
			check_answered(n, "a", tag);
		break;
	case 6:
		request("offer", n, "a", tag, NULL, true);
		break;
	case 7:
		request("offer", n, tag, "a", NULL, true);
		break;
	case 8:
		if (request("answer", n, tag, "a", NULL, true))
			check_answered(n, tag, "a");
		break;
	case 9:
		request("delete", n, "a", NULL, branch, false);
		break;
	case 10:
		request(chance(50) ? "block media" : "unblock media", n, NULL, NULL, NULL, false);
		break;
	default:
		if (chance(30))
			request("delete", n, chance(80) ? "a" : tag, chance(20) ? tag : NULL, NULL, false);
		else
			request("query", n, NULL, NULL, NULL, false);
	}
}

static void prepare_twin(unsigned number, unsigned wait)
{
	twin.refuse = world.refuse;
	twin.refuse_after = world.refuse_after;
	twin.refuse_error = world.refuse_error;
	twin.now = world.now - wait * 1000000;
	world_wait(&twin, wait);
	if (chance(3))
		restart_twin(number);
}

static void step(unsigned number)
{
	unsigned n = random_below(CALLS), wait = 0;
	const char *wrong;

	world.refuse = chance(5) ? 1 + random_below(8) : 0;
	world.refuse_after = random_below(3);
	world.refuse_error = chance(70) ? EADDRINUSE : EMFILE;
	world.now += random_below(200000);
	if (chance(3))
		wait = 1 + random_below(10);
	world_wait(&world, wait);
	if (twins)
		prepare_twin(number, wait);
	step_call(n);
	if (twins && chance(60))
		step_packets(n);
	wrong = world_check(&world);
	HOT_ASSERT(!wrong, "step %u: %s", number, wrong);
	check_ports(n);
}

START_TEST(the_books_are_right_whatever_happens)
{
	const char *wrong;

	world_configure(&world);
	random_state = 88172645463325252ull + (unsigned)_i;
	ck_assert(world_start(&world));
	for (unsigned i = 0; i < STEPS; i++)
		step(i);
	wrong = world_stop(&world);
	ck_assert_msg(!wrong, "%s", wrong);
}
END_TEST

START_TEST(a_restart_changes_nothing)
{
	const char *wrong;

	world_configure(&world);
	world_configure(&twin);
	random_state = 2463534242ull;
	twins = true;
	ck_assert(world_start(&world) && world_start(&twin));
	for (unsigned i = 0; i < TWIN_STEPS; i++)
		step(i);
	wrong = world_stop(&world);
	ck_assert_msg(!wrong, "%s", wrong);
	wrong = world_stop(&twin);
	ck_assert_msg(!wrong, "%s", wrong);
}
END_TEST

Suite *calls_property_suite(void)
{
	const TTest *const tests[] = {the_books_are_right_whatever_happens, a_restart_changes_nothing, NULL};

	return suite_of("calls, at random", tests);
}
