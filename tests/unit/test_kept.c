/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SERVICE.md A2, A7: an account kept in memory is believed as long as nothing has changed, and no longer. */
#include "suites.h"

#include <stdlib.h>
#include <string.h>

#include "policy/kept.h"

#define ROWS 64u
#define NOW  1000u

static struct aeta_kept *table;
static unsigned sets;

static void make(void)
{
	sets = aeta_kept_sets(ROWS);
	table = calloc(1, aeta_kept_size(ROWS));
	ck_assert_ptr_nonnull(table);
}

static void unmake(void)
{
	free(table);
}

static struct aeta_row row(aeta_number_t number, bool has_ha1)
{
	struct aeta_row r = {.number = number, .end = AETA_NO_END, .kind = AETA_KIND_PREMIUM, .has_ha1 = has_ha1};

	memset(r.ha1, has_ha1 ? 'a' + (int)(number % 6) : 0, sizeof(r.ha1));
	return r;
}

static void put(aeta_number_t number, bool has_ha1, uint32_t generation, uint32_t now)
{
	struct aeta_row r = row(number, has_ha1);

	aeta_kept_put(table, aeta_kept_set(sets, number), &r, generation, now);
}

static bool get(aeta_number_t number, uint32_t generation, uint32_t now, struct aeta_row *out)
{
	memset(out, 0xff, sizeof(*out));
	return aeta_kept_get(table, aeta_kept_set(sets, number), number, generation, now, out);
}

START_TEST(what_is_put_is_found)
{
	struct aeta_row out, in = row(45675001, true);

	ck_assert(!get(45675001, 1, NOW, &out));
	put(45675001, true, 1, NOW);
	ck_assert(get(45675001, 1, NOW, &out));
	ck_assert(out.number == in.number && out.kind == in.kind && out.end == in.end && out.has_ha1);
	ck_assert_mem_eq(out.ha1, in.ha1, sizeof(in.ha1));
	ck_assert(!get(45675002, 1, NOW, &out));
}
END_TEST

START_TEST(another_generation_ends_it)
{
	struct aeta_row out;

	put(45675001, true, 7, NOW);
	ck_assert(get(45675001, 7, NOW, &out));
	ck_assert(!get(45675001, 8, NOW, &out));
	ck_assert(!get(45675001, 6, NOW, &out));
	put(45675001, true, 8, NOW);
	ck_assert(get(45675001, 8, NOW, &out));
	ck_assert(!get(45675001, 7, NOW, &out));
}
END_TEST

START_TEST(where_nothing_is_known_nothing_is_believed)
{
	struct aeta_row out;

	put(45675001, true, 0, NOW);
	ck_assert(!get(45675001, 0, NOW, &out));
	ck_assert(!get(45675001, 1, NOW, &out));
	put(45675001, true, 1, NOW);
	ck_assert(!get(45675001, 0, NOW, &out));
}
END_TEST

START_TEST(it_grows_old)
{
	struct aeta_row out;

	put(45675001, true, 1, UINT32_MAX - 10); /* over the end of the clock */
	ck_assert(get(45675001, 1, UINT32_MAX - 10 + AETA_KEPT_MAX_S - 1, &out));
	ck_assert(!get(45675001, 1, UINT32_MAX - 10 + AETA_KEPT_MAX_S, &out));
}
END_TEST

/* What was read for the facts alone must not cost the credentials that are there. */
START_TEST(facts_leave_credentials_alone)
{
	struct aeta_row out;

	put(45675001, true, 1, NOW);
	put(45675001, false, 1, NOW + 1);
	ck_assert(get(45675001, 1, NOW + 1, &out) && out.has_ha1);
	put(45675001, false, 2, NOW + 2);
	ck_assert(get(45675001, 2, NOW + 2, &out) && !out.has_ha1);
	put(45675001, true, 2, NOW + 3);
	ck_assert(get(45675001, 2, NOW + 3, &out) && out.has_ha1);
}
END_TEST

/* More than there is room for: each that is found is right, and the one put last is there. */
START_TEST(the_oldest_give_way)
{
	struct aeta_row out;
	unsigned found = 0;

	for (uint32_t i = 0; i < 100 * ROWS; i++) {
		put(10000 + i, true, 1, NOW + i / 100);
		ck_assert(get(10000 + i, 1, NOW + i / 100, &out));
	}
	for (uint32_t i = 0; i < 100 * ROWS; i++) {
		if (!get(10000 + i, 1, NOW + ROWS, &out))
			continue;
		found++;
		ck_assert_uint_eq(out.number, 10000 + i);
		ck_assert_int_eq(out.ha1[31], 'a' + (int)((10000 + i) % 6));
		ck_assert_msg(i >= 90 * ROWS, "%u is there, and newer ones are not", i);
	}
	ck_assert_uint_eq(found, ROWS);
}
END_TEST

