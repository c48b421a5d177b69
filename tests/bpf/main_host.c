/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the programs compute, compiled on the host. */
#include "suites.h"

#include <stdlib.h>

int main(void)
{
	SRunner *r = srunner_create(rewrite_suite());
	int failed;

	srunner_add_suite(r, sequence_suite());
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
