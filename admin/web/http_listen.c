/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the server has before root is given up: its keys, and the socket that it listens on. */
#include "http.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define KEY_FILE_MAX 65536u

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = f ? calloc(1, KEY_FILE_MAX) : NULL;
	size_t n = text ? fread(text, 1, KEY_FILE_MAX - 1, f) : 0;

	if (f)
		fclose(f);
	if (n == 0 || n == KEY_FILE_MAX - 1) {
		free(text);
		return NULL;
	}
	return text;
}

int http_keys_read(struct http_keys *k, const struct settings *s, char *error, size_t size)
{
	*k = (struct http_keys){0};
	if (!s->tls)
		return 0;
	k->certificate = read_file(s->text.tls_certificate);
	k->key = read_file(s->text.tls_key);
	if (k->certificate && k->key)
		return 0;
	snprintf(error, size, "cannot read %s", k->certificate ? s->text.tls_key : s->text.tls_certificate);
	http_keys_free(k);
	return -ENOENT;
}

void http_keys_free(struct http_keys *k)
{
	if (k->key)
		explicit_bzero(k->key, strlen(k->key));
	free(k->certificate);
	free(k->key);
	*k = (struct http_keys){0};
}

/* sd_listen_fds(3): one socket, number 3. */
static int passed_socket(void)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");

	if (!pid || !count || strtol(pid, NULL, 10) != (long)getpid() || strcmp(count, "1") != 0)
		return -ENOENT;
	return 3;
}

int http_listen(const struct settings *s, char *error, size_t size)
{
	int fd = passed_socket(), on = 1;

	if (fd >= 0)
		return fd;
	fd = socket(s->listen.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
			bind(fd, (const struct sockaddr *)&s->listen, s->listen_length) == 0 && listen(fd, 128) == 0)
		return fd;
	snprintf(error, size, "cannot listen on %s: %s", s->text.listen, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -EADDRINUSE;
}
