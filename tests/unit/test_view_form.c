/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Forms, read back as a browser would see them, and what they send. */
#include "admin_suites.h"

#include "view_scene.h"

#include <string.h>

static struct scope admin;
static const struct page frame = {.title = "x", .path = "/contacts", .face = FACE_OPERATOR, .csrf = "t0ken"};

static struct view_form form_of(const char *table, const struct data_rows *row, const struct fields *sent)
{
	scope_operator(&admin, BY_ADMIN, "anna", "test");
	return (struct view_form){.page = &frame, .view = view_of(table), .scope = &admin, .row = row, .sent = sent};
}

static const char *seen(void (*write)(struct html *h, const struct view_form *f), const struct view_form *f)
{
	struct html h;

	scene_begin(&h);
	write(&h, f);
	return scene_seen(&h);
}

static void contact_row(struct data_rows *row, const char *name)
{
	scope_operator(&admin, BY_ADMIN, "anna", "test");
	scene_rows(row, "contacts", &admin, true, 1, "");
	scene_set(row, 0, "email", "noc@example.com");
	scene_set(row, 0, "name", name);
}

START_TEST(a_form_shows_what_is_and_remembers_it)
{
	struct data_rows row;
	struct view_form f;
	const char *s;

	contact_row(&row, EVIL);
	f = form_of("contacts", &row, NULL);
	s = seen(view_edit, &f);
	ck_assert_ptr_nonnull(strstr(s, "\n=method:post\n=action:/contacts/45675001/edit\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n=name:csrf\n=value:t0ken\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n=name:version\n=value:7\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n=name:was.name\n=value:" EVIL "\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n=id:field-name\n=name:name\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n=type:text\n=value:" EVIL "\n"));
	ck_assert_ptr_null(strstr(s, "\n<script:"));
	ck_assert_ptr_null(strstr(s, "=name:customer_id\n")); /* set once, when it is new */
	data_rows_free(&row);
}
END_TEST

START_TEST(a_switch_says_that_it_was_there)
{
	struct view_form f = form_of("groups", NULL, NULL);
	const char *s = seen(view_edit, &f);

	ck_assert_ptr_nonnull(strstr(s, "\n=name:has.hunting\n=value:1\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n=action:/groups/new\n"));
	ck_assert_ptr_null(strstr(s, "=name:was."));
	ck_assert_ptr_null(strstr(s, "=name:version\n"));
}
END_TEST

START_TEST(a_form_with_problems_keeps_what_was_typed_and_its_version)
{
	const char *const pairs[] = {"version", "6", "name", EVIL, "was.name", "Old", "email", "no address", "was.email", "noc@example.com", NULL};
	const struct fields sent = scene_sent(pairs);
	struct data_problems problems = {.count = 1};
	struct data_rows row;
	struct view_form f;
	const char *s;

	contact_row(&row, "Old");
	f = form_of("contacts", &row, &sent);
	problems.list[0] = (struct data_problem){column_find(row.table, "email"), "is no <address>"};
	f.problems = &problems;
	s = seen(view_edit, &f);
	ck_assert_ptr_nonnull(strstr(s, "Nothing was saved"));
	ck_assert_ptr_nonnull(strstr(s, "\n=value:" EVIL "\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n=type:email\n=value:no address\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n=id:problem-email\n\":E-mail is no <address>.\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n=aria-describedby:problem-email"));
	ck_assert_ptr_nonnull(strstr(s, "\n=name:version\n=value:6\n")); /* what its user has seen, not what is */
	ck_assert_ptr_nonnull(strstr(s, "\n=name:was.email\n=value:noc@example.com\n"));
	data_rows_free(&row);
}
END_TEST

START_TEST(somebody_was_faster_loses_neither_of_the_two)
{
	const char *const pairs[] = {"version", "6", "name", EVIL, "was.name", "Old", "phone", "", "was.phone", "", "email", "old@example.com", "was.email",
			"old@example.com", NULL};
	const struct fields sent = scene_sent(pairs);
	struct data_rows row;
	struct view_form f;
	const char *s;

	contact_row(&row, "<b>theirs");
	f = form_of("contacts", &row, &sent);
	s = seen(view_stale, &f);
	ck_assert_ptr_nonnull(strstr(s, "\":Old\n>span:\n>td:\n<td:\n=data-label:Now\n<span:\n\":<b>theirs\n>span:\n>td:\n<td:\n=data-label:Yours\n<strong:\n\":" EVIL "\n"));
	ck_assert_ptr_nonnull(strstr(s, "\":old@example.com\n>span:\n>td:\n<td:\n=data-label:Now\n<span:\n\":noc@example.com\n>span:\n>td:\n<td:\n=data-label:Yours\n<span:\n\":not changed by you\n"));
	ck_assert_ptr_null(strstr(s, "\n=scope:row\n\":Phone\n")); /* nobody has touched it */
	ck_assert_ptr_nonnull(strstr(s, "\n=type:text\n=value:" EVIL "\n")); /* mine */
	ck_assert_ptr_nonnull(strstr(s, "\n=type:email\n=value:noc@example.com\n")); /* theirs */
	ck_assert_ptr_nonnull(strstr(s, "\n=name:was.name\n=value:<b>theirs\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n=name:version\n=value:7\n"));
	data_rows_free(&row);
}
END_TEST

