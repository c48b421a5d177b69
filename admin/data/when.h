/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times as people write them and as the database keeps them: always UTC. Pure. */
#ifndef AETA_ADMIN_WHEN_H
#define AETA_ADMIN_WHEN_H

#include <stdbool.h>

#define WHEN_SIZE 20 /* "YYYY-MM-DD HH:MM:SS" and NUL */

enum when_date { WHEN_BEGIN_OF_DAY, WHEN_END_OF_DAY }; /* what a date alone means: 00:00:00 or 23:59:59 */

/*
 * Reads a date, or a date and a time with or without seconds, with a blank or T between them; a time may end in Z. Years from
 * 2000. False for what is none, such as 31 February.
 */
bool when_parse(const char *s, enum when_date alone, char out[WHEN_SIZE]);

#endif
