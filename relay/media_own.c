/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A media port with a socket of its own, bound to its address and port without SO_REUSEADDR, so that a port of another program is a
 * failure to bind and the core takes the next. What is done where the system lets no socket be shared.
 */
#include "media_port.h"

#include <sys/epoll.h>
#include <unistd.h>

int socket_option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) == 0 ? 0 : -errno;
}

/* In plain mode none of it is needed. */
static int set_options(const struct media *m, int fd, bool v6, int buffer)
{
	int rc = socket_option(fd, SOL_SOCKET, SO_RCVBUF, buffer);

	if (!rc && v6)
		rc = socket_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (!rc && m->options.receive_tos)
		rc = v6 ? socket_option(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1) : socket_option(fd, IPPROTO_IP, IP_RECVTOS, 1);
	return m->options.plain ? 0 : rc;
}

int media_socket(const struct media *m, uint8_t family, int buffer)
{
	int fd = socket(family == 6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), rc;

	if (fd < 0)
		return -errno;
	rc = set_options(m, fd, family == 6, buffer);
	if (!rc)
		return fd;
	close(fd);
	return rc;
}

int own_open(struct media *m, struct media_port *p)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = &p->reader};
	union net_address name;
	socklen_t length = net_from_endpoint(&p->local, &name);
	int rc = 0;

	p->reader.port = p;
	p->reader.fd = media_socket(m, p->local.address.family, m->options.receive_buffer);
	if (p->reader.fd < 0)
		return p->reader.fd;
	if (bind(p->reader.fd, &name.any, length) != 0 || epoll_ctl(m->options.epoll, EPOLL_CTL_ADD, p->reader.fd, &event) != 0)
		rc = -errno;
	if (rc)
		close(p->reader.fd);
	return rc;
}

void own_close(struct media_port *p)
{
	close(p->reader.fd); /* which takes it out of the epoll */
}

void own_tos(struct media_port *p, uint8_t tos)
{
	if (p->tos == tos)
		return;
	if (p->local.address.family == 6)
		socket_option(p->reader.fd, IPPROTO_IPV6, IPV6_TCLASS, tos);
	else
		socket_option(p->reader.fd, IPPROTO_IP, IP_TOS, tos);
	p->tos = tos;
}
