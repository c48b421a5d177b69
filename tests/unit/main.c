/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "suites.h"

#include <stdlib.h>

int main(void)
{
	SRunner *r = srunner_create(number_suite());
	int failed;

	srunner_add_suite(r, directory_suite());
	srunner_add_suite(r, verdict_suite());
	srunner_add_suite(r, hunt_suite());
	srunner_add_suite(r, device_suite());
	srunner_add_suite(r, guard_suite());
	srunner_add_suite(r, guard_property_suite());
	srunner_add_suite(r, mask_suite());
	srunner_add_suite(r, attempt_suite());
	srunner_add_suite(r, refresh_suite());
	srunner_add_suite(r, kept_suite());
	srunner_add_suite(r, media_sdp_suite());
	srunner_add_suite(r, media_suite());
	srunner_add_suite(r, nat_suite());
	srunner_add_suite(r, media_nat_suite());
	srunner_add_suite(r, nat_probe_suite());
	srunner_add_suite(r, redial_suite());
	srunner_add_suite(r, table_suite());
	srunner_add_suite(r, property_suite());
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
