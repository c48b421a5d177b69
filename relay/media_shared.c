/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All media ports of an address with two sockets: a call costs no socket, and packets of all calls are read and sent together. The
 * system gives the packets of open ports to one UDP socket (kernel/ports.bpf.c); a raw socket sends from any port. Whether it works
 * on this machine is tried with a packet, from the first socket to the second, before a call depends on it.
 */
#include "media_port.h"

#include "clock.h"
#include "core/ports.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <unistd.h>

#define BUFFER (2 << 20) /* bytes; large enough for a pause of the machine, small enough to be read soon after a flood */
#define PROOF_MS 300
#define ANSWER_US 100 /* about as long as a request takes: a port that was free then is taken for free */
#define PROOF_BYTES 32

/* SO_RCVBUFFORCE is for root alone; the other one gives what the machine lets everybody have. */
static void set_buffer(int fd, int force, int name)
{
	if (socket_option(fd, SOL_SOCKET, force, BUFFER) != 0)
		socket_option(fd, SOL_SOCKET, name, BUFFER);
}

static int bind_to(int fd, const struct address *a)
{
	const struct endpoint any_port = {*a, 0};
	union net_address name;
	socklen_t length = net_from_endpoint(&any_port, &name);

	return bind(fd, &name.any, length) == 0 ? 0 : -errno;
}

static int open_receiver(struct media *m, struct shared *s)
{
	bool v6 = s->first.address.family == 6;
	int fd = media_socket(m, s->first.address.family, m->options.receive_buffer), rc;

	if (fd < 0)
		return fd;
	s->reader.fd = fd;
	set_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF);
	rc = v6 ? socket_option(fd, IPPROTO_IPV6, IPV6_RECVORIGDSTADDR, 1) : socket_option(fd, IPPROTO_IP, IP_RECVORIGDSTADDR, 1);
	return rc ? rc : bind_to(fd, &s->first.address);
}

/* IPPROTO_RAW: it only sends, headers and all. Bound, so that routes are chosen by its address as for any other socket. */
static int open_sender(struct shared *s)
{
	s->raw = socket(s->first.address.family == 6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW);
	if (s->raw < 0)
		return -errno;
	set_buffer(s->raw, SO_SNDBUFFORCE, SO_SNDBUF);
	return bind_to(s->raw, &s->first.address);
}

static void close_sockets(struct shared *s)
{
	if (s->reader.fd >= 0)
		close(s->reader.fd);
	if (s->raw >= 0)
		close(s->raw);
	s->reader.fd = s->raw = -1;
}

/* ---- in and out ---- */

struct media_port *shared_port(struct media *m, struct shared *s, unsigned i)
{
	struct msghdr *h = &m->in[i].msg_hdr;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		union net_address to;
		uint16_t port;

		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_ORIGDSTADDR)
			memcpy(&to.v4, CMSG_DATA(c), sizeof(to.v4));
		else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_ORIGDSTADDR)
			memcpy(&to.v6, CMSG_DATA(c), sizeof(to.v6));
		else
			continue;
		port = ntohs(to.any.sa_family == AF_INET6 ? to.v6.sin6_port : to.v4.sin_port);
		if (port < s->first.port || port > s->port_max || !s->ports[port - s->first.port].component)
			return NULL;
		return &s->ports[port - s->first.port];
	}
	return NULL;
}

void shared_prepare(struct media_port *from, struct place *p, const struct packet_verdict *v, struct msghdr *h)
{
	p->out[0] = (struct iovec){p->head, ip_packet_head(p->head, &from->local, &v->to, v->tos, p->bytes.iov_base, p->bytes.iov_len)};
	p->out[1] = p->bytes;
	h->msg_iov = p->out;
	h->msg_iovlen = 2;
	if (v->to.address.family == 6)
		p->target.v6.sin6_port = 0; /* a raw socket takes it for a protocol */
}

int shared_send_large(const struct media *m, struct media_port *from, const struct place *p, const struct packet_verdict *v)
{
	union net_address name, target;
	socklen_t length = net_from_endpoint(&from->local, &name);
	int fd = media_socket(m, from->local.address.family, m->options.receive_buffer), rc = -1, error;
	struct media_port speaker = {.reader.fd = fd, .local = from->local};

	if (fd < 0)
		return -1;
	own_tos(&speaker, v->tos);
	if (bind(fd, &name.any, length) == 0 && sendto(fd, p->bytes.iov_base, p->bytes.iov_len, MSG_DONTWAIT | MSG_NOSIGNAL, &target.any,
		net_from_endpoint(&v->to, &target)) >= 0)
		rc = 1;
	error = errno;
	close(fd);
	errno = error;
	return rc;
}

