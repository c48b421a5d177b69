/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "http.h"
#include "dispatch.h"
#include "http_private.h"
#include "visitors.h"

#include <errno.h>
#include <microhttpd.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BODY_MAX     65536u
#define BODY_ENOUGH  (1u << 20) /* what sends more is cut off */
#define IDLE_S       30u
#define MEMORY       32768u /* of a connection: its headers fit in */
#define UNSENT       16384 /* bytes that wait in a socket: on a slow line some of an answer goes before IDLE_S all the same */
#define STACK        (512u << 10)

/* From the first byte of a request until it is answered. */
struct exchange {
	char *uri, *query; /* as it came; `query` is in it, NULL: none */
	size_t query_length;
	char *body;
	size_t length, room, came;
	bool begun, too_long;
};

/* ---- connections ---- */

static int64_t milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct visitor *visitor_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

/* All that comes through a proxy comes from its address. */
static enum MHD_Result may_come(void *context, const struct sockaddr *from, socklen_t length)
{
	struct web *web = context;

	(void)length;
	return web->settings.behind_proxy || visitors_has_room(web->visitors, from) ? MHD_YES : MHD_NO;
}

/* libmicrohttpd closes the socket after it has said so here. */
static void comes_or_goes(void *context, struct MHD_Connection *c, void **visitor, enum MHD_ConnectionNotificationCode what)
{
	struct web *web = context;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	const struct sockaddr *from = http_from(c);

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		visitors_leave(web->visitors, *visitor);
		return;
	}
	if (info)
		setsockopt(info->connect_fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &(int){UNSENT}, sizeof(int));
	if (info && from)
		*visitor = visitors_enter(web->visitors, from, info->connect_fd, milliseconds());
}

void http_sweep(struct web *web)
{
	visitors_sweep(web->visitors, milliseconds());
}

/* ---- a request ---- */

/* The one place where the query is to be had as it came. What it returns becomes *state of handle(). */
static void *uri_seen(void *context, const char *uri, struct MHD_Connection *c)
{
	struct exchange *e = calloc(1, sizeof(*e));

	(void)context, (void)c;
	if (!e)
		return NULL;
	e->uri = strdup(uri);
	if (!e->uri) {
		free(e);
		return NULL;
	}
	e->query = strchr(e->uri, '?');
	if (e->query) {
		*e->query++ = '\0';
		e->query_length = strlen(e->query);
	}
	return e;
}

/* The path stays as it came: the dispatcher decodes it, segment by segment. */
static size_t leave_it(void *context, struct MHD_Connection *c, char *s)
{
	(void)context, (void)c;
	return strlen(s);
}

static int add_body(struct exchange *e, const char *part, size_t size)
{
	e->came += size;
	if (e->came > BODY_MAX) {
		e->too_long = true;
		return e->came > BODY_ENOUGH ? -E2BIG : 0;
	}
	if (e->length + size + 1 > e->room) {
		size_t room = e->length + size + 4096;
		char *larger = realloc(e->body, room);

		if (!larger)
			return -ENOMEM;
		e->body = larger;
		e->room = room;
	}
	memcpy(e->body + e->length, part, size);
	e->length += size;
	return 0;
}

