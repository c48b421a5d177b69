/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SERVICE.md F1: what bans whom, for how long, and what gets through all the same. */
#include "suites.h"

#include "policy/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define S 1000000u

static const struct aeta_guard_limits usual = {.ban_s = 300, .failures = 5, .users = 10, .flood_rate = 50, .dialog_rate = 20,
		.account_rate = 10};
static const uint64_t key[2] = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};

struct door {
	struct aeta_guard g;
	void *memory;
	aeta_usec_t now;
};

static struct door open_door(const struct aeta_guard_limits *limits, unsigned size)
{
	struct door d = {.memory = calloc(1, aeta_guard_bytes(size)), .now = 77 * S};

	ck_assert_ptr_nonnull(d.memory);
	aeta_guard_init(&d.g, d.memory, size, limits, key);
	return d;
}

static struct aeta_source ip4(unsigned n)
{
	unsigned char a[4] = {192, 0, (unsigned char)(n >> 8), (unsigned char)n};

	return aeta_source(a, sizeof(a));
}

static struct aeta_knock knock_of(unsigned source, const char *user)
{
	return (struct aeta_knock){.source = ip4(source), .user = user, .user_len = user ? strlen(user) : 0};
}

static struct aeta_failure wrong(struct door *d, unsigned source, const char *user, unsigned response)
{
	struct aeta_knock k = knock_of(source, user);
	char text[16];

	return aeta_guard_failed(&d->g, &k, text, (size_t)snprintf(text, sizeof(text), "%u", response), d->now);
}

static enum aeta_knock_verdict knock(struct door *d, unsigned source, const char *user)
{
	struct aeta_knock k = knock_of(source, user);

	return aeta_guard_knock(&d->g, &k, d->now);
}

static void ban_pair(struct door *d, unsigned source, const char *user)
{
	for (unsigned i = 1; i < d->g.limits.failures; i++)
		ck_assert(!wrong(d, source, user, 1000 + i).banned);
	ck_assert(wrong(d, source, user, 1000).pair_begins);
}

/* The vectors of the paper that defines the hash: bytes 0, 1, 2, ... under the key 0, 1, ... 15. */
START_TEST(keyed_hash)
{
	unsigned char in[15];

	for (unsigned char i = 0; i < sizeof(in); i++)
		in[i] = i;
	ck_assert(aeta_keyed_hash(key, in, 0) == 0x726fdb47dd0e0e31u);
	ck_assert(aeta_keyed_hash(key, in, 1) == 0x74f839c593dc67fdu);
	ck_assert(aeta_keyed_hash(key, in, 8) == 0x93f5f5799a932462u);
	ck_assert(aeta_keyed_hash(key, in, 15) == 0xa129ca6149be45e5u);
}
END_TEST

START_TEST(sources)
{
	unsigned char one[16] = {0x20, 1, 0xd, 0xb8, 0, 1, 0, 2, 1}, other[16] = {0x20, 1, 0xd, 0xb8, 0, 1, 0, 2, 9, 9};
	unsigned char mapped[16] = {[10] = 0xff, [11] = 0xff, 192, 0, 2, 1}, plain[4] = {192, 0, 2, 1};
	struct aeta_source a = aeta_source(one, 16), b = aeta_source(other, 16), c = aeta_source(mapped, 16);

	ck_assert(a.family == 6 && a.bits == b.bits && a.bits == 0x20010db800010002u);
	ck_assert(c.family == 4 && c.bits == aeta_source(plain, 4).bits && c.bits == 0xc0000201u);
}
END_TEST

START_TEST(five_different_wrong_responses_ban_the_pair)
{
	struct door d = open_door(&usual, 16);

	for (unsigned i = 1; i < 5; i++)
		ck_assert_uint_eq(wrong(&d, 1, "alice", i).failures, i);
	ck_assert(wrong(&d, 1, "alice", 5).pair_begins);
	ck_assert(wrong(&d, 1, "alice", 6).banned);
	ck_assert(!wrong(&d, 1, "bob", 1).banned);
	ck_assert(!wrong(&d, 2, "alice", 1).banned);
	free(d.memory);
}
END_TEST

