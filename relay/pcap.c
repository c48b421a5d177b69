/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pcap.h"

#define LINKTYPE_ETHERNET 1
#define LINKTYPE_RAW 101
#define ETHERNET 14
#define UDP 8

static void put16(uint8_t *to, unsigned v)
{
	to[0] = (uint8_t)(v >> 8);
	to[1] = (uint8_t)v;
}

void pcap_file_header(uint8_t out[PCAP_FILE_HEADER], bool ethernet)
{
	uint32_t words[6] = {0xa1b2c3d4, 0, 0, 0, 0x40000, ethernet ? LINKTYPE_ETHERNET : LINKTYPE_RAW};
	uint16_t version[2] = {2, 4};

	memcpy(&words[1], version, sizeof(version));
	memcpy(out, words, sizeof(words));
}

/* The sum of RFC 1071, not yet folded. */
static uint64_t sum(const uint8_t *b, size_t n)
{
	uint64_t s = 0;

	for (; n > 1; b += 2, n -= 2)
		s += (uint64_t)b[0] << 8 | b[1];
	return n ? s + ((uint64_t)b[0] << 8) : s;
}

static uint16_t folded(uint64_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)~s;
}

static size_t put_ip4(uint8_t *ip, const struct endpoint *from, const struct endpoint *to, size_t udp)
{
	static const uint8_t start[20] = {0x45, [6] = 0x40, [8] = 64, [9] = 17};

	memcpy(ip, start, sizeof(start));
	put16(ip + 2, (unsigned)(20 + udp));
	memcpy(ip + 12, from->address.bytes, 4);
	memcpy(ip + 16, to->address.bytes, 4);
	put16(ip + 10, folded(sum(ip, 20)));
	return 20;
}

static size_t put_ip6(uint8_t *ip, const struct endpoint *from, const struct endpoint *to, size_t udp)
{
	static const uint8_t start[8] = {0x60, [6] = 17, [7] = 64};

	memcpy(ip, start, sizeof(start));
	put16(ip + 4, (unsigned)udp);
	memcpy(ip + 8, from->address.bytes, 16);
	memcpy(ip + 24, to->address.bytes, 16);
	return 40;
}

/* Over the pseudo header too (RFC 768, RFC 8200 8.1). */
static void put_udp(uint8_t *h, const struct endpoint *from, const struct endpoint *to, const uint8_t *payload, size_t length)
{
	uint64_t s = 17 + UDP + length;
	uint16_t checksum;

	put16(h, from->port);
	put16(h + 2, to->port);
	put16(h + 4, (unsigned)(UDP + length));
	put16(h + 6, 0);
	s += sum(from->address.bytes, 16) + sum(to->address.bytes, 16); /* of IPv4 the rest is 0 */
	s += sum(h, UDP) + sum(payload, length);
	checksum = folded(s);
	put16(h + 6, checksum ? checksum : 0xffff);
}

size_t pcap_packet_headers(uint8_t out[PCAP_HEADERS_MAX], bool ethernet, uint64_t epoch_us, const struct endpoint *from,
	const struct endpoint *to, const uint8_t *payload, size_t length)
{
	uint32_t record[4] = {(uint32_t)(epoch_us / 1000000), (uint32_t)(epoch_us % 1000000)};
	size_t n = sizeof(record), captured;
	bool v6 = from->address.family == 6;

	if (ethernet) {
		memset(out + n, 0, ETHERNET);
		put16(out + n + 12, v6 ? 0x86dd : 0x0800);
		n += ETHERNET;
	}
	n += (v6 ? put_ip6 : put_ip4)(out + n, from, to, UDP + length);
	put_udp(out + n, from, to, payload, length);
	n += UDP;
	captured = n - sizeof(record) + length;
	record[2] = record[3] = (uint32_t)captured;
	memcpy(out, record, sizeof(record));
	return n;
}
