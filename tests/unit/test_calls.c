/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls where it gets tight: without memory, with replies that fill a datagram, with many branches and m-lines. */
#include "relay_suites.h"
#include "memory.h"
#include "world.h"

#include "core/command.h"
#include "core/sdp.h"

#include <stdio.h>

static struct world world;

#define SDP_HEAD "v=0\r\no=- 1 1 IN IP4 198.51.100.7\r\ns=-\r\nc=IN IP4 198.51.100.7\r\nt=0 0\r\n"
#define SDP_AUDIO SDP_HEAD "m=audio 6000 RTP/AVP 8\r\n"
#define SDP_VIDEO SDP_AUDIO "m=video 6002 RTP/AVP 96\r\n"

static void add_string(struct out *o, const char *key, struct text value)
{
	if (!value.n)
		return;
	out_format(o, "%zu:%s%zu:", strlen(key), key, value.n);
	out_add(o, value);
}

/* "offer a b branch" of call `id`; a "-" is left out. */
static struct text ask(const char *id, const char *words, struct text sdp)
{
	static const char *const keys[] = {"command", "from-tag", "to-tag", "via-branch", "delete-delay"};
	struct text rest = text_of(words), word, reply = {"", 0};
	struct out o;

	out_init(&o, OUT_MAX);
	out_char(&o, 'd');
	add_string(&o, "call-id", text_of(id));
	for (unsigned i = 0; i < 5 && (word = text_word(&rest)).n; i++)
		if (!text_is(word, "-"))
			add_string(&o, keys[i], word);
	add_string(&o, "sdp", sdp);
	out_char(&o, 'e');
	if (!o.failed)
		reply = world_ask(&world, out_text(&o), NULL);
	out_free(&o);
	return reply;
}

static bool is_ok(struct text reply)
{
	return text_starts(reply, TEXT("d6:result2:ok"));
}

static void begin(void)
{
	world_configure(&world);
	ck_assert(world_start(&world));
}

static void end(void)
{
	const char *wrong = world_check(&world);

	ck_assert_msg(!wrong, "%s", wrong);
	wrong = world_stop(&world);
	ck_assert_msg(!wrong, "%s", wrong);
}

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

		ask("c", steps[i], !sdp ? (struct text){0} : i < 4 ? TEXT(SDP_AUDIO) : TEXT(SDP_VIDEO));
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

	begin();
	for (unsigned i = 0; i < 4; i++) {
		char words[32];

		snprintf(words, sizeof(words), "offer a - b%u", i);
		ck_assert(is_ok(ask("c", words, text_of(many_medias(12)))));
	}
	reply = ask("c", "query", (struct text){0});
	ck_assert(is_ok(reply));
	ck_assert_uint_gt(world.reply.n, 20000); /* without the quality of each leg, but with the streams */
	ck_assert_uint_le(world.reply.n, REPLY_DATAGRAM_MAX);
	ck_assert(memmem(reply.s, reply.n, "6:totals", 8) != NULL);
	ck_assert(memmem(reply.s, reply.n, "4:tagsd", 7) != NULL);
	/* without a cookie (TCP, HTTP) there is no such limit */
	relay_ng_plain(world.relay, TEXT("d7:call-id1:c7:command5:querye"), &(struct endpoint){0}, world.now, &world.reply);
	ck_assert_uint_gt(world.reply.n, REPLY_DATAGRAM_MAX);
	out_clear(&world.reply);
	ck_assert(is_ok(ask("c", "delete a - - 0", (struct text){0})));
	ck_assert_uint_eq(world_open_sockets(&world), 0);
	end();
}
END_TEST

START_TEST(a_list_is_trimmed_to_a_datagram)
{
	struct text reply;
	char id[200];

	begin();
	for (unsigned i = 0; i < 600; i++) {
		snprintf(id, sizeof(id), "%0180u", i);
		ck_assert(is_ok(ask(id, "offer a", TEXT(SDP_AUDIO))));
	}
	reply = world_ask(&world, TEXT("d7:command4:list5:limiti1000ee"), NULL);
	ck_assert(is_ok(reply));
	ck_assert_uint_le(world.reply.n, REPLY_DATAGRAM_MAX);
	ck_assert_uint_gt(world.reply.n, REPLY_DATAGRAM_MAX - 1000);
	ck_assert(memmem(reply.s, reply.n, "7:warning", 9) != NULL);
	end();
}
END_TEST