START_TEST(a_retransmission_counts_once)
{
	struct door d = open_door(&usual, 16);

	for (unsigned i = 0; i < 100; i++)
		ck_assert_int_eq(wrong(&d, 1, "alice", 7).counted, i == 0);
	ck_assert_uint_eq(wrong(&d, 1, "alice", 8).failures, 2);
	free(d.memory);
}
END_TEST

START_TEST(slow_failures_do_not_ban)
{
	struct door d = open_door(&usual, 16);

	for (unsigned i = 0; i < 100; i++, d.now += 75 * S + 1)
		ck_assert(!wrong(&d, 1, "alice", i).banned); /* the fifth comes 300 s and a little after the first */
	free(d.memory);
}
END_TEST

START_TEST(a_ban_ends_by_itself_and_is_not_prolonged)
{
	struct door d = open_door(&usual, 16);
	aeta_usec_t begin;

	ban_pair(&d, 1, "alice");
	begin = d.now;
	for (unsigned i = 0; i < 59; i++) {
		d.now = begin + i * 5 * S;
		ck_assert(!wrong(&d, 1, "alice", i).pair_begins);
	}
	d.now = begin + 300 * S - 1;
	for (unsigned i = 90; i < 99; i++)
		ck_assert(wrong(&d, 1, "alice", i).banned);
	ck_assert_int_eq(knock(&d, 1, "alice"), AETA_KNOCK_BANNED_PAIR);
	d.now = begin + 300 * S;
	for (unsigned i = 0; i < 10; i++)
		ck_assert_int_eq(knock(&d, 1, "alice"), AETA_KNOCK_PASS);
	/* what failed meanwhile counts, so one more begins another */
	ck_assert(wrong(&d, 1, "alice", 99).pair_begins);
	ck_assert_int_eq(knock(&d, 1, "alice"), AETA_KNOCK_PASS);
	free(d.memory);
}
END_TEST

START_TEST(right_password_works_at_once)
{
	struct door d = open_door(&usual, 16);
	struct aeta_knock k = knock_of(1, "alice");

	ban_pair(&d, 1, "alice");
	ck_assert_int_eq(knock(&d, 1, "alice"), AETA_KNOCK_PASS);
	ck_assert_uint_eq(aeta_guard_succeeded(&d.g, &k, d.now).pairs, 1);
	ck_assert_uint_eq(wrong(&d, 1, "alice", 1).failures, 1);
	ck_assert_uint_eq(aeta_guard_succeeded(&d.g, &k, d.now).pairs, 0);
	free(d.memory);
}
END_TEST

START_TEST(attempts_do_not_starve_the_owner_failures_do)
{
	struct door d = open_door(&usual, 16);

	ban_pair(&d, 1, "alice");
	for (unsigned i = 0; i < 400; i++)
		ck_assert_int_eq(knock(&d, 1, "alice"), AETA_KNOCK_PASS);
	for (unsigned i = 0; i < 5; i++)
		wrong(&d, 1, "alice", i);
	ck_assert_int_eq(knock(&d, 1, "alice"), AETA_KNOCK_BANNED_PAIR);
	ck_assert_int_eq(knock(&d, 1, NULL), AETA_KNOCK_PASS);
	ck_assert_int_eq(knock(&d, 1, "bob"), AETA_KNOCK_PASS);
	d.now += S;
	ck_assert_int_eq(knock(&d, 1, "alice"), AETA_KNOCK_PASS);
	wrong(&d, 1, "alice", 9);
	ck_assert_int_eq(knock(&d, 1, "alice"), AETA_KNOCK_BANNED_PAIR);
	free(d.memory);
}
END_TEST

/* What comes over a flow; `passed` of `n` tries that all prove wrong, the flow another one each time if `change`. */
static unsigned tries(struct door *d, struct aeta_knock *k, unsigned n, bool change)
{
	unsigned passed = 0;

	for (unsigned i = 0; i < n; i++) {
		k->flow += change;
		if (aeta_guard_verifies(&d->g, k, d->now) != AETA_KNOCK_PASS)
			continue;
		passed++;
		aeta_guard_failed(&d->g, k, (const char *)&i, sizeof(i), d->now);
	}
	return passed;
}