/* ---- ports ---- */

struct shared *shared_of(struct media *m, const struct address *a)
{
	for (unsigned i = 0; i < m->shared_count; i++)
		if (address_equal(&m->shared[i].first.address, a))
			return &m->shared[i];
	return NULL;
}

/* Where the system does not say whether a port is used, binding to it says it. */
static int try_to_bind(const struct endpoint *at)
{
	union net_address name;
	socklen_t length = net_from_endpoint(at, &name);
	int fd = socket(name.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc = 0;

	if (fd < 0 || bind(fd, &name.any, length) != 0)
		rc = -errno;
	if (fd >= 0)
		close(fd);
	return rc;
}

/* An answer is for one opening. */
static bool is_known_free(struct shared *s, uint16_t port, uint64_t now)
{
	for (unsigned i = 0; i < PORTS_ASKED && now - s->asked_at < ANSWER_US; i++) {
		if (s->asked[i] != port)
			continue;
		s->asked[i] = 0;
		return true;
	}
	return false;
}

/* A call opens pairs, two or more in one request: one question is about the port, the odd one after it, and the next pairs. */
static void choose_asked(struct shared *s, uint16_t port, const struct interface *from)
{
	uint16_t next[PORTS_ASKED / 2 - 1];
	unsigned pairs = from ? pairs_next(from, next, PORTS_ASKED / 2 - 1) : 0;

	memset(s->asked, 0, sizeof(s->asked));
	s->asked[0] = port;
	s->asked[1] = port < s->port_max ? (uint16_t)(port + 1) : 0;
	for (unsigned i = 0; i < pairs; i++) {
		s->asked[2 * i + 2] = next[i];
		s->asked[2 * i + 3] = (uint16_t)(next[i] + 1);
	}
}

static int claim(struct shared *s, uint16_t port, const struct interface *from)
{
	const struct endpoint at = {s->first.address, port};
	uint64_t now = clock_now();
	int used;

	if (is_known_free(s, port, now))
		return 0;
	choose_asked(s, port, from);
	used = port_table_used(s->table, &at.address, s->asked);
	s->asked_at = now;
	s->asked[0] = 0;
	for (unsigned i = 1; i < PORTS_ASKED; i++)
		if (used < 0 || used >> i & 1)
			s->asked[i] = 0;
	if (used < 0)
		return try_to_bind(&at);
	return used & 1 ? -EADDRINUSE : 0;
}

struct media_port *shared_open(struct shared *s, uint16_t port, const struct interface *from, int *rc)
{
	struct media_port *p;

	if (port < s->first.port || port > s->port_max)
		*rc = -EINVAL;
	else if (s->away)
		*rc = -EADDRNOTAVAIL;
	else
		*rc = claim(s, port, from);
	if (*rc)
		return NULL;
	p = &s->ports[port - s->first.port];
	*p = (struct media_port){.reader.fd = -1, .shared = s, .local = {s->first.address, port}};
	port_entry_open(&s->entries[port - s->first.port]);
	return p;
}

void shared_close(struct media_port *p)
{
	port_entry_close(&p->shared->entries[p->local.port - p->shared->first.port]);
	p->component = NULL;
}

/* A socket of a port's own could not be bound where the address has gone to another machine; the shared ones stay bound. */
void shared_tick(struct media *m)
{
	for (unsigned i = 0; i < m->shared_count; i++) {
		const struct endpoint any_port = {m->shared[i].first.address, 0};

		m->shared[i].away = try_to_bind(&any_port) == -EADDRNOTAVAIL;
	}
}

/* ---- start and end ---- */

/* What came in is what was sent, from where it was sent, and to where. */
static int check_proof(struct media *m, struct shared *s, const struct media_port *at, const uint8_t bytes[PROOF_BYTES])
{
	struct pollfd wait = {.fd = s->reader.fd, .events = POLLIN};
	struct endpoint source;

	if (poll(&wait, 1, PROOF_MS) != 1)
		return -ETIMEDOUT;
	media_place_reset(m, 0);
	if (recvmsg(s->reader.fd, &m->in[0].msg_hdr, MSG_DONTWAIT) != PROOF_BYTES || memcmp(m->datagrams[0], bytes, PROOF_BYTES) != 0)
		return -EBADMSG;
	net_to_endpoint(&m->places[0].source, &source);
	return endpoint_equal(&source, &at->local) && shared_port(m, s, 0) == at ? 0 : -EBADMSG;
}

static int send_proof(struct media *m, struct media_port *at, uint8_t bytes[PROOF_BYTES])
{
	struct place *p = &m->places[0];
	const struct packet_verdict v = {.to = at->local};
	struct msghdr h = {.msg_name = &p->target, .msg_namelen = net_from_endpoint(&v.to, &p->target)};
	int rc;

	p->bytes = (struct iovec){bytes, PROOF_BYTES};
	shared_prepare(at, p, &v, &h);
	rc = sendmsg(at->shared->raw, &h, MSG_NOSIGNAL) < 0 ? -errno : 0;
	media_place_reset(m, 0);
	return rc;
}

/* Sends a packet from one of the ports to itself. 0 or -errno. */
static int prove(struct media *m, struct shared *s)
{
	struct component nobody = {0};
	uint8_t bytes[PROOF_BYTES];
	struct media_port *at = NULL;
	int rc = 0;

	for (uint16_t port = s->port_max; !at && port >= s->first.port; port--)
		at = shared_open(s, port, NULL, &rc);
	if (!at)
		return rc;
	at->component = &nobody;
	rc = getrandom(bytes, sizeof(bytes), 0) == sizeof(bytes) ? send_proof(m, at, bytes) : -EIO;
	if (!rc)
		rc = check_proof(m, s, at, bytes);
	shared_close(at);
	return rc;
}

static int wrong(char error[PORT_TABLE_ERROR_MAX], const char *what, int rc)
{
	snprintf(error, PORT_TABLE_ERROR_MAX, "%s: %s", what, strerror(-rc));
	return rc;
}

/* An address that this machine does not have now, and one that stands for all, get sockets of their own: false. */
static bool open_sockets(struct media *m, const struct relay_interface *on, int *rc)
{
	struct shared *s = &m->shared[m->shared_count];

	*s = (struct shared){.reader.fd = -1, .raw = -1, .first = {on->address, on->port_min}, .port_max = on->port_max};
	if (address_is_any(&on->address) || shared_of(m, &on->address))
		return false;
	*rc = open_receiver(m, s);
	if (!*rc)
		*rc = open_sender(s);
	if (!*rc)
		return true;
	close_sockets(s);
	return false;
}

static int make_table(struct media *m, char error[PORT_TABLE_ERROR_MAX])
{
	struct port_range ranges[PORT_ADDRESSES];

	for (unsigned i = 0; i < m->shared_count; i++) {
		const struct shared *s = &m->shared[i];

		ranges[i] = (struct port_range){s->first.address, s->first.port, s->port_max, s->reader.fd};
	}
	m->table = port_table_new(ranges, m->shared_count, m->options.port_rate, m->options.port_rate / 10, error);
	return m->table ? 0 : -EOPNOTSUPP;
}

static int start_reading(struct media *m, struct shared *s, unsigned i)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = &s->reader};

	s->table = m->table;
	s->entries = port_table_entries(m->table, i);
	s->ports = calloc((size_t)s->port_max - s->first.port + 1, sizeof(*s->ports));
	if (!s->ports)
		return -ENOMEM;
	return epoll_ctl(m->options.epoll, EPOLL_CTL_ADD, s->reader.fd, &event) == 0 ? 0 : -errno;
}

