/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls where it gets tight: without memory, with replies that fill a datagram, with many branches and m-lines. */
#include "relay_suites.h"
#include "calls.h"
#include "memory.h"

#include "core/call.h"
#include "core/command.h"
#include "core/ports.h"
#include "core/sdp.h"

#include <stdio.h>

/* ---- no memory ---- */

static void a_life(void)
{
	static const char *const steps[] = {"offer a - b1", "offer a - b2", "answer a t1 b1", "answer a t2 b2", "offer a t2", "answer a t2",
			"offer t2 a", "answer t2 a", "query a", "delete a - b1", "list", "statistics", "delete a - - 0"};
	const char *wrong;

	world_configure(&world);
	if (!world_start(&world))
		return;
	for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		bool sdp = steps[i][0] == 'o' || steps[i][0] == 'a';

		calls_ask("c", steps[i], !sdp ? NO_SDP : i < 4 ? TEXT(SDP_AUDIO) : TEXT(SDP_VIDEO), "");
		STARVED_ASSERT(world_check(&world) == NULL);
	}
	wrong = world_stop(&world);
	STARVED_ASSERT(wrong == NULL);
}

START_TEST(without_memory_nothing_is_lost)
{
	memory_starve(a_life);
}
END_TEST

/* ---- replies that fill a datagram ---- */

static const char *many_medias(unsigned n)
{
	static char sdp[8192];
	size_t at = (size_t)snprintf(sdp, sizeof(sdp), "%s", SDP_HEAD);

	for (unsigned i = 0; i < n; i++)
		at += (size_t)snprintf(sdp + at, sizeof(sdp) - at, "m=audio %u RTP/AVP 8\r\n", 6000 + 2 * i);
	return sdp;
}

START_TEST(a_report_is_trimmed_to_a_datagram)
{
	struct text reply;

	calls_begin();
	for (unsigned i = 0; i < 4; i++) {
		char words[32];

		snprintf(words, sizeof(words), "offer a - b%u", i);
		ck_assert(calls_ok("c", words, text_of(many_medias(12))));
	}
	reply = calls_ask("c", "query", NO_SDP, "");
	ck_assert(calls_is_ok(reply));
	ck_assert_uint_gt(world.reply.n, 20000); /* without the quality of each leg, but with the streams */
	ck_assert_uint_le(world.reply.n, REPLY_DATAGRAM_MAX);
	ck_assert(memmem(reply.s, reply.n, "6:totals", 8) != NULL);
	ck_assert(memmem(reply.s, reply.n, "4:tagsd", 7) != NULL);
	/* without a cookie (TCP, HTTP) there is no such limit */
	relay_ng_plain(world.relay, TEXT("d7:call-id1:c7:command5:querye"), &(struct endpoint){0}, world.now, &world.reply);
	ck_assert_uint_gt(world.reply.n, REPLY_DATAGRAM_MAX);
	out_clear(&world.reply);
	ck_assert(calls_ok("c", "delete a - - 0", NO_SDP));
	ck_assert_uint_eq(world_open_sockets(&world), 0);
	calls_end();
}
END_TEST

START_TEST(a_list_is_trimmed_to_a_datagram)
{
	struct text reply;
	char id[200];

	calls_begin();
	for (unsigned i = 0; i < 600; i++) {
		snprintf(id, sizeof(id), "%0180u", i);
		ck_assert(calls_ok(id, "offer a", TEXT(SDP_AUDIO)));
	}
	reply = world_ask(&world, TEXT("d7:command4:list5:limiti1000ee"), NULL);
	ck_assert(calls_is_ok(reply));
	ck_assert_uint_le(world.reply.n, REPLY_DATAGRAM_MAX);
	ck_assert_uint_gt(world.reply.n, REPLY_DATAGRAM_MAX - 1000);
	ck_assert(memmem(reply.s, reply.n, "7:warning", 9) != NULL);
	calls_end();
}
END_TEST

START_TEST(an_sdp_that_fits_no_reply_is_an_error_and_leaves_nothing)
{
	static char sdp[65536];
	size_t n = (size_t)snprintf(sdp, sizeof(sdp), "%s", SDP_AUDIO);

	calls_begin();
	while (n + 61 <= SDP_MAX)
		n += (size_t)snprintf(sdp + n, sizeof(sdp) - n, "a=x-long:%050u\r\n", 0);
	ck_assert(!calls_ok("c", "offer a", (struct text){sdp, n}));
	ck_assert(memmem(world.reply.s, world.reply.n, "Error rewriting SDP", 19) != NULL);
	ck_assert_uint_eq(relay_calls(world.relay), 0);
	ck_assert(calls_ok("c", "offer a", (struct text){sdp, 64000}));
	ck_assert_uint_le(world.reply.n, REPLY_DATAGRAM_MAX);
	calls_end();
}
END_TEST

/* ---- many ---- */

