/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The relay's totals, for the metrics and the command `statistics`. */
#include "command.h"

#include <stdio.h>

#include "call.h"

const struct relay_totals *relay_totals(struct relay *r)
{
	struct pair_counts pairs = ports_pairs(&r->ports);

	r->totals.calls = r->calls.count;
	r->totals.ports_used = 2 * pairs.used;
	r->totals.ports_free = 2 * pairs.free;
	r->totals.ports_failed = 2 * pairs.failed;
	return &r->totals;
}

static void put(struct request *m, const char *key, uint64_t value)
{
	reply_put_integer(m->w, key, (int64_t)value);
}

/* A time as text, in seconds: so it is with rtpengine. */
static void put_duration(struct request *m, const char *key, uint64_t microseconds)
{
	char text[40];

	snprintf(text, sizeof(text), "%llu.%06u", (unsigned long long)(microseconds / 1000000), (unsigned)(microseconds % 1000000));
	reply_put_string(m->w, key, text_of(text));
}

/* Seconds as text, without parts: the same. */
static void put_seconds(struct request *m, const char *key, uint64_t seconds)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)seconds);
	reply_put_string(m->w, key, text_of(text));
}

static uint64_t packet_errors(const struct relay_totals *t)
{
	return t->send_errors + t->refused[REFUSED_MALFORMED];
}

/* ---- what is relayed in a second ---- */

#define SECOND 1000000

static uint64_t in_a_second(uint64_t before, uint64_t now, uint64_t took)
{
	return ((now - before) * SECOND + took / 2) / took;
}

void totals_rate(struct relay *r, uint64_t now)
{
	struct traffic until = {r->totals.packets, r->totals.bytes, packet_errors(&r->totals)};
	uint64_t took = now - r->rated;

	if (took < SECOND)
		return;
	r->rate.packets = in_a_second(r->until.packets, until.packets, took);
	r->rate.bytes = in_a_second(r->until.bytes, until.bytes, took);
	r->rate.errors = in_a_second(r->until.errors, until.errors, took);
	r->until = until;
	r->rated = now;
}

static void put_rates(struct request *m, const char *kind, const struct traffic *t)
{
	const struct {
		const char *what;
		uint64_t value;
	} rates[] = {{"packet", t->packets}, {"byte", t->bytes}, {"error", t->errors}};

	for (unsigned i = 0; i < 3; i++) {
		char key[32];

		snprintf(key, sizeof(key), "%srate%s", rates[i].what, kind);
		put(m, key, rates[i].value);
	}
}

/* ---- statistics ---- */

static void put_current(struct request *m, const struct relay_totals *t)
{
	unsigned media = 0;

	for (struct call *c = relay_first(m->relay); c; c = relay_next(c))
		for (struct party *p = c->parties; p; p = p->next)
			for (unsigned i = 0; i < p->stream_count; i++)
				media += p->streams[i]->in_use;
	reply_open_dict(m->w, "currentstatistics");
	put(m, "sessionsown", t->calls);
	put(m, "sessionsforeign", 0);
	put(m, "sessionstotal", t->calls);
	put(m, "transcodedmedia", 0);
	put_rates(m, "_user", &m->relay->rate);
	put_rates(m, "_kernel", &(struct traffic){0});
	put_rates(m, "", &m->relay->rate);
	put(m, "media_userspace", media);
	put(m, "media_kernel", 0);
	put(m, "media_mixed", 0);
	reply_close(m->w);
}

static uint64_t ended(const struct relay_totals *t)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i <= RELAY_SHUTDOWN; i++)
		sum += t->calls_ended[i];
	return sum;
}

static void put_total(struct request *m, const struct relay_totals *t)
{
	const struct ended_calls *e = &m->relay->ended;
	uint64_t calls = ended(t);

	reply_open_dict(m->w, "totalstatistics");
	put_seconds(m, "uptime", (m->now - m->relay->started) / 1000000);
	put(m, "managedsessions", calls);
	put(m, "rejectedsessions", t->calls_refused);
	put(m, "timeoutsessions", t->calls_ended[RELAY_TIMEOUT]);
	put(m, "silenttimeoutsessions", t->calls_ended[RELAY_SILENT]);
	put(m, "finaltimeoutsessions", t->calls_ended[RELAY_FINAL_TIMEOUT]);
	put(m, "offertimeoutsessions", t->calls_ended[RELAY_OFFER_TIMEOUT]);
	put(m, "regularterminatedsessions", t->calls_ended[RELAY_DELETED]);
	put(m, "forcedterminatedsessions", t->calls_ended[RELAY_SHUTDOWN]);
	put(m, "relayedpackets_user", t->packets);
	put(m, "relayedpacketerrors_user", packet_errors(t));
	put(m, "relayedbytes_user", t->bytes);
	put(m, "relayedpackets_kernel", 0);
	put(m, "relayedpacketerrors_kernel", 0);
	put(m, "relayedbytes_kernel", 0);
	put(m, "relayedpackets", t->packets);
	put(m, "relayedpacketerrors", packet_errors(t));
	put(m, "relayedbytes", t->bytes);
	put(m, "zerowaystreams", e->no_way);
	put(m, "onewaystreams", e->one_way);
	put_duration(m, "avgcallduration", calls ? e->microseconds / calls : 0);
	put_duration(m, "totalcallsduration", e->microseconds);
	reply_close(m->w);
}

