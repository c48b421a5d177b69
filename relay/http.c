/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP by libmicrohttpd, which is given our loop's time when its own epoll says that there is something to do: no thread, no lock. */
#include "daemon.h"

#include "clock.h"
#include "listen.h"
#include "log.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define CONNECTIONS_MAX 64u
#define IDLE_S 15u
#define BODY_MAX (128 * 1024)

struct server {
	struct watch watch; /* libmicrohttpd's epoll; it closes it */
	struct MHD_Daemon *daemon;
};

struct http {
	unsigned n;
	struct server servers[LISTEN_MAX];
};

static const char ng_type[] = "application/x-rtpengine-ng", json_type[] = "application/json";

/* ---- answers ---- */

static enum MHD_Result answer(struct MHD_Connection *c, unsigned status, const char *type, struct text body)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(body.n, (void *)(uintptr_t)body.s, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result done;

	if (!r)
		return MHD_NO;
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	done = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return done;
}

static enum MHD_Result answer_text(struct MHD_Connection *c, unsigned status, const char *text)
{
	return answer(c, status, "text/plain", text_of(text));
}

static enum MHD_Result answer_out(struct MHD_Connection *c, unsigned status, const char *type, struct out *o)
{
	enum MHD_Result done;

	if (o->failed)
		done = answer_text(c, MHD_HTTP_INTERNAL_SERVER_ERROR, "no memory\n");
	else
		done = answer(c, status, type, out_text(o));
	out_free(o);
	return done;
}

/* ---- what can be read ---- */

static enum MHD_Result get_ping(struct daemon *d, struct MHD_Connection *c)
{
	(void)d;
	return answer_text(c, MHD_HTTP_OK, "pong\n");
}

static enum MHD_Result get_metrics(struct daemon *d, struct MHD_Connection *c)
{
	struct out o;

	out_init(&o, OUT_MAX);
	metrics_write(d, &o);
	return answer_out(c, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", &o);
}

static enum MHD_Result get_health(struct daemon *d, struct MHD_Connection *c)
{
	struct out o;
	bool well;

	out_init(&o, OUT_MAX);
	well = health_write(d, &o);
	return answer_out(c, well ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE, json_type, &o);
}

static const struct {
	const char *path;
	enum MHD_Result (*get)(struct daemon *d, struct MHD_Connection *c);
} pages[] = {{"/ping", get_ping}, {"/metrics", get_metrics}, {"/health", get_health}};

static enum MHD_Result get(struct daemon *d, struct MHD_Connection *c, const char *path)
{
	for (unsigned i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (strcmp(path, pages[i].path) == 0)
			return pages[i].get(d, c);
	return answer_text(c, MHD_HTTP_NOT_FOUND, "there are /ping, /metrics and /health\n");
}

/* ---- requests ---- */

static bool type_is(struct MHD_Connection *c, const char *type)
{
	const char *said = MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_TYPE);
	struct text t = text_of(said ? said : "");

	return text_is_nocase(text_trimmed(text_until(&t, ';')), type);
}

static void peer_of(struct MHD_Connection *c, struct endpoint *out)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	memset(out, 0, sizeof(*out));
	if (info && info->client_addr)
		net_to_endpoint((const union net_address *)info->client_addr, out);
}

static enum MHD_Result post(struct daemon *d, struct MHD_Connection *c, const char *path, struct text body)
{
	bool plain = strcmp(path, "/ng-plain") == 0, json = type_is(c, json_type);
	struct endpoint peer;
	struct out reply;

	if ((!plain && strcmp(path, "/ng") != 0) || (!type_is(c, ng_type) && !(plain && json)))
		return answer_text(c, MHD_HTTP_NOT_FOUND, "there are /ng and /ng-plain, for application/x-rtpengine-ng, the latter for "
			"application/json too\n");
	peer_of(c, &peer);
	out_init(&reply, OUT_MAX);
	if (plain)
		relay_ng_plain(d->relay, body, &peer, clock_now(), &reply);
	else
		relay_ng(d->relay, body, &peer, clock_now(), &reply);
	if (!reply.failed && reply.n == 0) {
		out_free(&reply);
		return answer_text(c, MHD_HTTP_BAD_REQUEST, "this is no ng request: COOKIE DICTIONARY\n");
	}
	return answer_out(c, MHD_HTTP_OK, json ? json_type : ng_type, &reply);
}

