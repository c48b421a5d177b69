/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands, a row each; and how a reply is made of what they return. */
#include "command.h"

typedef const char *(*command_function)(struct request *m);

static const command_function commands[NG_COMMAND_COUNT] = {
	[NG_PING] = command_ping,
	[NG_OFFER] = command_offer,
	[NG_ANSWER] = command_answer,
	[NG_DELETE] = command_delete,
	[NG_QUERY] = command_query,
	[NG_LIST] = command_list,
	[NG_STATISTICS] = command_statistics,
	[NG_START_RECORDING] = command_recording,
	[NG_STOP_RECORDING] = command_recording,
	[NG_PAUSE_RECORDING] = command_recording,
	[NG_BLOCK_MEDIA] = command_block,
	[NG_UNBLOCK_MEDIA] = command_block,
	[NG_SILENCE_MEDIA] = command_block,
	[NG_UNSILENCE_MEDIA] = command_block,
	[NG_BLOCK_DTMF] = command_block,
	[NG_UNBLOCK_DTMF] = command_block,
	[NG_START_FORWARDING] = command_accept,
	[NG_STOP_FORWARDING] = command_accept,
}; /* the rest is media work: "unsupported" */

static const char *carry_out(struct request *m)
{
	command_function run = m->q->command < NG_COMMAND_COUNT ? commands[m->q->command] : NULL;
	const char *error = ng_refusal(m->q);

	if (error)
		return error;
	return run ? run(m) : "unsupported";
}

/* ---- who asks ---- */

static struct proxy *proxy_of(struct relay *r, const struct endpoint *source)
{
	struct proxy *p = r->proxies;

	if (!source)
		return NULL;
	for (; p < r->proxies + r->proxy_count; p++)
		if (address_equal(&p->address, &source->address))
			return p;
	if (r->proxy_count == PROXIES_MAX)
		return NULL;
	p->address = source->address;
	r->proxy_count++;
	return p;
}

static void count(struct relay *r, const struct endpoint *source, enum ng_command c, bool failed)
{
	struct proxy *p = proxy_of(r, source);

	r->totals.commands[c]++;
	r->totals.errors[c] += failed;
	if (!p)
		return;
	p->commands[c]++;
	p->errors += failed;
}

/* ---- replies ---- */

#define WARNING_MAX 400

/* "unknown: a, b": as much as has room. */
static void add_words(struct out *o, const char *title, const struct ng_texts *words)
{
	if (words->n == 0)
		return;
	out_string(o, o->n ? "; " : "");
	out_string(o, title);
	for (unsigned i = 0; i < words->n && o->n + words->at[i].n < WARNING_MAX - 8; i++) {
		out_string(o, i ? ", " : " ");
		out_add(o, words->at[i]);
	}
}

static void put_warning(struct request *m)
{
	struct out text;

	if (!m->warning && m->q->unknown.n == 0 && m->q->ignored.n == 0)
		return;
	out_init(&text, WARNING_MAX);
	if (m->warning)
		out_string(&text, m->warning);
	add_words(&text, "unknown:", &m->q->unknown);
	add_words(&text, "without effect:", &m->q->ignored);
	if (!text.failed && m->w->out->n + text.n + 40 < m->limit)
		reply_put_string(m->w, "warning", out_text(&text));
	out_free(&text);
}

static void put_failure(struct reply *w, const struct request *m, const char *error)
{
	if (m && m->load_limit && m->q->load_limit_supported) {
		reply_put_string(w, "result", TEXT("load limit"));
		reply_put_string(w, "message", text_of(m->load_limit));
	} else {
		reply_put_string(w, "result", TEXT("error"));
		reply_put_string(w, "error-reason", text_of(error));
	}
}

void command_run(struct relay *r, struct text dict, const struct endpoint *source, uint64_t now, size_t limit, struct out *out)
{
	struct ng_request q;
	struct request m = {.relay = r, .q = &q, .now = now, .limit = limit, .result = "ok"};
	enum ng_encoding encoding = NG_BENCODE;
	const char *error = ng_decode(r->decoder, dict, &q, &encoding);
	struct reply_mark start;
	struct reply w;
	bool decoded = !error;

	r->now = now;
	reply_start(&w, encoding, out);
	m.w = &w;
	start = reply_mark(&w);
	if (decoded) {
		reply_put_string(&w, "result", TEXT("ok"));
		error = carry_out(&m);
	}
	if (error || strcmp(m.result, "ok") != 0)
		reply_cut(&w, &start);
	if (error)
		put_failure(&w, decoded ? &m : NULL, error);
	else if (strcmp(m.result, "ok") != 0)
		reply_put_string(&w, "result", text_of(m.result));
	if (!error)
		put_warning(&m);
	reply_finish(&w);
	count(r, source, decoded ? q.command : NG_NO_COMMAND, error != NULL);
}
