/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "party.h"

#include <errno.h>

/* Pairs tried for one stream before it is given up; each one that fails is set aside, so that the next call does not meet it. */
#define BIND_TRIES 64

struct stream *stream_new(struct party *p, struct interface *on)
{
	struct stream *s = p->spare;

	if (s) {
		p->spare = s->peer;
		memset(s, 0, sizeof(*s));
	} else {
		s = arena_take(&p->memory, sizeof(*s));
	}
	if (!s)
		return NULL;
	s->party = p;
	s->interface = on;
	s->tos = p->call->tos;
	s->rtp.stream = s->rtcp.stream = s;
	s->rtcp.kind = COMPONENT_RTCP;
	return s;
}

static int component_open(struct component *c, uint16_t port)
{
	struct relay_shell *shell = &c->stream->party->call->relay->shell;
	int error;

	c->port = port;
	error = shell->open(shell->context, c, &c->stream->interface->is);
	c->open = error == 0;
	if (error)
		c->port = 0;
	return error;
}

static void component_close(struct component *c)
{
	struct relay_shell *shell = &c->stream->party->call->relay->shell;

	if (c->open)
		shell->close(shell->context, c);
	c->open = false;
	c->port = 0;
}

/* Is it this port alone that the system refuses? (Someone else has it, or it is kept from us.) */
static bool port_refused(int error)
{
	return error == -EADDRINUSE || error == -EACCES || error == -EPERM;
}

static int pair_open(struct stream *s, uint16_t port, bool rtcp)
{
	int error = component_open(&s->rtp, port);

	if (error || !rtcp)
		return error;
	error = component_open(&s->rtcp, (uint16_t)(port + 1));
	if (error)
		component_close(&s->rtp);
	return error;
}

int stream_open(struct stream *s, bool rtcp)
{
	int error = -ENOSPC;

	if (s->rtp.open)
		return rtcp && !s->rtcp.open ? component_open(&s->rtcp, (uint16_t)(s->rtp.port + 1)) : 0;
	for (unsigned i = 0; i < BIND_TRIES; i++) {
		uint16_t port = pair_take(s->interface);

		if (!port)
			return -ENOSPC;
		error = pair_open(s, port, rtcp);
		if (!error)
			return 0;
		if (!port_refused(error)) {
			pair_give(s->interface, port);
			return error;
		}
		pair_fail(s->interface, port);
	}
	return error;
}

int stream_open_again(struct stream *s)
{
	uint16_t port = s->rtp.port;
	bool rtcp = s->rtcp.port != 0;
	int error;

	s->rtcp.port = 0;
	error = pair_open(s, port, rtcp);
	s->rtp.port = port;
	return error;
}

void stream_close_rtcp(struct stream *s)
{
	component_close(&s->rtcp);
}

void stream_close(struct stream *s)
{
	uint16_t port = s->rtp.port;

	component_close(&s->rtcp);
	component_close(&s->rtp);
	if (port)
		pair_give(s->interface, port);
	s->in_use = false;
}

void stream_drop(struct stream *s)
{
	stream_close(s);
	s->peer = s->party->spare;
	s->party->spare = s;
}