START_TEST(a_call_has_so_many_branches_and_no_more)
{
	unsigned taken = 0;
	char words[32];

	calls_begin();
	for (unsigned i = 0; i < PARTIES_MAX + 10; i++) {
		snprintf(words, sizeof(words), "offer a - b%u", i);
		taken += calls_ok("c", words, TEXT(SDP_AUDIO));
	}
	ck_assert_uint_eq(taken, PARTIES_MAX - 1);
	ck_assert(calls_ok("c", "answer a t b5", TEXT(SDP_AUDIO)));
	calls_end();
}
END_TEST

START_TEST(m_lines_are_added_to_a_small_call)
{
	calls_begin();
	ck_assert(calls_ok("c", "offer a", TEXT(SDP_AUDIO)));
	ck_assert(calls_ok("c", "answer a b", TEXT(SDP_AUDIO)));
	ck_assert(calls_ok("c", "offer a b", text_of(many_medias(64))));
	ck_assert(calls_ok("c", "answer a b", text_of(many_medias(64))));
	ck_assert_uint_eq(world_open_sockets(&world), 256);
	ck_assert(calls_ok("c", "offer b a", TEXT(SDP_AUDIO)));
	ck_assert(calls_ok("c", "answer b a", TEXT(SDP_AUDIO)));
	ck_assert_uint_eq(world_open_sockets(&world), 4);
	calls_end();
}
END_TEST

START_TEST(ports_run_out_and_come_back)
{
	unsigned taken = 0;
	char id[16];

	world_configure(&world);
	for (unsigned i = 0; i < 3; i++)
		world.config.interfaces[i].port_max = 20019; /* ten pairs: five calls */
	ck_assert(world_start(&world));
	for (unsigned i = 0; i < 7; i++) {
		snprintf(id, sizeof(id), "c%u", i);
		taken += calls_ok(id, "offer a", TEXT(SDP_AUDIO));
	}
	ck_assert_uint_eq(taken, 5);
	ck_assert(memmem(world.reply.s, world.reply.n, "16:Ran out of ports", 19) != NULL);
	ck_assert(calls_ok("c2", "delete a - - 0", NO_SDP));
	ck_assert(calls_ok("c9", "offer a", TEXT(SDP_AUDIO)));
	ck_assert(!world_stop(&world));
}
END_TEST

START_TEST(a_hundred_thousand_calls_leave_nothing)
{
	long blocks;
	char id[16];

	calls_begin();
	for (unsigned i = 0; i < 200; i++) { /* the first replies that are kept, the table's growth */
		snprintf(id, sizeof(id), "w%u", i);
		calls_ask(id, "offer a", TEXT(SDP_AUDIO), "");
		calls_ask(id, "delete a - - 0", NO_SDP, "");
	}
	world_wait(&world, 120);
	blocks = memory_blocks();
	for (unsigned i = 0; i < 100000; i++) {
		snprintf(id, sizeof(id), "c%u", i);
		HOT_ASSERT(calls_ok(id, "offer a", TEXT(SDP_AUDIO)), "call %u is not taken", i);
		HOT_ASSERT(calls_ok(id, "answer a b", TEXT(SDP_AUDIO)), "call %u is not answered", i);
		HOT_ASSERT(calls_ok(id, "delete a - - 0", NO_SDP), "call %u is not deleted", i);
		world.now += 1000;
	}
	world_wait(&world, 120);
	ck_assert_int_eq(memory_blocks(), blocks);
	ck_assert_uint_eq(world_open_sockets(&world), 0);
	calls_end();
}
END_TEST

/* ---- what the kernel forwards ---- */

START_TEST(what_the_kernel_has_forwarded_counts_when_a_stream_moves)
{
	static const char to_int[] = "9:directionl3:ext3:inte";
	const struct party *callee;

	calls_begin();
	ck_assert(calls_ok("c", "offer a", TEXT(SDP_AUDIO)) && calls_ok("c", "answer a b", TEXT(SDP_AUDIO)));
	world.forwarded_closing = 5;
	ck_assert(calls_is_ok(calls_ask("c", "offer a b", TEXT(SDP_AUDIO), to_int)));
	callee = party_by_tag(call_find(world.relay, TEXT("c")), TEXT("b"));
	ck_assert_str_eq(callee->streams[0]->interface->is.name, "int");
	ck_assert_uint_eq(callee->streams[0]->rtp.in.packets, 5);
	calls_end();
}
END_TEST

Suite *calls_suite(void)
{
	const TTest *const tests[] = {without_memory_nothing_is_lost, a_report_is_trimmed_to_a_datagram, a_list_is_trimmed_to_a_datagram,
			an_sdp_that_fits_no_reply_is_an_error_and_leaves_nothing, a_call_has_so_many_branches_and_no_more,
			m_lines_are_added_to_a_small_call, ports_run_out_and_come_back, a_hundred_thousand_calls_leave_nothing,
			what_the_kernel_has_forwarded_counts_when_a_stream_moves, NULL};

	return suite_of("calls", tests);
}
