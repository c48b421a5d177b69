/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the daemon and its program for media ports (ports.bpf.c) share: the maps' entries. */
#ifndef RELAY_KERNEL_PORTS_ABI_H
#define RELAY_KERNEL_PORTS_ABI_H

#include <linux/types.h>

#define PORT_SOURCES 3
#define PORT_ADDRESSES 16

/* Network order; of IPv4 the first four bytes, the rest is 0. */
struct port_source {
	__u8 address[16];
	__be16 port;
	__u16 unused;
};

/*
 * A media port. The daemon writes it through a mapping of the map, while packets come: `open` and `guards` are written last, and
 * `guards` is 0 while the sources change.
 */
struct port_entry {
	__u32 open;    /* 0: not ours now; what comes is treated as if this program were not there */
	__u32 guards;  /* so many sources may send here; 0: everybody */
	struct port_source source[PORT_SOURCES];
	__u32 unused;
	__u64 next;    /* ns: when the next packet is due at the highest rate */
	__u64 refused; /* packets of others, while guarded */
	__u64 reserved[5];
};
_Static_assert(sizeof(struct port_entry) == 128, "the layout of entries");

/* A media address. */
struct port_address_key {
	__u32 family; /* AF_INET, AF_INET6 */
	__u8 address[16];
};

struct port_address {
	__u32 socket;     /* its index in `sockets` */
	__u32 first;      /* entry of port_min */
	__u16 port_min, port_max;
	__u16 own_port;   /* that its socket is bound to: nobody has business there */
	__u16 unused;
};

/* Asked of port_used(), behind an Ethernet header; port 0: nothing is asked there. */
#define PORTS_ASKED 8

struct port_question {
	__u32 family;
	__u8 address[16];
	__be16 ports[PORTS_ASKED];
};

#endif
