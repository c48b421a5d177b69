/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The policy's suites, one a subject; main.c runs them all. */
#ifndef AETA_TESTS_SUITES_H
#define AETA_TESTS_SUITES_H

#include "suite.h"

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
Suite *media_sdp_suite(void);
Suite *media_suite(void);
Suite *nat_suite(void);
Suite *media_nat_suite(void);
Suite *nat_probe_suite(void);
Suite *redial_suite(void);
Suite *table_suite(void);
Suite *property_suite(void);

#endif