/*
 * Against a list that keeps all: what the table finds is what the list has, and with no more numbers than a set has room for it
 * finds all of that; with more, at least what was put last.
 */
#define NUMBERS 200u
#define STEPS	200000u

struct naive {
	struct aeta_row row; /* number 0: never put */
	uint32_t generation, at;
};

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	return *state ^= *state << 5;
}

static bool naive_counts(const struct naive *n, uint32_t generation, uint32_t now)
{
	return n->row.number && generation && n->generation == generation && now - n->at < AETA_KEPT_MAX_S;
}

static void naive_put(struct naive *n, const struct aeta_row *r, uint32_t generation, uint32_t now)
{
	if (!generation || (n->row.has_ha1 && !r->has_ha1 && naive_counts(n, generation, now)))
		return;
	*n = (struct naive){.row = *r, .generation = generation, .at = now};
}

static bool agrees(const struct naive *n, aeta_number_t number, uint32_t generation, uint32_t now, bool all)
{
	bool counts = naive_counts(n, generation, now);
	struct aeta_row out;

	if (!get(number, generation, now, &out))
		return !counts || !all;
	return counts && out.number == number && out.end == n->row.end && out.has_ha1 == n->row.has_ha1 &&
			memcmp(out.ha1, n->row.ha1, sizeof(out.ha1)) == 0;
}

static void play(const aeta_number_t *numbers, unsigned count, bool all)
{
	struct naive list[NUMBERS] = {0};
	uint32_t dice = 2463534242u, generation = 1, now = UINT32_MAX - 1000, known; /* the clock passes its end */
	bool put_it;

	for (unsigned step = 0; step < STEPS; step++) {
		unsigned i = next_random(&dice) % count;
		struct aeta_row r = row(numbers[i], next_random(&dice) % 3 != 0 || !all); /* what gave way cannot be spared */

		r.end = (int64_t)step;
		if (next_random(&dice) % 2000 == 0)
			generation++;
		now += next_random(&dice) % 50 == 0 ? next_random(&dice) % 400 : 0;
		known = next_random(&dice) % 20 ? generation : 0;
		put_it = next_random(&dice) % 2;
		if (put_it) {
			aeta_kept_put(table, aeta_kept_set(sets, r.number), &r, known, now);
			naive_put(&list[i], &r, known, now);
		}
		if (!agrees(&list[i], r.number, known, now, all || put_it))
			ck_abort_msg("step %u of %u numbers: %llu", step, count, (unsigned long long)r.number);
	}
}

START_TEST(as_a_list_that_keeps_all)
{
	aeta_number_t numbers[NUMBERS];
	unsigned count = 0;

	for (aeta_number_t n = 45675001; count < 8; n++)
		if (aeta_kept_set(sets, n) == 3)
			numbers[count++] = n;
	play(numbers, count, true);
	memset(table, 0, aeta_kept_size(ROWS));
	for (count = 0; count < NUMBERS; count++)
		numbers[count] = 45675001 + count;
	play(numbers, count, false);
}
END_TEST

START_TEST(an_account_ends_at_its_second)
{
	struct aeta_row r = row(15077, false);

	r.end = 2000000000;
	ck_assert_int_eq(aeta_row_account(&r, 1999999999).state, AETA_STATE_ACTIVE);
	ck_assert_int_eq(aeta_row_account(&r, 2000000000).state, AETA_STATE_ENDED);
	r.state = AETA_STATE_LOCKED;
	ck_assert_int_eq(aeta_row_account(&r, 2000000000).state, AETA_STATE_LOCKED);
	r.state = AETA_STATE_ACTIVE;
	r.end = AETA_NO_END;
	ck_assert_int_eq(aeta_row_account(&r, INT64_MAX - 1).state, AETA_STATE_ACTIVE);
	ck_assert_uint_eq(aeta_row_account(&r, 0).number, 15077);
}
END_TEST

Suite *kept_suite(void)
{
	Suite *s = suite_create("kept");
	TCase *t = tcase_create("kept");

	tcase_add_checked_fixture(t, make, unmake);
	tcase_add_test(t, what_is_put_is_found);
	tcase_add_test(t, another_generation_ends_it);
	tcase_add_test(t, where_nothing_is_known_nothing_is_believed);
	tcase_add_test(t, it_grows_old);
	tcase_add_test(t, facts_leave_credentials_alone);
	tcase_add_test(t, the_oldest_give_way);
	tcase_add_test(t, as_a_list_that_keeps_all);
	tcase_add_test(t, an_account_ends_at_its_second);
	suite_add_tcase(s, t);
	return s;
}
