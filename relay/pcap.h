/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of a pcap file (version 2.4, µs): pure. Packets are given the headers that they had on the way: UDP, IP, and an
 * Ethernet header where that is wanted. */
#ifndef RELAY_PCAP_H
#define RELAY_PCAP_H

#include "core/address.h"

#define PCAP_FILE_HEADER 24
#define PCAP_HEADERS_MAX (16 + 14 + 40 + 8) /* record, Ethernet, IPv6, UDP */

/* The head of a file; native byte order, as the format wants it. */
void pcap_file_header(uint8_t out[PCAP_FILE_HEADER], bool ethernet);
/* What stands before a packet's payload. Returns the length. The addresses are of one family. */
size_t pcap_packet_headers(uint8_t out[PCAP_HEADERS_MAX], bool ethernet, uint64_t epoch_us, const struct endpoint *from,
	const struct endpoint *to, const uint8_t *payload, size_t length);

#endif
