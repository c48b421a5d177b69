/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The suites of the administration's pure parts, one a subject; admin_main.c runs them all. */
#ifndef AETA_TESTS_ADMIN_SUITES_H
#define AETA_TESTS_ADMIN_SUITES_H

#include "suite.h"

Suite *csv_suite(void);
Suite *html_suite(void);
Suite *layout_suite(void);
Suite *live_suite(void);
Suite *mail_suite(void);
Suite *params_suite(void);
Suite *passwords_suite(void);
Suite *totp_suite(void);
Suite *values_suite(void);
Suite *view_form_suite(void);
Suite *view_list_suite(void);
Suite *view_suite(void);
Suite *visitors_suite(void);

#endif
