/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scene.h"

#include "kernel/rewrite.h"
#include "suite.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct programs *all, *plain;
static uint32_t generation;

static const uint8_t party6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 9}, local6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
static const uint8_t from6[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 1, [15] = 1}, to6[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 1, [15] = 7};
static const uint8_t party4[4] = {192, 0, 2, 9}, local4[4] = {192, 0, 2, 1};
static const uint8_t from4[4] = {198, 51, 100, 1}, to4[4] = {198, 51, 100, 7};
static const uint8_t rtp[12] = {0x80, 8, 0x10, 0x01, 0, 0, 0x20, 0x02, 0x11, 0x22, 0x33, 0x44};

/* The second address of each family is the one that is used, so that the first is searched in vain. */
static void configure(struct programs *p)
{
	struct flow_config *c = p->config;

	memset(c, 0, sizeof(*c));
	c->address4[0].ports = c->address4[1].ports = c->address6[0].ports = c->address6[1].ports = PORTS / 2;
	c->address4[0].port_min = c->address4[1].port_min = c->address6[0].port_min = c->address6[1].port_min = PORT_MIN;
	c->address4[0].address = htonl(0xc0000263);
	memcpy(&c->address4[1].address, local4, 4);
	c->address6[0].address[15] = 99;
	memcpy(c->address6[1].address, local6, 16);
	c->address6[0].first = c->address6[1].first = PORTS / 2;
	c->count4 = c->count6 = 2;
	__atomic_store_n(&c->version, FLOW_ABI_VERSION, __ATOMIC_RELEASE);
}

static struct programs *load(bool all_statistics)
{
	struct programs *p = programs_load(all_statistics);

	if (!p) {
		fprintf(stderr, "the programs cannot be loaded; the verifier's words are above\n");
		exit(EXIT_FAILURE);
	}
	configure(p);
	return p;
}

void scenes_begin(void)
{
	all = load(true);
	plain = load(false);
}

void scenes_end(void)
{
	programs_free(all);
	programs_free(plain);
}

static void begin_counting(struct programs *p)
{
	static const struct flow_counters none[1024];

	for (uint32_t i = 0; i < PORTS; i++) {
		flow_withdraw(&p->table[i]);
		memset(&p->states[i], 0, sizeof(p->states[i]));
		ck_assert_int_eq(bpf_map_update_elem(p->counters, &i, none, BPF_ANY), 0);
	}
	configure(p);
}

static void make_flow(struct scene *s)
{
	s->flow = (struct flow){.flags = FLOW_RTP | FLOW_XDP, .ssrc = htonl(SSRC), .source_port = htons(40000), .from_port = htons(55020),
			.to_port = htons(50000), .ifindex = LOOPBACK, .mtu = 1500, .mac_to = {2, 1, 1, 1, 1, 1}, .mac_from = {2, 2, 2, 2, 2, 2}};
	if (s->in6)
		s->flow.flags |= FLOW_IN_IPV6;
	if (s->out6)
		s->flow.flags |= FLOW_OUT_IPV6;
	memcpy(&s->flow.source4, party4, 4);
	memcpy(&s->flow.from4, from4, 4);
	memcpy(&s->flow.to4, to4, 4);
	memcpy(s->flow.source6, party6, 16);
	memcpy(s->flow.from6, from6, 16);
	memcpy(s->flow.to6, to6, 16);
}

/* To loopback's link address, or it is somebody else's for TC. */
static void make_packet(struct scene *s)
{
	uint64_t state = 1;

	s->in = (struct shape){.mac_from = {2, 9, 9, 9, 9, 9}, .ip6 = s->in6, .from_port = 40000, .to_port = LOCAL_PORT, .tos = 0xb9,
			.ttl = 64, .id = 0x1234, .label = 0x54321, .n = 172};
	memcpy(s->in.from, s->in6 ? party6 : party4, s->in6 ? 16 : 4);
	memcpy(s->in.to, s->in6 ? local6 : local4, s->in6 ? 16 : 4);
	packet_random_bytes(&state, s->in.payload, s->in.n);
	memcpy(s->in.payload, rtp, sizeof(rtp));
}

static struct scene make(struct programs *p, bool in6, bool out6)
{
	struct scene s = {.programs = p, .in6 = in6, .out6 = out6, .index = in6 ? INDEX6 : INDEX4};

	begin_counting(p);
	make_flow(&s);
	make_packet(&s);
	scene_install(&s);
	return s;
}

struct scene scene(bool in6, bool out6)
{
	return make(all, in6, out6);
}

struct scene scene_counters(bool in6, bool out6)
{
	return make(plain, in6, out6);
}

