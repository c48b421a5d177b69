/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A case's request on its way to the relay, whole and in part, and the comparison of its reply. */
#include "script.h"

#include <stdio.h>

static struct node *dict_of(struct text wire)
{
	struct node *n;

	if (wire.n == 0)
		return NULL;
	n = wire.s[0] == '{' ? node_parse_json(wire) : node_parse_bencode(wire);
	return n && n->kind == NODE_DICT ? n : NULL;
}

static void write_request(const struct script *s, const struct node *dict, struct out *wire)
{
	out_init(wire, OUT_MAX);
	if (s->json)
		node_write_json(dict, wire);
	else
		node_write_bencode(dict, wire);
}

/* ---- truncated ---- */

/* What a request would change. */
struct state {
	unsigned sockets, changes, ended;
	struct relay_totals totals;
};

static struct state state_of(struct world *w)
{
	struct state s = {world_open_sockets(w), w->changes, 0, *relay_totals(w->relay)};

	for (unsigned i = 0; i <= RELAY_SHUTDOWN; i++)
		s.ended += w->ended[i];
	return s;
}

static bool same_state(const struct state *a, const struct state *b)
{
	return a->sockets == b->sockets && a->changes == b->changes && a->ended == b->ended && a->totals.calls == b->totals.calls &&
			a->totals.ports_used == b->totals.ports_used && a->totals.calls_started == b->totals.calls_started;
}

/* Long ones: every byte near both ends, where all the keys are, and some between. */
static size_t next_cut(size_t at, size_t length)
{
	bool inside = length > 6000 && at > 2000 && at < length - 1000;

	return at + (inside ? 97 : 1);
}

static bool feed_truncated(struct script *s, struct text wire, const struct endpoint *source)
{
	struct state before = state_of(s->world), after;
	const struct node *result;
	struct node *reply;

	for (size_t n = 0; n < wire.n; n = next_cut(n, wire.n)) {
		reply = dict_of(world_ask(s->world, (struct text){wire.s, n}, source));
		result = reply ? node_find(reply, TEXT("result")) : NULL;
		if (!result || !text_is(result->string, "error") || !node_find(reply, TEXT("error-reason")))
			return script_fail(s, "cut off after %zu bytes it is not refused", n);
	}
	after = state_of(s->world);
	return same_state(&before, &after) || script_fail(s, "cut off, it changed something");
}

static void set(struct node *dict, struct text key, struct node *value)
{
	struct node *old = node_find(dict, key);

	value->key = key;
	if (old) {
		value->next = old->next;
		*old = *value;
	} else {
		node_add(dict, value);
	}
}

static void set_string(struct node *dict, const char *key, struct text value)
{
	struct node *n = node_new(NODE_STRING);

	n->string = value;
	set(dict, text_of(key), n);
}

/*
 * An offer whose SDP ends early may be refused, or taken; a call comes of it at most, and goes when it is deleted. In a world apart.
 */
static bool feed_short_sdps(struct script *s, const struct node *request)
{
	static struct world apart;
	struct text sdp = node_find(request, TEXT("sdp"))->string, call_id = node_find(request, TEXT("call-id"))->string;
	struct node *offer = node_new(NODE_DICT), *end = node_new(NODE_DICT);
	const char *wrong;
	struct out wire;

	world_configure(&apart);
	if (!world_start(&apart))
		return script_fail(s, "the relay cannot be made");
	for (const struct node *c = request->first; c; c = c->next) {
		struct node *copy = node_new(c->kind);

		*copy = *c;
		copy->next = NULL;
		node_add(offer, copy);
	}
	set_string(end, "command", TEXT("delete"));
	set_string(end, "call-id", call_id);
	set_string(end, "delete delay", TEXT("0"));
	for (size_t n = 0; n <= sdp.n; n = next_cut(n, sdp.n)) {
		set_string(offer, "sdp", (struct text){sdp.s, n});
		for (unsigned i = 0; i < 2; i++) {
			write_request(s, i ? end : offer, &wire);
			if (!dict_of(world_ask(&apart, out_text(&wire), NULL)))
				return script_fail(s, "with %zu bytes of its SDP it has no reply", n);
			out_free(&wire);
		}
		if (world_open_sockets(&apart))
			return script_fail(s, "with %zu bytes of its SDP, and deleted, it leaves something", n);
	}
	wrong = world_stop(&apart);
	return !wrong || script_fail(s, "with less of its SDP %s", wrong);
}

