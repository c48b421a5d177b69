/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A party has spoken: what its SDP, and the request that brought it, mean for its streams. */
#include "exchange.h"

#include <stdio.h>

#include "call.h"
#include "party.h"

static const uint8_t modes[] = {
	[NG_LEARN_OFF] = LEARN_OFF,
	[NG_LEARN_IMMEDIATE] = LEARN_IMMEDIATE,
	[NG_LEARN_DELAYED] = LEARN_DELAYED,
	[NG_LEARN_HEURISTIC] = LEARN_HEURISTIC,
};

/* What a later request does not say of learning stays; a changed mode alone makes nobody lose its lock. */
static void hear_component(struct exchange *x, struct component *c, const struct endpoint *to, const struct endpoint *also)
{
	const struct relay_config *config = &x->relay->config;
	struct learning *l = &c->learning;

	if (l->since == 0 || ng_has(x->q, NG_BIT(RESET)))
		learn_start(l, l->since ? l->mode : config->learn_mode, true, x->now);
	if (x->q->learning != NG_LEARN_UNSAID)
		l->mode = modes[x->q->learning];
	l->outside_allowed = config->learn_outside && !c->stream->strict;
	if (learn_signalled(c, to, also, x->now))
		x->relay->shell.changed(x->relay->shell.context, c->stream);
}

static void hear_stream(struct exchange *x, struct stream *s, const struct said *w)
{
	const struct ng_request *q = x->q;

	s->strict = x->relay->config.strict || ng_has(q, NG_BIT(STRICT_SOURCE));
	s->asymmetric = ng_has(q, NG_BIT(ASYMMETRIC));
	s->handover = ng_has(q, NG_BIT(MEDIA_HANDOVER));
	s->pierce = ng_has(q, NG_BIT(PIERCE_NAT));
	s->wait = ng_has(q, NG_BIT(NAT_WAIT));
	if (!w->live)
		return;
	s->transport = w->transport;
	memcpy(s->said_types, w->types, sizeof(s->said_types));
	memcpy(s->said_dtmf, w->dtmf, sizeof(s->said_dtmf));
	hear_component(x, &s->rtp, &w->rtp, &w->also);
	hear_component(x, &s->rtcp, &w->rtcp, &w->also_rtcp);
}

void exchange_hear(struct exchange *x, struct party *p)
{
	if (x->q->received_from.family)
		p->sip_source = x->q->received_from;
	for (unsigned k = 0; k < x->stream_count && k < p->stream_count; k++)
		if (x->said[k].known)
			hear_stream(x, p->streams[k], &x->said[k]);
}

/* ---- what is said of the call ---- */

static void set_tos(struct call *c, int tos)
{
	c->tos = (int16_t)tos;
	for (struct party *p = c->parties; p; p = p->next)
		for (unsigned k = 0; k < p->stream_count; k++)
			p->streams[k]->tos = c->tos;
}

/* Left out where it finds no room beside the SDP. */
static void put_recording(struct request *m, struct text file)
{
	struct reply_mark mark = reply_mark(m->w);

	if (!file.n)
		return;
	reply_open_list(m->w, "recordings");
	reply_string(m->w, file);
	reply_close(m->w);
	if (!request_fits(m, 16))
		reply_cut(m->w, &mark);
}

static void record(struct exchange *x)
{
	const struct ng_request *q = x->q;
	char line[80];
	int error = 0;

	if (ng_has(q, NG_BIT(RECORD_CALL)))
		error = call_record(x->call, q->recording_file, q->recording_dir, q->recording_pattern);
	else if (q->record_stop)
		call_record_stop(x->call, ng_has(q, NG_BIT(DISCARD_RECORDING)));
	put_recording(x->m, x->call->recording_file);
	if (!error)
		return;
	snprintf(line, sizeof(line), "the call is not recorded: %s", strerror(-error));
	x->relay->shell.log(x->relay->shell.context, 4, x->call, line);
	x->m->warning = "the call is not recorded";
}

void exchange_finish(struct exchange *x)
{
	struct call *c = x->call;
	const struct ng_request *q = x->q;

	c->last_signal = x->now;
	c->delete_at = 0;
	call_touch(c);
	if (q->tos >= 0)
		set_tos(c, q->tos);
	if (q->drop_traffic)
		c->dropping = q->drop_traffic > 0;
	if (ng_has(q, NG_BIT(BLOCK_DTMF)))
		x->from.party->dtmf_blocked = true;
	if (q->label.n)
		arena_text(&x->from.party->memory, q->label, &x->from.party->label);
	call_metadata(c, q->metadata);
	call_sum_up(c);
	record(x);
}
