/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The directory of groups: who may call whom, as one immutable block.
 *
 *      +--------+------------------------+-----------------+--------------------------+
 *      | header | uint16 slot[9000]      | struct aeta_    | exceptions: open-address |
 *      |        | by prefix, 0 = no group| group[groups]   | hash of (prefix, number) |
 *      +--------+------------------------+-----------------+--------------------------+
 *
 * The block holds no pointer: it can be built aside in any memory (private, shared, mapped), copied as bytes, and
 * published by storing its address. Readers never lock it; nothing in it changes after aeta_directory_seal().
 * Build: aeta_directory_size() -> init() -> add_group()... -> add_exception()... -> seal(). Every add validates its row
 * and refuses it by name; a refused row leaves the block as it was.
 */
#ifndef AETA_POLICY_DIRECTORY_H
#define AETA_POLICY_DIRECTORY_H

#include "number.h"

/* Options of a group (SERVICE.md B4-B8), bits of aeta_group.options. */
enum aeta_group_option {
	AETA_BLOCK_INCOMING = 1 << 0,    /* B4 */
	AETA_BLOCK_OUTGOING = 1 << 1,    /* B5 */
	AETA_HUNTING = 1 << 2,           /* B7 */
	AETA_HUNT_NO_DIRECT = 1 << 3,    /* B8: direct calls to the 6xxx series are refused */
	AETA_HUNT_BUSY_603 = 1 << 4,     /* B7: 603 counts as busy */
	AETA_HUNT_BUSY_IN_CALL = 1 << 5, /* B7: a member in a call counts as busy although it does not say so */
	AETA_HUNT_NEXT_488 = 1 << 6,     /* B7: 488 moves on instead of ending the hunt */
	AETA_OPTIONS_ALL = (1 << 7) - 1,
};

#define AETA_HUNT_NO_ANSWER_MAX 120 /* seconds; a member may ring this long at most before the hunt moves on */
#define AETA_HUNT_MAX_DEFAULT 150   /* seconds; the whole hunt (B7) */
#define AETA_HUNT_MAX_MIN 10
#define AETA_HUNT_MAX_MAX 600

struct aeta_group {
	uint16_t prefix;      /* 1000..9999 */
	uint16_t options;     /* enum aeta_group_option, or-ed */
	uint16_t no_answer_s; /* 0 = ringing never moves on, else 1..AETA_HUNT_NO_ANSWER_MAX */
	uint16_t hunt_max_s;  /* bound of the whole hunt, AETA_HUNT_MAX_MIN..AETA_HUNT_MAX_MAX; 0 = the default */
	uint8_t media;        /* enum aeta_media_policy; 0 = auto (C3) */
};

struct aeta_directory;

enum aeta_directory_error {
	AETA_DIR_OK = 0,
	AETA_DIR_FULL,          /* more rows than aeta_directory_init() was told */
	AETA_DIR_PREFIX_RANGE,  /* prefix not in 1000..9999 */
	AETA_DIR_PREFIX_TWICE,  /* a second row for the prefix */
	AETA_DIR_OPTIONS,       /* an option bit that does not exist */
	AETA_DIR_NO_ANSWER,     /* no_answer_s out of range */
	AETA_DIR_HUNT_MAX,      /* hunt_max_s out of range */
	AETA_DIR_NO_SUCH_GROUP, /* an exception for a prefix without a group */
	AETA_DIR_NUMBER,        /* an exception whose number is none */
	AETA_DIR_SEALED,        /* the block is sealed already */
	AETA_DIR_MEMORY,        /* init: the memory is too small, or not aligned to 8 bytes */
	AETA_DIR_ERRORS
};

/* Bytes that a directory of so many rows needs (both may be 0; groups <= 9000). */
size_t aeta_directory_size(size_t groups, size_t exceptions);

/* Makes an empty directory in `mem` (8-byte aligned, owned by the caller, `size` >= aeta_directory_size()); NULL if it does not fit. */
struct aeta_directory *aeta_directory_init(void *mem, size_t size, size_t groups, size_t exceptions);

enum aeta_directory_error aeta_directory_add_group(struct aeta_directory *d, const struct aeta_group *g);

/* A number that members of a group with outgoing blocking may call all the same (B5). prefix 0: every group. Twice is once. */
enum aeta_directory_error aeta_directory_add_exception(struct aeta_directory *d, unsigned prefix, aeta_number_t number);

/* Nothing can be added from here on. */
void aeta_directory_seal(struct aeta_directory *d);

/* What the error means, for a person; never NULL. */
const char *aeta_directory_strerror(enum aeta_directory_error e);

/* The group of `prefix`, or NULL; O(1). Points into the block. Any `prefix` may be asked. */
const struct aeta_group *aeta_directory_group(const struct aeta_directory *d, unsigned prefix);

/* True if `number` is an exception for `prefix`, by its own row or by one for every group; O(1) expected. */
bool aeta_directory_exception(const struct aeta_directory *d, unsigned prefix, aeta_number_t number);

/* True if `number` is an exception for every group (the test codec, by default). */
bool aeta_directory_open_number(const struct aeta_directory *d, aeta_number_t number);

size_t aeta_directory_groups(const struct aeta_directory *d);
size_t aeta_directory_exceptions(const struct aeta_directory *d);

/* The i-th group in the order it was added, 0 <= i < aeta_directory_groups(). */
const struct aeta_group *aeta_directory_at(const struct aeta_directory *d, size_t i);

/* Size of the block in bytes, as given to init. */
size_t aeta_directory_bytes(const struct aeta_directory *d);

#endif
