/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "utf8.h"

#include <stdbool.h>
#include <stdint.h>

size_t utf8_length(const char *s)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *b = (const unsigned char *)s;
	size_t n = b[0] < 0x80 ? 1 : b[0] < 0xc0 ? 0 : b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : b[0] < 0xf8 ? 4 : 0;
	uint32_t c = n < 2 ? b[0] : b[0] & (0x7fu >> n);

	if (b[0] == 0)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((b[i] & 0xc0) != 0x80) /* NUL is none either: nothing is read behind the end */
			return 0;
		c = c << 6 | (b[i] & 0x3f);
	}
	return c >= least[n] && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff) ? n : 0;
}

void utf8_mend(char *s)
{
	while (*s) {
		size_t n = utf8_length(s);

		if (n == 0)
			*s = '?';
		s += n ? n : 1;
	}
}
