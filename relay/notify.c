/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "notify.h"

#include "core/reply.h"
#include "log.h"
#include "net_address.h"

#include <errno.h>
#include <sys/un.h>
#include <unistd.h>

static int wrong(char *error, const char *to, const char *why)
{
	snprintf(error, OPTIONS_ERROR_MAX, "--notify=%.200s: %s", to, why);
	return -EINVAL;
}

static int read_unix(struct notifier *n, const char *path, const char *to, char *error)
{
	struct sockaddr_un *name = (struct sockaddr_un *)&n->to;

	if (path[0] != '/' || strlen(path) >= sizeof(name->sun_path))
		return wrong(error, to, "an absolute path of at most 107 characters is expected");
	name->sun_family = AF_UNIX;
	strcpy(name->sun_path, path);
	n->length = sizeof(*name);
	return 0;
}

static int read_udp(struct notifier *n, const char *where, const char *to, char *error)
{
	struct endpoint e;

	if (!listen_parse(text_of(where), &e))
		return wrong(error, to, "ADDRESS:PORT is expected, an IPv6 address in [ ]");
	n->length = net_from_endpoint(&e, (union net_address *)&n->to);
	return 0;
}

int notify_open(struct notifier *n, const char *to, char error[OPTIONS_ERROR_MAX])
{
	sa_family_t family;
	int rc;

	memset(n, 0, sizeof(*n));
	n->fd = -1;
	if (!to)
		return 0;
	if (strncmp(to, "unix:", 5) == 0)
		rc = read_unix(n, to + 5, to, error);
	else if (strncmp(to, "udp:", 4) == 0)
		rc = read_udp(n, to + 4, to, error);
	else
		return wrong(error, to, "unix:PATH or udp:ADDRESS:PORT is expected");
	if (rc)
		return rc;
	family = n->to.ss_family;
	n->fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* A UNIX socket needs a name to be answered; with the family alone the system gives it one. */
	if (n->fd < 0 || (family == AF_UNIX && bind(n->fd, (struct sockaddr *)&n->to, sizeof(family)) != 0)) {
		notify_close(n);
		return wrong(error, to, strerror(errno));
	}
	return 0;
}

void notify_close(struct notifier *n)
{
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
}

void notify_write(struct out *to, const char *method, uint64_t number, struct text call_id, struct text from_tag, struct text to_tag)
{
	struct reply w;

	reply_start(&w, NG_JSON, to);
	reply_put_string(&w, "jsonrpc", TEXT("2.0"));
	reply_put_string(&w, "method", text_of(method));
	reply_open_list(&w, "params");
	reply_string(&w, call_id);
	reply_string(&w, from_tag);
	reply_string(&w, to_tag);
	reply_close(&w);
	reply_put_integer(&w, "id", (int64_t)number);
	reply_finish(&w);
}

void notify_call(struct notifier *n, const char *method, struct text call_id, struct text from_tag, struct text to_tag)
{
	struct out o;

	if (n->fd < 0)
		return;
	out_init(&o, 8192);
	notify_write(&o, method, ++n->number, call_id, from_tag, to_tag);
	if (!o.failed && sendto(n->fd, o.s, o.n, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&n->to, n->length) >= 0) {
		n->sent++;
	} else {
		n->failed++;
		log_call(LOG_ERR, call_id, "the SIP server could not be told that this call has ended: %s",
			o.failed ? "the request would be too long" : strerror(errno));
	}
	out_free(&o);
}

void notify_answers(struct notifier *n)
{
	char bytes[2048];
	ssize_t length;

	for (int i = 0; i < 64; i++) {
		length = recv(n->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (length < 0)
			return;
		if (!memmem(bytes, (size_t)length, "\"error\"", 7))
			continue;
		n->refused++;
		log_say(LOG_NOTICE, "the SIP server, told of a call that has ended, answers: %.*s", (int)length, bytes);
	}
}
