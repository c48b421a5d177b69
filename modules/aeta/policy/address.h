/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses as SIP and SDP write them, and what can be said of one: is it private, and so no place to send media to? */
#ifndef AETA_POLICY_ADDRESS_H
#define AETA_POLICY_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum aeta_family { AETA_FAMILY_NONE = 0, AETA_FAMILY_NAME, AETA_FAMILY_IP4, AETA_FAMILY_IP6 };

struct aeta_address {
	uint8_t family;    /* enum aeta_family; NONE: not known. NAME: a host name, of which nothing can be told */
	uint8_t bytes[16]; /* network order; IP4: the first four; all others zero */
	uint16_t port;     /* 0 = not known */
};

enum aeta_scope {
	AETA_SCOPE_NONE = 0, /* not known */
	AETA_SCOPE_NAME,
	AETA_SCOPE_UNSPECIFIED, /* 0.0.0.0 or :: : in an SDP a stream on hold */
	AETA_SCOPE_LOOPBACK,    /* 127/8, ::1 */
	AETA_SCOPE_PRIVATE,     /* RFC 1918, 100.64/10 (RFC 6598), 169.254/16, fc00::/7, fe80::/10 */
	AETA_SCOPE_PUBLIC
};

/*
 * Reads an address from `len` bytes: IPv4, IPv6 with or without brackets and zone; anything else that is not empty is a NAME.
 * An IPv4 address in IPv6 form (::ffff:a.b.c.d) is IPv4. The port is `port`.
 */
struct aeta_address aeta_address_parse(const char *s, size_t len, unsigned port);

/* From `size` (4 or 16) bytes in network order. */
struct aeta_address aeta_address_of(const uint8_t *bytes, size_t size, unsigned port);

enum aeta_scope aeta_address_scope(const struct aeta_address *a);

/* IPv4 or IPv6, as against a name or nothing. */
bool aeta_address_is_ip(const struct aeta_address *a);

/* The same IP address, whatever the ports; false where either is none. */
bool aeta_address_same(const struct aeta_address *a, const struct aeta_address *b);

#endif
