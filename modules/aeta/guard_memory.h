/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the guard has of its parameters. */
#ifndef AETA_GUARD_MEMORY_H
#define AETA_GUARD_MEMORY_H

#include <regex.h>

/* Of the User-Agents that are scanners; NULL: none is. */
const regex_t *aeta_guard_scanners(void);

#endif