/* libmicrohttpd calls it for the head, for each part of the body, and at the end; *state is ours. */
static enum MHD_Result handle(void *context, struct MHD_Connection *c, const char *path, const char *method, const char *version,
	const char *part, size_t *part_size, void **state)
{
	struct daemon *d = context;
	struct out *body = *state;

	(void)version;
	if (!body) {
		body = calloc(1, sizeof(*body));
		if (!body)
			return MHD_NO;
		out_init(body, BODY_MAX);
		*state = body;
		d->counts.http_requests++;
		return MHD_YES;
	}
	if (*part_size) {
		out_add(body, (struct text){part, *part_size});
		*part_size = 0;
		return MHD_YES;
	}
	if (body->failed)
		return answer_text(c, MHD_HTTP_CONTENT_TOO_LARGE, "too long\n");
	if (strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0)
		return get(d, c, path);
	if (strcmp(method, MHD_HTTP_METHOD_POST) == 0)
		return post(d, c, path, out_text(body));
	return answer_text(c, MHD_HTTP_METHOD_NOT_ALLOWED, "GET or POST\n");
}

static void completed(void *context, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode how)
{
	struct out *body = *state;

	(void)context, (void)c, (void)how;
	if (body)
		out_free(body);
	free(body);
	*state = NULL;
}

static enum MHD_Result accepted(void *context, const struct sockaddr *address, socklen_t length)
{
	struct daemon *d = context;
	struct endpoint peer;

	(void)length;
	net_to_endpoint((const union net_address *)address, &peer);
	if (settings_allow(&d->settings, &peer.address))
		return MHD_YES;
	d->counts.http_forbidden++;
	return MHD_NO;
}

/* ---- in our loop ---- */

static void run(struct daemon *d, struct server *s)
{
	MHD_UNSIGNED_LONG_LONG wait;

	MHD_run(s->daemon);
	if (MHD_get_timeout(s->daemon, &wait) == MHD_YES && wait == 0)
		d->hurry = true;
}

static void server_ready(struct daemon *d, struct watch *w, uint32_t events)
{
	(void)events;
	run(d, (struct server *)w);
}

/* What it has left to do without an event; its time-outs. */
void http_tick(struct daemon *d)
{
	MHD_UNSIGNED_LONG_LONG wait;

	for (unsigned i = 0; i < d->http->n; i++)
		if (MHD_get_timeout(d->http->servers[i].daemon, &wait) == MHD_YES && wait == 0)
			run(d, &d->http->servers[i]);
}

static int server_open(struct daemon *d, struct server *s, int fd)
{
	const union MHD_DaemonInfo *info;

	s->watch.ready = server_ready;
	s->daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, accepted, d, handle, d, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_S,
		MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_END);
	if (!s->daemon) {
		close(fd);
		return -EINVAL;
	}
	info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	return info ? watch_add(d, &s->watch, info->epoll_fd, EPOLLIN) : -EINVAL;
}

int http_open(struct daemon *d, char error[OPTIONS_ERROR_MAX])
{
	struct http *h = calloc(1, sizeof(*h));

	if (!h)
		return -ENOMEM;
	d->http = h;
	for (unsigned i = 0; i < d->settings.http.n; i++) {
		int fd = listen_tcp(&d->settings.http.at[i]);

		if (fd < 0) {
			listen_error(error, "listen-http", &d->settings.http.at[i], fd);
			return -EINVAL;
		}
		h->n++;
		if (server_open(d, &h->servers[i], fd) != 0) {
			snprintf(error, OPTIONS_ERROR_MAX, "--listen-http=%s: libmicrohttpd does not start", d->options.listen_http.at[i]);
			return -EINVAL;
		}
	}
	return 0;
}

void http_close(struct daemon *d)
{
	if (!d->http)
		return;
	for (unsigned i = 0; i < d->http->n; i++)
		if (d->http->servers[i].daemon)
			MHD_stop_daemon(d->http->servers[i].daemon);
	free(d->http);
	d->http = NULL;
}
