/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the module knows of the call in hand. It lives in the XAVP `aeta`, so Kamailio carries it from the request to the
 * branch, failure and reply routes of its transaction and frees it with that. One block of shared memory a call.
 */
#ifndef AETA_CALL_H
#define AETA_CALL_H

#include "core/ip_addr.h"
#include "core/str.h"
#include "policy/device.h"
#include "policy/hunt.h"
#include "policy/media.h"

#define AETA_TEXT_MAX 64    /* bytes kept of what was dialled; no number is longer than AETA_NUMBER_MAX */
#define AETA_DOMAIN_MAX 255 /* a host name, or an address in brackets */

struct aeta_call {
	uint8_t action;      /* enum aeta_action */
	uint8_t rule;        /* enum aeta_rule; NONE: no verdict yet */
	uint8_t hunting;     /* `hunt` is in use */
	uint8_t proven;      /* the caller's credentials were right; see attempt.h, as from_... */
	uint8_t may_skip;    /* the last candidate may still be passed over: `before` is the hunt without it */
	uint16_t code;       /* SIP status of a refusal, else 0 */
	uint16_t group;      /* prefix, 0 = none */
	uint16_t ring_s;     /* seconds that the member in hand may ring */
	uint16_t source_port;
	struct aeta_account known; /* told by aeta_auth_check(), until it is used; number 0: nothing */
	struct aeta_hunt hunt, before;
	aeta_device_t instances[2]; /* +sip.instance of the INVITE's Contact and of the caller's own binding; 0 = none */
	struct ip_addr source;      /* where the INVITE came from, with source_port and source_proto */
	char source_proto;
	aeta_device_t device; /* of the binding last asked for */
	uint8_t relay_set;    /* C5 */
	uint8_t placed;       /* `side` and `relay_set` are filled in */
	struct aeta_media_side side;     /* the caller */
	struct aeta_media_verdict media; /* path NONE: aeta_media() was not called */
	char caller[AETA_TEXT_MAX + 1];
	char dialled[AETA_TEXT_MAX + 1];
	char final[AETA_TEXT_MAX + 1];
	char from_address[46], from_source[64], from_agent[65]; /* source, proto:address:port, User-Agent of the request */
	char callid[129]; /* of the request, with from_... */
	char domain[AETA_DOMAIN_MAX + 1]; /* host of the R-URI that the verdict was about */
};

/* The call of the message in hand, or NULL where nothing was asked yet. */
struct aeta_call *aeta_call_get(void);
/* The same, made where there is none; NULL only without memory. */
struct aeta_call *aeta_call_have(void);

/* Copies at most `size` - 1 bytes, with a NUL. */
void aeta_text_set(char *to, size_t size, const char *s, size_t len);

/* Sets a verdict, writes the one log line of it and counts it (B10). */
void aeta_call_verdict(struct aeta_call *c, const struct aeta_verdict *v);
/* The same for a rule found outside the routing decision; `code` 0 = the rule's own. */
void aeta_call_refuse(struct aeta_call *c, enum aeta_rule rule, unsigned code);

#endif
