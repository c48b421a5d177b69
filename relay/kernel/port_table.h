/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The media ports of several addresses, one socket for each address (ports.bpf.c). Opening, closing and guarding a port is a write
 * to memory that the kernel reads: no system call. The table lives as long as the process; with it the kernel's programs go.
 *
 * Linux 5.9 or newer, CAP_BPF and CAP_NET_ADMIN (or root) for port_table_new(); nothing after it.
 */
#ifndef RELAY_KERNEL_PORT_TABLE_H
#define RELAY_KERNEL_PORT_TABLE_H

#include "core/address.h"
#include "kernel/ports_abi.h"

#define PORT_TABLE_ERROR_MAX 200

struct port_table;

struct port_range {
	struct address address;
	uint16_t port_min, port_max;
	int socket; /* UDP, of the address's family, bound; it stays the caller's */
};

/*
 * `rate`: packets a second that one port may get, 0: no limit; `burst`: so many more at once. Of the network namespace that the
 * process is in. NULL, with the reason in `error`, where the system does not allow it.
 */
struct port_table *port_table_new(const struct port_range *ranges, unsigned count, unsigned rate, unsigned burst,
	char error[PORT_TABLE_ERROR_MAX]);
void port_table_free(struct port_table *t);

/* The entries of range `i`, by port - port_min; 128 bytes each, shared with the kernel. */
struct port_entry *port_table_entries(struct port_table *t, unsigned i);

/* Packets that were stopped because a port got more than its rate. */
uint64_t port_table_too_fast(const struct port_table *t);

/*
 * Do other programs have sockets at the address and these ports, of which 0 is none? Bit i: ports[i] is used; -errno: the system does not
 * say. Ports of the table that are open count as used.
 */
int port_table_used(struct port_table *t, const struct address *at, const uint16_t ports[PORTS_ASKED]);

/* From now on what comes to the port is the socket's. */
void port_entry_open(struct port_entry *e);
void port_entry_close(struct port_entry *e);
/* Lets only these through, 1 to PORT_SOURCES, of the address's own family. */
void port_entry_guard(struct port_entry *e, const struct endpoint *const *sources, unsigned n);
/* Everybody again. Returns how many packets were refused meanwhile. */
uint64_t port_entry_unguard(struct port_entry *e);

#endif
