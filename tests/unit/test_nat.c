/* SPDX-License-Identifier: GPL-2.0-or-later */
/* C7: what the probes saw, the class that it proves, and the table that remembers it. */
#include "suites.h"

#include <stdlib.h>
#include <string.h>

#include "policy/nat_class.h"
#include "policy/nat_table.h"

/* What the prober sees of an agent that honours the Via, with two addresses of the service. */
#define ANSWERS (AETA_EVIDENCE_FLOW | AETA_EVIDENCE_PORT | AETA_EVIDENCE_AFTER)
#define TWO		(ANSWERS | AETA_EVIDENCE_ADDRESS_TRIED | AETA_EVIDENCE_ADDRESS)

START_TEST(each_kind_of_nat_has_its_class)
{
	static const struct {
		uint32_t evidence;
		enum aeta_nat_class cls;
	} rows[] = {
		{TWO | AETA_EVIDENCE_NO_NAT | AETA_EVIDENCE_KNOCK, AETA_NAT_OPEN}, /* public */
		{TWO | AETA_EVIDENCE_NO_NAT, AETA_NAT_OPEN},					   /* fwstate */
		{TWO | AETA_EVIDENCE_KNOCK, AETA_NAT_EIM},						   /* cone */
		{TWO, AETA_NAT_EIM},											   /* addr, port, shift */
		{(TWO & ~AETA_EVIDENCE_ADDRESS) | AETA_EVIDENCE_NO_NAT, AETA_NAT_WALLED}, /* fwsrv */
		{AETA_EVIDENCE_FLOW | AETA_EVIDENCE_ADDRESS_TRIED, AETA_NAT_WALLED},	  /* not even another port */
		{AETA_EVIDENCE_FLOW | AETA_EVIDENCE_PORT_MOVED | AETA_EVIDENCE_ADDRESS_TRIED | AETA_EVIDENCE_ADDRESS_MOVED |
						AETA_EVIDENCE_AFTER_MOVED,
				AETA_NAT_CHANGED}, /* sym */
		{ANSWERS | AETA_EVIDENCE_ADDRESS_TRIED | AETA_EVIDENCE_ADDRESS_MOVED, AETA_NAT_CHANGED},
		{(TWO & ~AETA_EVIDENCE_AFTER) | AETA_EVIDENCE_AFTER_MOVED, AETA_NAT_LEAKY},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(aeta_nat_classify(rows[i].evidence) == rows[i].cls, "row %zu: %s", i,
				aeta_nat_class_name(aeta_nat_classify(rows[i].evidence)));
}
END_TEST

START_TEST(one_address_tells_less)
{
	ck_assert_int_eq(aeta_nat_classify(ANSWERS | AETA_EVIDENCE_NO_NAT), AETA_NAT_OPEN);
	ck_assert_int_eq(aeta_nat_classify(ANSWERS), AETA_NAT_EIM);
}
END_TEST

/* Agents that do not do as they are asked are unknown, and never found open. */
START_TEST(what_cannot_be_told_is_unknown)
{
	const uint32_t tried = AETA_EVIDENCE_ADDRESS_TRIED, flow = AETA_EVIDENCE_FLOW;

	ck_assert_int_eq(aeta_nat_classify(0), AETA_NAT_UNKNOWN);
	ck_assert_int_eq(aeta_nat_classify(AETA_EVIDENCE_NO_NAT | tried), AETA_NAT_UNKNOWN); /* answers nothing */
	ck_assert_int_eq(aeta_nat_classify(flow | tried | AETA_EVIDENCE_PORT_IGNORED | AETA_EVIDENCE_ADDRESS_IGNORED),
			AETA_NAT_UNKNOWN);
	ck_assert_int_eq(aeta_nat_classify(ANSWERS | tried | AETA_EVIDENCE_ADDRESS_IGNORED), AETA_NAT_UNKNOWN);
	ck_assert_int_eq(aeta_nat_classify(TWO & ~AETA_EVIDENCE_AFTER), AETA_NAT_UNKNOWN);
	ck_assert_int_eq(aeta_nat_classify(AETA_EVIDENCE_KNOCK), AETA_NAT_UNKNOWN);
}
END_TEST

/* Of all that can be seen: what speaks against a direct call is never outvoted, and what media showed neither. */
START_TEST(nothing_that_moves_is_open)
{
	const uint32_t moved = AETA_EVIDENCE_PORT_MOVED | AETA_EVIDENCE_ADDRESS_MOVED | AETA_EVIDENCE_AFTER_MOVED |
						   AETA_EVIDENCE_MEDIA_MOVED;

	for (uint32_t e = 0; e < (uint32_t)1 << AETA_NAT_EVIDENCE_BITS; e++) {
		enum aeta_nat_class cls = aeta_nat_classify(e);

		if (cls != AETA_NAT_OPEN && cls != AETA_NAT_EIM)
			continue;
		if (e & moved || !(e & AETA_EVIDENCE_PORT) || !(e & AETA_EVIDENCE_AFTER) ||
				(e & AETA_EVIDENCE_ADDRESS_TRIED && !(e & AETA_EVIDENCE_ADDRESS)))
			ck_abort_msg("%x is %s", e, aeta_nat_class_name(cls));
		if ((cls == AETA_NAT_OPEN) != ((e & AETA_EVIDENCE_NO_NAT) != 0))
			ck_abort_msg("%x is %s", e, aeta_nat_class_name(cls));
	}
}
END_TEST

START_TEST(names_are_read_back)
{
	for (unsigned i = 0; i < AETA_NAT_CLASSES; i++) {
		const char *name = aeta_nat_class_name(i);

		ck_assert_uint_eq(aeta_nat_class_parse(name, strlen(name)), i);
		ck_assert(strncmp(aeta_nat_class_follows(i), "its calls are ", 14) == 0);
		ck_assert(strlen(aeta_nat_class_what(i)) > 5);
	}
	ck_assert_int_eq(aeta_nat_class_parse("eimx", 4), AETA_NAT_UNKNOWN);
	ck_assert_int_eq(aeta_nat_class_parse("ei", 2), AETA_NAT_UNKNOWN);
	ck_assert_str_eq(aeta_nat_class_name(AETA_NAT_CLASSES), "unknown");
	ck_assert_str_eq(aeta_stun_name(AETA_STUN_YES), "yes");
	ck_assert_str_eq(aeta_stun_name(AETA_STUN_NO), "no");
	ck_assert_str_eq(aeta_stun_name(77), "unknown");
}
END_TEST

START_TEST(evidence_as_words)
{
	struct aeta_evidence_words w;
	char text[AETA_NAT_EVIDENCE_TEXT];
	uint32_t all = ((uint32_t)1 << AETA_NAT_EVIDENCE_BITS) - 1;
	size_t n = aeta_nat_evidence_format(all, text, sizeof(text));

	ck_assert_uint_eq(n, strlen(text));
	ck_assert_ptr_nonnull(strstr(text, "no-nat,flow,port,"));
	ck_assert_ptr_nonnull(strstr(text, ",natted")); /* the last one: there is room for all */
	aeta_nat_evidence_format(AETA_EVIDENCE_FLOW | AETA_EVIDENCE_PORT_MOVED, text, sizeof(text));
	ck_assert_str_eq(text, "flow,port-moved");
	ck_assert_uint_eq(aeta_nat_evidence_format(AETA_EVIDENCE_FLOW | AETA_EVIDENCE_PORT_MOVED, text, 10), 4);
	ck_assert_str_eq(text, "flow"); /* whole names only */
	ck_assert_uint_eq(aeta_nat_evidence_format(0, text, sizeof(text)), 4);
	ck_assert_str_eq(text, "none");
	ck_assert_uint_eq(aeta_nat_evidence_format(all, text, 0), 0);
	ck_assert(aeta_nat_evidence_words(AETA_EVIDENCE_BIT_NATTED, &w));
	ck_assert_str_eq(w.name, "natted");
	ck_assert(!aeta_nat_evidence_words(AETA_NAT_EVIDENCE_BITS, &w));
}
END_TEST

/* ---- the table ---- */

#define ROWS 64u

static struct aeta_nat_table table;
static void *memory;

static void make(void)
{
	static const uint64_t key[2] = {0x1234, 0x5678};

	memory = calloc(1, aeta_nat_table_bytes(ROWS));
	ck_assert_ptr_nonnull(memory);
	aeta_nat_table_init(&table, memory, ROWS, key);
}

static void unmake(void)
{
	free(memory);
}

static struct aeta_address address(const char *s, unsigned port)
{
	return aeta_address_parse(s, strlen(s), port);
}

static aeta_number_t number(unsigned n)
{
	return 45675000u + n;
}

START_TEST(a_row_is_an_account_at_an_address)
{
	struct aeta_address here = address("198.51.100.1", 5060), there = address("198.51.100.2", 5060), v6 = address("2001:db8::1", 5060);
	struct aeta_nat_row *row = aeta_nat_take(&table, number(1), &here, 1);

	row->known.cls = AETA_NAT_EIM;
	here.port = 30060; /* does not matter */
	ck_assert_ptr_eq(aeta_nat_find(&table, aeta_nat_key(&table, number(1), &here)), row);
	ck_assert_uint_eq(row->account, number(1));
	ck_assert(aeta_address_same(&row->address, &here));
	ck_assert_uint_eq(row->address.port, 0);
	ck_assert_ptr_null(aeta_nat_find(&table, aeta_nat_key(&table, number(1), &there)));
	ck_assert_ptr_null(aeta_nat_find(&table, aeta_nat_key(&table, number(1), &v6)));
	ck_assert_ptr_null(aeta_nat_find(&table, aeta_nat_key(&table, number(2), &here)));
	ck_assert_ptr_eq(aeta_nat_take(&table, number(1), &here, 2), row);
	ck_assert_int_eq(row->known.cls, AETA_NAT_EIM);
}
END_TEST

START_TEST(what_is_no_account_or_no_address_has_no_row)
{
	struct aeta_address here = address("198.51.100.1", 5060), name = address("agent.example.com", 5060), none = {.family = AETA_FAMILY_NONE};

	ck_assert_uint_eq(aeta_nat_key(&table, 0, &here), 0);
	ck_assert_uint_eq(aeta_nat_key(&table, number(1), &name), 0);
	ck_assert_uint_eq(aeta_nat_key(&table, number(1), &none), 0);
	ck_assert_ptr_null(aeta_nat_find(&table, 0));
}
END_TEST

/* More than there is room for: a row that is found is the right one, and the last one taken is there. */
START_TEST(the_rows_used_longest_ago_give_way)
{
	struct aeta_address here = address("198.51.100.1", 0);
	unsigned found = 0;

	for (unsigned i = 0; i < 100 * ROWS; i++) {
		aeta_nat_take(&table, number(i), &here, i + 1)->known.evidence = i;
		ck_assert_ptr_nonnull(aeta_nat_find(&table, aeta_nat_key(&table, number(i), &here)));
	}
	for (unsigned i = 0; i < 100 * ROWS; i++) {
		const struct aeta_nat_row *row = aeta_nat_find(&table, aeta_nat_key(&table, number(i), &here));

		if (!row)
			continue;
		found++;
		ck_assert_uint_eq(row->account, number(i));
		ck_assert_uint_eq(row->known.evidence, i);
		ck_assert_msg(i >= 90 * ROWS, "%u is there, and newer ones are not", i);
	}
	ck_assert_uint_eq(found, ROWS);
}
END_TEST

/* A set that is full of rows in use takes no other; a row that is there, and one that takes the place of an unused one, is fine. */
START_TEST(rows_in_use_do_not_give_way)
{
	const aeta_usec_t hour = (aeta_usec_t)3600 * 1000000;
	struct aeta_address here = address("198.51.100.1", 0);
	unsigned taken = 0, refused = 0;

	for (unsigned i = 0; i < 100 * ROWS; i++) {
		uint64_t key = aeta_nat_key(&table, number(i), &here);

		if (aeta_nat_room(&table, key, 1 + i)) {
			aeta_nat_take(&table, number(i), &here, 1 + i);
			ck_assert(aeta_nat_room(&table, key, 1 + i));
			taken++;
		} else {
			ck_assert_ptr_null(aeta_nat_find(&table, key));
			ck_assert(aeta_nat_room(&table, key, 1 + i + hour));
			refused++;
		}
	}
	ck_assert_uint_eq(taken, ROWS);
	ck_assert_uint_eq(refused, 99 * ROWS);
}
END_TEST

START_TEST(dirty_rows_are_found)
{
	struct aeta_address here = address("198.51.100.1", 0);
	unsigned dirty = 0;

	for (unsigned i = 0; i < 20; i++)
		aeta_nat_take(&table, number(i), &here, i + 1)->dirty = i % 2;
	for (unsigned set = 0; set < table.table.sets; set++) {
		struct aeta_nat_row *row;

		while ((row = aeta_nat_dirty(&table, set))) {
			ck_assert_uint_eq(row->account % 2, number(1) % 2);
			row->dirty = false;
			dirty++;
		}
	}
	ck_assert_uint_eq(dirty, 10);
}
END_TEST

/* Once a day, sooner where another agent seems to be there, and not again while it is being asked. */
START_TEST(when_a_row_is_due)
{
	const unsigned day = 86400;
	const aeta_usec_t s = 1000000, again = (aeta_usec_t)AETA_NAT_ASK_AGAIN_S * s;
	struct aeta_nat_row row = {.dirty = false};

	ck_assert(aeta_nat_due(&row, true, 5 * s, 1000000, day));
	ck_assert(!aeta_nat_due(&row, true, 6 * s, 1000001, day));
	ck_assert(aeta_nat_due(&row, true, 5 * s + again, 1000120, day)); /* it came to nothing */
	row.known = (struct aeta_nat_known){.probed = true, .evidence = AETA_EVIDENCE_NO_NAT, .when = 1000122};
	ck_assert(!aeta_nat_due(&row, true, 5 * s + 2 * again, 1000122 + day - 1, day));
	ck_assert(aeta_nat_due(&row, true, 5 * s + 2 * again, 1000122 + day, day));
	ck_assert(!aeta_nat_due(&row, true, 5 * s + 2 * again + 1, 1000122 + 2 * day, day));
	ck_assert(aeta_nat_due(&row, false, 5 * s + 4 * again, 1000130, day)); /* behind a NAT now */
	ck_assert(aeta_nat_due(&row, true, 5 * s + 6 * again, 1000121, day)); /* the clock was set back */
}
END_TEST

Suite *nat_suite(void)
{
	Suite *s = suite_create("nat");
	TCase *t = tcase_create("class"), *rows = tcase_create("table");

	tcase_add_test(t, each_kind_of_nat_has_its_class);
	tcase_add_test(t, one_address_tells_less);
	tcase_add_test(t, what_cannot_be_told_is_unknown);
	tcase_add_test(t, nothing_that_moves_is_open);
	tcase_add_test(t, names_are_read_back);
	tcase_add_test(t, evidence_as_words);
	suite_add_tcase(s, t);
	tcase_add_checked_fixture(rows, make, unmake);
	tcase_add_test(rows, a_row_is_an_account_at_an_address);
	tcase_add_test(rows, what_is_no_account_or_no_address_has_no_row);
	tcase_add_test(rows, the_rows_used_longest_ago_give_way);
	tcase_add_test(rows, rows_in_use_do_not_give_way);
	tcase_add_test(rows, dirty_rows_are_found);
	tcase_add_test(rows, when_a_row_is_due);
	suite_add_tcase(s, rows);
	return s;
}
