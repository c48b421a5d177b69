/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists and single rows, read back as a browser would see them. */
#include "admin_suites.h"

#include "view_scene.h"

#include <string.h>

static struct scope admin;

static void set_up(void)
{
	scope_operator(&admin, BY_ADMIN, "anna", "test");
}

static const char *seen_list(const char *table, const struct data_query *q, const struct data_rows *rows, const char *refused)
{
	struct html h;

	scene_begin(&h);
	view_list(&h, view_of(table), &admin, q, rows, refused);
	return scene_seen(&h);
}

START_TEST(whatever_a_row_holds_is_text)
{
	struct data_query q = {.search = EVIL, .page = 1};
	struct data_rows rows;
	struct html h;
	const char *s;

	set_up();
	for (const struct view *v = views; v->table; v++) {
		scene_rows(&rows, v->table, &admin, false, 2, EVIL);
		s = seen_list(v->table, &q, &rows, NULL);
		ck_assert_msg(strstr(s, "\n\":" EVIL "\n") && !strstr(s, "\n<script:"), "%s", v->table);
		data_rows_free(&rows);
		scene_rows(&rows, v->table, &admin, true, 1, EVIL);
		scene_begin(&h);
		view_facts(&h, &admin, &rows);
		s = scene_seen(&h);
		ck_assert_msg(strstr(s, EVIL "\n") && !strstr(s, "\n<script:"), "%s", v->table);
		data_rows_free(&rows);
	}
}
END_TEST

START_TEST(no_value_is_a_dash_and_none_of_it_stops_the_program)
{
	const struct data_query q = {.page = 1};
	struct data_rows rows;

	set_up();
	for (const struct view *v = views; v->table; v++) {
		scene_rows(&rows, v->table, &admin, false, 1, NULL);
		ck_assert_msg(strstr(seen_list(v->table, &q, &rows, NULL), "\n\":–\n"), "%s", v->table);
		data_rows_free(&rows);
	}
}
END_TEST

START_TEST(pages_lead_to_those_beside_them)
{
	struct data_query q = {.search = "a&b", .filters = {{"hunting", FILTER_IS, "1"}}, .filter_count = 1, .sort = "name", .descending = true, .page = 3};
	struct data_rows rows;
	const char *s;

	set_up();
	scene_rows(&rows, "groups", &admin, false, 25, "1");
	rows.page = 3;
	rows.total = 12345;
	s = seen_list("groups", &q, &rows, NULL);
	ck_assert_ptr_nonnull(strstr(s, "\n\":51 to 75 of 12,345\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n=id:page-first\n=href:/groups?q=a%26b&f.hunting=1&sort=-name\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n=id:page-back\n=href:/groups?q=a%26b&f.hunting=1&sort=-name&page=2\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n=id:page-next\n=href:/groups?q=a%26b&f.hunting=1&sort=-name&page=4\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n=href:/groups.csv?q=a%26b&f.hunting=1&sort=-name\n=download:"));
	rows.total = 75;
	rows.more = true;
	s = seen_list("groups", &q, &rows, NULL);
	ck_assert_ptr_null(strstr(s, "page-next"));
	ck_assert_ptr_nonnull(strstr(s, "of more than 75\n"));
	rows.page = 1;
	s = seen_list("groups", &q, &rows, NULL);
	ck_assert_ptr_null(strstr(s, "page-back"));
	ck_assert_ptr_null(strstr(s, "page-first"));
	data_rows_free(&rows);
}
END_TEST

START_TEST(heads_sort_and_turn_the_order)
{
	struct data_query q = {.filters = {{"name", FILTER_HAS, "x"}}, .filter_count = 1, .sort = "name", .page = 2};
	struct data_rows rows;
	const char *s;

	set_up();
	scene_rows(&rows, "groups", &admin, false, 1, "1");
	s = seen_list("groups", &q, &rows, NULL);
	ck_assert_ptr_nonnull(strstr(s, "\n=aria-sort:ascending\n<a:\n=id:sort-name\n=href:/groups?f.name=x&sort=-name\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n=href:/groups?f.name=x&sort=prefix\n"));
	q.sort = NULL; /* the description's own order */
	s = seen_list("groups", &q, &rows, NULL);
	ck_assert_ptr_nonnull(strstr(s, "\n=aria-sort:ascending\n<a:\n=id:sort-prefix\n=href:/groups?f.name=x&sort=-prefix\n"));
	data_rows_free(&rows);
}
END_TEST

