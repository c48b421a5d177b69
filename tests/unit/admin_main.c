/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "admin_suites.h"

#include <stdlib.h>

int main(void)
{
	SRunner *r = srunner_create(csv_suite());
	int failed;

	srunner_add_suite(r, html_suite());
	srunner_add_suite(r, layout_suite());
	srunner_add_suite(r, live_suite());
	srunner_add_suite(r, mail_suite());
	srunner_add_suite(r, params_suite());
	srunner_add_suite(r, passwords_suite());
	srunner_add_suite(r, totp_suite());
	srunner_add_suite(r, values_suite());
	srunner_add_suite(r, view_suite());
	srunner_add_suite(r, view_form_suite());
	srunner_add_suite(r, view_list_suite());
	srunner_add_suite(r, visitors_suite());
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
