/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The headers of a UDP packet, for sockets that send from any port (RFC 791, 768, 8200). */
#ifndef RELAY_IP_PACKET_H
#define RELAY_IP_PACKET_H

#include "core/address.h"

#define IP_HEAD_MAX 48

/*
 * Writes the IP and UDP headers of a packet with `n` bytes of payload (65507 at most), checksum and all; what Linux fills in on such
 * a socket is left open (IPv4's length, identification and header checksum). It may be fragmented. Both endpoints are of one family.
 * Returns the headers' length, 28 or 48.
 */
size_t ip_packet_head(uint8_t out[IP_HEAD_MAX], const struct endpoint *from, const struct endpoint *to, uint8_t tos, const void *payload,
	size_t n);

#endif
