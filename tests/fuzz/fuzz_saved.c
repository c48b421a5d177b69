/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A saved call from anywhere: refused without a trace, or a call whose books are right, that can be saved again, and that answers,
 * forwards, grows old and ends as any other.
 */
#include "../unit/world.h"

#include "core/call.h"
#include "core/fields.h"
#include "core/saved.h"

#include <stdlib.h>

static struct world world;

#define SDP "v=0\r\no=- 1 1 IN IP4 198.51.100.7\r\ns=-\r\nc=IN IP4 198.51.100.7\r\nt=0 0\r\nm=audio 6000 RTP/AVP 8\r\n"

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void books(void)
{
	require(world_check(&world) == NULL);
}

static void add(struct out *o, const char *key, struct text value)
{
	out_format(o, "%zu:%s%zu:", strlen(key), key, value.n);
	out_add(o, value);
}

static void ask(const char *command, const struct call *c, struct text from, struct text to)
{
	struct out o;

	out_init(&o, OUT_MAX);
	out_char(&o, 'd');
	add(&o, "command", text_of(command));
	add(&o, "call-id", c->id);
	add(&o, "from-tag", from);
	if (to.n)
		add(&o, "to-tag", to);
	add(&o, "sdp", TEXT(SDP));
	out_char(&o, 'e');
	if (!o.failed)
		world_ask(&world, out_text(&o), NULL);
	out_free(&o);
	books();
}

static void packets(struct call *c)
{
	uint8_t bytes[60] = {0x80, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
	struct packet p = {.bytes = bytes, .length = sizeof(bytes)};
	struct packet_verdict v;
	struct media_flow f;

	for (struct party *party = c->parties; party; party = party->next)
		for (unsigned i = 0; i < party->stream_count; i++) {
			struct component *at = &party->streams[i]->rtp;

			if (!at->open)
				continue;
			p.source = at->learning.source;
			bytes[3]++;
			relay_packet(world.relay, at, &p, world.now, &v);
			relay_flow(world.relay, at, world.now, &f);
		}
}

static void live(struct call *c)
{
	const struct party *first = c->parties, *second = first ? first->next : NULL;
	struct text from = first ? first->tag : TEXT("a"), to = second ? second->tag : (struct text){0};

	packets(c);
	ask("query", c, from, (struct text){0});
	ask("offer", c, from, to);
	ask("answer", c, from, to.n ? to : TEXT("b"));
	ask("offer", c, to.n ? to : TEXT("b"), from);
	packets(c);
}

/* What it is saved as is what it is saved as again. */
static struct call *again(struct call *c)
{
	char why[SAVED_WHY_MAX];
	struct out first, second;

	out_init(&first, OUT_MAX);
	out_init(&second, OUT_MAX);
	saved_write(c, &first);
	call_end(c, RELAY_SHUTDOWN);
	require(saved_restore(world.relay, out_text(&first), true, world.now, why) == 0);
	c = relay_first(world.relay);
	saved_write(c, &second);
	require(text_equal(out_text(&first), out_text(&second)));
	out_free(&first);
	out_free(&second);
	return c;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text record = {(const char *)data, size};
	char why[SAVED_WHY_MAX];
	struct saved_head head;

	world_configure(&world);
	world.now = FIELD_TIME_MAX;
	require(world_start(&world));
	if (saved_restore(world.relay, record, true, world.now, why) == 0) {
		struct call *c = relay_first(world.relay);

		require(saved_head(record, &head) && text_equal(head.id, c->id));
		books();
		live(again(c));
		relay_tick(world.relay, world.now + 1);
	} else {
		require(relay_calls(world.relay) == 0 && world_open_sockets(&world) == 0);
	}
	books();
	require(world_stop(&world) == NULL);
	return 0;
}
