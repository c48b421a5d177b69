/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "world.h"

#include "core/call.h"
#include "core/saved.h"

#include <errno.h>
#include <stdio.h>

/* ---- the shell ---- */

static struct component **socket_of(struct world *w, const struct component *c)
{
	return &w->sockets[c->stream->interface - w->relay->ports.at][c->port];
}

static int shell_open(void *context, struct component *c, const struct relay_interface *on)
{
	struct world *w = context;

	if (&c->stream->interface->is != on)
		return -EINVAL;
	if (w->refuse_after) {
		w->refuse_after--;
	} else if (w->refuse) {
		w->refuse--;
		return -w->refuse_error;
	}
	if (*socket_of(w, c))
		return -EADDRINUSE;
	*socket_of(w, c) = c;
	c->io = w;
	w->opened++;
	return 0;
}

static void shell_close(void *context, struct component *c)
{
	struct world *w = context;

	if (*socket_of(w, c) != c)
		__builtin_trap(); /* closed twice, or never opened */
	*socket_of(w, c) = NULL;
	c->io = NULL;
	w->closed++;
	if (c->kind == COMPONENT_RTP)
		c->in.packets += w->forwarded_closing;
	if (w->touch_closing)
		call_touch(c->stream->party->call);
}

static void shell_changed(void *context, struct stream *s)
{
	struct world *w = context;

	w->changes += s->party->call->relay == w->relay; /* all of it can be read */
}

static int shell_record_start(void *context, struct call *c, struct text file, struct text directory, struct text pattern,
		struct text metadata)
{
	struct world *w = context;

	(void)directory, (void)pattern, (void)metadata;
	if (w->record_error)
		return -w->record_error;
	snprintf(w->record_file, sizeof(w->record_file), "%.*s", TEXT_ARGS(file));
	if (w->record_exists) {
		w->record_exists--;
		return -EEXIST;
	}
	c->recording = (struct recording *)w;
	c->recording_file = TEXT("/recordings/a file.pcap");
	w->recordings_started++;
	return 0;
}

static void shell_record_stop(void *context, struct call *c, bool discard)
{
	struct world *w = context;

	w->recordings_stopped += c->recording == (struct recording *)w;
	w->recordings_discarded += discard;
}

static void shell_ended(void *context, struct call *c, enum relay_end why)
{
	struct world *w = context;

	w->ended[why] += c->id.n != 0;
}

static void shell_log(void *context, int level, const struct call *c, const char *line)
{
	struct world *w = context;

	(void)level, (void)c;
	snprintf(w->log, sizeof(w->log), "%s", line);
}

static const char *shell_overload(void *context)
{
	return ((struct world *)context)->overload;
}

static void shell_touched(void *context)
{
	((struct world *)context)->touched++;
}

/* ---- the world ---- */

static void add_interface(struct world *w, const char *name, const char *address, unsigned from)
{
	struct relay_interface *i = &w->config.interfaces[w->config.interface_count++];

	snprintf(i->name, sizeof(i->name), "%s", name);
	address_parse(text_of(address), &i->address);
	i->port_min = (uint16_t)from;
	i->port_max = (uint16_t)(from + 9999);
}

void world_configure(struct world *w)
{
	memset(w, 0, sizeof(*w));
	add_interface(w, "ext", "192.0.2.1", 20000);
	add_interface(w, "ext", "2001:db8::1", 20000);
	add_interface(w, "int", "10.9.8.7", 20000);
	w->config.timeout_s = 60;
	w->config.silent_timeout_s = 3600;
	w->config.offer_timeout_s = 3600;
	w->config.delete_delay_s = 30;
	w->config.tos = -1;
	w->config.learn_outside = true;
	w->config.software = "test";
	w->config.key[0] = 0x0706050403020100;
	w->config.key[1] = 0x0f0e0d0c0b0a0908;
	w->config.first_pair = 1234567;
	w->config.epoch_offset = 1700000000000000;
	w->refuse_error = EADDRINUSE;
	w->now = 1000000000;
}

static bool make_relay(struct world *w)
{
	const struct relay_shell shell = {w, shell_open, shell_close, shell_changed, shell_record_start, shell_record_stop, shell_ended,
			shell_log, shell_overload, NULL, shell_touched};

	w->relay = relay_new(&w->config, &shell, w->now);
	return w->relay != NULL;
}

bool world_start(struct world *w)
{
	out_init(&w->reply, OUT_MAX);
	return make_relay(w);
}

const char *world_stop(struct world *w)
{
	relay_free(w->relay);
	out_free(&w->reply);
	if (w->opened != w->closed)
		return "sockets are open after the end";
	return w->recordings_started == w->recordings_stopped ? NULL : "a recording was not stopped";
}

struct text world_ask(struct world *w, struct text dict, const struct endpoint *source)
{
	static const struct endpoint local = {{4, {127, 0, 0, 1}}, 4000};
	struct out datagram;
	struct text reply, cookie;

	out_init(&datagram, OUT_MAX);
	out_format(&datagram, "c_%u ", ++w->requests);
	out_add(&datagram, dict);
	relay_ng(w->relay, out_text(&datagram), source ? source : &local, w->now, &w->reply);
	out_free(&datagram);
	reply = out_text(&w->reply);
	cookie = text_until(&reply, ' ');
	return cookie.n ? reply : (struct text){"", 0};
}

void world_wait(struct world *w, unsigned seconds)
{
	while (seconds--) {
		w->now += 1000000;
		relay_tick(w->relay, w->now);
	}
}

unsigned world_open_sockets(const struct world *w)
{
	return w->opened - w->closed;
}

/* ---- another process ---- */

