/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ng over TCP: requests back to back, `<cookie> <dictionary>` or the dictionary alone, in bencode, split anywhere. A client may stay
 * connected; but one that sends what is no request, does not end one, or does not take its replies, is closed.
 */
#include "daemon.h"

#include "bencode_span.h"
#include "clock.h"
#include "listen.h"
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define CLIENTS_MAX 64
#define COOKIE_MAX 1024
#define READ_MAX 16384
#define UNSENT_MAX (512 * 1024)
#define REQUEST_US (10 * 1000000ull) /* that a request may take to arrive, and a reply to be taken */
#define ACCEPTS 16                   /* before others are looked at again */
#define REPLIES (64 * 1024)          /* bytes of them; then they are sent before more is served */

struct client {
	struct watch watch;
	struct client *next;
	struct endpoint peer;
	struct out in, out;
	uint64_t waiting; /* µs: since when a part of a request, or of a reply, lies here; 0: nothing does */
	bool stalled;     /* its replies are not taken: nothing more is read */
};

struct listener {
	struct watch watch;
};

struct ng_tcp {
	struct listener listeners[LISTEN_MAX];
	struct client *clients; /* newest first; closed ones are freed by the tick, since events may still name them */
	unsigned count;
};

static void client_close(struct daemon *d, struct client *c, const char *why)
{
	char peer[ENDPOINT_TEXT_MAX];

	if (why) {
		endpoint_format(&c->peer, peer);
		log_say(LOG_NOTICE, "ng over TCP: %s is disconnected: %s", peer, why);
		d->counts.tcp_closed++;
	}
	watch_close(&c->watch);
	out_free(&c->in);
	out_free(&c->out);
	d->ng_tcp->count--;
}

/* ---- requests ---- */

/* How many bytes a request takes; 0: it is not complete; -1: it is none. *dict: where its dictionary begins. */
static ssize_t request_span(struct text t, size_t *dict)
{
	ssize_t n = bencode_span(t);
	const char *blank;

	*dict = 0;
	if (n > 0)
		return n;
	blank = memchr(t.s, ' ', t.n < COOKIE_MAX ? t.n : COOKIE_MAX);
	if (!blank)
		return n == 0 || t.n < COOKIE_MAX ? 0 : -1;
	if (n == 0)
		return 0; /* a dictionary without a cookie, and the blank is in one of its strings */
	*dict = (size_t)(blank + 1 - t.s);
	n = bencode_span(text_from(t, *dict));
	return n > 0 ? n + (ssize_t)*dict : n;
}

static void serve(struct daemon *d, struct client *c, struct text request, size_t dict)
{
	struct out reply;

	out_init(&reply, OUT_MAX);
	if (dict)
		relay_ng(d->relay, request, &c->peer, clock_now(), &reply);
	else
		relay_ng_plain(d->relay, request, &c->peer, clock_now(), &reply);
	if (!reply.failed)
		out_add(&c->out, out_text(&reply));
	out_free(&reply);
}

enum served { SERVED_ALL, SERVED_ENOUGH, SERVED_NONSENSE };

/* Takes whole requests off the front of what has come, as long as there is not too much to be sent. */
static enum served serve_some(struct daemon *d, struct client *c)
{
	size_t at = 0, dict;
	ssize_t n = 0;

	while (c->out.n < REPLIES) {
		while (at < c->in.n && (c->in.s[at] == '\n' || c->in.s[at] == '\r'))
			at++;
		n = at < c->in.n ? request_span((struct text){c->in.s + at, c->in.n - at}, &dict) : 0;
		if (n <= 0)
			break;
		serve(d, c, (struct text){c->in.s + at, (size_t)n}, dict);
		c->waiting = 0;
		at += (size_t)n;
	}
	if (at)
		memmove(c->in.s, c->in.s + at, c->in.n - at);
	c->in.n -= at;
	return n < 0 ? SERVED_NONSENSE : n > 0 ? SERVED_ENOUGH : SERVED_ALL;
}

/* ---- reading and writing ---- */