START_TEST(who_fails_on_keeps_no_other_flow_out)
{
	struct door d = open_door(&usual, 16);
	struct aeta_knock neighbour = knock_of(1, "alice"), right = neighbour;

	neighbour.flow = 7;
	right.flow = 8;
	ban_pair(&d, 1, "alice");
	ck_assert_uint_eq(tries(&d, &neighbour, 400, false), 5);
	for (unsigned i = 0; i < 400; i++)
		ck_assert_int_eq(aeta_guard_verifies(&d.g, &right, d.now), AETA_KNOCK_PASS);
	ck_assert_int_eq(aeta_guard_verifies(&d.g, &neighbour, d.now), AETA_KNOCK_BANNED_PAIR);
	ck_assert_uint_eq(tries(&d, &right, 400, false), 1);
	right.flow = 0;
	ck_assert_int_eq(aeta_guard_verifies(&d.g, &right, d.now), AETA_KNOCK_BANNED_PAIR);
	ck_assert_uint_eq(aeta_guard_succeeded(&d.g, &right, d.now).pairs, 1);
	/* the next ban begins with nobody having failed in it but who began it */
	ban_pair(&d, 1, "alice");
	tries(&d, &right, 5, false);
	ck_assert_int_eq(aeta_guard_verifies(&d.g, &neighbour, d.now), AETA_KNOCK_PASS);
	free(d.memory);
}
END_TEST

START_TEST(who_began_the_ban_has_failed_in_it)
{
	struct door d = open_door(&usual, 16);
	struct aeta_knock k = knock_of(1, "alice");

	k.flow = 7;
	for (unsigned i = 0; i < 5; i++)
		aeta_guard_failed(&d.g, &k, (const char *)&i, sizeof(i), d.now);
	k.flow = 0;
	ck_assert_uint_eq(tries(&d, &k, 400, false), 5);
	k.flow = 7;
	ck_assert_int_eq(aeta_guard_verifies(&d.g, &k, d.now), AETA_KNOCK_BANNED_PAIR);
	k.flow = 8;
	ck_assert_int_eq(aeta_guard_verifies(&d.g, &k, d.now), AETA_KNOCK_PASS);
	free(d.memory);
}
END_TEST

/* The figures of guard.h: 1 + 10 a second of a pair, with the owner's identity 10 more; and 15 and 10 of a source. */
START_TEST(guesses_over_ever_new_flows_are_bounded)
{
	struct door d = open_door(&usual, 16);
	struct aeta_knock k = knock_of(1, "alice"), owner = k, other = knock_of(2, "bob");
	unsigned guesses = 0, owners = 0, others = 0;
	aeta_usec_t begin = d.now;

	k.flow = other.flow = 1000;
	owner.owner = true;
	ban_pair(&d, 1, "alice");
	aeta_guard_ban_source(&d.g, ip4(2), d.now);
	for (; d.now < begin + 300 * S; d.now += S / 10) {
		guesses += tries(&d, &k, 20, true);
		owners += tries(&d, &owner, 20, false);
		other.user = (d.now / (S / 10)) % 2 ? "bob" : "carol"; /* two, so that neither pair's ban is what bounds them */
		others += tries(&d, &other, 20, true);
	}
	ck_assert_msg(guesses >= 3300 && guesses <= 3320, "%u guesses", guesses);
	ck_assert_msg(owners >= 3000 && owners <= 3015, "%u with the owner's identity", owners);
	ck_assert_msg(others >= 4500 && others <= 4520, "%u of a source", others);
	free(d.memory);
}
END_TEST

START_TEST(the_owner_gets_in_beside_ever_new_flows)
{
	struct door d = open_door(&usual, 16);
	struct aeta_knock k = knock_of(1, "alice"), owner = k;

	owner.owner = true;
	ban_pair(&d, 1, "alice");
	aeta_guard_ban_source(&d.g, ip4(1), d.now);
	ck_assert_uint_eq(tries(&d, &k, 400, true), 15);
	ck_assert_int_eq(aeta_guard_verifies(&d.g, &k, d.now), AETA_KNOCK_BANNED_SOURCE);
	ck_assert_int_eq(aeta_guard_verifies(&d.g, &owner, d.now), AETA_KNOCK_PASS);
	ck_assert_uint_eq(tries(&d, &owner, 400, false), 10);
	free(d.memory);
}
END_TEST

