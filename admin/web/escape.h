/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which characters may stand in HTML as they are. */
#ifndef AETA_WEB_ESCAPE_H
#define AETA_WEB_ESCAPE_H

#include <stddef.h>

/*
 * The character at `s`, of which `left` > 0 bytes are there: its bytes in `*n`, and what is to be written instead (a string
 * constant); NULL: it stands for itself. What is no UTF-8 is one byte, and U+FFFD stands for it.
 */
const char *escape_next(const unsigned char *s, size_t left, size_t *n);

#endif
