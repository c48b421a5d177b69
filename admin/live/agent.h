/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be asked of the running service about the agent of one number: its NAT anew (C7), and its SIP. */
#ifndef AETA_ADMIN_LIVE_AGENT_H
#define AETA_ADMIN_LIVE_AGENT_H

#include "live.h"

/* Asks its agent what it is behind, although that is known. What comes of it is known some seconds later. */
int live_nat_ask(struct live *l, const char *number);

/* A trace of its SIP, which Kamailio writes into the database. */
struct live_trace {
	bool known;    /* there is one, or was since Kamailio's start */
	long left_s;   /* 0: it is over */
	long messages, lost;
};
int live_trace_state(struct live *l, const char *number, struct live_trace *out);
/* -EPERM also where it is traced already, or too many numbers are. */
int live_trace_begin(struct live *l, const char *number, int seconds);
int live_trace_end(struct live *l, const char *number);

#endif
