/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "number.h"

#define PREFIX_UNIT 10000u       /* what one step of the prefix is worth in an 8-digit number */
#define EIGHT_DIGITS 100000000u  /* 10^8: the leading 1 of a packed 8-digit number */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool aeta_all_digits(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!is_digit(s[i]))
			return false;
	return len > 0;
}

aeta_number_t aeta_number_parse(const char *s, size_t len)
{
	aeta_number_t n = 1;

	if (len > AETA_NUMBER_MAX || !aeta_all_digits(s, len))
		return 0;
	for (size_t i = 0; i < len; i++)
		n = n * 10 + (unsigned)(s[i] - '0');
	return n;
}

unsigned aeta_number_digits(aeta_number_t n)
{
	unsigned digits = 0;

	for (; n >= 10; n /= 10)
		digits++;
	return digits;
}

size_t aeta_number_format(aeta_number_t n, char out[AETA_NUMBER_MAX + 1])
{
	unsigned digits = aeta_number_digits(n);

	out[digits] = '\0';
	for (unsigned i = digits; i > 0; i--, n /= 10)
		out[i - 1] = (char)('0' + n % 10);
	return digits;
}

/* The eight digits as a plain value, or 0 if there are not eight or the first four are no prefix. */
static uint32_t eight_digits(aeta_number_t n)
{
	if (n < EIGHT_DIGITS + AETA_PREFIX_MIN * PREFIX_UNIT || n >= 2u * (aeta_number_t)EIGHT_DIGITS)
		return 0;
	return (uint32_t)(n - EIGHT_DIGITS);
}

unsigned aeta_number_prefix(aeta_number_t n)
{
	return eight_digits(n) / PREFIX_UNIT;
}

unsigned aeta_number_sequence(aeta_number_t n)
{
	return eight_digits(n) % PREFIX_UNIT;
}

aeta_number_t aeta_number_compose(unsigned prefix, unsigned sequence)
{
	return (aeta_number_t)EIGHT_DIGITS + (aeta_number_t)prefix * PREFIX_UNIT + sequence;
}
