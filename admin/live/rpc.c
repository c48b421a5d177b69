/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rpc.h"

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define TIMEOUT_S  10    /* of a command, whose caller waits for nothing else */
#define REST_S     3     /* of a server after an answer that did not come; longer than its timeout, so that one asks at a time */
#define ANSWER_MAX 65536 /* jsonrpcs sends no more in a datagram */

static unsigned timeout_s = TIMEOUT_S;
static bool rests;             /* after an answer that did not come */
static atomic_long rest_until; /* 0: the last answer came */

/* Where the answer arrives: a socket in a folder of its own, which is removed afterwards. */
struct reply_socket {
	int fd;
	char folder[108];
	struct sockaddr_un address;
};

static int fill_address(struct sockaddr_un *a, const char *path)
{
	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(a->sun_path))
		return -ENAMETOOLONG;
	strcpy(a->sun_path, path);
	return 0;
}

static int make_folder_in(struct reply_socket *r, const char *parent, size_t length)
{
	int rc = -ENOENT;

	if (length && length < sizeof(r->folder) - 20) {
		snprintf(r->folder, sizeof(r->folder), "%.*s/aetactl.XXXXXX", (int)length, parent);
		if (mkdtemp(r->folder))
			return 0;
		rc = -errno;
	}
	r->folder[0] = '\0';
	return rc;
}

/*
 * Where Kamailio finds it, too: in the folder that systemd gives a service of ours in /run, the first of the list; else beside
 * Kamailio's socket if we may write there; else in /tmp, which is of no use if either side has one of its own.
 */
static int make_folder(struct reply_socket *r, const char *server)
{
	const char *ours = getenv("RUNTIME_DIRECTORY"), *slash = strrchr(server, '/');
	int rc = ours ? make_folder_in(r, ours, strcspn(ours, ":")) : -ENOENT;

	if (rc)
		rc = make_folder_in(r, server, slash ? (size_t)(slash - server) : 0);
	return rc ? make_folder_in(r, "/tmp", 4) : 0;
}

/*
 * Kamailio may run as another user, so it may pass the folder and write to the socket; the name is not to be guessed,
 * and the socket is connected, so nothing but Kamailio's answer gets through.
 */
static int open_reply(struct reply_socket *r, const char *server)
{
	const struct timeval timeout = {.tv_sec = (time_t)timeout_s};
	char path[sizeof(r->folder) + 8];
	int rc = make_folder(r, server);

	if (rc)
		return rc;
	snprintf(path, sizeof(path), "%s/reply", r->folder);
	rc = fill_address(&r->address, path);
	if (rc)
		return rc;
	r->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (r->fd < 0 || bind(r->fd, (struct sockaddr *)&r->address, sizeof(r->address)) != 0)
		return -errno;
	if (chmod(path, 0666) != 0 || chmod(r->folder, 0711) != 0 ||
			setsockopt(r->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) != 0 ||
			setsockopt(r->fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) != 0)
		return -errno;
	return 0;
}

static void close_reply(struct reply_socket *r)
{
	if (r->fd >= 0)
		close(r->fd);
	if (r->address.sun_path[0])
		unlink(r->address.sun_path);
	if (r->folder[0])
		rmdir(r->folder);
}

/* Sends `request`, waits for the answer; its length, or -errno. */
static ssize_t exchange(const char *server, const char *request, char *answer, size_t size)
{
	struct reply_socket r = {.fd = -1};
	struct sockaddr_un to;
	ssize_t n = fill_address(&to, server);

	if (n == 0)
		n = open_reply(&r, server);
	if (n)
		goto out;
	n = connect(r.fd, (struct sockaddr *)&to, sizeof(to));
	if (n == 0)
		n = send(r.fd, request, strlen(request), 0);
	if (n >= 0)
		n = recv(r.fd, answer, size, 0);
	if (n < 0)
		n = -errno;
out:
	close_reply(&r);
	return n;
}

static long now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long)t.tv_sec + 1; /* never 0 */
}

/* While it rests nobody waits; after that one asks, and the others go on resting until it has its answer. */
static bool is_resting(void)
{
	long until = atomic_load(&rest_until), now = now_s();

	return until && (now < until || !atomic_compare_exchange_strong(&rest_until, &until, now + REST_S));
}

void rpc_for_a_server(unsigned wait_s)
{
	timeout_s = wait_s;
	rests = true;
}

/* exchange(), unless the last answer did not come: then it fails at once for a while. */
static ssize_t exchange_unless_resting(const char *server, const char *request, char *answer, size_t size)
{
	ssize_t n;

	if (rests && is_resting())
		return -EALREADY;
	n = exchange(server, request, answer, size);
	if (rests)
		atomic_store(&rest_until, n == -EAGAIN ? now_s() + REST_S : 0);
	return n;
}

/* Kamailio hands on what an agent said of itself as it came; JSON is UTF-8, so other bytes than ASCII become '?'. */
static void plain(char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)bytes[i] >= 0x80)
			bytes[i] = '?';
}

/* Takes the answer apart; may change its bytes. */
static int read_answer(char *bytes, size_t len, json_t **result, char *error, size_t size)
{
	json_error_t where;
	json_t *answer;
	json_t *fault;
	const char *text;
	int rc = 0;

	plain(bytes, len);
	answer = json_loadb(bytes, len, 0, &where);
	fault = json_object_get(answer, "error");
	if (!json_is_object(answer)) {
		snprintf(error, size, "Kamailio's answer is no JSON: %s", where.text);
		rc = -EINVAL;
	} else if (fault) {
		text = json_string_value(json_object_get(fault, "message"));
		snprintf(error, size, "%s", text ? text : "Kamailio refused without a reason");
		rc = -EPERM;
	} else {
		*result = json_object_get(answer, "result");
		*result = *result ? json_incref(*result) : json_null();
	}
	json_decref(answer);
	return rc;
}

int rpc_call(const char *socket_path, const char *method, json_t *params, json_t **result, char *error, size_t size)
{
	json_t *call = json_pack("{s:s, s:s, s:i, s:o*}", "jsonrpc", "2.0", "method", method, "id", 1, "params", params);
	char *request = call ? json_dumps(call, JSON_COMPACT) : NULL;
	char *answer = malloc(ANSWER_MAX);
	ssize_t n;
	int rc = -ENOMEM;

	*result = NULL;
	snprintf(error, size, "out of memory");
	if (!request || !answer)
		goto out;
	rc = -EHOSTUNREACH;
	if (!socket_path[0]) {
		snprintf(error, size, "no rpc_socket in the configuration");
		goto out;
	}
	n = exchange_unless_resting(socket_path, request, answer, ANSWER_MAX);
	if (n < 0)
		snprintf(error, size, "Kamailio does not answer at %s: %s", socket_path,
				n == -EAGAIN ? "no reply in time" : n == -EALREADY ? "no reply lately" : strerror((int)-n));
	else
		rc = read_answer(answer, (size_t)n, result, error, size);
out:
	json_decref(call);
	free(request);
	free(answer);
	return rc;
}
