/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the suites of all test programs share. */
#ifndef AETA_TESTS_SUITE_H
#define AETA_TESTS_SUITE_H

#include <check.h>

/* As ck_assert(), for inner loops: check writes a mark to its parent for every assertion that holds, this one does not. */
#define HOT_ASSERT(condition, ...) \
	do { \
		if (!(condition)) \
			ck_abort_msg(__VA_ARGS__); \
	} while (0)

/* A suite of one test case holding the given NULL-terminated tests. */
Suite *suite_of(const char *name, const TTest *const *tests);

#endif
