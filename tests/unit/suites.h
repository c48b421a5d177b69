/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One suite a subject; main.c runs them all. */
#ifndef AETA_TESTS_SUITES_H
#define AETA_TESTS_SUITES_H

#include <check.h>

Suite *number_suite(void);
Suite *directory_suite(void);
Suite *verdict_suite(void);
Suite *hunt_suite(void);
Suite *device_suite(void);
Suite *guard_suite(void);
Suite *guard_property_suite(void);
Suite *mask_suite(void);
Suite *attempt_suite(void);
Suite *refresh_suite(void);
Suite *kept_suite(void);
Suite *table_suite(void);
Suite *property_suite(void);

/* As ck_assert(), for inner loops: check writes a mark to its parent for every assertion that holds, this one does not. */
#define HOT_ASSERT(condition, ...) \
	do { \
		if (!(condition)) \
			ck_abort_msg(__VA_ARGS__); \
	} while (0)

/* A suite of one test case holding the given NULL-terminated tests. */
Suite *suite_of(const char *name, const TTest *const *tests);

#endif
