/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of the NATs of the parties of a call (C7), and what the call itself shows of them. */
#ifndef AETA_MEDIA_NAT_H
#define AETA_MEDIA_NAT_H

#include "core/parser/msg_parser.h"
#include "policy/media.h"

/*
 * Fills in what is known of an account where its SIP comes from, else the class that is noted with its registration; if that is
 * where it is registered (address and port, by UDP and without a proxy), else nothing is. `registered`: its registration, which may
 * be `side` itself.
 */
void aeta_media_nat(const str *number, const struct aeta_media_side *registered, struct aeta_media_side *side);

/* Keeps what the SDP of a party shows of STUN, with its binding. After aeta_media_nat(). */
void aeta_media_learn(const str *number, struct aeta_media_side *side);

/* How calls are judged, as the parameters say. */
struct aeta_media_setting aeta_media_setting(void);

/*
 * Function of the script, for an answer with an SDP (reply route): learns from it. 1, or -1 where a call that was let go directly
 * should not have been: that is logged and counted, and cannot be mended any more.
 */
int aeta_media_answer(sip_msg_t *msg);

#endif
