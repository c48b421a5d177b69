/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "directory.h"

#include <string.h>

#define MAGIC 0x61657461u /* "aeta" */

/* Every prefix at once is the key "any", which sorts below every real prefix. */
#define ANY_PREFIX 0u

struct exception {
	aeta_number_t number; /* 0 = free */
	uint32_t prefix;      /* ANY_PREFIX or 1000..9999 */
	uint32_t reserved;
};

struct aeta_directory {
	uint32_t magic;
	uint32_t sealed;
	uint64_t bytes;
	uint32_t group_max;
	uint32_t groups;
	uint32_t exception_max; /* rows the caller announced */
	uint32_t exceptions;
	uint64_t slots;         /* of the hash, a power of two, at least twice exception_max: probes stay short */
	uint16_t slot[AETA_PREFIX_COUNT]; /* 1 + index into the groups, 0 = none */
	/* struct aeta_group[group_max], struct exception[slots] follow, each aligned to 8 bytes */
};

_Static_assert(AETA_PREFIX_COUNT <= UINT16_MAX, "a slot holds any group's index");
_Static_assert(sizeof(struct aeta_group) == 10, "six groups in a cache line");

static size_t align8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

static size_t hash_slots(size_t exceptions)
{
	size_t slots = 2;

	while (slots < 2 * exceptions)
		slots *= 2;
	return slots;
}

static size_t groups_at(void)
{
	return align8(sizeof(struct aeta_directory));
}

static size_t exceptions_at(size_t group_max)
{
	return groups_at() + align8(group_max * sizeof(struct aeta_group));
}

static const struct aeta_group *group_array(const struct aeta_directory *d)
{
	return (const struct aeta_group *)((const char *)d + groups_at());
}

static const struct exception *exception_array(const struct aeta_directory *d)
{
	return (const struct exception *)((const char *)d + exceptions_at(d->group_max));
}

size_t aeta_directory_size(size_t groups, size_t exceptions)
{
	return exceptions_at(groups) + hash_slots(exceptions) * sizeof(struct exception);
}

struct aeta_directory *aeta_directory_init(void *mem, size_t size, size_t groups, size_t exceptions)
{
	struct aeta_directory *d = mem;

	if (!mem || (uintptr_t)mem % 8 != 0 || groups > AETA_PREFIX_COUNT || exceptions > UINT32_MAX / 4)
		return NULL;
	if (size < aeta_directory_size(groups, exceptions))
		return NULL;
	memset(mem, 0, aeta_directory_size(groups, exceptions));
	d->magic = MAGIC;
	d->bytes = size;
	d->group_max = (uint32_t)groups;
	d->exception_max = (uint32_t)exceptions;
	d->slots = hash_slots(exceptions);
	return d;
}

static bool prefix_valid(unsigned prefix)
{
	return prefix >= AETA_PREFIX_MIN && prefix <= AETA_PREFIX_MAX;
}

static enum aeta_directory_error check_group(const struct aeta_directory *d, const struct aeta_group *g)
{
	if (d->sealed)
		return AETA_DIR_SEALED;
	if (!prefix_valid(g->prefix))
		return AETA_DIR_PREFIX_RANGE;
	if (d->slot[g->prefix - AETA_PREFIX_MIN])
		return AETA_DIR_PREFIX_TWICE;
	if (g->options & ~AETA_OPTIONS_ALL)
		return AETA_DIR_OPTIONS;
	if (g->no_answer_s > AETA_HUNT_NO_ANSWER_MAX)
		return AETA_DIR_NO_ANSWER;
	if (g->hunt_max_s && (g->hunt_max_s < AETA_HUNT_MAX_MIN || g->hunt_max_s > AETA_HUNT_MAX_MAX))
		return AETA_DIR_HUNT_MAX;
	return d->groups < d->group_max ? AETA_DIR_OK : AETA_DIR_FULL;
}

enum aeta_directory_error aeta_directory_add_group(struct aeta_directory *d, const struct aeta_group *g)
{
	enum aeta_directory_error e = check_group(d, g);
	struct aeta_group *own;

