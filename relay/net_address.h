/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the core's endpoints and the system's socket addresses; networks ("10.0.0.0/8"). */
#ifndef RELAY_NET_ADDRESS_H
#define RELAY_NET_ADDRESS_H

#include "core/address.h"

#include <netinet/in.h>
#include <sys/socket.h>

union net_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* Returns the length for bind() and sendto(). */
socklen_t net_from_endpoint(const struct endpoint *e, union net_address *out);
/* An IPv4-mapped source becomes IPv4. */
void net_to_endpoint(const union net_address *a, struct endpoint *out);

struct network {
	struct address address;
	unsigned length;
};

/* "192.0.2.0/24", "2001:db8::/32", or an address alone. Bits behind the length must be 0. False: it is none. */
bool network_parse(struct text t, struct network *out);
bool network_contains(const struct network *n, const struct address *a);
bool address_is_loopback(const struct address *a);

/* "[ADDRESS:]PORT", "localhost:PORT"; without an address it is 127.0.0.1. False: it is none. */
bool listen_parse(struct text t, struct endpoint *out);

#endif
