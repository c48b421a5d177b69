/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guard's shared memory, its locks and its clock; sources as text. */
#include "guard_memory.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/dprint.h"
#include "core/resolve.h"
#include "guard.h"
#include "location.h"
#include "params.h"
#include "shared.h"

static struct aeta_guard guard; /* of each process, the same in all: what changes is in `shared` */
static struct aeta_shared shared;
static regex_t scanners;
static bool have_scanners;

struct aeta_guard *aeta_guard_shared(void)
{
	return &guard;
}

const regex_t *aeta_guard_scanners(void)
{
	return have_scanners ? &scanners : NULL;
}

aeta_usec_t aeta_guard_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t); /* one clock for all processes; what the script is asked about takes no time */
	return (aeta_usec_t)t.tv_sec * 1000000u + (aeta_usec_t)t.tv_nsec / 1000u;
}

static void take_lock(unsigned n)
{
	aeta_shared_lock(&shared, n);
}

static void give_lock(unsigned n)
{
	aeta_shared_unlock(&shared, n);
}

/* Under usrloc's lock of that user, so it asks usrloc nothing. */
static void registered(const struct ip_addr *ip, time_t until)
{
	time_t now = time(NULL);

	if (until > now)
		aeta_guard_known_until(&guard, aeta_source_of(ip), aeta_guard_now() + (aeta_usec_t)(until - now) * 1000000u,
				aeta_guard_now());
}

static int compile_scanners(void)
{
	char error[128];
	int rc;

	if (!aeta_params.guard_scanners.len)
		return 0;
	rc = regcomp(&scanners, aeta_params.guard_scanners.s, REG_EXTENDED | REG_ICASE | REG_NOSUB);
	if (rc) {
		regerror(rc, &scanners, error, sizeof(error));
		LM_ERR("guard_scanners is no regular expression: %s\n", error);
		return -1;
	}
	have_scanners = true;
	return 0;
}

int aeta_guard_start(void)
{
	const struct aeta_guard_limits limits = {.ban_s = (unsigned)aeta_params.guard_ban_s,
			.failures = (unsigned)aeta_params.guard_failures,
			.users = (unsigned)aeta_params.guard_users,
			.flood_rate = (unsigned)aeta_params.guard_flood_rate,
			.dialog_rate = (unsigned)aeta_params.guard_dialog_rate,
			.account_rate = (unsigned)aeta_params.guard_account_rate};
	uint64_t key[2];

	if (compile_scanners() < 0 || aeta_shared_take(&shared, aeta_guard_bytes((unsigned)aeta_params.guard_size), AETA_GUARD_LOCKS, key) < 0)
		return -1;
	aeta_guard_init(&guard, shared.memory, (unsigned)aeta_params.guard_size, &limits, key);
	guard.lock = take_lock;
	guard.unlock = give_lock;
	return aeta_location_watch(registered);
}

void aeta_guard_stop(void)
{
	aeta_shared_give(&shared);
}

/* ---- sources and users as text ---- */

struct aeta_source aeta_source_of(const struct ip_addr *ip)
{
	return aeta_source(ip->u.addr, ip->len);
}

const char *aeta_source_text(struct aeta_source s, char buf[AETA_SOURCE_TEXT])
{
	unsigned char address[16] = {0};
	unsigned n = s.family == 4 ? 4 : 8;

	for (unsigned i = 0; i < n; i++)
		address[i] = (unsigned char)(s.bits >> 8 * (n - 1 - i));
	if (!inet_ntop(s.family == 4 ? AF_INET : AF_INET6, address, buf, AETA_SOURCE_TEXT - 4))
		buf[0] = '\0';
	if (s.family != 4)
		strcat(buf, "/64");
	return buf;
}

int aeta_source_parse(const str *text, struct aeta_source *out)
{
	char buf[AETA_SOURCE_TEXT];
	unsigned char address[16];
	size_t n = text->len > 0 ? (size_t)text->len : 0;
	const char *from = text->s;

	if (n > 2 && from[0] == '[' && from[n - 1] == ']')
		from++, n -= 2;
	if (n > 3 && memcmp(from + n - 3, "/64", 3) == 0)
		n -= 3;
	if (n == 0 || n >= sizeof(buf))
		return -EINVAL;
	memcpy(buf, from, n);
	buf[n] = '\0';
	if (inet_pton(AF_INET, buf, address) == 1)
		*out = aeta_source(address, 4);
	else if (inet_pton(AF_INET6, buf, address) == 1)
		*out = aeta_source(address, 16);
	else
		return -EINVAL;
	return 0;
}

const char *aeta_guard_name(const char *user, size_t len, char buf[AETA_GUARD_NAME + 1])
{
	size_t n = len < AETA_GUARD_NAME ? len : AETA_GUARD_NAME;

	for (size_t i = 0; i < n; i++)
		buf[i] = user[i] > ' ' && user[i] < 0x7f && user[i] != '"' && user[i] != '\\' ? user[i] : '?';
	buf[n] = '\0';
	return buf;
}
