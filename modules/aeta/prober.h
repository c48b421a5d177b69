/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The prober (C7): one process that asks each agent, once it has registered from a public address where it is not known, what it
 * is behind (policy/nat_class.h, policy/nat_probe.h), and keeps what comes of it in nat_known.h.
 *
 *      SIP workers (prober.c)                                  this process (probe_run.c)
 *      usrloc's callback: a registration ──┐  pipe   ┌─► waiting ─► at most probe_rate a second ─► sessions of 2.4 s
 *      an answer on a socket of Kamailio's ┴─────────┘                                              ▲
 *                                              sockets of probe_sockets.h: answers that were steered ┘
 *
 * It waits for probe_delay after the REGISTER. A registration that is new, of an agent that is known, gets one OPTIONS then, so that
 * routers see that the exchange goes on.
 * Not probed are agents in a call, behind a proxy, on TCP or TLS, at private addresses; those of accounts and User-Agents for
 * which it is switched off; and anybody more than once in probe_every seconds, unless its registration looks different.
 * The same process writes what is known to the database.
 */
#ifndef AETA_PROBER_H
#define AETA_PROBER_H

#include <stdbool.h>

#include "core/str.h"

/* mod_init(): 0 or -1. */
int aeta_prober_init(void);
/* child_init(PROC_MAIN): forks the process. 0 or -1. */
int aeta_prober_start(void);
void aeta_prober_destroy(void);

/* What seems to be closed in the service's own firewall: a mask of enum aeta_probe_silent (policy/nat_probe.h). */
unsigned aeta_prober_silent(void);

enum aeta_prober_asked {
	AETA_PROBE_ASKED = 0,
	AETA_PROBE_OFF,          /* probing is switched off */
	AETA_PROBE_UNREGISTERED, /* or not by UDP, from a public address, without a proxy */
	AETA_PROBE_FULL          /* too many wait */
};

/* An operator's wish: probes the agent of an account although its class is known; with `in_call` during a call, too. */
enum aeta_prober_asked aeta_prober_ask(const str *account, bool in_call);

#endif
