/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random packets of random flows, rewritten, against the same packet written anew. */
#include "kernel/rewrite.h"
#include "packets.h"
#include "suites.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define SEED 0x5eed0005u

enum { ETHERNET = 14 };

struct random_case {
	struct flow flow;
	struct shape in, out;
};

static uint64_t state = SEED;

static unsigned below(unsigned n)
{
	return (unsigned)(packet_random(&state) % n);
}

/* Every few bytes are all ones or zeros, where carries are. */
static void some_bytes(uint8_t *out, size_t n)
{
	uint8_t same = below(2) ? 0xff : 0;

	packet_random_bytes(&state, out, n);
	if (below(4) == 0)
		memset(out, same, n);
}

static uint16_t some_port(void)
{
	return below(8) ? (uint16_t)(below(65535) + 1) : 0xffff;
}

static void make_flow(struct random_case *c)
{
	struct flow *f = &c->flow;

	memset(f, 0, sizeof(*f));
	f->flags = (uint16_t)(below(4) | (below(2) ? FLOW_SET_DSCP : 0));
	f->tos = (uint8_t)below(256);
	some_bytes((uint8_t *)&f->source4, 12);
	some_bytes(f->source6, 48);
	f->source_port = htons(some_port());
	f->from_port = htons(some_port());
	f->to_port = htons(some_port());
}

static void make_shapes(struct random_case *c)
{
	const struct flow *f = &c->flow;
	struct shape *in = &c->in, *out = &c->out;

	memset(in, 0, offsetof(struct shape, payload));
	in->ip6 = (f->flags & FLOW_IN_IPV6) != 0;
	in->from_port = ntohs(f->source_port);
	in->to_port = some_port();
	in->tos = (uint8_t)below(256);
	in->ttl = (uint8_t)(2 + below(254));
	in->id = (uint16_t)below(65536);
	in->fragment = below(2) ? 0x4000 : 0;
	in->label = below(1 << 20);
	in->n = below(8) ? below(200) : below(1452);
	some_bytes(in->payload, in->n);
	some_bytes(in->to, in->ip6 ? 16 : 4);
	memcpy(in->from, in->ip6 ? f->source6 : (const uint8_t *)&f->source4, in->ip6 ? 16 : 4);
	*out = *in;
	out->ip6 = (f->flags & FLOW_OUT_IPV6) != 0;
	memcpy(out->from, out->ip6 ? f->from6 : (const uint8_t *)&f->from4, out->ip6 ? 16 : 4);
	memcpy(out->to, out->ip6 ? f->to6 : (const uint8_t *)&f->to4, out->ip6 ? 16 : 4);
	out->from_port = ntohs(f->from_port);
	out->to_port = ntohs(f->to_port);
	out->ttl--;
	if (f->flags & FLOW_SET_DSCP)
		out->tos = (uint8_t)((f->tos & 0xfc) | (out->tos & 3));
	if (in->ip6 != out->ip6) {
		out->id = 0;
		out->fragment = 0x4000;
		out->label = 0;
	}
	if (below(4) == 0 && !in->ip6 && !out->ip6)
		in->sum = out->sum = SUM_NONE;
}

/* As the programs do it: a new header before the datagram where the family changes, in place otherwise. */
static size_t rewritten(const struct random_case *c, const uint8_t *in, size_t n, uint8_t *out)
{
	size_t header_in = c->in.ip6 ? 40 : 20, header_out = c->out.ip6 ? 40 : 20, length = n - ETHERNET - header_in;
	struct ipv6hdr *ip6 = (void *)(out + ETHERNET + 2); /* aligned, for the sanitizer */
	struct iphdr *ip4 = (void *)(out + ETHERNET + 2);
	struct udphdr *udp = (void *)(out + ETHERNET + 2 + header_out);

	memcpy(out + 2, in, ETHERNET);
	out[14] = c->out.ip6 ? 0x86 : 0x08;
	out[15] = c->out.ip6 ? 0xdd : 0x00;
	if (header_in == header_out)
		memcpy(ip4, in + ETHERNET, header_in);
	memcpy(udp, in + ETHERNET + header_in, length);
	if (c->in.ip6 && c->out.ip6)
		rewrite_ip6(ip6, &c->flow);
	else if (c->out.ip6)
		rewrite_new_ip6(ip6, &c->flow, c->in.tos, c->in.ttl, (uint16_t)length);
	else if (c->in.ip6)
		rewrite_new_ip4(ip4, &c->flow, c->in.tos, c->in.ttl, (uint16_t)length);
	else
		rewrite_ip4(ip4, &c->flow);
	rewrite_udp(udp, &c->flow, rewrite_check(&c->flow, udp->check));
	return ETHERNET + header_out + length;
}

static void check_case(const struct random_case *c, unsigned i)
{
	static uint8_t in[PACKET_MAX], out[PACKET_MAX + 2] __attribute__((aligned(8))), expected[PACKET_MAX];
	size_t n = packet_write(&c->in, in), wanted = packet_write(&c->out, expected), got = rewritten(c, in, n, out);

	HOT_ASSERT(got == wanted && memcmp(out + 2, expected, wanted) == 0, "seed %#x, packet %u", SEED, i);
}

START_TEST(random_packets)
{
	static struct random_case c;

	printf("rewriting: seed %#x, %u packets\n", SEED, RANDOM_PACKETS);
	for (unsigned i = 0; i < RANDOM_PACKETS; i++) {
		uint8_t local[16] = {0};

		make_flow(&c);
		make_shapes(&c);
		memcpy(local, c.in.to, sizeof(local));
		flow_seal(&c.flow, local, htons(c.in.to_port));
		check_case(&c, i);
	}
}
END_TEST

/* The unfinished checksum that a sender on this machine leaves is known, whatever the packet; others seldom look like it. */
START_TEST(unfinished_checksums)
{
	static struct random_case c;
	unsigned chance = 0, count = RANDOM_PACKETS / 10;

	for (unsigned i = 0; i < count; i++) {
		uint8_t bytes[PACKET_MAX];
		uint16_t check;
		size_t at;

		make_flow(&c);
		make_shapes(&c);
		flow_seal(&c.flow, c.in.to, htons(c.in.to_port));
		at = ETHERNET + (c.in.ip6 ? 40 : 20) + 6;
		for (c.in.sum = SUM_FULL; c.in.sum <= SUM_PARTIAL; c.in.sum++) {
			packet_write(&c.in, bytes);
			memcpy(&check, bytes + at, 2);
			if (c.in.sum == SUM_FULL)
				chance += sum_is_partial(&c.flow, check, (uint16_t)(8 + c.in.n)) != 0;
			else
				HOT_ASSERT((sum_is_partial(&c.flow, check, (uint16_t)(8 + c.in.n)) != 0) == (c.in.sum == SUM_PARTIAL),
						"seed %#x, packet %u, sum %u", SEED, i, c.in.sum);
		}
	}
	ck_assert_uint_lt(chance, count / 5000);
}
END_TEST

Suite *rewrite_suite(void)
{
	const TTest *const tests[] = {random_packets, unfinished_checksums, NULL};

	return suite_of("rewrite", tests);
}