START_TEST(flows_that_failed_are_forgotten_in_their_order)
{
	struct door d = open_door(&usual, 16);
	struct aeta_knock k = knock_of(1, "alice");

	ban_pair(&d, 1, "alice");
	ck_assert_uint_eq(tries(&d, &k, 5, false), 5); /* what anybody has, over no flow that is known */
	ck_assert_uint_eq(tries(&d, &k, 9, true), 9);
	k.flow = 9;
	ck_assert_int_eq(aeta_guard_verifies(&d.g, &k, d.now), AETA_KNOCK_BANNED_PAIR);
	k.flow = 2;
	ck_assert_int_eq(aeta_guard_verifies(&d.g, &k, d.now), AETA_KNOCK_BANNED_PAIR);
	k.flow = 1;
	ck_assert_int_eq(aeta_guard_verifies(&d.g, &k, d.now), AETA_KNOCK_PASS);
	free(d.memory);
}
END_TEST

START_TEST(flows)
{
	struct door d = open_door(&usual, 16);
	const unsigned char a[16] = {10, 0, 0, 1}, b[16] = {10, 0, 0, 1, [15] = 1};
	uint64_t one = aeta_guard_flow(&d.g, a, 16, 5060, 1);

	ck_assert(one == aeta_guard_flow(&d.g, a, 4, 5060, 1) && one != 0);
	ck_assert(one != aeta_guard_flow(&d.g, a, 16, 5061, 1) && one != aeta_guard_flow(&d.g, a, 16, 5060, 2));
	ck_assert(one != aeta_guard_flow(&d.g, b, 16, 5060, 1));
	free(d.memory);
}
END_TEST

static bool ten_users_fail(struct door *d, unsigned source, unsigned first, aeta_usec_t every)
{
	char user[16];
	bool due = false;

	for (unsigned i = 0; i < 10; i++, d->now += every) {
		snprintf(user, sizeof(user), "%u", first + i);
		due = wrong(d, source, user, 1).source_due;
		ck_assert(!due || i == 9);
	}
	return due;
}

START_TEST(many_different_users_make_a_source_due)
{
	struct door d = open_door(&usual, 16);

	ck_assert(ten_users_fail(&d, 1, 100, 0));
	ck_assert(!ten_users_fail(&d, 2, 100, 7 * S));
	for (unsigned i = 0; i < 100; i++)
		ck_assert(!wrong(&d, 3, "alice", i).source_due);
	free(d.memory);
}
END_TEST

START_TEST(a_source_that_is_spared)
{
	struct door d = open_door(&usual, 16);
	aeta_usec_t begin = d.now;

	ck_assert(ten_users_fail(&d, 1, 100, 0));
	ck_assert(aeta_guard_spare_source(&d.g, ip4(1), d.now));
	ck_assert(!ten_users_fail(&d, 1, 200, 0));
	d.now = begin + 61 * S;
	ck_assert(ten_users_fail(&d, 1, 300, 0));
	ck_assert(!aeta_guard_spare_source(&d.g, ip4(1), d.now));
	free(d.memory);
}
END_TEST

START_TEST(a_banned_source)
{
	struct door d = open_door(&usual, 16);
	struct aeta_knock k = knock_of(1, "alice");
	unsigned challenged = 0;

	ck_assert(aeta_guard_ban_source(&d.g, ip4(1), d.now));
	ck_assert(!aeta_guard_ban_source(&d.g, ip4(1), d.now));
	for (unsigned i = 0; i < 100; i++)
		challenged += knock(&d, 1, NULL) == AETA_KNOCK_PASS;
	ck_assert_uint_eq(challenged, 10);
	ck_assert_int_eq(knock(&d, 1, "alice"), AETA_KNOCK_PASS);
	for (unsigned i = 0; i < 5; i++)
		ck_assert(wrong(&d, 1, "bob", i).banned);
	ck_assert_int_eq(knock(&d, 1, "alice"), AETA_KNOCK_BANNED_SOURCE);
	d.now += S / 5;
	ck_assert_int_eq(knock(&d, 1, "alice"), AETA_KNOCK_PASS);
	ck_assert_uint_eq(aeta_guard_succeeded(&d.g, &k, d.now).sources, 1);
	ck_assert_int_eq(knock(&d, 1, NULL), AETA_KNOCK_PASS);
	free(d.memory);
}
END_TEST

