/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a number is registered: what the routing needs of its binding, copied out of usrloc under usrloc's own lock. */
#ifndef AETA_LOCATION_H
#define AETA_LOCATION_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "core/ip_addr.h"
#include "core/str.h"
#include "policy/device.h"
#include "policy/guard.h"
#include "policy/media.h"

struct aeta_binding {
	aeta_device_t device;   /* identity of the device that made the binding (A6) */
	aeta_device_t instance; /* of its +sip.instance alone, 0 = it has none */
	aeta_device_t dialog;   /* of its Call-ID and User-Agent alone */
	struct socket_info *socket; /* that the REGISTER came in on; may be NULL */
	time_t modified;
	bool proxied;       /* it has a Path: `next_hop` is the proxy's, not the agent's */
	char next_hop[512]; /* URI to send to: first hop of the Path, else the received address; empty = unknown */
	char contact[512];  /* URI of the Contact, where nothing of that is known: evidence, never a destination (A4) */
};

/* mod_init(): binds usrloc. 0 or -1. */
int aeta_location_init(void);

/*
 * The newest valid binding of `user`; with `wanted` != 0 only one of that very device. `domain` matters only where usrloc
 * keeps domains (use_domain). 1 = found, 0 = none, -EINVAL.
 */
int aeta_locate(const str *user, const str *domain, aeta_device_t wanted, struct aeta_binding *out);

struct ucontact;

/* Where the agent of a binding is, as far as its registration tells; `with` of aeta_binding_with(). */
struct aeta_whereabouts {
	struct aeta_media_side side; /* without SDP and policies; of its NAT the class that was noted with the binding */
	unsigned cflags;             /* see relay_set.h */
};
void aeta_binding_whereabouts(struct ucontact *c, void *whereabouts);

/* Calls `with` for the newest valid binding of `user`, under usrloc's lock; it may change it. 1 = found, 0 = none, -EINVAL. */
int aeta_binding_with(const str *user, const str *domain, void (*with)(struct ucontact *c, void *param), void *param);

/*
 * True if the binding is at this source: protocol, address and port. Where the registrar records no received address (a
 * configuration that knows no NAT) the Contact tells.
 */
bool aeta_binding_is_at(const struct aeta_binding *b, const struct ip_addr *ip, unsigned port, char proto);

/*
 * Does somebody who registered from this source still hold that registration? Looks at all of them. True also where that
 * cannot be told for want of memory.
 */
bool aeta_location_holds(struct aeta_source source);

/*
 * mod_init(): from now on calls `f` with the source address of each registration that is made or renewed, and its end in
 * seconds since 1970; under usrloc's lock. Not for those behind a proxy (Path). 0 or -1.
 */
int aeta_location_watch(void (*f)(const struct ip_addr *ip, time_t until));

/*
 * mod_init(): likewise `f` with the registration itself, which it must not change, and whether it is new; several may watch.
 * 0 or -1.
 */
int aeta_location_watch_contacts(void (*f)(struct ucontact *c, bool is_new));

/*
 * destroy(), before usrloc's, when all other processes are gone: usrloc notes a binding as written before it writes it, so the
 * one that its timer was at when it was ended may be in no table. Those of the same slot of usrloc's hash are written again.
 */
void aeta_location_ends(void);

/* User-Agent of a REGISTER that has none, as registrar stores it. */
#define AETA_NO_USER_AGENT "n/a"

#endif
