/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The measuring client's side of the ng protocol: requests as Kamailio writes them, and what it needs of the replies. */
#ifndef BENCH_RELAY_NG_H
#define BENCH_RELAY_NG_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

enum ng_step { NG_STEP_OFFER, NG_STEP_ANSWER, NG_STEP_DELETE };

/* One call as its two agents see it. */
struct ng_call {
	unsigned number;              /* makes its Call-ID and tags */
	unsigned run;                 /* the same for all calls of a run: no Call-ID comes twice */
	bool across;                  /* from the relay's interface "near" to its "far" */
	struct sockaddr_in agents[2]; /* where caller and callee receive RTP */
	struct sockaddr_in relay[2];  /* where they send it: what the relay has answered */
};

/* Writes the datagram of a step, cookie first; returns its length. `size` of 2,000 is enough. */
size_t ng_write(const struct ng_call *call, enum ng_step step, unsigned long cookie, char *out, size_t size);

/* Reads a reply to that step into call->relay. False, with the reply on stderr, if it is no "ok" or names no port. */
bool ng_read(struct ng_call *call, enum ng_step step, unsigned long cookie, const char *reply, size_t length);

/* A socket to the relay's ng port; ends the program if it cannot be had. */
int ng_socket(const struct sockaddr_in *relay);

/* A whole step on it: sends, waits (repeating twice), reads. False if there is no good answer. */
bool ng_do(int socket, struct ng_call *call, enum ng_step step);

#endif
