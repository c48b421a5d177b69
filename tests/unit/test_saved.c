/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls as bytes and back: nothing is lost, and what is no whole record, or cannot be had any more, leaves no trace. That a restored call
 * behaves as before is shown by the golden cases, each played with restarts, and by test_calls_property.c.
 */
#include "relay_suites.h"
#include "calls.h"
#include "memory.h"

#include "core/call.h"
#include "core/fields.h"
#include "core/saved.h"

#include <errno.h>
#include <stdio.h>

static char why[SAVED_WHY_MAX];

static bool ask(const char *id, const char *words)
{
	return calls_ok(id, words, TEXT(SDP_AUDIO));
}

static struct call *make_call(const char *id)
{
	ck_assert(ask(id, "offer a - z1"));
	ck_assert(ask(id, "offer a - z2"));
	ck_assert(ask(id, "answer a b z2"));
	return call_find(world.relay, text_of(id));
}

/* The record of a call; the relay that it was in is gone, and another one is there. */
static struct out saved_alone(void)
{
	struct out record;

	calls_begin();
	out_init(&record, OUT_MAX);
	saved_write(make_call("call"), &record);
	ck_assert(!record.failed);
	calls_end();
	calls_begin();
	return record;
}

static int restore(struct text record)
{
	return saved_restore(world.relay, record, true, world.now, why);
}

/* ---- all of it ---- */

#ifndef __clang__ /* which cannot take what lies between members out of a comparison */

static void fill_component(struct component *c)
{
	struct component is = *c;

	memset(c, 1, sizeof(*c));
	c->stream = is.stream;
	c->kind = is.kind;
	c->open = is.open;
	c->port = is.port;
	c->io = is.io;
	c->in.refused[REFUSED_NOT] = 0; /* never counted */
	c->signalled.address.family = c->also.address.family = c->learning.source.address.family = 6;
	c->learning.candidate.source.address.family = c->learning.outsider.source.address.family = 6;
	c->learning.previous.address.family = 6;
}

static void fill_stream(struct stream *s)
{
	struct stream is = *s;

	memset(s, 1, sizeof(*s));
	s->party = is.party;
	s->peer = is.peer;
	s->interface = is.interface;
	s->rtp = is.rtp;
	s->rtcp = is.rtcp;
	s->tos = 184;
	fill_component(&s->rtp);
	fill_component(&s->rtcp);
}

/* What is left when all pointers and what lies between members is nothing. */
static struct stream plain(const struct stream *s)
{
	struct stream is = *s;

	is.party = NULL;
	is.peer = NULL;
	is.interface = NULL;
	is.rtp.stream = is.rtcp.stream = NULL;
	is.rtp.io = is.rtcp.io = NULL;
	__builtin_clear_padding(&is);
	return is;
}

START_TEST(every_member_of_a_stream_is_kept)
{
	struct stream before, after;
	struct out record;

	calls_begin();
	world.now = FIELD_TIME_MAX; /* members that are times are 0x0101010101010101 */
	for (struct party *p = make_call("call")->parties; p; p = p->next) {
		fill_stream(p->streams[0]);
		before = plain(p->streams[0]);
	}
	out_init(&record, OUT_MAX);
	saved_write(relay_first(world.relay), &record);
	call_discard(relay_first(world.relay));
	ck_assert_int_eq(restore(out_text(&record)), 0);
	for (struct party *p = relay_first(world.relay)->parties; p; p = p->next)
		after = plain(p->streams[0]);
	ck_assert_mem_eq(&before, &after, sizeof(before));
	out_free(&record);
	calls_end();
}
END_TEST

#endif

