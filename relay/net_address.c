/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net_address.h"

socklen_t net_from_endpoint(const struct endpoint *e, union net_address *out)
{
	if (e->address.family == 6) {
		out->v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(e->port)};
		memcpy(&out->v6.sin6_addr, e->address.bytes, 16);
		return sizeof(out->v6);
	}
	out->v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(e->port)};
	memcpy(&out->v4.sin_addr, e->address.bytes, 4);
	return sizeof(out->v4);
}

void net_to_endpoint(const union net_address *a, struct endpoint *out)
{
	memset(out, 0, sizeof(*out));
	if (a->any.sa_family == AF_INET) {
		out->address.family = 4;
		memcpy(out->address.bytes, &a->v4.sin_addr, 4);
		out->port = ntohs(a->v4.sin_port);
	} else if (a->any.sa_family == AF_INET6) {
		out->port = ntohs(a->v6.sin6_port);
		if (IN6_IS_ADDR_V4MAPPED(&a->v6.sin6_addr)) {
			out->address.family = 4;
			memcpy(out->address.bytes, a->v6.sin6_addr.s6_addr + 12, 4);
		} else {
			out->address.family = 6;
			memcpy(out->address.bytes, &a->v6.sin6_addr, 16);
		}
	}
}

static bool bits_are_zero(const uint8_t *bytes, unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++)
		if (bytes[i / 8] & (0x80 >> i % 8))
			return false;
	return true;
}

bool network_parse(struct text t, struct network *out)
{
	struct text address = text_until(&t, '/');
	uint64_t length;
	unsigned bits;

	if (!address_parse(address, &out->address))
		return false;
	bits = out->address.family == 4 ? 32 : 128;
	length = bits;
	if (t.n && !text_number(t, bits, &length))
		return false;
	out->length = (unsigned)length;
	return bits_are_zero(out->address.bytes, out->length, bits);
}

bool network_contains(const struct network *n, const struct address *a)
{
	unsigned whole = n->length / 8, rest = n->length % 8;

	if (a->family != n->address.family || memcmp(a->bytes, n->address.bytes, whole) != 0)
		return false;
	return rest == 0 || ((a->bytes[whole] ^ n->address.bytes[whole]) & (0xff00 >> rest) & 0xff) == 0;
}

bool address_is_loopback(const struct address *a)
{
	static const uint8_t one[16] = {[15] = 1};

	return a->family == 4 ? a->bytes[0] == 127 : a->family == 6 && memcmp(a->bytes, one, 16) == 0;
}

bool listen_parse(struct text t, struct endpoint *out)
{
	struct text address = TEXT("127.0.0.1"), port = t;
	uint64_t number;

	for (size_t i = t.n; i > 0; i--) {
		if (t.s[i - 1] == ':') {
			address = (struct text){t.s, i - 1};
			port = text_from(t, i);
			break;
		}
	}
	if (text_is(address, "localhost"))
		address = TEXT("127.0.0.1");
	memset(out, 0, sizeof(*out));
	if (!text_number(port, 65535, &number) || number == 0 || !address_parse(address, &out->address))
		return false;
	/* "::1" is an address, "[::1]:80" one with a port; without the brackets it could be either. */
	if (out->address.family == 6 && address.s[0] != '[')
		return false;
	out->port = (uint16_t)number;
	return true;
}