void scene_install(struct scene *s)
{
	s->flow.generation = ++generation;
	flow_seal(&s->flow, s->in6 ? local6 : local4, htons(LOCAL_PORT));
	flow_write(&s->programs->table[s->index], &s->flow);
}

struct shape scene_expected(const struct scene *s)
{
	struct shape e = s->in;

	memcpy(e.mac_to, s->flow.mac_to, 6);
	memcpy(e.mac_from, s->flow.mac_from, 6);
	e.ip6 = s->out6;
	memcpy(e.from, s->out6 ? from6 : from4, s->out6 ? 16 : 4);
	memcpy(e.to, s->out6 ? to6 : to4, s->out6 ? 16 : 4);
	e.from_port = 55020;
	e.to_port = 50000;
	e.ttl--;
	if (s->flow.flags & FLOW_SET_DSCP)
		e.tos = (uint8_t)((s->flow.tos & 0xfc) | (e.tos & 3));
	if (s->in6 != s->out6) {
		e.id = 0;
		e.fragment = 0x4000;
		e.label = 0;
	}
	if (e.sum == SUM_PARTIAL)
		e.sum = SUM_FULL;
	return e;
}

/* ---- running ---- */

static void count(const struct programs *p, uint64_t counts[FLOW_VERDICTS_COUNT])
{
	for (unsigned v = 0; v < FLOW_VERDICTS_COUNT; v++)
		counts[v] = programs_verdicts(p, v);
}

struct outcome scene_run_bytes(struct scene *s, int program, const uint8_t *bytes, size_t n, enum flow_verdict *verdict)
{
	uint64_t before[FLOW_VERDICTS_COUNT], after[FLOW_VERDICTS_COUNT];
	static struct outcome o;
	unsigned counted = 0;

	count(s->programs, before);
	ck_assert_int_eq(programs_run(program, bytes, n, &o), 0);
	count(s->programs, after);
	for (unsigned v = 0; v < FLOW_VERDICTS_COUNT; v++)
		if (after[v] != before[v]) {
			*verdict = v;
			counted += (unsigned)(after[v] - before[v]);
		}
	ck_assert_uint_eq(counted, 1);
	return o;
}

struct outcome scene_run(struct scene *s, int program, enum flow_verdict *verdict)
{
	uint8_t bytes[PACKET_MAX];

	return scene_run_bytes(s, program, bytes, packet_write(&s->in, bytes), verdict);
}

static void check_bytes(const struct outcome *o, const uint8_t *expected, size_t n)
{
	ck_assert_uint_eq(o->n, n);
	for (size_t i = 0; i < n; i++)
		HOT_ASSERT(o->bytes[i] == expected[i], "byte %zu is %02x, not %02x", i, o->bytes[i], expected[i]);
}

void scene_check_forwarded(struct scene *s)
{
	struct shape e = scene_expected(s);
	bool tx = s->flow.ifindex == LOOPBACK;
	uint8_t expected[PACKET_MAX];
	size_t n = packet_write(&e, expected);
	enum flow_verdict v;
	struct outcome o;

	o = scene_run(s, s->programs->xdp, &v);
	ck_assert_int_eq(v, tx ? FLOW_TX : FLOW_REDIRECT);
	ck_assert_int_eq(o.action, tx ? XDP_TX : XDP_REDIRECT);
	check_bytes(&o, expected, n);
	if (s->in.sum == SUM_PARTIAL) /* that is the buffer's matter there, and this one does not say so */
		return;
	o = scene_run(s, s->programs->tc, &v);
	ck_assert_int_eq(v, tx ? FLOW_TX : FLOW_REDIRECT);
	ck_assert_int_eq(o.action, TC_ACT_REDIRECT);
	check_bytes(&o, expected, n);
}

void scene_check_passed_bytes(struct scene *s, const uint8_t *bytes, size_t n, enum flow_verdict verdict)
{
	struct flow_counters before = programs_counters(s->programs, s->index), after;
	enum flow_verdict v;
	struct outcome o;

	o = scene_run_bytes(s, s->programs->xdp, bytes, n, &v);
	ck_assert_int_eq(v, verdict);
	ck_assert_int_eq(o.action, XDP_PASS);
	check_bytes(&o, bytes, n);
	o = scene_run_bytes(s, s->programs->tc, bytes, n, &v);
	ck_assert_int_eq(v, verdict);
	ck_assert_int_eq((int)o.action, TC_ACT_UNSPEC);
	check_bytes(&o, bytes, n);
	after = programs_counters(s->programs, s->index);
	ck_assert_mem_eq(&before, &after, sizeof(before));
}

void scene_check_passed(struct scene *s, enum flow_verdict verdict)
{
	uint8_t bytes[PACKET_MAX];

	scene_check_passed_bytes(s, bytes, packet_write(&s->in, bytes), verdict);
}