static void fill_party(struct party *p)
{
	p->origin_kept = p->final = p->blocked = p->silenced = p->dtmf_blocked = true;
	p->hidden = 0x8000000000000001;
	p->sdp_version = UINT64_MAX;
	p->sdp_hash = 0x123456789abcdef0;
	p->sip_source = (struct address){6, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
	arena_text(&p->memory, TEXT("label"), &p->label);
	arena_text(&p->memory, TEXT("name"), &p->origin_username);
	arena_text(&p->memory, TEXT("77"), &p->origin_id);
	arena_text(&p->memory, TEXT("session"), &p->session_name);
	arena_text(&p->memory, TEXT("m=audio 0 x 1\r\n"), &p->hidden_lines);
}

static void check_party(const struct party *p)
{
	ck_assert(p->origin_kept && p->final && p->blocked && p->silenced && p->dtmf_blocked);
	ck_assert_uint_eq(p->hidden, 0x8000000000000001);
	ck_assert_uint_eq(p->sdp_version, UINT64_MAX);
	ck_assert_uint_eq(p->sdp_hash, 0x123456789abcdef0);
	ck_assert(p->sip_source.family == 6 && p->sip_source.bytes[15] == 16);
	ck_assert(text_is(p->label, "label") && text_is(p->origin_username, "name") && text_is(p->origin_id, "77"));
	ck_assert(text_is(p->session_name, "session") && text_is(p->hidden_lines, "m=audio 0 x 1\r\n"));
}

START_TEST(every_member_of_a_call_and_a_party_is_kept)
{
	struct call *c;
	struct out record;

	calls_begin();
	c = make_call("call");
	fill_party(c->parties);
	c->last_signal = 1;
	c->last_media = 2;
	c->delete_at = world.now + 5;
	c->blocked = c->silenced = c->dtmf_blocked = c->dropping = true;
	c->gone[3] = UINT64_MAX;
	c->gone_next = 7;
	c->tos = 184;
	call_metadata(c, TEXT("what it is"));
	out_init(&record, OUT_MAX);
	saved_write(c, &record);
	call_discard(c);
	ck_assert_int_eq(restore(out_text(&record)), 0);
	c = relay_first(world.relay);
	check_party(c->parties);
	ck_assert(text_is(c->id, "call") && text_is(c->metadata, "what it is") && c->answered);
	ck_assert(c->blocked && c->silenced && c->dtmf_blocked && c->dropping);
	ck_assert_uint_eq(c->created, world.now);
	ck_assert(c->last_signal == 1 && c->last_media == 2 && c->delete_at == world.now + 5);
	ck_assert(c->gone[3] == UINT64_MAX && c->gone_next == 7 && c->tos == 184);
	ck_assert(text_is(c->parties->peer->branch, "z2") && c->parties->peer->peer == c->parties && c->parties->peer->of == c->parties);
	out_free(&record);
	calls_end();
}
END_TEST

/* ---- what is none ---- */

static void refused(struct text record, int error)
{
	const char *wrong;

	HOT_ASSERT(restore(record) == error, "not refused as it should be: %s", why);
	HOT_ASSERT(why[0], "no reason");
	wrong = world_check(&world);
	HOT_ASSERT(!wrong, "after a record that was refused %s", wrong);
	HOT_ASSERT(world_open_sockets(&world) == 0 && relay_calls(world.relay) == 0, "something of it is left");
}

START_TEST(a_record_that_ends_too_early_is_refused)
{
	struct out record = saved_alone();

	for (size_t n = 1; n < record.n; n++)
		refused((struct text){record.s, n}, -EBADMSG);
	out_char(&record, 0);
	refused(out_text(&record), -EBADMSG); /* nor may anything follow it */
	out_free(&record);
	calls_end();
}
END_TEST

/* Saved, restored, saved: the same bytes. (The first ones may name an interface that nothing is on, as no relay writes it.) */
static void check_again(void)
{
	struct out first, second;

	out_init(&first, OUT_MAX);
	out_init(&second, OUT_MAX);
	saved_write(relay_first(world.relay), &first);
	call_end(relay_first(world.relay), RELAY_SHUTDOWN);
	HOT_ASSERT(restore(out_text(&first)) == 0, "a record of ours is refused: %s", why);
	saved_write(relay_first(world.relay), &second);
	HOT_ASSERT(text_equal(out_text(&first), out_text(&second)), "saved again it differs");
	call_end(relay_first(world.relay), RELAY_SHUTDOWN);
	out_free(&first);
	out_free(&second);
}

/* Whatever another byte means: refused, or a call whose books are right. */
static void try_damaged(const struct out *record)
{
	const char *wrong;

	if (restore(out_text(record)) != 0) {
		wrong = world_check(&world);
		HOT_ASSERT(!wrong, "after a record that was refused %s", wrong);
		HOT_ASSERT(relay_calls(world.relay) == 0 && world_open_sockets(&world) == 0, "something of it is left");
		return;
	}
	wrong = world_check(&world);
	HOT_ASSERT(!wrong, "after a damaged record %s", wrong);
	check_again();
}

START_TEST(a_damaged_record_breaks_nothing)
{
	struct out record = saved_alone();

	world.now = FIELD_TIME_MAX; /* no time is later */
	for (size_t i = 0; i < record.n; i++)
		for (unsigned value = 0; value < 256; value++) {
			char is = record.s[i];

			record.s[i] = (char)value;
			try_damaged(&record);
			record.s[i] = is;
		}
	out_free(&record);
	calls_end();
}
END_TEST

START_TEST(another_version_is_refused)
{
	struct out record = saved_alone();
	struct saved_head head;

	ck_assert(saved_head(out_text(&record), &head) && text_is(head.id, "call") && head.created == world.now);
	ck_assert(text_is(head.from_tag, "a") && text_is(head.to_tag, "b"));
	record.s[0]++;
	ck_assert(!saved_head(out_text(&record), &head));
	refused(out_text(&record), -EPROTO);
	out_free(&record);
	calls_end();
}
END_TEST

START_TEST(a_call_that_is_there_stays_as_it_is)
{
	struct out record = saved_alone();

	ck_assert_int_eq(restore(out_text(&record)), 0);
	ck_assert_int_eq(restore(out_text(&record)), -EEXIST);
	ck_assert_uint_eq(relay_calls(world.relay), 1);
	out_free(&record);
	calls_end();
}
END_TEST

/* ---- what cannot be had any more ---- */

START_TEST(without_its_address_or_ports_a_call_is_dropped)
{
	struct out record = saved_alone();
	struct relay_interface *first = &world.config.interfaces[0];
	const struct relay_interface was = *first;

	calls_end();
	first->address.bytes[3] = 77;
	ck_assert(world_start(&world));
	refused(out_text(&record), -EADDRNOTAVAIL);
	calls_end();
	*first = was;
	first->port_max = 24999; /* they were above that */
	ck_assert(world_start(&world));
	refused(out_text(&record), -EADDRNOTAVAIL);
	calls_end();
	*first = was;
	snprintf(first->name, sizeof(first->name), "another"); /* a name is no reason */
	ck_assert(world_start(&world));
	ck_assert_int_eq(restore(out_text(&record)), 0);
	out_free(&record);
	calls_end();
}
END_TEST

START_TEST(a_port_that_the_system_refuses_drops_the_call)
{
	struct out record = saved_alone();

	for (unsigned i = 0; i < 6; i++) {
		world.refuse = 1;
		world.refuse_after = i;
		refused(out_text(&record), -EADDRINUSE);
		ck_assert(strstr(why, "cannot be had"));
	}
	world.refuse = 0;
	ck_assert_int_eq(restore(out_text(&record)), 0);
	ck_assert_uint_eq(world_open_sockets(&world), 6);
	out_free(&record);
	calls_end();
}
END_TEST

START_TEST(no_memory_is_survived)
{
	struct out record = saved_alone();
	long blocks = memory_blocks();
	bool starved = true;

	for (long n = 0; starved; n++) {
		int rc;

		memory_allow(n);
		rc = restore(out_text(&record));
		starved = memory_refused();
		memory_allow(-1);
		HOT_ASSERT(rc == (starved ? -ENOMEM : 0), "%ld allocations: %s", n, why);
		if (rc == 0)
			call_discard(relay_first(world.relay));
		HOT_ASSERT(memory_blocks() == blocks && world_open_sockets(&world) == 0, "something is left after %ld allocations", n);
	}
	out_free(&record);
	calls_end();
}
END_TEST

/* ---- elsewhere ---- */

START_TEST(another_clock_is_set_by_the_time_of_day)
{
	struct out record = saved_alone();
	uint64_t was = world.now;
	struct call *c;

	calls_end();
	world.now = 5000000;                          /* that machine was started later: what is now is 7 s after it was saved */
	world.config.epoch_offset += was + 7000000 - world.now;
	ck_assert(world_start(&world));
	ck_assert_int_eq(saved_restore(world.relay, out_text(&record), false, world.now, why), 0);
	c = relay_first(world.relay);
	ck_assert_uint_eq(c->last_signal, 1);         /* before that clock began */
	call_discard(c);
	world.now += 60000000;
	ck_assert_int_eq(saved_restore(world.relay, out_text(&record), false, world.now, why), 0);
	ck_assert_uint_eq(relay_first(world.relay)->last_signal, 1);
	call_discard(relay_first(world.relay));
	world.config.epoch_offset -= 100000000;       /* a clock that is behind: nothing is later than now */
	calls_end();
	ck_assert(world_start(&world));
	ck_assert_int_eq(saved_restore(world.relay, out_text(&record), false, world.now, why), 0);
	ck_assert_uint_eq(relay_first(world.relay)->last_signal, world.now);
	ck_assert_uint_eq(relay_first(world.relay)->last_media, 0);
	out_free(&record);
	calls_end();
}
END_TEST

START_TEST(another_key_makes_hashes_void)
{
	struct out record;

	calls_begin();
	make_call("call")->gone[0] = 5;
	relay_first(world.relay)->parties->sdp_hash = 5;
	out_init(&record, OUT_MAX);
	saved_write(relay_first(world.relay), &record);
	calls_end();
	world.config.key[1]++;
	ck_assert(world_start(&world));
	ck_assert_int_eq(restore(out_text(&record)), 0);
	ck_assert_uint_eq(relay_first(world.relay)->gone[0], 0);
	ck_assert_uint_eq(relay_first(world.relay)->parties->sdp_hash, 1);
	out_free(&record);
	calls_end();
}
END_TEST

START_TEST(calls_are_in_the_order_of_their_age)
{
	static const unsigned order[] = {3, 1, 4, 0, 2};
	static const char *const ids[] = {"0", "1", "2", "3", "4"};
	struct out records[5];
	struct call *c;

	calls_begin();
	for (unsigned i = 0; i < 5; i++) {
		out_init(&records[i], OUT_MAX);
		saved_write(make_call(ids[i]), &records[i]);
		world.now += 1000;
	}
	for (unsigned i = 0; i < 5; i++)
		call_discard(relay_first(world.relay));
	for (unsigned i = 0; i < 5; i++) {
		ck_assert_int_eq(restore(out_text(&records[order[i]])), 0);
		out_free(&records[order[i]]);
	}
	c = relay_first(world.relay);
	for (unsigned i = 0; i < 5; i++, c = relay_next(c))
		ck_assert(text_is(c->id, ids[i]));
	ck_assert(!c);
	calls_end();
}
END_TEST

/* ---- recordings ---- */

START_TEST(a_recording_goes_on_in_another_file)
{
	struct out record;

	calls_begin();
	make_call("call");
	ck_assert(ask("call", "start_recording a"));
	out_init(&record, OUT_MAX);
	saved_write(relay_first(world.relay), &record);
	call_discard(relay_first(world.relay));
	world.recordings_stopped++; /* as relay_leave() would have it */
	world.record_exists = 2;
	ck_assert_int_eq(restore(out_text(&record)), 0);
	ck_assert(relay_first(world.relay)->recorded);
	ck_assert_str_eq(world.record_file, "/recordings/a file-4.pcap");
	call_record_stop(relay_first(world.relay), false);
	call_discard(relay_first(world.relay));
	world.record_error = ENOSPC;
	ck_assert_int_eq(restore(out_text(&record)), 0); /* the call itself lives */
	ck_assert(!relay_first(world.relay)->recorded && strstr(world.log, "not recorded any more"));
	out_free(&record);
	calls_end();
}
END_TEST

/* ---- what changes ---- */

static unsigned touched(void)
{
	unsigned n = 0;

	while (relay_touched(world.relay))
		n++;
	return n;
}

static void rtp(struct call *c, uint16_t sequence)
{
	uint8_t bytes[60] = {0x80, 8, 0, (uint8_t)sequence, 0, 0, 0, 0, 0, 0, 0, 1};
	struct component *at = &c->parties->streams[0]->rtp;
	struct packet p = {.bytes = bytes, .length = sizeof(bytes), .source = at->signalled};
	struct packet_verdict v;

	relay_packet(world.relay, at, &p, world.now, &v);
}

START_TEST(what_changes_a_call_touches_it)
{
	struct call *c;

	calls_begin();
	ck_assert(!relay_touched(world.relay));
	c = make_call("call");
	ck_assert_uint_eq(world.touched, 1); /* told once for all of them */
	make_call("another");
	ck_assert_ptr_eq(relay_touched(world.relay), c);
	ck_assert_uint_eq(touched(), 1);
	ck_assert(ask("call", "query a") && ask("call", "list a"));
	ck_assert_uint_eq(touched(), 0);
	rtp(c, 1); /* locks */
	ck_assert_uint_eq(touched(), 1);
	rtp(c, 2);
	ck_assert_uint_eq(touched(), 0); /* a packet alone does not */
	ck_assert(ask("call", "block_media a"));
	ck_assert_uint_eq(touched(), 1);
	ck_assert(ask("call", "start_recording a"));
	ck_assert_uint_eq(touched(), 1);
	ck_assert(ask("call", "stop_recording a"));
	ck_assert_uint_eq(touched(), 1);
	ck_assert(ask("call", "delete a b"));
	ck_assert_uint_eq(touched(), 1);
	ck_assert(ask("call", "block_media a") && ask("another", "block_media a"));
	world_wait(&world, 31); /* the first one has ended, and is not on the list any more */
	ck_assert(text_is(relay_touched(world.relay)->id, "another"));
	ck_assert_uint_eq(touched(), 0);
	ck_assert(ask("another", "block_media a"));
	ck_assert_uint_eq(touched(), 1);
	calls_end();
}
END_TEST

/* As the relay's offload does. */
START_TEST(a_call_that_is_touched_while_it_ends_is_off_the_list)
{
	calls_begin();
	make_call("call");
	make_call("another");
	ck_assert_uint_eq(touched(), 2);
	world.touch_closing = true;
	ck_assert(ask("call", "delete a b"));
	world_wait(&world, 31);
	ck_assert(ask("another", "block_media a"));
	ck_assert(text_is(relay_touched(world.relay)->id, "another"));
	ck_assert(!relay_touched(world.relay));
	calls_end();
}
END_TEST

Suite *saved_suite(void)
{
	const TTest *const tests[] = {
#ifndef __clang__
			every_member_of_a_stream_is_kept,
#endif
			every_member_of_a_call_and_a_party_is_kept,
			a_record_that_ends_too_early_is_refused, a_damaged_record_breaks_nothing, another_version_is_refused,
			a_call_that_is_there_stays_as_it_is, without_its_address_or_ports_a_call_is_dropped,
			a_port_that_the_system_refuses_drops_the_call, no_memory_is_survived, another_clock_is_set_by_the_time_of_day,
			another_key_makes_hashes_void, calls_are_in_the_order_of_their_age, a_recording_goes_on_in_another_file,
			what_changes_a_call_touches_it, a_call_that_is_touched_while_it_ends_is_off_the_list, NULL};

	return suite_of("calls, saved", tests);
}
