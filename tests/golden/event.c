/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens in a case beside its requests, and what is looked at beside their replies. */
#include "script.h"

#include "core/call.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static bool number_of(struct text word, unsigned *out)
{
	uint64_t value;
	bool is = text_number(word, UINT32_MAX, &value);

	*out = is ? (unsigned)value : 0;
	return is;
}

static bool endpoint_of(struct text t, struct endpoint *out)
{
	size_t colon = t.n;
	unsigned port;

	while (colon && t.s[colon - 1] != ':')
		colon--;
	if (!colon || !number_of(text_from(t, colon), &port) || !address_parse((struct text){t.s, colon - 1}, &out->address))
		return false;
	out->port = (uint16_t)port;
	return true;
}

/* The party with this tag, of whatever call; else the one of this branch. */
static struct party *party_of(struct script *s, struct text name)
{
	for (struct call *c = relay_first(s->world->relay); c; c = relay_next(c)) {
		struct party *p = party_by_tag(c, name);

		p = p ? p : party_by_branch(c, name);
		if (p)
			return p;
	}
	return NULL;
}

/* ---- events ---- */

static bool event_wait(struct script *s, struct text words)
{
	unsigned seconds;

	if (!number_of(text_word(&words), &seconds))
		return script_fail(s, "wait SECONDS");
	world_wait(s->world, seconds);
	return true;
}

/* refuse N [ERROR] [after M]: so many sockets cannot be opened. */
static bool event_refuse(struct script *s, struct text words)
{
	struct text word;

	if (!number_of(text_word(&words), &s->world->refuse))
		return script_fail(s, "refuse NUMBER");
	s->world->refuse_error = EADDRINUSE;
	s->world->refuse_after = 0;
	while ((word = text_word(&words)).n) {
		if (text_is(word, "EMFILE"))
			s->world->refuse_error = EMFILE;
		else if (text_is(word, "EADDRNOTAVAIL"))
			s->world->refuse_error = EADDRNOTAVAIL;
		else if (!text_is(word, "after") || !number_of(text_word(&words), &s->world->refuse_after))
			return script_fail(s, "refuse NUMBER [EMFILE|EADDRNOTAVAIL] [after NUMBER]");
	}
	return true;
}

static bool event_overload(struct script *s, struct text words)
{
	s->world->overload = words.n ? text_copy(words).s : NULL;
	return true;
}

static bool event_drain(struct script *s, struct text words)
{
	(void)words;
	relay_drain(s->world->relay);
	return true;
}

static bool event_record_error(struct script *s, struct text words)
{
	(void)words;
	s->world->record_error = ENOSPC;
	return true;
}

/* What the case looks at from here on is not saved: a stored reply, a pair set aside. */
static bool event_stay(struct script *s, struct text words)
{
	(void)words;
	s->restarts = false;
	return true;
}

/* Of its own: the tag's last letter. */
static uint8_t ssrc_of(const struct party *p)
{
	return p->tag.n ? (uint8_t)p->tag.s[p->tag.n - 1] : 1;
}

/* rtp|rtcp TAG FROM [NUMBER] [M-LINE]: packets, 20 ms apart, to the port that the party was given. */
static bool event_packets(struct script *s, struct text words, bool rtcp)
{
	struct party *p = party_of(s, text_word(&words));
	unsigned number = 1, media = 1;
	struct packet packet = {0};
	struct text from = text_word(&words), word;
	struct component *at;
	uint8_t bytes[172] = {0x80, 8};

	word = text_word(&words);
	if (word.n && !number_of(word, &number))
		return script_fail(s, "rtp TAG FROM [NUMBER] [M-LINE]");
	word = text_word(&words);
	if (word.n && !number_of(word, &media))
		return script_fail(s, "rtp TAG FROM [NUMBER] [M-LINE]");
	if (!p || !party_media(p, media - 1) || !endpoint_of(from, &packet.source))
		return script_fail(s, "nobody of that tag or branch, no such m-line, or no address");
	at = rtcp && !party_media(p, media - 1)->muxed ? &party_media(p, media - 1)->rtcp : &party_media(p, media - 1)->rtp;
	if (!at->open)
		return script_fail(s, "the port is closed");
	bytes[11] = ssrc_of(p);
	packet.bytes = bytes;
	packet.length = rtcp ? 28 : sizeof(bytes);
	if (rtcp) {
		bytes[1] = 200;
		bytes[3] = 6;
	}
	for (unsigned i = 0; i < number; i++) {
		s->sequence++;
		if (!rtcp) {
			bytes[2] = (uint8_t)(s->sequence >> 8);
			bytes[3] = (uint8_t)s->sequence;
			bytes[7] = (uint8_t)(s->sequence * 160);
			bytes[6] = (uint8_t)((s->sequence * 160) >> 8);
		} else {
			bytes[7] = ssrc_of(p);
		}
		s->world->now += 20000;
		relay_packet(s->world->relay, at, &packet, s->world->now, &s->verdict);
		if (s->verdict.forward)
			relay_sent(s->verdict.from, packet.length, true);
	}
	return true;
}

static bool event_rtp(struct script *s, struct text words)
{
	return event_packets(s, words, false);
}

static bool event_rtcp(struct script *s, struct text words)
{
	return event_packets(s, words, true);
}

/* ---- configuration, before the first request ---- */

