/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hunting (B7) as the script sees it; the order and the meaning of answers are policy/hunt.h's. */
#ifndef AETA_HUNTING_H
#define AETA_HUNTING_H

#include "call.h"
#include "route.h"

/* Starts the hunt of a verdict: remembers the group's clock, the domain, and which device the caller is. 0 or -errno. */
int aeta_hunt_begin(sip_msg_t *msg, struct aeta_call *c, const struct aeta_judged *j, const str *caller, const str *domain);

int aeta_hunt_next(sip_msg_t *msg);
int aeta_hunt_pass(sip_msg_t *msg, str *why);
int aeta_hunt_reply(sip_msg_t *msg, int code, int timeout, int provisional);

/* True if the group of the hunt in hand counts a member in a call as busy. */
bool aeta_hunt_busy_in_call(const struct aeta_call *c);

#endif
