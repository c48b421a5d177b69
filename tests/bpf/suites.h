/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef AETA_TESTS_BPF_SUITES_H
#define AETA_TESTS_BPF_SUITES_H

#include "suite.h"

Suite *rewrite_suite(void);
Suite *sequence_suite(void);
Suite *forward_suite(void);
Suite *pass_suite(void);
Suite *counting_suite(void);
Suite *loading_suite(void);
Suite *hop_suite(void);
Suite *changing_suite(void);
Suite *live_suite(void);

#endif
