/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "systemd.h"

#include "core/text.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct sockaddr_un to;
static socklen_t to_length;

uint64_t systemd_init(void)
{
	const char *path = getenv("NOTIFY_SOCKET"), *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	uint64_t us = 0, who;

	if (path && (path[0] == '/' || path[0] == '@') && strlen(path) < sizeof(to.sun_path)) {
		to.sun_family = AF_UNIX;
		memcpy(to.sun_path, path, strlen(path));
		if (path[0] == '@') /* an abstract one */
			to.sun_path[0] = '\0';
		to_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	}
	if (!usec || !text_number(text_of(usec), UINT64_MAX / 2, &us))
		return 0;
	if (pid && text_number(text_of(pid), UINT32_MAX, &who) && who != (uint64_t)getpid())
		return 0;
	return us / 2;
}

void systemd_say(const char *state)
{
	int fd;

	if (!to_length)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to, to_length) < 0)
		to_length = 0;
	close(fd);
}
