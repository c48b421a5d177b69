/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "relay_suites.h"

#include <stdlib.h>

int main(void)
{
	SRunner *r = srunner_create(reply_suite());
	int failed;

	srunner_add_suite(r, ports_suite());
	srunner_add_suite(r, sdp_parse_suite());
	srunner_add_suite(r, sdp_rewrite_suite());
	srunner_add_suite(r, sdp_golden_suite());
	srunner_add_suite(r, calls_suite());
	srunner_add_suite(r, calls_property_suite());
	srunner_add_suite(r, saved_suite());
	srunner_add_suite(r, value_suite());
	srunner_add_suite(r, request_suite());
	srunner_add_suite(r, cookie_suite());
	srunner_add_suite(r, rtp_suite());
	srunner_add_suite(r, statistics_suite());
	srunner_add_suite(r, learn_suite());
	srunner_add_suite(r, learn_more_suite());
	srunner_add_suite(r, packet_suite());
	srunner_add_suite(r, media_property_suite());
	srunner_add_suite(r, shell_suite());
	srunner_add_suite(r, ip_packet_suite());
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
