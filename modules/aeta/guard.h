/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guard at the door (F1): its shared memory, and what a script asks of it. Return values are those of the manual. */
#ifndef AETA_GUARD_H
#define AETA_GUARD_H

#include "core/ip_addr.h"
#include "core/parser/msg_parser.h"
#include "policy/guard.h"

/* mod_init(), after aeta_location_init(): 0 or -1. */
int aeta_guard_start(void);
void aeta_guard_stop(void);

int aeta_guard_request(sip_msg_t *msg, int trusted);
/* True if aeta_guard() was told, for this very message, that it is from a trusted proxy. */
bool aeta_guard_is_trusted(const sip_msg_t *msg);
int aeta_guard_unmatched(sip_msg_t *msg, int trusted);
int aeta_guard_inside(sip_msg_t *msg, int trusted);
/* After aeta_authenticated(). */
int aeta_guard_outside(sip_msg_t *msg);
int aeta_guard_foreign(sip_msg_t *msg);
/* `live`: how many dialogs the source has; only asked for where it would be banned. */
int aeta_guard_outcome(sip_msg_t *msg, int result, int live);

/* Room for an address, a prefix length, and the NUL. */
#define AETA_SOURCE_TEXT (IP_ADDR_MAX_STR_SIZE + 8)

/* "192.0.2.1" or "2001:db8:1:2::/64"; returns `buf`. */
const char *aeta_source_text(struct aeta_source s, char buf[AETA_SOURCE_TEXT]);
/* From such a text, or from any address, in brackets or not. 0 or -EINVAL. */
int aeta_source_parse(const str *text, struct aeta_source *out);
struct aeta_source aeta_source_of(const struct ip_addr *ip);

/* For the RPC commands. */
struct aeta_guard *aeta_guard_shared(void);
aeta_usec_t aeta_guard_now(void);
void aeta_guard_log_lifted(const struct aeta_knock *k, struct aeta_lifted l, const char *why);
/* At most AETA_GUARD_NAME bytes, what a log or a list could be forged with made '?'; returns `buf`. */
const char *aeta_guard_name(const char *user, size_t len, char buf[AETA_GUARD_NAME + 1]);

#endif
