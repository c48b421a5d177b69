/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allocations of the relay's core in the unit tests: counted, and refused on demand. (Those of libc's own functions, such as
 * strdup(), are not seen.) check runs each test in its own process, so nothing of this has to be set back at a test's end.
 */
#ifndef AETA_TESTS_MEMORY_H
#define AETA_TESTS_MEMORY_H

#include "suite.h"

#include <stdbool.h>

/* From now on `n` allocations succeed, then all fail; -1: all succeed. */
void memory_allow(long n);
/* Has an allocation been refused since memory_allow()? */
bool memory_refused(void);
/* Blocks that are allocated now. */
long memory_blocks(void);

/*
 * Runs `work` with 0, 1, 2 ... allocations allowed until none is refused; it must do without, and leave no block behind.
 * check's own assertions allocate as well: inside `work` only STARVED_ASSERT() can be used.
 */
void memory_starve(void (*work)(void));

#define STARVED_ASSERT(condition) \
	do { \
		if (!(condition)) { \
			memory_allow(-1); \
			ck_abort_msg("'%s' does not hold, starved", #condition); \
		} \
	} while (0)

#endif
