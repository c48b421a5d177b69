/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The service's domains and the relay set of each (C5), as one immutable block beside the directory: it holds no pointer, and
 * is built as that is: aeta_domains_size() -> init() -> add()...
 */
#ifndef AETA_POLICY_DOMAINS_H
#define AETA_POLICY_DOMAINS_H

#include <stddef.h>
#include <stdint.h>

#define AETA_DOMAINS_MAX     1000
#define AETA_DOMAIN_NAME_MAX 64 /* bytes */
#define AETA_RELAY_SET_MAX   15 /* sets are 0 (the default one) to this: four bits of a registration */

struct aeta_domains;

/* Bytes for `count` domains, a multiple of 8. */
size_t aeta_domains_size(size_t count);
/* An empty one in `mem` (8-byte aligned, of that size). */
struct aeta_domains *aeta_domains_init(void *mem, size_t count);
/* 0; -ENOSPC: more than init() was told; -EINVAL: the name is empty or too long, or there is no such set. */
int aeta_domains_add(struct aeta_domains *d, const char *name, size_t len, unsigned set);
size_t aeta_domains_count(const struct aeta_domains *d);

/* The relay set of a domain, whatever the case of its letters; -ENOENT: it is none of the service's. */
int aeta_domains_set(const struct aeta_domains *d, const char *name, size_t len);

#endif
