/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "admin_suites.h"

#include "web/view.h"

#include <stdio.h>
#include <string.h>

/* What the views name is described. */
START_TEST(every_view_is_of_a_table)
{
	for (const struct view *v = views; v->table; v++) {
		ck_assert_msg(view_table(v) != NULL, "%s", v->table);
		ck_assert_ptr_eq(view_of(v->table), v);
		ck_assert(v->path[0] == '/' && !strchr(v->path + 1, '/'));
	}
	ck_assert_ptr_null(view_of("nothing"));
}
END_TEST

START_TEST(filters_are_columns_that_may_be_searched)
{
	char names[256], *rest, *name;
	const struct column *c;
	size_t n;

	for (const struct view *v = views; v->table; v++) {
		snprintf(names, sizeof(names), "%s", v->filters ? v->filters : "");
		n = 0;
		for (name = strtok_r(names, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
			c = column_find(view_table(v), name);
			ck_assert_msg(c && (c->search & BY_ADMIN), "%s.%s", v->table, name);
			n += c->type == TYPE_TIME ? 2 : 1;
		}
		ck_assert_uint_le(n, DATA_FILTERS_MAX);
	}
}
END_TEST

START_TEST(what_columns_refer_to_is_shown_somewhere)
{
	for (const struct view *v = views; v->table; v++) {
		for (const struct column *c = view_table(v)->columns; c->name; c++)
			ck_assert_msg(!c->refers || view_of(c->refers), "%s.%s", v->table, c->name);
	}
}
END_TEST

Suite *view_suite(void)
{
	const TTest *const tests[] = {every_view_is_of_a_table, filters_are_columns_that_may_be_searched, what_columns_refer_to_is_shown_somewhere, NULL};

	return suite_of("view", tests);
}