	if (e != AETA_DIR_OK)
		return e;
	own = (struct aeta_group *)group_array(d) + d->groups++;
	*own = *g;
	if (!own->hunt_max_s)
		own->hunt_max_s = AETA_HUNT_MAX_DEFAULT;
	d->slot[g->prefix - AETA_PREFIX_MIN] = (uint16_t)d->groups;
	return AETA_DIR_OK;
}

/* splitmix64's finaliser: numbers differ in their low digits only, and every bit must matter. */
static uint64_t mix(uint64_t x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9u;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

/* The slot that holds the exception, or the free one where it would stand. The table is never more than half full. */
static const struct exception *find(const struct aeta_directory *d, unsigned prefix, aeta_number_t number)
{
	const struct exception *e = exception_array(d);
	uint64_t mask = d->slots - 1;
	uint64_t i = mix(number * 10007u + prefix) & mask;

	while (e[i].number && (e[i].number != number || e[i].prefix != prefix))
		i = (i + 1) & mask;
	return &e[i];
}

enum aeta_directory_error aeta_directory_add_exception(struct aeta_directory *d, unsigned prefix, aeta_number_t number)
{
	struct exception *e;

	if (d->sealed)
		return AETA_DIR_SEALED;
	if (prefix != ANY_PREFIX && !prefix_valid(prefix))
		return AETA_DIR_PREFIX_RANGE;
	if (prefix != ANY_PREFIX && !aeta_directory_group(d, prefix))
		return AETA_DIR_NO_SUCH_GROUP;
	if (!number)
		return AETA_DIR_NUMBER;
	e = (struct exception *)find(d, prefix, number);
	if (e->number)
		return AETA_DIR_OK;
	if (d->exceptions >= d->exception_max)
		return AETA_DIR_FULL;
	e->number = number;
	e->prefix = prefix;
	d->exceptions++;
	return AETA_DIR_OK;
}

void aeta_directory_seal(struct aeta_directory *d)
{
	d->sealed = 1;
}

const char *aeta_directory_strerror(enum aeta_directory_error e)
{
	switch (e) {
	case AETA_DIR_OK:
		return "no error";
	case AETA_DIR_FULL:
		return "more rows than were counted before; the tables changed during the load, load again";
	case AETA_DIR_PREFIX_RANGE:
		return "the prefix is not in 1000..9999";
	case AETA_DIR_PREFIX_TWICE:
		return "the prefix has a row already";
	case AETA_DIR_OPTIONS:
		return "an option that does not exist";
	case AETA_DIR_NO_ANSWER:
		return "no_answer_s is not in 0..120 seconds";
	case AETA_DIR_HUNT_MAX:
		return "hunt_max_s is not in 10..600 seconds";
	case AETA_DIR_NO_SUCH_GROUP:
		return "the exception is for a prefix that has no group";
	case AETA_DIR_NUMBER:
		return "the exception's number is not 1..18 digits";
	case AETA_DIR_SEALED:
		return "the directory is sealed";
	case AETA_DIR_MEMORY:
		return "not enough memory";
	case AETA_DIR_ERRORS:
		break;
	}
	return "unknown error";
}

const struct aeta_group *aeta_directory_group(const struct aeta_directory *d, unsigned prefix)
{
	uint16_t slot = prefix_valid(prefix) ? d->slot[prefix - AETA_PREFIX_MIN] : 0;

	return slot ? group_array(d) + slot - 1 : NULL;
}

bool aeta_directory_open_number(const struct aeta_directory *d, aeta_number_t number)
{
	return number && find(d, ANY_PREFIX, number)->number;
}

bool aeta_directory_exception(const struct aeta_directory *d, unsigned prefix, aeta_number_t number)
{
	if (aeta_directory_open_number(d, number))
		return true;
	return number && prefix_valid(prefix) && find(d, prefix, number)->number;
}

size_t aeta_directory_groups(const struct aeta_directory *d)
{
	return d->groups;
}

size_t aeta_directory_exceptions(const struct aeta_directory *d)
{
	return d->exceptions;
}

const struct aeta_group *aeta_directory_at(const struct aeta_directory *d, size_t i)
{
	return i < d->groups ? group_array(d) + i : NULL;
}

size_t aeta_directory_bytes(const struct aeta_directory *d)
{
	return d->bytes;
}