START_TEST(a_banned_source_challenges_new_flows)
{
	struct door d = open_door(&usual, 16);
	struct aeta_knock flood = knock_of(1, NULL), other = flood;
	unsigned challenged = 0;

	flood.flow = 7;
	aeta_guard_ban_source(&d.g, ip4(1), d.now);
	for (unsigned i = 0; i < 100; i++)
		challenged += aeta_guard_knock(&d.g, &flood, d.now) == AETA_KNOCK_PASS;
	ck_assert_uint_eq(challenged, 10);
	for (unsigned i = 0; i < 40; i++) {
		other.flow = 100 + i / 2;
		ck_assert_int_eq(aeta_guard_knock(&d.g, &other, d.now) == AETA_KNOCK_PASS, i % 2 == 0 && i < 20);
	}
	free(d.memory);
}
END_TEST

START_TEST(a_source_ban_ends)
{
	struct door d = open_door(&usual, 16);

	aeta_guard_ban_source(&d.g, ip4(1), d.now);
	d.now += 300 * S;
	for (unsigned i = 0; i < 100; i++)
		ck_assert_int_eq(knock(&d, 1, NULL), AETA_KNOCK_PASS);
	free(d.memory);
}
END_TEST

START_TEST(floods)
{
	struct door d = open_door(&usual, 16);
	unsigned passed = 0, strays = 0, known = 0;

	aeta_guard_known_until(&d.g, ip4(2), d.now + 60 * S, d.now);
	for (unsigned i = 0; i < 6000; i++) {
		passed += knock(&d, 1, NULL) == AETA_KNOCK_PASS;
		strays += aeta_guard_stray(&d.g, ip4(1), d.now);
		known += knock(&d, 2, NULL) == AETA_KNOCK_PASS;
	}
	ck_assert_uint_eq(passed, 500);
	ck_assert_uint_eq(strays, 500);
	ck_assert_uint_eq(known, 5000);
	d.now += S;
	for (passed = 0; knock(&d, 1, NULL) == AETA_KNOCK_PASS; passed++)
		;
	ck_assert_uint_eq(passed, 50);
	free(d.memory);
}
END_TEST

static unsigned inside(struct door *d, uint64_t flow, const char *call, unsigned n)
{
	struct aeta_inside r = {flow, call, strlen(call), false};
	unsigned passed = 0;

	while (n--)
		passed += aeta_guard_dialog(&d->g, &r, d->now) == AETA_DIALOG_PASS;
	return passed;
}

START_TEST(too_many_inside_a_call)
{
	struct door d = open_door(&usual, 16);

	ck_assert_uint_eq(inside(&d, 1, "a", 5000), 60);
	ck_assert_uint_eq(inside(&d, 2, "a", 50), 50); /* the other party, and the same in another call */
	ck_assert_uint_eq(inside(&d, 1, "b", 50), 50);
	d.now += S;
	ck_assert_uint_eq(inside(&d, 1, "a", 5000), 20);
	d.now += 3 * S;
	ck_assert_uint_eq(inside(&d, 1, "a", 5000), 60);
	free(d.memory);
}
END_TEST

START_TEST(a_call_over_ever_new_flows)
{
	struct door d = open_door(&usual, 512);
	unsigned passed = 0;

	for (uint64_t flow = 1; flow <= 1000; flow++)
		passed += inside(&d, flow, "a", 1);
	ck_assert_uint_eq(passed, 120);
	ck_assert_uint_eq(inside(&d, 1, "b", 60), 60);
	free(d.memory);
}
END_TEST

START_TEST(what_ends_a_call_is_counted_apart)
{
	struct door d = open_door(&usual, 16);
	struct aeta_inside bye = {1, "a", 1, true};
	unsigned passed = 0;

	inside(&d, 1, "a", 5000);
	for (unsigned i = 0; i < 5000; i++)
		passed += aeta_guard_dialog(&d.g, &bye, d.now) == AETA_DIALOG_PASS;
	ck_assert_uint_eq(passed, 60);
	free(d.memory);
}
END_TEST

