/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "suites.h"

#include "policy/directory.h"

#include <stdlib.h>
#include <string.h>

static struct aeta_directory *make(size_t groups, size_t exceptions)
{
	size_t size = aeta_directory_size(groups, exceptions);

	return aeta_directory_init(malloc(size), size, groups, exceptions);
}

static enum aeta_directory_error add(struct aeta_directory *d, unsigned prefix, unsigned options)
{
	return aeta_directory_add_group(d, &(struct aeta_group){.prefix = (uint16_t)prefix, .options = (uint16_t)options});
}

static aeta_number_t num(const char *s)
{
	return aeta_number_parse(s, strlen(s));
}

START_TEST(holds_every_prefix)
{
	struct aeta_directory *d = make(AETA_PREFIX_COUNT, 0);

	for (unsigned p = AETA_PREFIX_MIN; p <= AETA_PREFIX_MAX; p++)
		HOT_ASSERT(add(d, p, p % 2 ? AETA_BLOCK_INCOMING : 0) == AETA_DIR_OK, "%u", p);
	aeta_directory_seal(d);
	ck_assert_uint_eq(aeta_directory_groups(d), 9000);
	for (unsigned p = 0; p <= 70000; p++) {
		const struct aeta_group *g = aeta_directory_group(d, p);

		HOT_ASSERT((g != NULL) == (p >= AETA_PREFIX_MIN && p <= AETA_PREFIX_MAX), "%u", p);
		HOT_ASSERT(!g || (g->prefix == p && g->options == (p % 2 ? AETA_BLOCK_INCOMING : 0)), "%u", p);
	}
	free(d);
}
END_TEST

START_TEST(refuses_bad_groups)
{
	struct aeta_directory *d = make(2, 0);
	struct aeta_group slow = {.prefix = 2000, .no_answer_s = 121}, brief = {.prefix = 2000, .hunt_max_s = 9},
			endless = {.prefix = 2000, .hunt_max_s = 601};

	ck_assert_int_eq(add(d, 999, 0), AETA_DIR_PREFIX_RANGE);
	ck_assert_int_eq(add(d, 10000, 0), AETA_DIR_PREFIX_RANGE);
	ck_assert_int_eq(add(d, 4567, AETA_OPTIONS_ALL + 1), AETA_DIR_OPTIONS);
	ck_assert_int_eq(aeta_directory_add_group(d, &slow), AETA_DIR_NO_ANSWER);
	ck_assert_int_eq(aeta_directory_add_group(d, &brief), AETA_DIR_HUNT_MAX);
	ck_assert_int_eq(aeta_directory_add_group(d, &endless), AETA_DIR_HUNT_MAX);
	ck_assert_uint_eq(aeta_directory_groups(d), 0);
	ck_assert_int_eq(add(d, 4567, 0), AETA_DIR_OK);
	ck_assert_int_eq(add(d, 4567, 0), AETA_DIR_PREFIX_TWICE);
	ck_assert_int_eq(add(d, 4568, 0), AETA_DIR_OK);
	ck_assert_int_eq(add(d, 4569, 0), AETA_DIR_FULL);
	aeta_directory_seal(d);
	ck_assert_int_eq(add(d, 4570, 0), AETA_DIR_SEALED);
	ck_assert_int_eq(aeta_directory_add_exception(d, 0, num("15000")), AETA_DIR_SEALED);
	ck_assert_uint_eq(aeta_directory_at(d, 1)->prefix, 4568);
	ck_assert_ptr_null(aeta_directory_at(d, 2));
	free(d);
}
END_TEST

START_TEST(hunt_bound_has_a_default)
{
	struct aeta_directory *d = make(1, 0);

	add(d, 4567, AETA_HUNTING);
	ck_assert_uint_eq(aeta_directory_group(d, 4567)->hunt_max_s, AETA_HUNT_MAX_DEFAULT);
	free(d);
}
END_TEST

