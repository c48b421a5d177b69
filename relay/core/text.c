/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text.h"

#include <strings.h>

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

bool text_is_nocase(struct text a, const char *literal)
{
	return a.n == strlen(literal) && (a.n == 0 || strncasecmp(a.s, literal, a.n) == 0);
}

struct text text_until(struct text *rest, char c)
{
	const char *end = rest->n ? memchr(rest->s, c, rest->n) : NULL;
	struct text front = {rest->s, end ? (size_t)(end - rest->s) : rest->n};

	*rest = text_from(*rest, end ? front.n + 1 : front.n);
	return front;
}

struct text text_trimmed(struct text a)
{
	while (a.n && blank(a.s[0]))
		a = text_from(a, 1);
	while (a.n && blank(a.s[a.n - 1]))
		a.n--;
	return a;
}

struct text text_word(struct text *rest)
{
	struct text word;
	size_t n = 0;

	*rest = text_trimmed(*rest);
	while (n < rest->n && !blank(rest->s[n]))
		n++;
	word = (struct text){rest->s, n};
	*rest = text_trimmed(text_from(*rest, n));
	return word;
}

bool text_number(struct text a, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (a.n == 0)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		unsigned digit = (unsigned)(unsigned char)a.s[i] - '0';

		if (digit > 9 || digit > max || value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*out = value;
	return true;
}

size_t text_write_number(char *to, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	memcpy(to, digits + at, sizeof(digits) - at);
	return sizeof(digits) - at;
}

/* ---- SipHash-2-4 (Aumasson and Bernstein) ---- */

static uint64_t rotated(uint64_t x, unsigned by)
{
	return x << by | x >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotated(v[1], 13) ^ v[0];
	v[0] = rotated(v[0], 32);
	v[2] += v[3];
	v[3] = rotated(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotated(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotated(v[1], 17) ^ v[2];
	v[2] = rotated(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	sip_round(v);
	v[0] ^= word;
}

/* `n` bytes, at most eight, the first one lowest */
static uint64_t bytes_at(const char *s, size_t n)
{
	uint64_t word = 0;

	for (size_t i = 0; i < n; i++)
		word |= (uint64_t)(uint8_t)s[i] << (8 * i);
	return word;
}

uint64_t text_hash(struct text a, const uint64_t key[2])
{
	uint64_t v[4] = {key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d, key[0] ^ 0x6c7967656e657261,
			key[1] ^ 0x7465646279746573};
	size_t i;

	for (i = 0; i + 8 <= a.n; i += 8)
		sip_word(v, bytes_at(a.s + i, 8));
	sip_word(v, bytes_at(a.n ? a.s + i : "", a.n - i) | (uint64_t)a.n << 56);
	v[2] ^= 0xff;
	for (i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