START_TEST(a_burst_begins_once)
{
	const struct aeta_inside r = {1, "a", 1, false};
	struct door d = open_door(&usual, 16);
	unsigned begins = 0;

	for (unsigned i = 0; i < 3000; i++, d.now += S / 100)
		begins += aeta_guard_dialog(&d.g, &r, d.now) == AETA_DIALOG_BEGINS;
	ck_assert_uint_eq(begins, 1);
	d.now += 4 * S;
	for (unsigned i = 0; i < 100; i++)
		begins += aeta_guard_dialog(&d.g, &r, d.now) == AETA_DIALOG_BEGINS;
	ck_assert_uint_eq(begins, 2);
	free(d.memory);
}
END_TEST

static unsigned outside(struct door *d, const char *user, unsigned n)
{
	unsigned passed = 0;

	while (n--)
		passed += aeta_guard_account(&d->g, user, strlen(user), d->now) == AETA_DIALOG_PASS;
	return passed;
}

START_TEST(too_many_of_an_account)
{
	struct door d = open_door(&usual, 16);

	ck_assert_uint_eq(inside(&d, 1, "45675001", 5000), 60); /* a Call-ID like a number is nothing of that number's */
	ck_assert_uint_eq(outside(&d, "45675001", 5000), 30);
	ck_assert_uint_eq(outside(&d, "45675002", 30), 30);
	d.now += S;
	ck_assert_uint_eq(outside(&d, "45675001", 5000), 10);
	d.now += 3 * S;
	ck_assert_uint_eq(outside(&d, "45675001", 5000), 30);
	free(d.memory);
}
END_TEST

START_TEST(known_until)
{
	struct door d = open_door(&usual, 16);

	ck_assert(!aeta_guard_is_known(&d.g, ip4(1), d.now));
	aeta_guard_known_until(&d.g, ip4(1), d.now + 60 * S, d.now);
	aeta_guard_known_until(&d.g, ip4(1), d.now + 30 * S, d.now);
	ck_assert(aeta_guard_is_known(&d.g, ip4(1), d.now + 60 * S - 1));
	ck_assert(!aeta_guard_is_known(&d.g, ip4(1), d.now + 60 * S));
	free(d.memory);
}
END_TEST

/* Whatever a flood of forged sources does, a ban and a registration are not pushed out. */
START_TEST(forged_sources_push_out_nothing)
{
	struct door d = open_door(&usual, 16);

	ban_pair(&d, 1, "alice");
	aeta_guard_ban_source(&d.g, ip4(2), d.now);
	aeta_guard_known_until(&d.g, ip4(3), d.now + 60 * S, d.now);
	for (unsigned i = 0; i < 600; i++)
		knock(&d, 4, NULL);
	for (unsigned i = 100; i < 30000; i++)
		knock(&d, i, NULL);
	ck_assert(wrong(&d, 1, "alice", 1).banned);
	ck_assert(!aeta_guard_ban_source(&d.g, ip4(2), d.now));
	ck_assert(aeta_guard_is_known(&d.g, ip4(3), d.now));
	ck_assert_int_eq(knock(&d, 4, NULL), AETA_KNOCK_FLOOD);
	free(d.memory);
}
END_TEST

/* Nor do failures of many push out a ban: the memory holds 32 pairs and 16 sources here. */
START_TEST(a_ban_is_forgotten_last)
{
	struct door d = open_door(&usual, 16);

	ban_pair(&d, 1, "alice");
	aeta_guard_ban_source(&d.g, ip4(2), d.now);
	for (unsigned i = 100; i < 3000; i++, d.now += 1000)
		wrong(&d, i, "bob", 1);
	ck_assert(wrong(&d, 1, "alice", 1).banned);
	ck_assert(!aeta_guard_ban_source(&d.g, ip4(2), d.now));
	free(d.memory);
}
END_TEST

struct list {
	unsigned pairs, sources, stop_after;
	struct aeta_ban last;
};

static bool add_to_list(void *p, const struct aeta_ban *b)
{
	struct list *l = p;

	l->pairs += !b->whole;
	l->sources += b->whole;
	l->last = *b;
	return l->pairs + l->sources != l->stop_after;
}