/* False: the connection is broken. */
static bool send_replies(struct daemon *d, struct client *c)
{
	ssize_t n = c->out.n ? send(c->watch.fd, c->out.s, c->out.n, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;
	bool stalled;

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return false;
	if (n > 0) {
		memmove(c->out.s, c->out.s + n, c->out.n - (size_t)n);
		c->out.n -= (size_t)n;
		c->waiting = 0;
	}
	stalled = c->out.n > 0;
	if (stalled != c->stalled)
		watch_events(d, &c->watch, stalled ? EPOLLOUT : EPOLLIN);
	c->stalled = stalled;
	return true;
}

/* False: it is the end, there or here. */
static bool read_more(struct client *c)
{
	char bytes[READ_MAX];
	ssize_t n = recv(c->watch.fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	out_add(&c->in, (struct text){bytes, (size_t)n});
	return !c->in.failed;
}

/* Serves what is there; stops where replies are not taken. NULL, or why it is to be disconnected. */
static const char *converse(struct daemon *d, struct client *c)
{
	enum served served = SERVED_ENOUGH;

	while (served == SERVED_ENOUGH && c->out.n == 0) {
		served = serve_some(d, c);
		if (c->out.failed || !send_replies(d, c))
			return "its replies cannot be sent";
	}
	return served == SERVED_NONSENSE ? "this is no ng request in bencode" : NULL;
}

static void client_ready(struct daemon *d, struct watch *w, uint32_t events)
{
	struct client *c = (struct client *)w;
	const char *why = NULL;
	bool open = true;

	(void)events;
	if (!c->stalled)
		open = read_more(c);
	else if (!send_replies(d, c))
		why = "its replies cannot be sent";
	if (!why)
		why = converse(d, c);
	if (why || !open) {
		client_close(d, c, why);
		return;
	}
	if (c->in.n == 0 && c->out.n == 0)
		c->waiting = 0;
	else if (c->waiting == 0)
		c->waiting = clock_now();
}

/* ---- connections ---- */

/* Of those that have been served the one that has been there for the longest makes room for a new one. */
static void make_room(struct daemon *d)
{
	struct client *oldest = NULL;

	for (struct client *c = d->ng_tcp->clients; c; c = c->next)
		if (c->watch.fd >= 0)
			oldest = c;
	if (oldest)
		client_close(d, oldest, "others want to be served as well");
}

static void client_add(struct daemon *d, int fd, const struct endpoint *peer)
{
	struct client *c = calloc(1, sizeof(*c));

	if (!c || watch_add(d, &c->watch, fd, EPOLLIN) != 0) {
		close(fd);
		free(c);
		return;
	}
	c->watch.ready = client_ready;
	c->peer = *peer;
	out_init(&c->in, BENCODE_SPAN_MAX + COOKIE_MAX + READ_MAX);
	out_init(&c->out, UNSENT_MAX);
	c->next = d->ng_tcp->clients;
	d->ng_tcp->clients = c;
	d->ng_tcp->count++;
	d->counts.tcp_accepted++;
}

/* False: nobody waits, or the system has no descriptor left; the next tick tries again. */
static bool accept_one(struct daemon *d, struct watch *w)
{
	union net_address name;
	socklen_t length = sizeof(name);
	int fd = accept4(w->fd, &name.any, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct endpoint peer;

	if (fd < 0)
		return errno == ECONNABORTED || errno == EINTR;
	net_to_endpoint(&name, &peer);
	if (!settings_allow(&d->settings, &peer.address)) {
		d->counts.ng_forbidden++;
		close(fd);
		return true;
	}
	if (d->ng_tcp->count >= CLIENTS_MAX)
		make_room(d);
	client_add(d, fd, &peer);
	return true;
}

static void listener_ready(struct daemon *d, struct watch *w, uint32_t events)
{
	(void)events;
	for (int i = 0; i < ACCEPTS && accept_one(d, w); i++)
		;
}

/* Slow clients, closed ones, and connections that could not be accepted before. */
void ng_tcp_tick(struct daemon *d, uint64_t now)
{
	struct client **at = &d->ng_tcp->clients;

	while (*at) {
		struct client *c = *at;

		if (c->watch.fd >= 0 && c->waiting && now - c->waiting > REQUEST_US)
			client_close(d, c, "it does not end its request, or does not take its replies");
		if (c->watch.fd >= 0) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		free(c);
	}
	for (unsigned i = 0; i < LISTEN_MAX; i++)
		if (d->ng_tcp->listeners[i].watch.fd >= 0)
			listener_ready(d, &d->ng_tcp->listeners[i].watch, 0);
}

int ng_tcp_open(struct daemon *d, char error[OPTIONS_ERROR_MAX])
{
	struct ng_tcp *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	d->ng_tcp = t;
	for (unsigned i = 0; i < LISTEN_MAX; i++)
		t->listeners[i].watch.fd = -1;
	for (unsigned i = 0; i < d->settings.tcp_ng.n; i++) {
		int fd = listen_tcp(&d->settings.tcp_ng.at[i]);

		if (fd < 0) {
			listen_error(error, "listen-tcp-ng", &d->settings.tcp_ng.at[i], fd);
			return -EINVAL;
		}
		t->listeners[i].watch.ready = listener_ready;
		if (watch_add(d, &t->listeners[i].watch, fd, EPOLLIN | EPOLLET) != 0)
			return -EINVAL;
	}
	return 0;
}

void ng_tcp_close(struct daemon *d)
{
	struct ng_tcp *t = d->ng_tcp;

	if (!t)
		return;
	for (unsigned i = 0; i < LISTEN_MAX; i++)
		watch_close(&t->listeners[i].watch);
	for (struct client *c = t->clients; c; c = c->next)
		if (c->watch.fd >= 0)
			client_close(d, c, NULL);
	ng_tcp_tick(d, 0);
	free(t);
	d->ng_tcp = NULL;
}