/* ---- whole ---- */

static bool compare(struct script *s, struct text wire)
{
	struct node *expected = node_new(NODE_DICT), *reply = dict_of(wire);
	struct text line;

	if (!script_line(s, &line) || !text_starts(line, TEXT("---")))
		return script_fail(s, "'---' and the reply are missing");
	s->quiet = true;
	if (!script_dict(s, expected))
		return false;
	s->quiet = false;
	if (s->fill) {
		if (reply)
			script_print(s, reply);
		return true;
	}
	if (!expected->first && !expected->open)
		return wire.n == 0 || script_fail(s, "it has a reply");
	if (!reply)
		return script_fail(s, "it has no reply that can be read");
	if (!match_node(&s->match, expected, reply, ""))
		return script_fail(s, "%s", s->match.wrong);
	s->replies++;
	return true;
}

static bool send(struct script *s, struct node *request, const struct endpoint *source)
{
	const struct node *command = node_find(request, TEXT("command"));
	bool is_offer = command && text_is(command->string, "offer") && node_find(request, TEXT("sdp")) &&
			node_find(request, TEXT("call-id"));
	struct out wire;
	const char *wrong;
	bool good;

	write_request(s, request, &wire);
	good = feed_truncated(s, out_text(&wire), source);
	if (good && is_offer && !s->fill)
		good = feed_short_sdps(s, request);
	good = good && compare(s, world_ask(s->world, out_text(&wire), source));
	out_free(&wire);
	wrong = good ? world_check(s->world) : NULL;
	return good && (!wrong || script_fail(s, "afterwards %s", wrong));
}

/* "raw": the bytes in `text` as they are, cookie and all. */
static bool send_raw(struct script *s, const struct node *request, const struct endpoint *source)
{
	const struct node *text = node_find(request, TEXT("text"));
	struct text reply;

	if (!text)
		return script_fail(s, "no 'text:'");
	relay_ng(s->world->relay, text->string, source, s->world->now, &s->world->reply);
	reply = out_text(&s->world->reply);
	text_until(&reply, ' ');
	return compare(s, reply);
}

/* key=value words; `source=` is the client's address. */
static bool read_words(struct script *s, struct text words, struct node *request, struct endpoint *source)
{
	struct text word, key;

	while ((word = text_word(&words)).n) {
		key = text_until(&word, '=');
		if (text_is(key, "source")) {
			if (!address_parse(word, &source->address))
				return script_fail(s, "source= is no address");
		} else {
			set_string(request, text_copy(key).s, word);
		}
	}
	return true;
}

bool script_request(struct script *s, struct text words)
{
	struct endpoint source = {{4, {127, 0, 0, 1}}, 4000};
	struct node *request = node_new(NODE_DICT), *command = node_new(NODE_STRING);
	bool raw;
	struct text more;

	if (words.n && words.s[0] == '"') {
		words = text_from(words, 1);
		command->string = text_until(&words, '"');
	} else {
		command->string = text_word(&words);
	}
	raw = text_is(command->string, "raw");
	more = words;
	if (!raw && !text_is(command->string, "-")) { /* "-": no command */
		command->key = TEXT("command");
		node_add(request, command);
	}
	if (!read_words(s, more, request, &source) || !script_dict(s, request))
		return false;
	return raw ? send_raw(s, request, &source) : send(s, request, &source);
}
