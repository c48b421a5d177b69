/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sockets that answers to probes are steered to (policy/nat_class.h): on each public address of the service one at the port
 * probe_port and one at probe_knock_port, opened before anything forks. A second address need not be one that Kamailio listens
 * on (parameter probe_address).
 */
#ifndef AETA_PROBE_SOCKETS_H
#define AETA_PROBE_SOCKETS_H

#include <stdbool.h>

#include "core/ip_addr.h"
#include "policy/address.h"

#define AETA_PROBE_PLACES 8

struct aeta_probe_spot {
	struct ip_addr local;       /* where its sockets are bound */
	struct aeta_address shown;  /* how agents know it: another one behind a 1:1 NAT; port 0 */
	int port, knock;            /* sockets that do not block */
};

/* mod_init(): 0, or -1 (logged) where a port is taken. Where the service has no public address, none is opened, and `probe` becomes 0. */
int aeta_probe_sockets_open(void);
void aeta_probe_sockets_close(void);

unsigned aeta_probe_spots(void);
const struct aeta_probe_spot *aeta_probe_spot(unsigned i); /* below aeta_probe_spots() */

/* The one on the address of this socket, and another one of the same family; NULL: there is none. */
const struct aeta_probe_spot *aeta_probe_spot_of(const struct socket_info *si);
const struct aeta_probe_spot *aeta_probe_spot_other(const struct aeta_probe_spot *than);

/* Is the address on this machine now? (In a pair it is on one of them.) */
bool aeta_probe_spot_is_here(const struct aeta_probe_spot *spot);

#endif
