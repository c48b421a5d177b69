/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does the call in hand need the relay, and which one (C2, C3, C5)? The facts for policy/media.h, from message and location. */
#ifndef AETA_MEDIA_CALL_H
#define AETA_MEDIA_CALL_H

#include "core/parser/msg_parser.h"
#include "policy/media.h"

/*
 * Function of the script: 1 = by the relay, 2 = directly, -1 = the call must not go on; $aeta(...) say more. Never an error:
 * what is not known is a reason for the relay. After aeta_route(), for the callee $aeta(final).
 */
int aeta_media(sip_msg_t *msg);

/* What the relay has to be told for the offer, or for the answer, besides what is always the same: "address-family=IP6" or "". */
const char *aeta_media_flags(enum aeta_family family);

/* The same verdict for a call that is not made: both parties by their registrations, no SDP. */
struct aeta_media_explained {
	struct aeta_media_side caller, callee;
	bool caller_registered, callee_registered;
	unsigned relay_set;
	struct aeta_media_verdict verdict;
};
/* 0, or -EIO: no directory, or the database did not answer. */
int aeta_media_explain(const str *caller, const str *callee, struct aeta_media_explained *out);

#endif
