/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media_sockets.h"

#include "clock.h"
#include "media_guard.h"
#include "media_socket.h"
#include "recorder.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define BATCH 16
#define DATAGRAM_MAX 65536
#define CONTROL_MAX 64

/* One datagram's place, coming in; going out it is the same bytes with another name. */
struct place {
	union net_address source, target;
	struct iovec bytes;
	char control[CONTROL_MAX] __attribute__((aligned(8)));
};

struct media {
	struct media_options options;
	struct media_counts counts;
	struct relay *relay;
	struct guard_list guarded;
	struct media_socket *again, **again_end; /* have more; oldest first */
	struct place places[BATCH];
	struct mmsghdr in[BATCH], out[BATCH];
	struct packet_verdict verdicts[BATCH];
	uint8_t datagrams[BATCH][DATAGRAM_MAX]; /* of which only the pages that were needed are in memory */
};

/* What was lent to the system for a call is made ready for the next one. */
static void place_reset(struct media *m, unsigned i)
{
	struct msghdr *h = &m->in[i].msg_hdr;

	m->places[i].bytes.iov_len = DATAGRAM_MAX;
	h->msg_namelen = sizeof(union net_address);
	h->msg_control = m->options.receive_tos ? m->places[i].control : NULL;
	h->msg_controllen = m->options.receive_tos ? CONTROL_MAX : 0;
}

struct media *media_new(const struct media_options *options)
{
	struct media *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->options = *options;
	m->again_end = &m->again;
	for (unsigned i = 0; i < BATCH; i++) {
		struct place *p = &m->places[i];

		p->bytes = (struct iovec){m->datagrams[i], DATAGRAM_MAX};
		m->in[i].msg_hdr = (struct msghdr){.msg_name = &p->source, .msg_iov = &p->bytes, .msg_iovlen = 1};
		place_reset(m, i);
	}
	return m;
}

void media_free(struct media *m)
{
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

/* ---- sockets that have more ---- */

static void again_add(struct media *m, struct media_socket *s)
{
	if (s->again_at)
		return;
	s->again_next = NULL;
	s->again_at = m->again_end;
	*m->again_end = s;
	m->again_end = &s->again_next;
}

static void again_remove(struct media *m, struct media_socket *s)
{
	if (!s->again_at)
		return;
	*s->again_at = s->again_next;
	if (s->again_next)
		s->again_next->again_at = s->again_at;
	else
		m->again_end = s->again_at;
	s->again_at = NULL;
}

bool media_again(struct media *m, unsigned sockets)
{
	for (; m->again && sockets; sockets--) {
		struct media_socket *s = m->again;

		again_remove(m, s);
		media_receive(m, s);
	}
	return m->again != NULL;
}

/* ---- open and close ---- */

static int option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) == 0 ? 0 : -errno;
}

/* In plain mode none of it is needed. */
static int set_options(const struct media *m, int fd, bool v6)
{
	int rc = option(fd, SOL_SOCKET, SO_RCVBUF, m->options.receive_buffer);

	if (!rc && v6)
		rc = option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (!rc && m->options.receive_tos)
		rc = v6 ? option(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1) : option(fd, IPPROTO_IP, IP_RECVTOS, 1);
	return m->options.plain ? 0 : rc;
}

static int bind_socket(struct media *m, struct media_socket *s, const struct endpoint *at)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = s};
	union net_address name;
	socklen_t length = net_from_endpoint(at, &name);
	int rc;

	s->fd = socket(name.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0)
		return -errno;
	rc = set_options(m, s->fd, s->local.address.family == 6);
	if (!rc && (bind(s->fd, &name.any, length) != 0 || epoll_ctl(m->options.epoll, EPOLL_CTL_ADD, s->fd, &event) != 0))
		rc = -errno;
	if (rc)
		close(s->fd);
	return rc;
}

int media_open(struct media *m, struct component *c, const struct relay_interface *on)
{
	struct media_socket *s = calloc(1, sizeof(*s));
	int rc = -ENOMEM;

	if (s) {
		s->component = c;
		s->local = (struct endpoint){on->address, c->port};
		rc = bind_socket(m, s, &s->local);
	}
	if (rc) {
		free(s);
		m->counts.open_failed++;
		return rc;
	}
	c->io = s;
	m->counts.sockets++;
	return 0;
}

void media_close(struct media *m, struct component *c)
{
	struct media_socket *s = c->io;

	if (!s)
		return;
	guard_remove(&m->guarded, s, &m->counts);
	again_remove(m, s);
	close(s->fd);
	free(s);
	c->io = NULL;
	m->counts.sockets--;
}

void media_changed(struct media *m, struct stream *s)
{
	if (s->rtp.io)
		guard_remove(&m->guarded, s->rtp.io, &m->counts);
	if (s->rtcp.io)
		guard_remove(&m->guarded, s->rtcp.io, &m->counts);
}

