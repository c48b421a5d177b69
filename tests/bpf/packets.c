/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packets.h"

#include <string.h>

enum { ETHERNET = 14, IP4 = 20, IP6 = 40, UDP = 8 };

static void put16(uint8_t *b, uint32_t value)
{
	b[0] = (uint8_t)(value >> 8);
	b[1] = (uint8_t)value;
}

uint16_t packet_sum(const uint8_t *b, size_t n, uint32_t before)
{
	uint64_t sum = before;

	for (size_t i = 0; i < n; i++)
		sum += i % 2 ? b[i] : (uint64_t)b[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static void write_ip4(const struct shape *s, uint8_t *b, size_t datagram)
{
	b[0] = 0x45;
	b[1] = s->tos;
	put16(b + 2, (uint32_t)(IP4 + datagram));
	put16(b + 4, s->id);
	put16(b + 6, s->fragment);
	b[8] = s->ttl;
	b[9] = 17;
	put16(b + 10, 0);
	memcpy(b + 12, s->from, 4);
	memcpy(b + 16, s->to, 4);
	put16(b + 10, (uint16_t)~packet_sum(b, IP4, 0));
}

static void write_ip6(const struct shape *s, uint8_t *b, size_t datagram)
{
	b[0] = (uint8_t)(0x60 | s->tos >> 4);
	b[1] = (uint8_t)(s->tos << 4 | (s->label >> 16 & 0x0f));
	put16(b + 2, s->label & 0xffff);
	put16(b + 4, (uint32_t)datagram);
	b[6] = 17;
	b[7] = s->ttl;
	memcpy(b + 8, s->from, 16);
	memcpy(b + 24, s->to, 16);
}

static uint16_t pseudo_header(const struct shape *s, size_t datagram)
{
	size_t n = s->ip6 ? 16 : 4;

	return packet_sum(s->to, n, packet_sum(s->from, n, (uint32_t)(17 + datagram)));
}

static void write_udp(const struct shape *s, uint8_t *b)
{
	size_t datagram = UDP + s->n;
	uint16_t pseudo = pseudo_header(s, datagram), sum;

	put16(b, s->from_port);
	put16(b + 2, s->to_port);
	put16(b + 4, (uint32_t)datagram);
	put16(b + 6, 0);
	memcpy(b + UDP, s->payload, s->n);
	sum = (uint16_t)~packet_sum(b, datagram, pseudo);
	if (s->sum == SUM_FULL)
		put16(b + 6, sum ? sum : 0xffff);
	else if (s->sum == SUM_PARTIAL)
		put16(b + 6, pseudo);
}

size_t packet_write(const struct shape *s, uint8_t *out)
{
	size_t header = s->ip6 ? IP6 : IP4;

	memcpy(out, s->mac_to, 6);
	memcpy(out + 6, s->mac_from, 6);
	put16(out + 12, s->ip6 ? 0x86dd : 0x0800);
	if (s->ip6)
		write_ip6(s, out + ETHERNET, UDP + s->n);
	else
		write_ip4(s, out + ETHERNET, UDP + s->n);
	write_udp(s, out + ETHERNET + header);
	return ETHERNET + header + UDP + s->n;
}

uint64_t packet_random(uint64_t *state)
{
	uint64_t x = *state += 0x9e3779b97f4a7c15;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

void packet_random_bytes(uint64_t *state, uint8_t *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)packet_random(state);
}