/* Records, each behind its length. */
static void save_all(struct world *w, struct out *to)
{
	struct out record;

	out_init(to, 64u << 20);
	out_init(&record, to->max);
	for (struct call *c = relay_first(w->relay); c; c = relay_next(c)) {
		uint32_t n;

		out_clear(&record);
		saved_write(c, &record);
		n = (uint32_t)record.n;
		out_add(to, (struct text){(const char *)&n, sizeof(n)});
		out_add(to, out_text(&record));
		to->failed |= record.failed;
	}
	out_free(&record);
}

static const char *restore_all(struct world *w, struct text all)
{
	static char why[SAVED_WHY_MAX];
	uint32_t n;

	while (all.n) {
		memcpy(&n, all.s, sizeof(n));
		all = text_from(all, sizeof(n));
		if (saved_restore(w->relay, (struct text){all.s, n}, true, w->now, why) != 0)
			return why;
		all = text_from(all, n);
	}
	return NULL;
}

/* What is not of calls, and not saved. */
static void take_totals(struct relay *to, const struct relay *from)
{
	to->totals = from->totals;
	to->ended = from->ended;
	memcpy(to->proxies, from->proxies, sizeof(to->proxies));
	to->proxy_count = from->proxy_count;
	to->until = from->until;
	to->rate = from->rate;
	to->rated = from->rated;
	to->started = from->started;
	to->draining = from->draining;
}

static const char *replace_relay(struct world *w, struct text saved)
{
	struct relay before = *w->relay;

	relay_leave(w->relay);
	w->relay = NULL;
	if (w->opened != w->closed)
		return "sockets are open after it has left";
	w->config.first_pair += 1009;
	if (!make_relay(w))
		return "no memory";
	take_totals(w->relay, &before);
	return restore_all(w, saved);
}

const char *world_restart(struct world *w)
{
	unsigned refuse = w->refuse, refuse_after = w->refuse_after;
	int record_error = w->record_error;
	struct out before, after;
	const char *wrong;

	w->refuse = w->refuse_after = 0;
	w->record_error = 0;
	save_all(w, &before);
	wrong = before.failed ? "what is saved has no room" : replace_relay(w, out_text(&before));
	w->refuse = refuse;
	w->refuse_after = refuse_after;
	w->record_error = record_error;
	if (!wrong) {
		save_all(w, &after);
		if (!text_equal(out_text(&before), out_text(&after)))
			wrong = "what is saved again differs";
		out_free(&after);
	}
	out_free(&before);
	return wrong ? wrong : world_check(w);
}

/* ---- the books ---- */

struct books {
	struct world *w;
	unsigned open, pairs;
	const char *wrong;
};

static void require(struct books *b, bool holds, const char *otherwise)
{
	if (!holds && !b->wrong)
		b->wrong = otherwise;
}

static void check_component(struct books *b, const struct component *c, const struct stream *s)
{
	require(b, c->stream == s, "a component is of another stream");
	require(b, c->open == (c->port != 0), "open without a port, or a port without a socket");
	require(b, !c->open || (*socket_of(b->w, c) == c && c->io == b->w), "a component's socket is another's");
	require(b, !c->port || c->port % 2 == c->kind, "RTP is even, RTCP odd");
	b->open += c->open;
}

static void check_stream(struct books *b, const struct party *p, const struct stream *s)
{
	require(b, s->party == p, "a stream is of another party");
	check_component(b, &s->rtp, s);
	check_component(b, &s->rtcp, s);
	require(b, s->in_use == s->rtp.open, "in use without a port, or the other way round");
	require(b, !s->rtcp.open || s->rtcp.port == s->rtp.port + 1, "no pair");
	b->pairs += s->rtp.open;
	if (!s->peer)
		return;
	require(b, s->peer->peer == s, "a stream's peer has another peer");
	require(b, s->in_use && s->peer->in_use, "linked, but not in use");
	require(b, p->peer && s->peer->party == p->peer, "streams are linked whose parties are not");
}

static void check_party(struct books *b, const struct call *c, const struct party *p)
{
	require(b, p->call == c, "a party is of another call");
	require(b, !p->peer || p->peer->peer == p, "a peer has another peer");
	for (unsigned i = 0; i < p->stream_count; i++) {
		const struct stream *s = p->streams[i];
		bool both = p->peer && i < p->peer->stream_count && s->in_use && p->peer->streams[i]->in_use;

		check_stream(b, p, s);
		require(b, (s->peer != NULL) == both, "a stream of two peers is not linked");
	}
}

const char *world_check(struct world *w)
{
	struct books b = {.w = w};
	const struct relay_totals *t = relay_totals(w->relay);
	unsigned calls = 0, all = 0;

	for (struct call *c = relay_first(w->relay); c; c = relay_next(c)) {
		unsigned parties = 0;

		for (struct party *p = c->parties; p; p = p->next, parties++)
			check_party(&b, c, p);
		require(&b, parties == c->party_count, "miscounted parties");
		require(&b, call_find(w->relay, c->id) == c, "a call is not found");
		calls++;
	}
	require(&b, calls == t->calls && calls == relay_calls(w->relay), "miscounted calls");
	require(&b, b.open == world_open_sockets(w), "sockets are open that no stream has");
	require(&b, t->ports_used == 2 * b.pairs, "pairs are used that no stream has");
	for (unsigned i = 0; i < w->config.interface_count; i++)
		all += w->config.interfaces[i].port_max - w->config.interfaces[i].port_min + 1u;
	require(&b, t->ports_used + t->ports_free + t->ports_failed == all, "pairs are lost");
	return b.wrong;
}
