/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The headers that the relay writes itself, against RFC 791, 8200 and 768 written down once more, byte by byte: the checksum is a sum
 * of 16-bit words of a pseudo-header and a datagram that are laid out in full.
 */
#include "relay_suites.h"

#include "ip_packet.h"

#include <stdio.h>
#include <stdlib.h>

#define PACKETS 20000
#define PAYLOAD_MAX 65507
#define SEED 20261126u

/* xorshift; the same packets in each run. */
static uint32_t random_word(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void random_bytes(uint32_t *state, uint8_t *to, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = (uint8_t)(random_word(state) >> 11);
}

static size_t append(uint8_t *to, size_t at, const void *bytes, size_t n)
{
	memcpy(to + at, bytes, n);
	return at + n;
}

static size_t append16(uint8_t *to, size_t at, unsigned value)
{
	const uint8_t bytes[2] = {(uint8_t)(value / 256), (uint8_t)(value % 256)};

	return append(to, at, bytes, 2);
}

/* The one's complement of the one's complement sum, an odd last byte filled with 0; 0 is written as all ones. */
static unsigned naive_checksum(const uint8_t *bytes, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i += 2) {
		sum += bytes[i] * 256u + (i + 1 < n ? bytes[i + 1] : 0u);
		if (sum > 0xffff)
			sum -= 0xffff;
	}
	sum = 0xffff - sum;
	return sum ? sum : 0xffff;
}

static unsigned wanted_checksum(const struct endpoint *from, const struct endpoint *to, const uint8_t *payload, size_t n)
{
	static uint8_t all[40 + 8 + PAYLOAD_MAX];
	size_t size = from->address.family == 6 ? 16 : 4, at;

	at = append(all, 0, from->address.bytes, size);
	at = append(all, at, to->address.bytes, size);
	at = append16(all, at, 17);
	at = append16(all, at, (unsigned)(8 + n));
	at = append16(all, at, from->port);
	at = append16(all, at, to->port);
	at = append16(all, at, (unsigned)(8 + n));
	at = append16(all, at, 0);
	return naive_checksum(all, append(all, at, payload, n));
}

static size_t wanted_head(uint8_t out[IP_HEAD_MAX], const struct endpoint *from, const struct endpoint *to, unsigned tos,
	const uint8_t *payload, size_t n)
{
	const uint8_t v4[12] = {0x45, (uint8_t)tos, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0}; /* length, identification, checksum: Linux */
	const uint8_t v6[4] = {(uint8_t)(0x60 + tos / 16), (uint8_t)(tos % 16 * 16), 0, 0}, next[2] = {17, 64};
	size_t size = from->address.family == 6 ? 16 : 4, at;

	if (from->address.family == 6) {
		at = append(out, 0, v6, sizeof(v6));
		at = append16(out, at, (unsigned)(8 + n));
		at = append(out, at, next, sizeof(next));
	} else {
		at = append(out, 0, v4, sizeof(v4));
	}
	at = append(out, at, from->address.bytes, size);
	at = append(out, at, to->address.bytes, size);
	at = append16(out, at, from->port);
	at = append16(out, at, to->port);
	at = append16(out, at, (unsigned)(8 + n));
	return append16(out, at, wanted_checksum(from, to, payload, n));
}

static void check(const struct endpoint *from, const struct endpoint *to, uint8_t tos, const uint8_t *payload, size_t n, unsigned number)
{
	uint8_t got[IP_HEAD_MAX + 1], wanted[IP_HEAD_MAX];
	size_t length = wanted_head(wanted, from, to, tos, payload, n);

	memset(got, 0xa5, sizeof(got));
	HOT_ASSERT(ip_packet_head(got, from, to, tos, payload, n) == length, "packet %u: the length", number);
	HOT_ASSERT(memcmp(got, wanted, length) == 0, "packet %u: IPv%u, %zu bytes", number, from->address.family, n);
	HOT_ASSERT(got[length] == 0xa5, "packet %u: written too far", number);
}

static struct endpoint random_endpoint(uint32_t *state, uint8_t family)
{
	struct endpoint e = {.address.family = family, .port = (uint16_t)random_word(state)};

	random_bytes(state, e.address.bytes, family == 6 ? 16 : 4);
	return e;
}

/* Most are as long as media are; some have no byte, some as many as fit. */
static size_t random_length(uint32_t *state)
{
	switch (random_word(state) % 64) {
	case 0:
		return 0;
	case 1:
		return random_word(state) % (PAYLOAD_MAX + 1);
	case 2:
		return PAYLOAD_MAX;
	default:
		return random_word(state) % 400;
	}
}

START_TEST(heads_of_random_packets)
{
	static uint8_t bytes[PAYLOAD_MAX + 8];
	uint32_t state = SEED;

	printf("ip_packet_head(): seed %u\n", SEED);
	for (unsigned i = 0; i < PACKETS; i++) {
		uint8_t family = i & 1 ? 6 : 4, *payload = bytes + random_word(&state) % 8; /* at any alignment */
		struct endpoint from = random_endpoint(&state, family), to = random_endpoint(&state, family);
		size_t n = random_length(&state);

		random_bytes(&state, payload, n);
		check(&from, &to, (uint8_t)random_word(&state), payload, n, i);
	}
}
END_TEST

/* A payload whose last word is such that the sum is all ones: the checksum is 0, which would say that there is none. */
START_TEST(a_checksum_of_zero_is_written_as_all_ones)
{
	uint32_t state = SEED;

	for (unsigned i = 0; i < 200; i++) {
		uint8_t family = i & 1 ? 6 : 4, payload[64] = {0}, head[IP_HEAD_MAX];
		struct endpoint from = random_endpoint(&state, family), to = random_endpoint(&state, family);
		size_t n = 2 + 2 * (random_word(&state) % 31), length;

		random_bytes(&state, payload, n - 2);
		append16(payload, n - 2, wanted_checksum(&from, &to, payload, n));
		length = ip_packet_head(head, &from, &to, 0, payload, n);
		HOT_ASSERT(head[length - 2] == 0xff && head[length - 1] == 0xff, "packet %u: %02x%02x", i, head[length - 2], head[length - 1]);
		check(&from, &to, 0, payload, n, i);
	}
}
END_TEST

Suite *ip_packet_suite(void)
{
	const TTest *const tests[] = {heads_of_random_packets, a_checksum_of_zero_is_written_as_all_ones, NULL};

	return suite_of("headers of packets", tests);
}
