/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A trace as a pcap:
 *
 *      file header: magic, version, snap length, link type 101 (raw IP)
 *      each packet: seconds, microseconds, length, length | IPv4 or IPv6 | UDP | message
 */
#include "trace.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define LINKTYPE_RAW 101
#define SNAPLEN      262144
#define UDP_HEADER   8
#define IPV4_HEADER  20
#define IPV6_HEADER  40
#define PAYLOAD_MAX  (65535 - IPV4_HEADER - UDP_HEADER)
#define TTL          64

struct endpoint {
	int family;
	unsigned char address[16];
	uint16_t port;
};

/* "udp:192.0.2.1:5060", "tls:[2001:db8::1]:5061" */
static bool read_endpoint(const char *text, struct endpoint *e)
{
	const char *host = strchr(text, ':'), *port = strrchr(text, ':');
	char address[64];

	if (!host || port <= host)
		return false;
	host += host[1] == '[' ? 2 : 1;
	snprintf(address, sizeof(address), "%.*s", (int)(port - host), host);
	address[strcspn(address, "]")] = '\0';
	e->family = strchr(address, ':') ? AF_INET6 : AF_INET;
	e->port = (uint16_t)strtoul(port + 1, NULL, 10);
	return inet_pton(e->family, address, e->address) == 1;
}

/* ---- headers ---- */

static void put16(unsigned char *at, unsigned value)
{
	at[0] = (unsigned char)(value >> 8);
	at[1] = (unsigned char)value;
}

/* Adds 16-bit words to a ones' complement sum (RFC 1071). */
static uint32_t sum_of(const unsigned char *s, size_t len, uint32_t sum)
{
	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? s[i] : (uint32_t)s[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* Both addresses, protocol and length count, as RFC 768 and RFC 8200 say. A sum of 0 is sent as 0xffff. */
static void put_udp(unsigned char *udp, const struct endpoint *from, const struct endpoint *to, const unsigned char *payload,
		size_t len)
{
	size_t size = from->family == AF_INET ? 4 : 16;
	uint32_t sum = IPPROTO_UDP + (uint32_t)(UDP_HEADER + len);

	put16(udp, from->port);
	put16(udp + 2, to->port);
	put16(udp + 4, (unsigned)(UDP_HEADER + len));
	put16(udp + 6, 0);
	sum = sum_of(from->address, size, sum);
	sum = sum_of(to->address, size, sum);
	sum = sum_of(udp, UDP_HEADER, sum);
	sum = ~sum_of(payload, len, sum) & 0xffff;
	put16(udp + 6, sum ? sum : 0xffff);
}

static size_t put_ipv4(unsigned char *ip, const struct endpoint *from, const struct endpoint *to, size_t len)
{
	memset(ip, 0, IPV4_HEADER);
	ip[0] = 0x45;
	put16(ip + 2, (unsigned)(IPV4_HEADER + UDP_HEADER + len));
	ip[8] = TTL;
	ip[9] = IPPROTO_UDP;
	memcpy(ip + 12, from->address, 4);
	memcpy(ip + 16, to->address, 4);
	put16(ip + 10, ~sum_of(ip, IPV4_HEADER, 0) & 0xffff);
	return IPV4_HEADER;
}

static size_t put_ipv6(unsigned char *ip, const struct endpoint *from, const struct endpoint *to, size_t len)
{
	memset(ip, 0, IPV6_HEADER);
	ip[0] = 0x60;
	put16(ip + 4, (unsigned)(UDP_HEADER + len));
	ip[6] = IPPROTO_UDP;
	ip[7] = TTL;
	memcpy(ip + 8, from->address, 16);
	memcpy(ip + 24, to->address, 16);
	return IPV6_HEADER;
}

/* ---- packets ---- */

/* False if it is not in the file whole. */
static bool put_message(FILE *f, const struct trace_message *m)
{
	size_t len = m->len > PAYLOAD_MAX ? PAYLOAD_MAX : m->len, size;
	unsigned char headers[IPV6_HEADER + UDP_HEADER];
	struct endpoint from, to;
	uint32_t record[4];

	if (!read_endpoint(m->from, &from) || !read_endpoint(m->to, &to) || from.family != to.family)
		return false;
	size = from.family == AF_INET ? put_ipv4(headers, &from, &to, len) : put_ipv6(headers, &from, &to, len);
	put_udp(headers + size, &from, &to, m->bytes, len);
	size += UDP_HEADER;
	record[0] = (uint32_t)m->at.tv_sec;
	record[1] = (uint32_t)m->at.tv_usec;
	record[2] = record[3] = (uint32_t)(size + len);
	fwrite(record, sizeof(record), 1, f);
	fwrite(headers, size, 1, f);
	fwrite(m->bytes, len, 1, f);
	return len == m->len;
}

unsigned trace_write_pcap(FILE *f, const struct trace *t)
{
	const struct {
		uint32_t magic;
		uint16_t major, minor;
		uint32_t zone, accuracy, snaplen, link;
	} header = {0xa1b2c3d4, 2, 4, 0, 0, SNAPLEN, LINKTYPE_RAW}; /* in this machine's byte order: readers look */
	unsigned bad = 0;

	fwrite(&header, sizeof(header), 1, f);
	for (size_t i = 0; i < t->count; i++)
		bad += !put_message(f, &t->messages[i]);
	return bad;
}
