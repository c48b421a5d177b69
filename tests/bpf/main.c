/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The programs in the running kernel, in a network namespace of its own. Needs root. */
#include "scene.h"
#include "suites.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	SRunner *r = srunner_create(forward_suite());
	int failed;

	if (unshare(CLONE_NEWNET)) {
		perror("no network namespace can be made");
		return EXIT_FAILURE;
	}
	scenes_begin();
	srunner_add_suite(r, pass_suite());
	srunner_add_suite(r, counting_suite());
	srunner_add_suite(r, changing_suite());
	srunner_add_suite(r, hop_suite());
	srunner_add_suite(r, live_suite());
	srunner_add_suite(r, loading_suite());
	srunner_set_fork_status(r, CK_NOFORK); /* the maps are counted in by one process at a time */
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	scenes_end();
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
