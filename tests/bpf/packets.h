/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ethernet frames with a UDP datagram, written and summed up without any of the code under test. */
#ifndef AETA_TESTS_BPF_PACKETS_H
#define AETA_TESTS_BPF_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_MAX 4096

enum packet_sum { SUM_FULL = 0, SUM_NONE, SUM_PARTIAL };

struct shape {
	uint8_t mac_to[6], mac_from[6];
	bool ip6;
	uint8_t from[16], to[16]; /* of IPv4 the first four bytes */
	uint16_t from_port, to_port;
	uint8_t tos, ttl;
	uint16_t id, fragment;    /* IPv4: as in the header, host order */
	uint32_t label;           /* IPv6: flow label */
	uint8_t sum;              /* enum packet_sum */
	uint8_t payload[2048];
	size_t n;
};

/* Writes the frame; returns its length. `out` has PACKET_MAX bytes. */
size_t packet_write(const struct shape *s, uint8_t *out);

/* RFC 1071 over bytes, big-endian, nothing folded that need not be: the plain way. */
uint16_t packet_sum(const uint8_t *b, size_t n, uint32_t before);

/* A small generator of numbers, the same everywhere. */
uint64_t packet_random(uint64_t *state);
void packet_random_bytes(uint64_t *state, uint8_t *out, size_t n);

#endif
