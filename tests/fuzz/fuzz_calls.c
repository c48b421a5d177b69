/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call's life as the input says it: steps of three bytes (what, who, how) and an SDP up to a NUL. After each one the core's books
 * must be right, and what is said must be an answer; at the end nothing may be left open.
 */
#include "../unit/world.h"

#include <stdlib.h>

static struct world world;

static const char *const commands[] = {"offer", "answer", "offer", "answer", "delete", "query", "block media", "list"};
static const char *const tags[] = {"a", "b", "c", ""};
static const char *const branches[] = {"", "z9hG4bK1", "z9hG4bK2", "z9hG4bK3"};
static const char *const flags[] = {"provisional", "SIP-source-address", "original-sendrecv", "loop-protect", "reset", "new-branch",
		"fatal", "strict-source"};
static const char *const muxes[] = {"", "offer", "require", "demux", "accept", "reject", "", ""};

static void add(struct out *o, const char *key, struct text value)
{
	if (!value.n)
		return;
	out_format(o, "%zu:%s%zu:", strlen(key), key, value.n);
	out_add(o, value);
}

static void ask(const uint8_t step[3], struct text sdp)
{
	struct text reply;
	struct out o;

	out_init(&o, OUT_MAX);
	out_char(&o, 'd');
	add(&o, "command", text_of(commands[step[0] & 7]));
	add(&o, "call-id", step[0] & 0x80 ? TEXT("other") : TEXT("call"));
	add(&o, "from-tag", text_of(tags[step[1] & 3]));
	add(&o, "to-tag", text_of(tags[step[1] >> 2 & 3]));
	add(&o, "via-branch", text_of(branches[step[1] >> 4 & 3]));
	add(&o, "flags", step[1] & 0x40 ? text_of(flags[step[2] & 7]) : (struct text){0});
	add(&o, "rtcp-mux", text_of(muxes[step[2] >> 3 & 7]));
	add(&o, "address-family", step[2] & 0x40 ? TEXT("IP6") : (struct text){0});
	add(&o, "received-from", TEXT("198.51.100.9"));
	add(&o, "delete delay", step[2] & 0x80 ? TEXT("0") : (struct text){0});
	add(&o, "sdp", sdp);
	out_char(&o, 'e');
	reply = world_ask(&world, out_text(&o), NULL);
	if (!o.failed && (!text_starts(reply, TEXT("d6:result")) || reply.s[reply.n - 1] != 'e'))
		abort();
	out_free(&o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text rest = {(const char *)data, size}, sdp;

	world_configure(&world);
	for (unsigned i = 0; i < 3; i++)
		world.config.interfaces[i].port_max = 20399;
	if (!world_start(&world))
		abort();
	for (unsigned i = 0; i < 32 && rest.n >= 3; i++) {
		const uint8_t *step = (const uint8_t *)rest.s;

		rest = text_from(rest, 3);
		sdp = text_until(&rest, 0);
		world.refuse = step[0] >> 4 & 1;
		world.refuse_after = step[0] >> 5 & 3;
		if (step[0] & 8)
			world_wait(&world, 1 + (step[2] & 63));
		ask(step, sdp);
		if (world_check(&world))
			__builtin_trap();
	}
	if (world_stop(&world))
		__builtin_trap();
	return 0;
}
