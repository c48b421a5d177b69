/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "suite.h"
#include "calls.h"

struct world world;

void calls_begin(void)
{
	world_configure(&world);
	ck_assert(world_start(&world));
}

void calls_end(void)
{
	const char *wrong = world_check(&world);

	ck_assert_msg(!wrong, "%s", wrong);
	wrong = world_stop(&world);
	ck_assert_msg(!wrong, "%s", wrong);
}

static void add_string(struct out *o, const char *key, struct text value)
{
	if (!value.n)
		return;
	out_format(o, "%zu:%s%zu:", strlen(key), key, value.n);
	out_add(o, value);
}

static void add_command(struct out *o, struct text word)
{
	out_format(o, "7:command%zu:", word.n);
	for (size_t i = 0; i < word.n; i++)
		out_char(o, word.s[i] == '_' ? ' ' : word.s[i]);
}

struct text calls_ask(const char *id, const char *words, struct text sdp, const char *more)
{
	static const char *const keys[] = {"from-tag", "to-tag", "via-branch", "delete-delay"};
	struct text rest = text_of(words), word, reply = {"", 0};
	struct out o;

	out_init(&o, OUT_MAX);
	out_char(&o, 'd');
	add_command(&o, text_word(&rest));
	add_string(&o, "call-id", text_of(id));
	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]) && (word = text_word(&rest)).n; i++)
		if (!text_is(word, "-"))
			add_string(&o, keys[i], word);
	add_string(&o, "sdp", sdp);
	out_string(&o, more);
	out_char(&o, 'e');
	if (!o.failed)
		reply = world_ask(&world, out_text(&o), NULL);
	out_free(&o);
	return reply;
}

bool calls_is_ok(struct text reply)
{
	return text_starts(reply, TEXT("d6:result2:ok"));
}

bool calls_ok(const char *id, const char *words, struct text sdp)
{
	return calls_is_ok(calls_ask(id, words, sdp, ""));
}