START_TEST(exceptions)
{
	struct aeta_directory *d = make(2, 4);

	add(d, 4567, 0);
	add(d, 4599, 0);
	ck_assert_int_eq(aeta_directory_add_exception(d, 0, num("15000")), AETA_DIR_OK);
	ck_assert_int_eq(aeta_directory_add_exception(d, 0, num("15000")), AETA_DIR_OK);
	ck_assert_int_eq(aeta_directory_add_exception(d, 4567, num("902080")), AETA_DIR_OK);
	ck_assert_int_eq(aeta_directory_add_exception(d, 5000, num("902080")), AETA_DIR_NO_SUCH_GROUP);
	ck_assert_int_eq(aeta_directory_add_exception(d, 999, num("902080")), AETA_DIR_PREFIX_RANGE);
	ck_assert_int_eq(aeta_directory_add_exception(d, 4567, 0), AETA_DIR_NUMBER);
	ck_assert_uint_eq(aeta_directory_exceptions(d), 2);
	ck_assert(aeta_directory_exception(d, 4567, num("15000")));
	ck_assert(aeta_directory_exception(d, 4599, num("15000")));
	ck_assert(aeta_directory_exception(d, 4567, num("902080")));
	ck_assert(!aeta_directory_exception(d, 4599, num("902080")));
	ck_assert(!aeta_directory_exception(d, 4567, num("015000")));
	ck_assert(!aeta_directory_exception(d, 4567, 0));
	ck_assert(aeta_directory_open_number(d, num("15000")));
	ck_assert(!aeta_directory_open_number(d, num("902080")));
	free(d);
}
END_TEST

static aeta_number_t some_number(unsigned i)
{
	return aeta_number_compose(1000 + i % 7919, i % 9999);
}

START_TEST(many_exceptions)
{
	struct aeta_directory *d = make(9000, 20000);

	for (unsigned p = 1000; p <= 9999; p++)
		HOT_ASSERT(add(d, p, 0) == AETA_DIR_OK, "%u", p);
	for (unsigned i = 0; i < 20000; i++)
		HOT_ASSERT(aeta_directory_add_exception(d, 1000 + i % 9000, some_number(i)) == AETA_DIR_OK, "%u", i);
	for (unsigned i = 0; i < 20000; i++)
		HOT_ASSERT(aeta_directory_exception(d, 1000 + i % 9000, some_number(i)), "%u", i);
	ck_assert(!aeta_directory_exception(d, 1000, aeta_number_compose(9998, 1)));
	ck_assert_int_eq(aeta_directory_add_exception(d, 0, num("1")), AETA_DIR_FULL);
	free(d);
}
END_TEST

START_TEST(is_only_bytes)
{
	struct aeta_directory *d = make(2, 2);
	size_t size = aeta_directory_bytes(d);
	struct aeta_directory *copy = malloc(size);

	add(d, 4567, AETA_BLOCK_OUTGOING);
	aeta_directory_add_exception(d, 4567, num("902080"));
	aeta_directory_seal(d);
	memcpy(copy, d, size);
	memset(d, 0xff, size);
	free(d);
	ck_assert_uint_eq(aeta_directory_group(copy, 4567)->options, AETA_BLOCK_OUTGOING);
	ck_assert(aeta_directory_exception(copy, 4567, num("902080")));
	free(copy);
}
END_TEST

START_TEST(refuses_bad_memory)
{
	size_t size = aeta_directory_size(1, 1);
	char *mem = malloc(size + 8);

	ck_assert_ptr_null(aeta_directory_init(NULL, size, 1, 1));
	ck_assert_ptr_null(aeta_directory_init(mem, size - 1, 1, 1));
	ck_assert_ptr_null(aeta_directory_init(mem + 4, size, 1, 1));
	ck_assert_ptr_null(aeta_directory_init(mem, size, 9001, 0));
	ck_assert_ptr_nonnull(aeta_directory_init(mem, size, 1, 1));
	free(mem);
}
END_TEST

START_TEST(every_error_has_words)
{
	for (int e = 0; e <= AETA_DIR_ERRORS; e++)
		ck_assert_uint_gt(strlen(aeta_directory_strerror((enum aeta_directory_error)e)), 5);
}
END_TEST

Suite *directory_suite(void)
{
	const TTest *const tests[] = {holds_every_prefix, refuses_bad_groups, hunt_bound_has_a_default, exceptions,
			many_exceptions, is_only_bytes, refuses_bad_memory, every_error_has_words, NULL};

	return suite_of("directory", tests);
}
