/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ip_packet.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#define HOPS 64
#define UDP_HEAD 8

/* Words in the machine's order: the sum of swapped words is the swapped sum (RFC 1071). */
static uint64_t sum(const void *bytes, size_t n, uint64_t so_far)
{
	const uint8_t *at = bytes;

	for (; n >= 8; n -= 8, at += 8) {
		uint32_t words[2];

		memcpy(words, at, sizeof(words));
		so_far += (uint64_t)words[0] + words[1];
	}
	if (n) {
		uint32_t words[2] = {0};

		memcpy(words, at, n);
		so_far += (uint64_t)words[0] + words[1];
	}
	return so_far;
}

static uint16_t fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static void put16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

size_t ip_packet_head(uint8_t out[IP_HEAD_MAX], const struct endpoint *from, const struct endpoint *to, uint8_t tos, const void *payload,
	size_t n)
{
	bool v6 = from->address.family == 6;
	size_t ip = v6 ? 40 : 20, length = UDP_HEAD + n, addresses = v6 ? 32 : 8;
	uint8_t *udp = out + ip;
	uint16_t check;

	memset(out, 0, ip + UDP_HEAD);
	if (v6) {
		out[0] = (uint8_t)(6 << 4 | tos >> 4);
		out[1] = (uint8_t)(tos << 4);
		put16(out + 4, length);
		out[6] = IPPROTO_UDP;
		out[7] = HOPS;
	} else {
		out[0] = 4 << 4 | 5;
		out[1] = tos;
		out[8] = HOPS;
		out[9] = IPPROTO_UDP;
	}
	memcpy(udp - addresses, from->address.bytes, addresses / 2);
	memcpy(udp - addresses / 2, to->address.bytes, addresses / 2);
	put16(udp, from->port);
	put16(udp + 2, to->port);
	put16(udp + 4, length);
	/* The pseudo-header: both addresses, the protocol, the length. */
	check = fold(sum(payload, n, sum(udp - addresses, addresses + UDP_HEAD, (uint64_t)htons(IPPROTO_UDP) + htons((uint16_t)length))));
	check = (uint16_t)~check;
	if (check == 0)
		check = 0xffff; /* 0 would say that there is none */
	memcpy(udp + 6, &check, sizeof(check));
	return ip + UDP_HEAD;
}
