/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The relay core's suites, one a subject; relay_main.c runs them all. */
#ifndef AETA_TESTS_RELAY_SUITES_H
#define AETA_TESTS_RELAY_SUITES_H

#include "suite.h"

Suite *reply_suite(void);
Suite *value_suite(void);
Suite *request_suite(void);
Suite *cookie_suite(void);
Suite *ports_suite(void);
Suite *sdp_parse_suite(void);
Suite *sdp_rewrite_suite(void);
Suite *sdp_golden_suite(void);
Suite *calls_suite(void);
Suite *calls_property_suite(void);
Suite *saved_suite(void);
Suite *rtp_suite(void);
Suite *statistics_suite(void);
Suite *learn_suite(void);
Suite *learn_more_suite(void);
Suite *packet_suite(void);
Suite *media_property_suite(void);
Suite *shell_suite(void);
Suite *ip_packet_suite(void);

#endif