/* A link that comes with a filter of its own must not lose it in the next search, and it can be taken off. */
START_TEST(a_filter_without_a_field_is_kept_and_can_be_taken_off)
{
	const struct data_query q = {.filters = {{"name", FILTER_HAS, EVIL}, {"hunting", FILTER_IS, "1"}}, .filter_count = 2, .page = 1};
	struct data_rows rows;
	const char *s;

	set_up();
	scene_rows(&rows, "groups", &admin, false, 1, "1");
	s = seen_list("groups", &q, &rows, NULL);
	ck_assert_ptr_nonnull(strstr(s, "\n=type:hidden\n=name:f.name\n=value:" EVIL "\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n\":Name: " EVIL "\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n=href:/groups?f.hunting=1\n\":without this\n"));
	ck_assert_ptr_null(strstr(s, "\n=type:hidden\n=name:f.hunting\n")); /* it has a field */
	data_rows_free(&rows);
}
END_TEST

START_TEST(an_empty_list_says_why_and_what_to_do)
{
	struct data_query q = {.page = 1};
	struct data_rows rows;
	const char *s;

	set_up();
	scene_rows(&rows, "groups", &admin, false, 0, NULL);
	s = seen_list("groups", &q, &rows, NULL);
	ck_assert_ptr_nonnull(strstr(s, "A group needs a customer first."));
	ck_assert_ptr_null(strstr(s, "Show all"));
	q.search = "nobody";
	s = seen_list("groups", &q, &rows, EVIL);
	ck_assert_ptr_nonnull(strstr(s, "Nothing here is like that."));
	ck_assert_ptr_nonnull(strstr(s, "\n=role:alert\n\":" EVIL ".\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n=href:/groups\n\":Show all\n"));
	ck_assert_ptr_null(strstr(s, ".csv")); /* nothing there to load */
	data_rows_free(&rows);
}
END_TEST

/* Only what the scope may search and sort by is asked for. */
START_TEST(the_query_is_what_the_scope_may_ask)
{
	const char *const pairs[] = {"q", "x", "f.name", "y", "f.customer", "z", "f.none", "n", "sort", "-name", "page", "12", NULL};
	const struct fields f = scene_sent(pairs);
	struct data_query q;
	struct scope own;

	set_up();
	ck_assert_int_eq(view_query(view_of("groups"), &admin, &f, &q), 0);
	ck_assert_uint_eq(q.filter_count, 2);
	ck_assert_str_eq(q.search, "x");
	ck_assert_str_eq(q.sort, "name");
	ck_assert(q.descending && q.page == 12);
	scope_account(&own, "45675001", "test"); /* customers are no column of theirs */
	ck_assert_int_eq(view_query(view_of("groups"), &own, &f, &q), 0);
	ck_assert_uint_eq(q.filter_count, 1);
	ck_assert_str_eq(q.filters[0].column, "name");
}
END_TEST

START_TEST(buttons_are_of_who_may)
{
	struct scope viewer;
	struct data_rows rows;
	struct html h;
	const char *s;

	set_up();
	scope_operator(&viewer, BY_VIEWER, "vera", "test");
	scene_rows(&rows, "groups", &admin, true, 1, "1");
	scene_begin(&h);
	view_actions(&h, view_of("groups"), &admin, &rows, NULL);
	s = scene_seen(&h);
	ck_assert(strstr(s, "=href:/groups/45675001/edit\n") && strstr(s, "=href:/groups/45675001/delete\n"));
	scene_begin(&h);
	view_actions(&h, view_of("groups"), &viewer, &rows, NULL);
	ck_assert_ptr_null(strstr(scene_seen(&h), "=href:"));
	data_rows_free(&rows);
}
END_TEST

Suite *view_list_suite(void)
{
	const TTest *const tests[] = {whatever_a_row_holds_is_text, no_value_is_a_dash_and_none_of_it_stops_the_program,
			pages_lead_to_those_beside_them, heads_sort_and_turn_the_order, a_filter_without_a_field_is_kept_and_can_be_taken_off,
			an_empty_list_says_why_and_what_to_do, the_query_is_what_the_scope_may_ask, buttons_are_of_who_may, NULL};

	return suite_of("view_list", tests);
}
