/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "listen.h"

#include <errno.h>
#include <unistd.h>

#define BACKLOG 128

int listen_tcp(const struct endpoint *at)
{
	union net_address name;
	socklen_t length = net_from_endpoint(at, &name);
	int fd = socket(name.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1, rc;

	if (fd < 0)
		return -errno;
	/* For TCP this only passes over connections that are closed already. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (at->address.family == 6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, &name.any, length) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

void listen_error(char error[OPTIONS_ERROR_MAX], const char *option, const struct endpoint *at, int rc)
{
	const char *what = strerror(-rc), *advice = "";
	char where[ENDPOINT_TEXT_MAX];

	endpoint_format(at, where);
	if (rc == -EADDRINUSE)
		advice = ": another program is there, or another relay; end it, or choose another port";
	else if (rc == -EADDRNOTAVAIL)
		advice = ": this machine does not have that address";
	else if (rc == -EACCES)
		advice = ": ports below 1024 are root's";
	snprintf(error, OPTIONS_ERROR_MAX, "--%s=%s: %s%s", option, where, what, advice);
}
