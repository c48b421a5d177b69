/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ng over UDP. Replies leave from the address that was asked. */
#include "daemon.h"

#include "clock.h"
#include "listen.h"
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define REQUESTS 32 /* before media are looked at again */
#define DATAGRAM_MAX 65536
#define UDP_PAYLOAD_MAX 65507
#define BUFFER (1 << 20)
#define CONTROL_MAX 64

struct ng_udp {
	struct watch watch;
	struct out reply;
	char datagram[DATAGRAM_MAX];
	char control[CONTROL_MAX] __attribute__((aligned(8)));
};

/*
 * The destination that recvmsg() told us, as it was put into the control message, is what sendmsg() takes as source, if the interface
 * is left open. Returns the length of what `h` carries then.
 */
static void answer_from_there(struct msghdr *h)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(h);

	if (c && c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
		struct in_pktinfo *info = (struct in_pktinfo *)CMSG_DATA(c);

		info->ipi_spec_dst = info->ipi_addr;
		info->ipi_ifindex = 0;
		h->msg_controllen = CMSG_SPACE(sizeof(*info));
	} else if (!c || c->cmsg_level != IPPROTO_IPV6 || c->cmsg_type != IPV6_PKTINFO) {
		h->msg_control = NULL;
		h->msg_controllen = 0;
	}
}

static void answer(struct daemon *d, struct ng_udp *n, struct msghdr *h)
{
	if (n->reply.failed || n->reply.n == 0) {
		d->counts.ng_silent++;
		return;
	}
	answer_from_there(h);
	h->msg_iov->iov_base = n->reply.s;
	h->msg_iov->iov_len = n->reply.n;
	if (n->reply.n > UDP_PAYLOAD_MAX || sendmsg(n->watch.fd, h, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
		d->counts.ng_send_failed++;
		log_say(LOG_ERR, "an ng reply of %zu bytes could not be sent: %m", n->reply.n);
	}
}

/* False: nothing was there. */
static bool serve_one(struct daemon *d, struct ng_udp *n)
{
	union net_address source;
	struct iovec bytes = {n->datagram, sizeof(n->datagram)};
	struct msghdr h = {.msg_name = &source, .msg_namelen = sizeof(source), .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = n->control,
		.msg_controllen = CONTROL_MAX};
	ssize_t length = recvmsg(n->watch.fd, &h, MSG_DONTWAIT);
	struct endpoint from;

	if (length < 0)
		return errno != EAGAIN && errno != EWOULDBLOCK;
	net_to_endpoint(&source, &from);
	if (!settings_allow(&d->settings, &from.address)) {
		d->counts.ng_forbidden++;
		return true;
	}
	d->counts.ng_requests++;
	out_clear(&n->reply);
	relay_ng(d->relay, (struct text){n->datagram, (size_t)length}, &from, clock_now(), &n->reply);
	answer(d, n, &h);
	return true;
}

static void ng_udp_ready(struct daemon *d, struct watch *w, uint32_t events)
{
	(void)events;
	for (int i = 0; i < REQUESTS && serve_one(d, (struct ng_udp *)w); i++)
		;
}

void ng_udp_look(struct daemon *d)
{
	for (unsigned i = 0; i < d->settings.ng.n; i++)
		ng_udp_ready(d, &d->ng_udp[i]->watch, 0);
}

static int bind_to(const struct endpoint *at)
{
	union net_address name;
	socklen_t length = net_from_endpoint(at, &name);
	int fd = socket(name.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1, size = BUFFER;

	if (fd < 0)
		return -errno;
	if (at->address.family == 6) {
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
	} else {
		setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	}
	/* Bursts of requests wait here while a round of media is served; only root may have more than the machine's limit. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (bind(fd, &name.any, length) == 0)
		return fd;
	on = -errno;
	close(fd);
	return on;
}

int ng_udp_open(struct daemon *d, char error[OPTIONS_ERROR_MAX])
{
	for (unsigned i = 0; i < d->settings.ng.n; i++) {
		struct ng_udp *n = calloc(1, sizeof(*n));
		int fd = bind_to(&d->settings.ng.at[i]);

		if (!n || fd < 0) {
			listen_error(error, "listen-ng", &d->settings.ng.at[i], n ? fd : -ENOMEM);
			free(n);
			return -EINVAL;
		}
		out_init(&n->reply, OUT_MAX);
		n->watch.ready = ng_udp_ready;
		d->ng_udp[i] = n;
		if (watch_add_first(d, &n->watch, fd) != 0)
			return -EINVAL;
	}
	return 0;
}

void ng_udp_close(struct daemon *d)
{
	for (unsigned i = 0; i < LISTEN_MAX; i++) {
		if (!d->ng_udp[i])
			continue;
		watch_close(&d->ng_udp[i]->watch);
		out_free(&d->ng_udp[i]->reply);
		free(d->ng_udp[i]);
		d->ng_udp[i] = NULL;
	}
}
