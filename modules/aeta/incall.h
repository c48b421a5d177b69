/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is a number in a call? Asks the dialog module. */
#ifndef AETA_INCALL_H
#define AETA_INCALL_H

#include <stdbool.h>

#include "core/str.h"

/* In each process before it asks: 0, or -1 where the dialog module or its profile is missing (said in the log). */
int aeta_incall_open(void);

/* Has `number` a call in the profile of the parameter probe_calls? False where there is none. */
bool aeta_incall(const char *number);

#endif
