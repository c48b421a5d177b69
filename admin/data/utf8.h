/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UTF-8 as text has to be; what agents write is not always. Pure. */
#ifndef AETA_ADMIN_UTF8_H
#define AETA_ADMIN_UTF8_H

#include <stddef.h>

/* How many bytes the character at `s` has, 1 to 4; 0 where there is none (overlong, surrogate, beyond U+10FFFF, cut). */
size_t utf8_length(const char *s);

/* Puts '?' for each byte that is no UTF-8. */
void utf8_mend(char *s);

#endif
