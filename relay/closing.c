/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is said of a call when it ends: one line, in it each leg that saw a packet.
 *
 *   ended: silent after 3605.2 s; a=1928301774 RTP 55004<192.0.2.7:6000 rank 2, 1500 packets 258000 bytes, lost 3 ..., sent 1490; ...
 */
#include "daemon.h"

#include "clock.h"
#include "log.h"

static const char *const reasons[] = {[RELAY_DELETED] = "deleted", [RELAY_TIMEOUT] = "timeout, no packet came any more",
	[RELAY_SILENT] = "silent timeout", [RELAY_OFFER_TIMEOUT] = "offer never answered", [RELAY_FINAL_TIMEOUT] = "final timeout",
	[RELAY_SHUTDOWN] = "the relay is stopped"};

static const char *const refusal_names[REFUSALS_COUNT] = {
#define X(id, name) [REFUSED_##id] = name,
	REFUSALS(X)
#undef X
};

static bool silent(const struct component *c)
{
	uint64_t refused = 0;

	for (unsigned i = 1; i < REFUSALS_COUNT; i++)
		refused += c->in.refused[i];
	return c->in.packets + c->out_packets + c->out_errors + refused == 0;
}

static void add_refused(struct out *o, const struct leg_statistics *in)
{
	const char *before = ", refused";

	for (unsigned i = 1; i < REFUSALS_COUNT; i++) {
		if (!in->refused[i])
			continue;
		out_format(o, "%s %s %u", before, refusal_names[i], in->refused[i]);
		before = "";
	}
}

/* What came from the party. Jitter is in units of the payload's clock, which the relay does not know. */
static void add_received(struct out *o, const struct component *c, uint64_t since)
{
	const struct leg_statistics *in = &c->in;

	out_format(o, ", %llu packets %llu bytes", (unsigned long long)in->packets, (unsigned long long)in->bytes);
	if (in->packets)
		out_format(o, ", first after %llu ms", (unsigned long long)(in->first > since ? (in->first - since) / 1000 : 0));
	if (in->expected)
		out_format(o, ", lost %u of %llu, duplicates %u, reordered %u, jitter %u, largest gap %u ms, SSRC changes %u, type changes %u",
			in->lost, (unsigned long long)in->expected, in->duplicates, in->reordered, in->jitter / 16, in->largest_gap_us / 1000,
			in->ssrc_changes, in->type_changes);
	add_refused(o, in);
}

static void add_component(struct out *o, const struct component *c, uint64_t since)
{
	static const char *const kinds[] = {[COMPONENT_RTP] = "RTP", [COMPONENT_RTCP] = "RTCP"};
	char where[ENDPOINT_TEXT_MAX] = "nobody";
	bool locked = c->learning.state == LEARN_LOCKED;

	if (locked)
		endpoint_format(&c->learning.source, where);
	else if (c->signalled.port)
		endpoint_format(&c->signalled, where);
	out_format(o, " %s %u<%s", kinds[c->kind], c->port, where);
	if (locked)
		out_format(o, " rank %u", c->learning.rank);
	else
		out_string(o, " not heard");
	add_received(o, c, since);
	out_format(o, ", sent %llu packets %llu bytes", (unsigned long long)c->out_packets, (unsigned long long)c->out_bytes);
	if (c->out_errors)
		out_format(o, ", not sent %llu", (unsigned long long)c->out_errors);
	out_char(o, ';');
}

static void add_party(struct out *o, const struct party *p)
{
	out_format(o, " tag %.*s:", (int)(p->tag.n < 100 ? p->tag.n : 100), p->tag.s);
	for (unsigned i = 0; i < p->stream_count; i++) {
		const struct stream *s = p->streams[i];

		if (s->in_use || !silent(&s->rtp))
			add_component(o, &s->rtp, p->created);
		if (!silent(&s->rtcp))
			add_component(o, &s->rtcp, p->created);
	}
}

/* Those two that the SIP server knows the dialog by. */
static void tell(struct daemon *d, const struct call *c)
{
	const struct party *caller = c->parties;
	struct text none = TEXT("");

	if (!caller)
		return;
	notify_call(&d->notifier, d->options.notify_method, c->id, caller->tag, caller->peer ? caller->peer->tag : none);
}

static void say(int level, const struct call *c, enum relay_end why)
{
	uint64_t age = clock_now() - c->created;
	struct out o;

	out_init(&o, LOG_LINE_MAX - 1300);
	out_format(&o, "ended: %s, after %llu.%03llu s;", reasons[why], (unsigned long long)(age / 1000000),
		(unsigned long long)(age / 1000 % 1000));
	for (const struct party *p = c->parties; p && !o.failed; p = p->next)
		add_party(&o, p);
	log_call(level, c->id, "%.*s%s", (int)o.n, o.s ? o.s : "", o.failed ? " (and more legs)" : "");
	out_free(&o);
}

void closing_line(void *context, struct call *c, enum relay_end why)
{
	struct daemon *d = context;
	int level = why == RELAY_DELETED ? LOG_INFO : LOG_NOTICE;

	if (log_wants(level))
		say(level, c, why);
	if (why == RELAY_TIMEOUT || why == RELAY_SILENT || why == RELAY_FINAL_TIMEOUT)
		tell(d, c);
}
