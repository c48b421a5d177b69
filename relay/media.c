/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media.h"

#include "clock.h"
#include "media_guard.h"
#include "media_port.h"
#include "offload.h"
#include "recorder.h"

#include <stdlib.h>

#define OWN_BATCH 16 /* of one port, before the next has its turn */

void media_place_reset(struct media *m, unsigned i)
{
	struct msghdr *h = &m->in[i].msg_hdr;

	m->places[i].bytes = (struct iovec){m->datagrams[i], DATAGRAM_MAX};
	h->msg_namelen = sizeof(union net_address);
	h->msg_control = m->places[i].control;
	h->msg_controllen = CONTROL_MAX;
}

struct media *media_new(const struct media_options *options)
{
	struct media *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->options = *options;
	m->again_end = &m->again;
	for (unsigned i = 0; i < MEDIA_BATCH; i++) {
		struct place *p = &m->places[i];

		m->in[i].msg_hdr = (struct msghdr){.msg_name = &p->source, .msg_iov = &p->bytes, .msg_iovlen = 1};
		media_place_reset(m, i);
	}
	return m;
}

void media_free(struct media *m)
{
	shared_free(m);
	free(m);
}

void media_serve(struct media *m, struct relay *r)
{
	m->relay = r;
}

const struct media_counts *media_counts(const struct media *m)
{
	return &m->counts;
}

uint64_t media_too_fast(const struct media *m)
{
	return m->table ? port_table_too_fast(m->table) : 0;
}

/* ---- sockets that have more ---- */

static void again_add(struct media *m, struct media_reader *r)
{
	if (r->again_at)
		return;
	r->again_next = NULL;
	r->again_at = m->again_end;
	*m->again_end = r;
	m->again_end = &r->again_next;
}

static void again_remove(struct media *m, struct media_reader *r)
{
	if (!r->again_at)
		return;
	*r->again_at = r->again_next;
	if (r->again_next)
		r->again_next->again_at = r->again_at;
	else
		m->again_end = r->again_at;
	r->again_at = NULL;
}

bool media_again(struct media *m, unsigned sockets)
{
	for (; m->again && sockets; sockets--) {
		struct media_reader *r = m->again;

		again_remove(m, r);
		media_receive(m, r);
	}
	return m->again != NULL;
}

/* ---- open and close ---- */

static struct media_port *open_own(struct media *m, const struct endpoint *at, int *rc)
{
	struct media_port *p = calloc(1, sizeof(*p));

	if (!p) {
		*rc = -ENOMEM;
		return NULL;
	}
	p->local = *at;
	*rc = own_open(m, p);
	if (!*rc)
		return p;
	free(p);
	return NULL;
}

int media_open(struct media *m, struct component *c, const struct relay_interface *on)
{
	const struct endpoint at = {on->address, c->port};
	struct shared *shared = shared_of(m, &on->address);
	struct media_port *p;
	int rc;

	p = shared ? shared_open(shared, c->port, c->stream->interface, &rc) : open_own(m, &at, &rc);
	if (!p) {
		m->counts.open_failed++;
		return rc;
	}
	p->component = c;
	c->io = p;
	m->counts.ports++;
	return 0;
}

void media_close(struct media *m, struct component *c)
{
	struct media_port *p = c->io;

	if (!p)
		return;
	guard_remove(m, p);
	if (p->shared) {
		shared_close(p);
	} else {
		again_remove(m, &p->reader);
		own_close(p);
		free(p);
	}
	c->io = NULL;
	m->counts.ports--;
}

void media_changed(struct media *m, struct stream *s)
{
	if (s->rtp.io)
		guard_remove(m, s->rtp.io);
	if (s->rtcp.io)
		guard_remove(m, s->rtcp.io);
}

void media_tick(struct media *m, uint64_t now)
{
	guard_tick(m, now);
	shared_tick(m);
}

/* ---- in ---- */

static int receive_one_by_one(struct media *m, int fd, unsigned most)
{
	unsigned n = 0;

	while (n < most) {
		ssize_t length = recvmsg(fd, &m->in[n].msg_hdr, MSG_DONTWAIT);

		if (length < 0)
			break;
		m->in[n++].msg_len = (unsigned)length;
	}
	return n ? (int)n : -1;
}

/* How many datagrams came. An error that the system keeps for the socket (ICMP) is taken with the call, and no reason to stop. */
static unsigned receive(struct media *m, int fd, unsigned most)
{
	int n;

	if (m->options.plain)
		n = receive_one_by_one(m, fd, most);
	else
		n = recvmmsg(fd, m->in, most, MSG_DONTWAIT, NULL);
	if (n >= 0)
		return (unsigned)n;
	if (errno != EAGAIN && errno != EINTR)
		m->counts.receive_failed++;
	return 0;
}

static uint8_t received_tos(struct msghdr *h)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS)
			return *CMSG_DATA(c);
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS) {
			int value;

			memcpy(&value, CMSG_DATA(c), sizeof(value));
			return (uint8_t)value;
		}
	}
	return 0;
}

