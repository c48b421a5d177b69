/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers: the digits of a SIP account, and how the plan of SERVICE.md B1-B3 reads them.
 *
 *      4567 5002        a regular number: prefix of the group, sequence 5001..5999
 *      4567 6000        the hunting number of the group
 *      4567 6002        a number of its hunting series, 6001..6999
 *      5002             the same regular number, dialled short inside the group
 *
 * A number is packed into 64 bits as its decimal value behind a leading 1, so "007" and "7" stay different numbers
 * and comparing two numbers is comparing two integers.
 */
#ifndef AETA_POLICY_NUMBER_H
#define AETA_POLICY_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AETA_NUMBER_MAX 18   /* digits; more never name an account */
#define AETA_PREFIX_MIN 1000 /* B1 */
#define AETA_PREFIX_MAX 9999
#define AETA_PREFIX_COUNT (AETA_PREFIX_MAX - AETA_PREFIX_MIN + 1)
#define AETA_SEQ_REGULAR 5000 /* regular numbers are this + 1..999 */
#define AETA_SEQ_HUNT 6000    /* the hunting number; its series is this + 1..999 */
#define AETA_SERIES_MAX 999

typedef uint64_t aeta_number_t; /* 0 is "no number" */

/* Packs `len` bytes of `s`. Returns 0 unless they are 1..AETA_NUMBER_MAX ASCII digits (B2: strictly digits). */
aeta_number_t aeta_number_parse(const char *s, size_t len);

/* Writes the digits of `n` and a NUL into `out`; returns how many digits, 0 for "no number". */
size_t aeta_number_format(aeta_number_t n, char out[AETA_NUMBER_MAX + 1]);

/* How many digits `n` has; 0 for "no number". */
unsigned aeta_number_digits(aeta_number_t n);

/* True if all `len` bytes are ASCII digits and there is at least one, however many. */
bool aeta_all_digits(const char *s, size_t len);

/* The first four digits of an 8-digit number that begins with 1000..9999, else 0. Says nothing about whether a group has it. */
unsigned aeta_number_prefix(aeta_number_t n);

/* The last four digits of an 8-digit number, 0..9999; only meaningful where aeta_number_prefix() is not 0. */
unsigned aeta_number_sequence(aeta_number_t n);

/* The 8-digit number of `prefix` (1000..9999) and `sequence` (0..9999). */
aeta_number_t aeta_number_compose(unsigned prefix, unsigned sequence);

#endif
