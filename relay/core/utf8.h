/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UTF-8 (RFC 3629), for JSON. */
#ifndef RELAY_CORE_UTF8_H
#define RELAY_CORE_UTF8_H

#include "text.h"

#define UTF8_REPLACEMENT 0xfffdu /* for what is no character */

/* Length of the character at the front of `t`, 1..4; 0: it is none (overlong, a surrogate, above 10FFFF, cut off), or `t` is empty. */
size_t utf8_length(struct text t);

/* Writes `character` (up to 10FFFF) to `to`. Returns the length, 1..4. */
size_t utf8_write(uint32_t character, char to[4]);

#endif