START_TEST(an_sdp_that_fits_no_reply_is_an_error_and_leaves_nothing)
{
	static char sdp[65536];
	size_t n = (size_t)snprintf(sdp, sizeof(sdp), "%s", SDP_AUDIO);

	begin();
	while (n + 61 <= SDP_MAX)
		n += (size_t)snprintf(sdp + n, sizeof(sdp) - n, "a=x-long:%050u\r\n", 0);
	ck_assert(!is_ok(ask("c", "offer a", (struct text){sdp, n})));
	ck_assert(memmem(world.reply.s, world.reply.n, "Error rewriting SDP", 19) != NULL);
	ck_assert_uint_eq(relay_calls(world.relay), 0);
	ck_assert(is_ok(ask("c", "offer a", (struct text){sdp, 64000})));
	ck_assert_uint_le(world.reply.n, REPLY_DATAGRAM_MAX);
	end();
}
END_TEST

/* ---- many ---- */

START_TEST(a_call_has_so_many_branches_and_no_more)
{
	unsigned taken = 0;
	char words[32];

	begin();
	for (unsigned i = 0; i < PARTIES_MAX + 10; i++) {
		snprintf(words, sizeof(words), "offer a - b%u", i);
		taken += is_ok(ask("c", words, TEXT(SDP_AUDIO)));
	}
	ck_assert_uint_eq(taken, PARTIES_MAX - 1);
	ck_assert(is_ok(ask("c", "answer a t b5", TEXT(SDP_AUDIO))));
	end();
}
END_TEST

START_TEST(m_lines_are_added_to_a_small_call)
{
	begin();
	ck_assert(is_ok(ask("c", "offer a", TEXT(SDP_AUDIO))));
	ck_assert(is_ok(ask("c", "answer a b", TEXT(SDP_AUDIO))));
	ck_assert(is_ok(ask("c", "offer a b", text_of(many_medias(64)))));
	ck_assert(is_ok(ask("c", "answer a b", text_of(many_medias(64)))));
	ck_assert_uint_eq(world_open_sockets(&world), 256);
	ck_assert(is_ok(ask("c", "offer b a", TEXT(SDP_AUDIO))));
	ck_assert(is_ok(ask("c", "answer b a", TEXT(SDP_AUDIO))));
	ck_assert_uint_eq(world_open_sockets(&world), 4);
	end();
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
		taken += is_ok(ask(id, "offer a", TEXT(SDP_AUDIO)));
	}
	ck_assert_uint_eq(taken, 5);
	ck_assert(memmem(world.reply.s, world.reply.n, "16:Ran out of ports", 19) != NULL);
	ck_assert(is_ok(ask("c2", "delete a - - 0", (struct text){0})));
	ck_assert(is_ok(ask("c9", "offer a", TEXT(SDP_AUDIO))));
	ck_assert(!world_stop(&world));
}
END_TEST

START_TEST(a_hundred_thousand_calls_leave_nothing)
{
	long blocks;
	char id[16];

	begin();
	for (unsigned i = 0; i < 200; i++) { /* the first replies that are kept, the table's growth */
		snprintf(id, sizeof(id), "w%u", i);
		ask(id, "offer a", TEXT(SDP_AUDIO));
		ask(id, "delete a - - 0", (struct text){0});
	}
	world_wait(&world, 120);
	blocks = memory_blocks();
	for (unsigned i = 0; i < 100000; i++) {
		snprintf(id, sizeof(id), "c%u", i);
		HOT_ASSERT(is_ok(ask(id, "offer a", TEXT(SDP_AUDIO))), "call %u is not taken", i);
		HOT_ASSERT(is_ok(ask(id, "answer a b", TEXT(SDP_AUDIO))), "call %u is not answered", i);
		HOT_ASSERT(is_ok(ask(id, "delete a - - 0", (struct text){0})), "call %u is not deleted", i);
		world.now += 1000;
	}
	world_wait(&world, 120);
	ck_assert_int_eq(memory_blocks(), blocks);
	ck_assert_uint_eq(world_open_sockets(&world), 0);
	end();
}
END_TEST

Suite *calls_suite(void)
{
	const TTest *const tests[] = {without_memory_nothing_is_lost, a_report_is_trimmed_to_a_datagram, a_list_is_trimmed_to_a_datagram,
			an_sdp_that_fits_no_reply_is_an_error_and_leaves_nothing, a_call_has_so_many_branches_and_no_more,
			m_lines_are_added_to_a_small_call, ports_run_out_and_come_back, a_hundred_thousand_calls_leave_nothing, NULL};

	return suite_of("calls", tests);
}
