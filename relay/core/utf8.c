/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "utf8.h"

static unsigned byte_at(struct text t, size_t i)
{
	return (unsigned char)t.s[i];
}

static bool follow(struct text t, size_t n)
{
	if (t.n < n)
		return false;
	for (size_t i = 1; i < n; i++)
		if ((byte_at(t, i) & 0xc0) != 0x80)
			return false;
	return true;
}

/* The second byte of a three- or four-byte character is what rules out the overlong ones, surrogates, and those that are too high. */
static bool in_range(unsigned first, unsigned second)
{
	switch (first) {
	case 0xe0:
		return second >= 0xa0;
	case 0xed:
		return second < 0xa0;
	case 0xf0:
		return second >= 0x90;
	case 0xf4:
		return second < 0x90;
	default:
		return true;
	}
}

size_t utf8_length(struct text t)
{
	unsigned first = t.n ? byte_at(t, 0) : 0xff;
	size_t n;

	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	n = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	return follow(t, n) && in_range(first, byte_at(t, 1)) ? n : 0;
}

size_t utf8_write(uint32_t c, char to[4])
{
	static const unsigned char lead[5] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = n; i-- > 1; c >>= 6)
		to[i] = (char)(0x80 | (c & 0x3f));
	to[0] = (char)(lead[n] | c);
	return n;
}
