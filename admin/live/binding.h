/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a number is registered now. */
#ifndef AETA_ADMIN_LIVE_BINDING_H
#define AETA_ADMIN_LIVE_BINDING_H

#include "live.h"

struct live_binding {
	char contact[512];    /* URI that the agent gave */
	char received[256];   /* URI of where its REGISTER came from; "": where the Contact says */
	char path[512];       /* "": it registered to us, not through a proxy */
	char socket[128];     /* of ours */
	char user_agent[256];
	long expires_s;       /* seconds until it ends, LIVE_UNKNOWN: not said, or it has ended */
	long modified;        /* its latest REGISTER, seconds since 1970, or LIVE_UNKNOWN */
};

/* -ENOENT: the number is not registered. */
int live_binding(struct live *l, const char *number, struct live_binding *out);

/* Removes the registration of a number at once. -ENOENT: there is none. */
int live_unbind(struct live *l, const char *number);

/* Where its SIP comes from, as IP address or host name without port and brackets; "" where a proxy stands before it. */
void live_binding_host(const struct live_binding *b, char *out, size_t size);

#endif