void media_tick(struct media *m, uint64_t now)
{
	guard_tick(&m->guarded, now, &m->counts);
}

/* ---- in ---- */

static int receive_one_by_one(struct media *m, int fd)
{
	int n = 0;

	while (n < BATCH) {
		ssize_t length = recvmsg(fd, &m->in[n].msg_hdr, MSG_DONTWAIT);

		if (length < 0)
			break;
		m->in[n++].msg_len = (unsigned)length;
	}
	return n ? n : -1;
}

/* How many datagrams came. An error that the system keeps for the socket (ICMP) is taken with the call, and no reason to stop. */
static unsigned receive(struct media *m, int fd)
{
	int n;

	if (m->options.plain)
		n = receive_one_by_one(m, fd);
	else
		n = recvmmsg(fd, m->in, BATCH, MSG_DONTWAIT, NULL);
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
static bool judge(struct media *m, struct media_socket *s, unsigned i, uint64_t now)
{
	struct packet_verdict *v = &m->verdicts[i];
	struct packet p = {.bytes = m->datagrams[i], .length = m->in[i].msg_len};

	net_to_endpoint(&m->places[i].source, &p.source);
	if (m->options.receive_tos)
		p.tos = received_tos(&m->in[i].msg_hdr);
	*v = (struct packet_verdict){0};
	relay_packet(m->relay, s->component, &p, now, v);
	if (v->record && m->options.recorder)
		recorder_packet(m->options.recorder, v->record, &p, &s->local);
	if (v->refusal == REFUSED_SOURCE && !m->options.plain)
		guard_refused(&m->guarded, s, now, &m->counts);
	return v->forward && v->from && v->from->io;
}

/* ---- out ---- */

static void set_tos(struct media_socket *s, uint8_t tos)
{
	int value = tos;

	if (s->tos == tos)
		return;
	if (s->local.address.family == 6)
		setsockopt(s->fd, IPPROTO_IPV6, IPV6_TCLASS, &value, sizeof(value));
	else
		setsockopt(s->fd, IPPROTO_IP, IP_TOS, &value, sizeof(value));
	s->tos = tos;
}

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
	return sendto(fd, h->msg_iov->iov_base, h->msg_iov->iov_len, MSG_DONTWAIT | MSG_NOSIGNAL, h->msg_name, h->msg_namelen) < 0 ? -1 : 1;
}

/* An error stops sendmmsg() at its datagram, and is told by the next call where others went out before it. */
static void send_run(struct media *m, struct component *from, unsigned n)
{
	struct media_socket *s = from->io;
	unsigned done = 0;

	while (done < n) {
		int sent;

		if (n - done == 1 || m->options.plain)
			sent = send_one(s->fd, &m->out[done].msg_hdr);
		else
			sent = sendmmsg(s->fd, m->out + done, n - done, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0) {
			count_failure(m, errno);
			relay_sent(from, 0, false);
			relay_send_failed(m->relay);
			done++;
			continue;
		}
		for (int i = 0; i < sent; i++, done++)
			relay_sent(from, m->out[done].msg_hdr.msg_iov->iov_len, true);
	}
}

/* Datagram `i` becomes the n-th that goes out in this run. */
static void prepare(struct media *m, unsigned i, unsigned n)
{
	struct place *p = &m->places[i];

	p->bytes.iov_len = m->in[i].msg_len;
	m->out[n].msg_hdr = (struct msghdr){.msg_name = &p->target, .msg_iov = &p->bytes, .msg_iovlen = 1,
		.msg_namelen = net_from_endpoint(&m->verdicts[i].to, &p->target)};
}

/*
 * Runs of datagrams that leave from the same socket with the same TOS go out in one call. An address of the other family cannot be
 * sent to from this socket; the system says so, and it is counted.
 */
static void forward(struct media *m, const bool *wanted, unsigned count)
{
	unsigned n = 0;
	const struct packet_verdict *run = NULL;

	for (unsigned i = 0; i < count; i++) {
		const struct packet_verdict *v = &m->verdicts[i];

		if (!wanted[i])
			continue;
		if (run && (run->from != v->from || run->tos != v->tos)) {
			send_run(m, run->from, n);
			n = 0;
		}
		if (n == 0) {
			run = v;
			set_tos(v->from->io, v->tos);
		}
		prepare(m, i, n++);
	}
	if (n)
		send_run(m, run->from, n);
}

void media_receive(struct media *m, struct media_socket *s)
{
	bool wanted[BATCH];
	unsigned count;
	uint64_t now;

	count = receive(m, s->fd);
	if (count == BATCH)
		again_add(m, s);
	now = clock_now();
	for (unsigned i = 0; i < count; i++)
		wanted[i] = judge(m, s, i, now);
	forward(m, wanted, count);
	for (unsigned i = 0; i < count; i++)
		place_reset(m, i);
}