START_TEST(only_what_its_user_changed_is_a_change)
{
	const char *const pairs[] = {"prefix", "1", "name", "New", "was.name", "Old", "has.hunting", "1", "was.hunting", "1", "has.block_incoming", "1",
			"block_incoming", "1", "was.block_incoming", "1", "hunt_direct", "1", "media", "auto", "was.media", "auto", "created_at", "x", NULL};
	const struct fields sent = scene_sent(pairs);
	struct data_change changes[COLUMNS_MAX];
	size_t n;

	scope_operator(&admin, BY_ADMIN, "anna", "test");
	n = view_changes(table_find("groups"), &admin, false, &sent, changes);
	ck_assert_uint_eq(n, 2);
	ck_assert_str_eq(changes[0].column, "name");
	ck_assert_str_eq(changes[0].value, "New");
	ck_assert_str_eq(changes[1].column, "hunting"); /* its tick was taken off; that of hunt_direct the form did not have */
	ck_assert_str_eq(changes[1].value, "0");
}
END_TEST

START_TEST(what_would_go_is_shown_with_its_version)
{
	struct data_rows row;
	struct view_form f;
	struct html h;
	const char *s;

	contact_row(&row, EVIL);
	f = form_of("contacts", &row, NULL);
	f.refused = EVIL;
	scene_begin(&h);
	view_delete(&h, &f, NULL);
	s = scene_seen(&h);
	ck_assert_ptr_nonnull(strstr(s, "\n=action:/contacts/45675001/delete\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n=name:version\n=value:7\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n=role:alert\n\":" EVIL ".\n"));
	ck_assert_ptr_null(strstr(s, "\n<script:"));
	data_rows_free(&row);
}
END_TEST

START_TEST(rows_to_choose_from_are_shown_by_name)
{
	const char *const pairs[] = {"customer_id", "45675001", NULL};
	const struct fields sent = scene_sent(pairs);
	struct data_rows customers;
	struct view_choices choices;
	struct view_form f;
	const char *s;

	f = form_of("contacts", NULL, &sent);
	scene_rows(&customers, "customers", &admin, false, 1, EVIL);
	choices = (struct view_choices){.column = column_find(table_find("contacts"), "customer_id"), .rows = &customers, .all = true};
	f.choices = &choices;
	f.choice_count = 1;
	s = seen(view_edit, &f);
	ck_assert_ptr_nonnull(strstr(s, "\n<option:\n=value:45675001\n=selected:\n\":" EVIL "\n"));
	ck_assert_ptr_null(strstr(s, "\n<script:"));
	data_rows_free(&customers);
}
END_TEST

START_TEST(fields_of_no_description_are_text_too)
{
	const struct view_field input = {.name = "a", .label = EVIL, .value = EVIL, .help = EVIL, .problem = EVIL}, sentence = {.name = "b", .label = "B",
			.sentence = EVIL};
	const char *const options[] = {"1", EVIL, EVIL, "two", NULL};
	struct view_field choice = {.name = "c", .label = "C", .value = EVIL};
	struct html h;
	const char *s;

	scene_begin(&h);
	view_input(&h, &input);
	view_input(&h, &sentence);
	view_select(&h, &choice, options);
	s = scene_seen(&h);
	ck_assert_ptr_null(strstr(s, "\n<script:"));
	ck_assert_ptr_nonnull(strstr(s, "\n=aria-describedby:problem-a help-a\n=aria-invalid:true\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n=id:problem-b\n\":" EVIL "\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n=autofocus:\n"));
	ck_assert_ptr_nonnull(strstr(s, "\n<option:\n=value:" EVIL "\n=selected:\n\":two\n"));
}
END_TEST

Suite *view_form_suite(void)
{
	const TTest *const tests[] = {a_form_shows_what_is_and_remembers_it, a_switch_says_that_it_was_there,
			a_form_with_problems_keeps_what_was_typed_and_its_version, somebody_was_faster_loses_neither_of_the_two,
			only_what_its_user_changed_is_a_change, what_would_go_is_shown_with_its_version, rows_to_choose_from_are_shown_by_name,
			fields_of_no_description_are_text_too, NULL};

	return suite_of("view_form", tests);
}
