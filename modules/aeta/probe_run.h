/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the SIP workers tell the process that probes, and that process (prober.h draws it). */
#ifndef AETA_PROBE_RUN_H
#define AETA_PROBE_RUN_H

#include <signal.h>

#include "core/ip_addr.h"
#include "policy/nat_probe.h"
#include "policy/number.h"

/* Whom to probe, and how to reach it. */
struct aeta_probe_target {
	char account[AETA_NUMBER_MAX + 1];
	char uri[AETA_PROBE_URI_MAX + 1];
	struct aeta_address source; /* where it registered from */
	struct socket_info *socket; /* ... and where to */
	bool no_nat;                /* nothing on the way seems to change its packets */
	bool wished;                /* by an operator: although it is known */
	bool in_call;               /* it may be in a call */
};

/* What goes through the pipe: written and read whole, as it is no longer than PIPE_BUF. */
struct aeta_probe_note {
	enum {
		AETA_NOTE_TARGET, /* to be probed when it has its turn */
		AETA_NOTE_NOW,    /* the same, an operator's wish */
		AETA_NOTE_NEW,    /* a registration that is new, of an agent that is known */
		AETA_NOTE_ANSWER  /* to a probe, come in on a socket of Kamailio's */
	} what;
	union {
		struct aeta_probe_target target;
		struct {
			struct aeta_probe_answer answer;
			struct aeta_address from;
		} came;
	} is;
};
_Static_assert(sizeof(struct aeta_probe_note) <= 4096, "PIPE_BUF of Linux");

/*
 * The process: reads notes from `pipe`, probes, and writes to the database; does not return. `silent`: where it says what seems to
 * be closed (enum aeta_probe_silent). `asleep`: the signals that are held back while it waits, and only then.
 */
__attribute__((noreturn)) void aeta_probe_run(int pipe, _Atomic unsigned *silent, const sigset_t *asleep);

#endif
