/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "address.h"

#include <string.h>

#include <arpa/inet.h>

#define TEXT_MAX 64 /* no address is longer, with its zone */

struct aeta_address aeta_address_of(const uint8_t *bytes, size_t size, unsigned port)
{
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	struct aeta_address a = {.family = AETA_FAMILY_NONE, .port = (uint16_t)port};

	if (size == 16 && memcmp(bytes, mapped, sizeof(mapped)) == 0) {
		bytes += sizeof(mapped);
		size = 4;
	}
	if (size != 4 && size != 16)
		return a;
	a.family = size == 4 ? AETA_FAMILY_IP4 : AETA_FAMILY_IP6;
	memcpy(a.bytes, bytes, size);
	return a;
}

struct aeta_address aeta_address_parse(const char *s, size_t len, unsigned port)
{
	struct aeta_address name = {.family = AETA_FAMILY_NAME, .port = (uint16_t)port};
	char text[TEXT_MAX], *zone;
	uint8_t bytes[16];

	if (len == 0)
		return (struct aeta_address){.port = (uint16_t)port};
	if (len > 2 && s[0] == '[' && s[len - 1] == ']') {
		s++;
		len -= 2;
	}
	if (len >= sizeof(text) || memchr(s, '\0', len))
		return name;
	memcpy(text, s, len);
	text[len] = '\0';
	if (inet_pton(AF_INET, text, bytes) == 1)
		return aeta_address_of(bytes, 4, port);
	zone = strchr(text, '%');
	if (zone)
		*zone = '\0';
	return inet_pton(AF_INET6, text, bytes) == 1 ? aeta_address_of(bytes, 16, port) : name;
}

static enum aeta_scope scope4(const uint8_t *b)
{
	static const uint8_t any[4];

	if (memcmp(b, any, 4) == 0)
		return AETA_SCOPE_UNSPECIFIED;
	if (b[0] == 127)
		return AETA_SCOPE_LOOPBACK;
	if (b[0] == 10 || (b[0] == 172 && (b[1] & 0xf0) == 16) || (b[0] == 192 && b[1] == 168) || (b[0] == 169 && b[1] == 254) ||
			(b[0] == 100 && (b[1] & 0xc0) == 64))
		return AETA_SCOPE_PRIVATE;
	return AETA_SCOPE_PUBLIC;
}

static enum aeta_scope scope6(const uint8_t *b)
{
	static const uint8_t any[16], loopback[16] = {[15] = 1};

	if (memcmp(b, any, 16) == 0)
		return AETA_SCOPE_UNSPECIFIED;
	if (memcmp(b, loopback, 16) == 0)
		return AETA_SCOPE_LOOPBACK;
	if ((b[0] & 0xfe) == 0xfc || (b[0] == 0xfe && (b[1] & 0xc0) == 0x80))
		return AETA_SCOPE_PRIVATE;
	return AETA_SCOPE_PUBLIC;
}

enum aeta_scope aeta_address_scope(const struct aeta_address *a)
{
	switch (a->family) {
	case AETA_FAMILY_NAME:
		return AETA_SCOPE_NAME;
	case AETA_FAMILY_IP4:
		return scope4(a->bytes);
	case AETA_FAMILY_IP6:
		return scope6(a->bytes);
	default:
		return AETA_SCOPE_NONE;
	}
}

bool aeta_address_is_ip(const struct aeta_address *a)
{
	return a->family == AETA_FAMILY_IP4 || a->family == AETA_FAMILY_IP6;
}

bool aeta_address_same(const struct aeta_address *a, const struct aeta_address *b)
{
	return aeta_address_is_ip(a) && a->family == b->family && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}
