/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "suite.h"

Suite *suite_of(const char *name, const TTest *const *tests)
{
	Suite *s = suite_create(name);
	TCase *c = tcase_create(name);

	tcase_set_timeout(c, 60); /* a sanitized property run on a busy machine */
	for (; *tests; tests++)
		tcase_add_test(c, *tests);
	suite_add_tcase(s, c);
	return s;
}