static bool event_config(struct script *s, struct text words)
{
	struct relay_config *c = &s->world->config;
	struct text key = text_word(&words);
	unsigned value;

	if (s->started || !number_of(text_word(&words), &value))
		return script_fail(s, "config KEY NUMBER, before the first request");
	if (text_is(key, "max-sessions"))
		c->max_sessions = value;
	else if (text_is(key, "delete-delay"))
		c->delete_delay_s = value;
	else if (text_is(key, "timeout"))
		c->timeout_s = value;
	else if (text_is(key, "silent-timeout"))
		c->silent_timeout_s = value;
	else if (text_is(key, "final-timeout"))
		c->final_timeout_s = value;
	else if (text_is(key, "offer-timeout"))
		c->offer_timeout_s = value;
	else if (text_is(key, "tos"))
		c->tos = (int)value;
	else if (text_is(key, "strict"))
		c->strict = value != 0;
	else if (text_is(key, "interfaces"))
		c->interface_count = value;
	else
		return script_fail(s, "config knows no '%.*s'", TEXT_ARGS(key));
	return true;
}

static const struct {
	const char *name;
	bool (*run)(struct script *s, struct text words);
	bool before; /* the relay is not there yet */
} events[] = {
	{"wait", event_wait, false},
	{"refuse", event_refuse, false},
	{"overload", event_overload, false},
	{"drain", event_drain, false},
	{"record-error", event_record_error, false},
	{"stay", event_stay, true},
	{"rtp", event_rtp, false},
	{"rtcp", event_rtcp, false},
	{"config", event_config, true},
};

static bool start(struct script *s)
{
	if (!s->started && !world_start(s->world))
		return script_fail(s, "the relay cannot be made");
	s->started = true;
	return true;
}

bool script_event(struct script *s, struct text words)
{
	struct text name = text_word(&words);

	for (unsigned i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (text_is(name, events[i].name))
			return (events[i].before || start(s)) && events[i].run(s, words);
	return script_fail(s, "nothing happens by the name of '%.*s'", TEXT_ARGS(name));
}

/* ---- states ---- */

static bool equal(struct script *s, const char *what, unsigned is, struct text should)
{
	unsigned number;

	if (!number_of(should, &number))
		return script_fail(s, "%s NUMBER", what);
	return is == number || script_fail(s, "%s: %u, expected %u", what, is, number);
}

static bool state_link(struct script *s, struct text words)
{
	struct text first = text_word(&words), second = text_word(&words);
	const struct party *a = party_of(s, first), *b = party_of(s, second);

	if (!a || (second.n && !b))
		return script_fail(s, "nobody of that tag or branch");
	return a->peer == b || script_fail(s, "%.*s does not speak to %.*s", TEXT_ARGS(first), TEXT_ARGS(second));
}

/* to ADDRESS:PORT: the newest packet goes there. */
static bool state_to(struct script *s, struct text words)
{
	char is[ENDPOINT_TEXT_MAX] = "nowhere";

	if (s->verdict.forward)
		endpoint_format(&s->verdict.to, is);
	return text_is(text_trimmed(words), is) || script_fail(s, "the packet goes to %s", is);
}

static bool state_refused(struct script *s, struct text words)
{
	const char *why = s->verdict.forward ? "forwarded" : refusal_name((enum refusal)s->verdict.refusal);

	return text_is(text_trimmed(words), why) || script_fail(s, "the packet is %s", why);
}

static bool state_ended(struct script *s, struct text words)
{
	static const char *const names[] = {"deleted", "timeout", "silent", "offer-timeout", "final-timeout", "shutdown"};
	struct text name = text_word(&words);

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (text_is(name, names[i]))
			return equal(s, names[i], s->world->ended[i], text_word(&words));
	return script_fail(s, "calls do not end by '%.*s'", TEXT_ARGS(name));
}

static bool state_log(struct script *s, struct text words)
{
	return memmem(s->world->log, strlen(s->world->log), words.s, words.n) || script_fail(s, "the log says '%s'", s->world->log);
}

bool script_state(struct script *s, struct text words)
{
	struct text name = text_word(&words);
	const struct relay_totals *t;

	if (!start(s))
		return false;
	t = relay_totals(s->world->relay);
	if (text_is(name, "sockets"))
		return equal(s, "sockets", world_open_sockets(s->world), text_word(&words));
	if (text_is(name, "pairs"))
		return equal(s, "pairs", t->ports_used / 2, text_word(&words));
	if (text_is(name, "failed-pairs"))
		return equal(s, "failed pairs", t->ports_failed / 2, text_word(&words));
	if (text_is(name, "calls"))
		return equal(s, "calls", t->calls, text_word(&words));
	if (text_is(name, "recordings"))
		return equal(s, "recordings", s->world->recordings_started - s->world->recordings_stopped, text_word(&words));
	if (text_is(name, "discarded"))
		return equal(s, "discarded", s->world->recordings_discarded, text_word(&words));
	if (text_is(name, "tos"))
		return equal(s, "tos", s->verdict.tos, text_word(&words));
	if (text_is(name, "link"))
		return state_link(s, words);
	if (text_is(name, "to"))
		return state_to(s, words);
	if (text_is(name, "refused"))
		return state_refused(s, words);
	if (text_is(name, "ended"))
		return state_ended(s, words);
	if (text_is(name, "log"))
		return state_log(s, words);
	return script_fail(s, "nothing is known by the name of '%.*s'", TEXT_ARGS(name));
}