/* Names of the commands in these keys, where they are not the wire's without the space. X(command, name) */
static const struct {
	uint8_t command;
	const char *name;
} counted[] = {
	{NG_PING, "ping"}, {NG_OFFER, "offer"}, {NG_ANSWER, "answer"}, {NG_DELETE, "delete"}, {NG_QUERY, "query"}, {NG_LIST, "list"},
	{NG_START_RECORDING, "startrec"}, {NG_STOP_RECORDING, "stoprec"}, {NG_PAUSE_RECORDING, "pauserec"},
	{NG_START_FORWARDING, "startfwd"}, {NG_STOP_FORWARDING, "stopfwd"}, {NG_BLOCK_DTMF, "blkdtmf"},
	{NG_UNBLOCK_DTMF, "unblkdtmf"}, {NG_BLOCK_MEDIA, "blkmedia"}, {NG_UNBLOCK_MEDIA, "unblkmedia"}, {NG_STATISTICS, "stats"},
	{NG_SILENCE_MEDIA, "slnmedia"}, {NG_UNSILENCE_MEDIA, "unslnmedia"}, {NG_PLAY_MEDIA, "playmedia"}, {NG_STOP_MEDIA, "stopmedia"},
	{NG_PLAY_DTMF, "playdtmf"}, {NG_PUBLISH, "pub"}, {NG_SUBSCRIBE_REQUEST, "subreq"}, {NG_SUBSCRIBE_ANSWER, "subans"},
	{NG_UNSUBSCRIBE, "unsub"},
};

#define COUNTED (sizeof(counted) / sizeof(counted[0]))

static void put_proxy(struct request *m, const struct proxy *p)
{
	char text[ADDRESS_TEXT_MAX];

	address_format(&p->address, text);
	reply_dict(m->w);
	reply_put_string(m->w, "proxy", text_of(text));
	for (unsigned i = 0; i < COUNTED; i++) {
		char key[32];

		snprintf(key, sizeof(key), "%scount", counted[i].name);
		put(m, key, p->commands[counted[i].command]);
	}
	put(m, "errorcount", p->errors);
	reply_close(m->w);
}

static void put_control(struct request *m, const struct relay_totals *t)
{
	reply_open_dict(m->w, "controlstatistics");
	reply_open_list(m->w, "proxies");
	for (unsigned i = 0; i < m->relay->proxy_count; i++)
		put_proxy(m, &m->relay->proxies[i]);
	reply_close(m->w);
	for (unsigned i = 0; i < COUNTED; i++) {
		char key[32];

		snprintf(key, sizeof(key), "total%scount", counted[i].name);
		put(m, key, t->commands[counted[i].command]);
	}
	reply_close(m->w);
}

static void put_interface(struct request *m, const struct interface *i)
{
	struct pair_counts n = interface_pairs(i);
	unsigned all = n.used + n.free + n.failed;
	char text[ADDRESS_TEXT_MAX];

	address_format(&i->is.address, text);
	reply_dict(m->w);
	reply_put_string(m->w, "name", text_of(i->is.name));
	reply_put_string(m->w, "address", text_of(text));
	reply_open_dict(m->w, "ports");
	put(m, "min", i->is.port_min);
	put(m, "max", i->is.port_max);
	put(m, "used", 2 * n.used);
	put_duration(m, "used_pct", (uint64_t)n.used * 100 * 1000000 / all);
	put(m, "free", 2 * n.free);
	put(m, "failed", 2 * n.failed);
	put(m, "totals", 2 * all);
	reply_close(m->w);
	reply_close(m->w);
}

const char *command_statistics(struct request *m)
{
	const struct relay_totals *t = relay_totals(m->relay);

	reply_open_dict(m->w, "statistics");
	put_current(m, t);
	put_total(m, t);
	put_control(m, t);
	reply_open_list(m->w, "interfaces");
	for (unsigned i = 0; i < m->relay->ports.count; i++)
		put_interface(m, &m->relay->ports.at[i]);
	reply_close(m->w);
	reply_open_list(m->w, "transcoders"); /* there are none */
	reply_close(m->w);
	if (m->relay->config.software)
		reply_put_string(m->w, "version", text_of(m->relay->config.software));
	reply_close(m->w);
	return NULL;
}