START_TEST(bans_are_listed_and_lifted)
{
	struct door d = open_door(&usual, 16);
	struct aeta_knock alice = knock_of(1, "alice"), source = knock_of(1, NULL);
	struct list l = {0};

	ban_pair(&d, 1, "alice");
	aeta_guard_bans(&d.g, d.now, add_to_list, &l);
	ck_assert(l.pairs == 1 && l.sources == 0 && strcmp(l.last.user, "alice") == 0 && l.last.failures == 5);
	ck_assert(l.last.until == d.now + 300 * S && l.last.source.bits == alice.source.bits);
	ban_pair(&d, 1, "bob");
	aeta_guard_ban_source(&d.g, ip4(1), d.now);
	l = (struct list){.stop_after = 2};
	aeta_guard_bans(&d.g, d.now, add_to_list, &l);
	ck_assert_uint_eq(l.pairs + l.sources, 2);
	ck_assert_uint_eq(aeta_guard_lift(&d.g, &alice, d.now).pairs, 1);
	ck_assert_uint_eq(aeta_guard_lift(&d.g, &alice, d.now).pairs, 0);
	ck_assert_uint_eq(aeta_guard_lift(&d.g, &source, d.now).pairs, 1);
	ck_assert_uint_eq(aeta_guard_lift(&d.g, &source, d.now).sources, 0);
	l = (struct list){0};
	aeta_guard_bans(&d.g, d.now, add_to_list, &l);
	ck_assert_uint_eq(l.pairs + l.sources, 0);
	free(d.memory);
}
END_TEST

START_TEST(long_and_strange_names)
{
	struct door d = open_door(&usual, 16);
	char name[200];
	struct aeta_knock k = {.source = ip4(1), .user = name, .user_len = sizeof(name)};
	struct list l = {0};

	memset(name, '\0', sizeof(name));
	for (char i = 0; i < 5; i++)
		aeta_guard_failed(&d.g, &k, &i, 1, d.now);
	memset(name, 'x', sizeof(name));
	for (char i = 0; i < 5; i++)
		aeta_guard_failed(&d.g, &k, &i, 1, d.now);
	k.user_len = 0;
	for (char i = 0; i < 5; i++)
		aeta_guard_failed(&d.g, &k, &i, 1, d.now);
	aeta_guard_bans(&d.g, d.now, add_to_list, &l);
	ck_assert_uint_eq(l.pairs, 3);
	free(d.memory);
}
END_TEST

START_TEST(injections)
{
	const char *const bad[] = {"1'", "\"", "a`b", "a\\b", "15000'--", "1--", "a/*b", "%27", "1%22", "%5c", "%5C", "%60",
			"1%2d%2D", "1-%2d", "%2f*", "/%2a"};
	const char *const good[] = {"", "45675001", "45675002;x=y", "a-b-c", "%00", "%", "%2", "%2g", "*/", "a/b*",
			"+4567", "#31#", "bob.smith_1~(x)"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(aeta_guard_injects(bad[i], strlen(bad[i])), "%s", bad[i]);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(!aeta_guard_injects(good[i], strlen(good[i])), "%s", good[i]);
	ck_assert(!aeta_guard_injects("%27", 2));
}
END_TEST

Suite *guard_suite(void)
{
	const TTest *const tests[] = {keyed_hash, sources, five_different_wrong_responses_ban_the_pair,
			a_retransmission_counts_once, slow_failures_do_not_ban, a_ban_ends_by_itself_and_is_not_prolonged,
			right_password_works_at_once, attempts_do_not_starve_the_owner_failures_do,
			who_fails_on_keeps_no_other_flow_out, who_began_the_ban_has_failed_in_it,
			guesses_over_ever_new_flows_are_bounded, the_owner_gets_in_beside_ever_new_flows,
			flows_that_failed_are_forgotten_in_their_order, flows, a_banned_source_challenges_new_flows,
			many_different_users_make_a_source_due, a_source_that_is_spared, a_banned_source, a_source_ban_ends, floods,
			too_many_inside_a_call, a_call_over_ever_new_flows, what_ends_a_call_is_counted_apart,
			a_burst_begins_once, too_many_of_an_account,
			known_until, forged_sources_push_out_nothing, a_ban_is_forgotten_last, bans_are_listed_and_lifted,
			long_and_strange_names, injections, NULL};

	return suite_of("guard", tests);
}
