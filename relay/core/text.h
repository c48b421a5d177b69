/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A view of bytes that somebody else owns. Not NUL-terminated, may hold any byte; .n == 0 is "nothing". */
#ifndef RELAY_CORE_TEXT_H
#define RELAY_CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
	const char *s;
	size_t n;
};

#define TEXT(literal) ((struct text){(literal), sizeof(literal) - 1})
#define TEXT_ARGS(t) (int)(t).n, (t).s /* for %.*s; only for texts that are known to be short */

static inline struct text text_of(const char *s)
{
	return (struct text){s, strlen(s)};
}

static inline bool text_equal(struct text a, struct text b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.s, b.s, a.n) == 0);
}

static inline bool text_is(struct text a, const char *literal)
{
	return text_equal(a, text_of(literal));
}

/* ASCII letters alike. */
bool text_is_nocase(struct text a, const char *literal);

static inline bool text_starts(struct text a, struct text with)
{
	return a.n >= with.n && (with.n == 0 || memcmp(a.s, with.s, with.n) == 0);
}

/* The rest of `a` after `n` bytes, empty where there is none. */
static inline struct text text_from(struct text a, size_t n)
{
	return n < a.n ? (struct text){a.s + n, a.n - n} : (struct text){a.n ? a.s + a.n : a.s, 0}; /* no sum with NULL */
}

/* Takes what stands before the first `c` (or all) off the front of `rest`, the separator too. */
struct text text_until(struct text *rest, char c);

/* Takes the next word off the front of `rest`, white space (space, tab) around it dropped; empty at the end. */
struct text text_word(struct text *rest);

struct text text_trimmed(struct text a);

/* All of `a` as a decimal number; false where it is none or larger than `max`. */
bool text_number(struct text a, uint64_t max, uint64_t *out);

/* Writes `number`, decimal, at most 20 digits, without a NUL; returns how many there are. */
size_t text_write_number(char *to, uint64_t number);

/* A 64-bit hash under a secret key (SipHash-2-4), for tables that strangers can fill. */
uint64_t text_hash(struct text a, const uint64_t key[2]);

#endif
