/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pairs of local ports (even: RTP, the next odd one: RTCP; C4) of each address that media can use. Taking, giving back and
 * setting aside cost the same with one call and with ten thousand; a pair that was given back is the last to be given again, so
 * that late packets of an old call do not meet a new one.
 */
#ifndef RELAY_CORE_PORTS_H
#define RELAY_CORE_PORTS_H

#include "relay.h"

struct pair_pool; /* two interfaces of one address and range share one */

struct interface {
	struct relay_interface is; /* as configured */
	struct pair_pool *pool;
	bool owner;                /* frees the pool */
};

struct ports {
	unsigned count;
	struct interface at[RELAY_INTERFACES_MAX];
};

/*
 * The first pair to be given is chosen by `first_pair`, so that a relay that was restarted does not begin where it began before.
 * 0; -EINVAL: no interface, one without an address, or a range without a pair; -ENOMEM.
 */
int ports_init(struct ports *p, const struct relay_config *config);
void ports_free(struct ports *p);

/*
 * Of the addresses of this name and family the one with the most free pairs. A name that nobody configured falls back to the
 * first interface's ("internal" and "external", unless configured, mean IPv4 and IPv6 where no family is said). Family 0: any.
 * NULL: there is no address of that family.
 */
struct interface *ports_choose(struct ports *p, struct text name, uint8_t family);
/* The interface of this address, and of this name where one of them has both; NULL: there is none. */
struct interface *ports_at(struct ports *p, struct text name, const struct address *a);
/* Is there an interface of that name? */
bool ports_named(const struct ports *p, struct text name);

/* Is it a media port of ours, whether one that is open or not: an address as bound or as shown, a port of its range? */
bool ports_own(const struct ports *p, const struct endpoint *e);

/* The even port of a free pair; 0: there is none. */
uint16_t pair_take(struct interface *i);
/* This very pair; false: it is not free, or not of the range. */
bool pair_take_this(struct interface *i, uint16_t port);
void pair_give(struct interface *i, uint16_t port);
/* The system did not let us have it: set aside until ports_retry(). */
void pair_fail(struct interface *i, uint16_t port);
void ports_retry(struct ports *p);
/* Writes the even ports that pair_take() will give next to `ports`, the next one first; returns how many there are, at most `n`. */
unsigned pairs_next(const struct interface *i, uint16_t ports[], unsigned n);

/* Written to `pairs`: how many are used, free, set aside; of one interface, and of all (each pool counted once). */
struct pair_counts {
	unsigned used, free, failed;
};
struct pair_counts interface_pairs(const struct interface *i);
struct pair_counts ports_pairs(const struct ports *p);

/* The address that SDPs show. */
static inline const struct address *interface_shown(const struct interface *i)
{
	return i->is.advertised.family ? &i->is.advertised : &i->is.address;
}

#endif
