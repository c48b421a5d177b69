/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IP addresses and endpoints as values. Ports and families in host order; address bytes in network order. */
#ifndef RELAY_CORE_ADDRESS_H
#define RELAY_CORE_ADDRESS_H

#include "text.h"

#define ADDRESS_TEXT_MAX 46  /* with the NUL */
#define ENDPOINT_TEXT_MAX 54 /* "[...]:65535" */

struct address {
	uint8_t family; /* 4, 6, or 0: none */
	uint8_t bytes[16]; /* of IPv4 the first four; the rest is 0 */
};

struct endpoint {
	struct address address;
	uint16_t port; /* 0: none */
};

/* Reads "192.0.2.1", "2001:db8::1", "[2001:db8::1]"; an IPv4-mapped IPv6 address becomes IPv4. False: it is none (host names are none). */
bool address_parse(struct text t, struct address *out);
/* Without brackets. Returns the length. */
size_t address_format(const struct address *a, char out[ADDRESS_TEXT_MAX]);
/* "192.0.2.1:5060", "[2001:db8::1]:5060". */
size_t endpoint_format(const struct endpoint *e, char out[ENDPOINT_TEXT_MAX]);

static inline bool address_equal(const struct address *a, const struct address *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, 16) == 0;
}

static inline bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && address_equal(&a->address, &b->address);
}

/* 0.0.0.0 or :: : "hold" in an SDP. */
bool address_is_any(const struct address *a);

#endif