static const char *header(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

static void fill(const struct web *web, struct MHD_Connection *c, const char *method, struct exchange *e, struct incoming *in)
{
	char forwarded[46];

	*in = (struct incoming){.method = method, .path = e->uri, .query = e->query, .query_length = e->query_length, .body = e->body,
			.body_length = e->length, .too_long = e->too_long};
	in->cookie = header(c, MHD_HTTP_HEADER_COOKIE);
	in->host = header(c, MHD_HTTP_HEADER_HOST);
	in->origin = header(c, MHD_HTTP_HEADER_ORIGIN);
	in->site = header(c, "Sec-Fetch-Site");
	in->content_type = header(c, MHD_HTTP_HEADER_CONTENT_TYPE);
	in->user_agent = header(c, MHD_HTTP_HEADER_USER_AGENT);
	in->hx_request = header(c, "HX-Request");
	in->hx_trigger = header(c, "HX-Trigger");
	http_peer(c, in->address);
	in->forwarded = http_forwarded(c, forwarded) || header(c, "Forwarded");
	if (web->settings.behind_proxy)
		memcpy(in->address, forwarded, sizeof(forwarded));
}

static enum MHD_Result handle(void *context, struct MHD_Connection *c, const char *path, const char *method, const char *version,
		const char *part, size_t *part_size, void **state)
{
	struct web *web = context;
	struct exchange *e = *state;
	struct incoming in;
	struct answer answer;

	(void)path, (void)version;
	if (!e)
		return MHD_NO;
	if (!e->begun) {
		e->begun = true;
		atomic_fetch_add(&web->counters.under_way, 1);
		return MHD_YES;
	}
	if (*part_size) {
		size_t size = *part_size;

		*part_size = 0;
		return add_body(e, part, size) == 0 ? MHD_YES : MHD_NO;
	}
	visitors_ours(web->visitors, visitor_of(c));
	fill(web, c, method, e, &in);
	dispatch(web, &in, &answer);
	visitors_take(web->visitors, visitor_of(c), milliseconds());
	return http_send(web, c, &answer);
}

static void completed(void *context, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode how)
{
	struct web *web = context;
	struct exchange *e = *state;

	(void)how;
	visitors_theirs(web->visitors, visitor_of(c), milliseconds());
	if (!e)
		return;
	if (e->begun)
		atomic_fetch_sub(&web->counters.under_way, 1);
	if (e->body) /* forms carry passwords */
		explicit_bzero(e->body, e->room);
	free(e->body);
	free(e->uri);
	free(e);
	*state = NULL;
}

/* ---- begin and end ---- */

__attribute__((format(printf, 2, 0))) static void log_line(void *context, const char *format, va_list ap)
{
	(void)context;
	fputs("aeta-admin: http: ", stderr);
	vfprintf(stderr, format, ap);
}

struct MHD_Daemon *http_start(struct web *web, const struct http_keys *k, int fd)
{
	unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC | MHD_USE_ERROR_LOG;
	struct MHD_OptionItem more[3] = {{MHD_OPTION_END, 0, NULL}};
	unsigned n = 0;

	if (k->certificate) {
		flags |= MHD_USE_TLS;
		more[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, k->certificate};
		more[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, k->key};
	}
	more[n] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
	return MHD_start_daemon(flags, 0, may_come, web, handle, web, MHD_OPTION_EXTERNAL_LOGGER, log_line, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
			MHD_OPTION_CONNECTION_LIMIT, web->settings.connections, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_S,
			MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY, MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK,
			MHD_OPTION_URI_LOG_CALLBACK, uri_seen, NULL, MHD_OPTION_UNESCAPE_CALLBACK, leave_it, NULL, MHD_OPTION_NOTIFY_COMPLETED,
			completed, web, MHD_OPTION_NOTIFY_CONNECTION, comes_or_goes, web, MHD_OPTION_ARRAY, more, MHD_OPTION_END);
}

/*
 * Those who are connected get their answer, and with it are told to close; also those whose request has not come yet. A connection that has
 * been idle for longer is closed: its client has to expect that at any time.
 */
void http_stop(struct web *web, struct MHD_Daemon *daemon, unsigned wait_s)
{
	const struct timespec pause = {.tv_nsec = 20000000};
	const int64_t last = milliseconds() + wait_s * 1000;
	int fd;

	atomic_store(&web->draining, true);
	fd = MHD_quiesce_daemon(daemon);
	if (fd >= 0)
		close(fd); /* who comes now is refused at once, or waits in systemd's socket for the next one of us */
	do /* once in any case: one may have been accepted just now */
		nanosleep(&pause, NULL);
	while (milliseconds() < last && (atomic_load(&web->counters.under_way) || visitors_expected(web->visitors, milliseconds())));
	MHD_stop_daemon(daemon);
}