static int share(struct media *m, const struct relay_config *c, char error[PORT_TABLE_ERROR_MAX])
{
	int rc = -EADDRNOTAVAIL;

	for (unsigned i = 0; i < c->interface_count && m->shared_count < PORT_ADDRESSES; i++)
		if (open_sockets(m, &c->interfaces[i], &rc))
			m->shared_count++;
	if (m->shared_count == 0)
		return wrong(error, "no socket", rc);
	rc = make_table(m, error);
	if (rc)
		return rc;
	for (unsigned i = 0; i < m->shared_count; i++) {
		rc = start_reading(m, &m->shared[i], i);
		if (!rc)
			rc = prove(m, &m->shared[i]);
		if (rc)
			return wrong(error, "a packet that was sent to try it did not come", rc);
	}
	return 0;
}

unsigned media_share(struct media *m, const struct relay_config *c, char error[PORT_TABLE_ERROR_MAX])
{
	error[0] = '\0';
	if (share(m, c, error) != 0)
		shared_free(m);
	return m->shared_count;
}

void shared_free(struct media *m)
{
	port_table_free(m->table);
	m->table = NULL;
	for (unsigned i = 0; i < m->shared_count; i++) {
		close_sockets(&m->shared[i]);
		free(m->shared[i].ports);
	}
	m->shared_count = 0;
}
