/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What wire.bpf.c and wire.c share. */
#ifndef BENCH_RELAY_WIRE_H
#define BENCH_RELAY_WIRE_H

#include <linux/types.h>

#define WIRE_FLOWS_MAX 4096
#define WIRE_PAYLOAD   172u /* RTP: 20 ms of a codec at 64 kbit/s */
#define WIRE_IP_LENGTH (20u + 8u + WIRE_PAYLOAD)
#define WIRE_TICKS     160u /* of RTP's clock, from packet to packet */

/* One stream: Ethernet, IPv4, UDP and RTP headers, and two bytes of what they carry. */
struct wire_flow {
	__u64 headers[7];
	__u32 sum;       /* of what UDP's checksum is of, while sequence number and timestamp are 0; folded */
	__u16 sequence;  /* of the last packet */
	__u16 spare;
};

_Static_assert(sizeof(struct wire_flow) == 64, "a cache line");

#endif