/* Asks the core about datagram `i`; true: it is to be forwarded, as verdicts[i] says. */
static bool judge(struct media *m, struct media_port *at, unsigned i, uint64_t now)
{
	struct packet_verdict *v = &m->verdicts[i];
	struct packet p = {.bytes = m->datagrams[i], .length = m->in[i].msg_len};

	net_to_endpoint(&m->places[i].source, &p.source);
	if (m->options.receive_tos)
		p.tos = received_tos(&m->in[i].msg_hdr);
	*v = (struct packet_verdict){0};
	if (m->options.offload)
		offload_before(m->options.offload, at->component);
	relay_packet(m->relay, at->component, &p, now, v);
	if (m->options.offload)
		offload_after(m->options.offload, at->component, now);
	if (v->record && m->options.recorder)
		recorder_packet(m->options.recorder, v->record, &p, &at->local);
	if (v->refusal == REFUSED_SOURCE && !m->options.plain)
		guard_refused(m, at, now);
	if (v->silence_from && v->silence_from < p.length)
		memset(m->datagrams[i] + v->silence_from, v->silence, p.length - v->silence_from);
	return v->forward && v->from && v->from->io;
}

/* ---- out ---- */

/* Packets that leave through one socket, one after the other, are sent together; an own socket has one TOS at a time. */
struct run {
	int fd;
	uint8_t tos;
	unsigned n;
	unsigned index[MEDIA_BATCH]; /* of the datagrams */
};

static void count_failure(struct media *m, int error)
{
	if (error == EAGAIN || error == ENOBUFS)
		m->counts.send_full++;
	else
		m->counts.send_failed++;
}

/* Most packets come alone; sendto() is the shortest way for one. */
static int send_one(int fd, const struct msghdr *h)
{
	if (h->msg_iovlen > 1)
		return sendmsg(fd, h, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -1 : 1;
	return sendto(fd, h->msg_iov->iov_base, h->msg_iov->iov_len, MSG_DONTWAIT | MSG_NOSIGNAL, h->msg_name, h->msg_namelen) < 0 ? -1 : 1;
}

/* An error stops sendmmsg() at its datagram, and is told by the next call where others went out before it. */
static void send_run(struct media *m, struct run *r)
{
	unsigned done = 0;

	while (done < r->n) {
		unsigned i = r->index[done];
		struct component *from = m->verdicts[i].from;
		struct media_port *port = from->io;
		int sent;

		if (r->n - done == 1 || m->options.plain)
			sent = send_one(r->fd, &m->out[done].msg_hdr);
		else
			sent = sendmmsg(r->fd, m->out + done, r->n - done, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EMSGSIZE && port->shared)
			sent = shared_send_large(m, port, &m->places[i], &m->verdicts[i]);
		if (sent <= 0) {
			count_failure(m, errno);
			relay_sent(from, 0, false);
			relay_send_failed(m->relay);
			done++;
			continue;
		}
		for (int k = 0; k < sent; k++, done++)
			relay_sent(m->verdicts[r->index[done]].from, m->places[r->index[done]].bytes.iov_len, true);
	}
	r->n = 0;
}

/* Datagram `i` becomes the next that goes out in this run. */
static void prepare(struct media *m, unsigned i, struct run *r)
{
	struct place *p = &m->places[i];
	const struct packet_verdict *v = &m->verdicts[i];
	struct media_port *from = v->from->io;
	struct msghdr *h = &m->out[r->n].msg_hdr;

	p->bytes.iov_len = m->in[i].msg_len;
	*h = (struct msghdr){.msg_name = &p->target, .msg_iov = &p->bytes, .msg_iovlen = 1,
		.msg_namelen = net_from_endpoint(&v->to, &p->target)};
	if (from->shared)
		shared_prepare(from, p, v, h);
	r->index[r->n++] = i;
}

/* An address of the other family cannot be sent to from this port; it is counted as the system's refusal of it would be. */
static bool can_send(struct media *m, const struct packet_verdict *v)
{
	const struct media_port *from = v->from->io;

	if (from->local.address.family == v->to.address.family)
		return true;
	count_failure(m, EAFNOSUPPORT);
	relay_sent(v->from, 0, false);
	relay_send_failed(m->relay);
	return false;
}

static void forward(struct media *m, const bool *wanted, unsigned count)
{
	struct run r = {.n = 0};

	for (unsigned i = 0; i < count; i++) {
		const struct packet_verdict *v = &m->verdicts[i];
		struct media_port *from;
		int fd;

		if (!wanted[i] || !can_send(m, v))
			continue;
		from = v->from->io;
		fd = from->shared ? from->shared->raw : from->reader.fd;
		if (r.n && (r.fd != fd || (!from->shared && r.tos != v->tos)))
			send_run(m, &r);
		if (r.n == 0) {
			r.fd = fd;
			r.tos = v->tos;
			if (!from->shared)
				own_tos(from, v->tos);
		}
		prepare(m, i, &r);
	}
	if (r.n)
		send_run(m, &r);
}

void media_receive(struct media *m, struct media_reader *r)
{
	bool wanted[MEDIA_BATCH];
	unsigned most = r->port ? OWN_BATCH : MEDIA_BATCH, count = receive(m, r->fd, most);
	uint64_t now;

	if (count == most)
		again_add(m, r);
	now = clock_now();
	for (unsigned i = 0; i < count; i++) {
		struct media_port *at = r->port ? r->port : shared_port(m, (struct shared *)r, i);

		wanted[i] = at && judge(m, at, i, now);
		m->counts.closed += at == NULL;
	}
	forward(m, wanted, count);
	for (unsigned i = 0; i < count; i++)
		media_place_reset(m, i);
}
