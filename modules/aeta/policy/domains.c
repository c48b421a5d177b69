/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "domains.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/* A service has a handful: a walk over them is as quick as anything. */
struct aeta_domains {
	uint32_t count, room;
	struct domain {
		uint8_t len, set;
		char name[AETA_DOMAIN_NAME_MAX];
	} domains[];
};

size_t aeta_domains_size(size_t count)
{
	return (sizeof(struct aeta_domains) + count * sizeof(struct domain) + 7) & ~(size_t)7;
}

struct aeta_domains *aeta_domains_init(void *mem, size_t count)
{
	struct aeta_domains *d = mem;

	d->count = 0;
	d->room = (uint32_t)count;
	return d;
}

int aeta_domains_add(struct aeta_domains *d, const char *name, size_t len, unsigned set)
{
	struct domain *e = &d->domains[d->count];

	if (len == 0 || len > AETA_DOMAIN_NAME_MAX || set > AETA_RELAY_SET_MAX)
		return -EINVAL;
	if (d->count == d->room)
		return -ENOSPC;
	e->len = (uint8_t)len;
	e->set = (uint8_t)set;
	memcpy(e->name, name, len);
	d->count++;
	return 0;
}

size_t aeta_domains_count(const struct aeta_domains *d)
{
	return d->count;
}

int aeta_domains_set(const struct aeta_domains *d, const char *name, size_t len)
{
	for (uint32_t i = 0; i < d->count; i++) {
		const struct domain *e = &d->domains[i];

		if (e->len == len && strncasecmp(e->name, name, len) == 0)
			return e->set;
	}
	return -ENOENT;
}
