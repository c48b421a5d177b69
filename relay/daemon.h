/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon around the core, on one page.
 *
 *      epoll ─┬─ media sockets (media.c)                ─── relay_packet()
 *             ├─ ng over UDP                            ─── relay_ng()
 *             └─ control epoll ─┬─ ng over TCP, HTTP     ─── relay_ng()
 *                               ├─ timer, once a second   ─── relay_tick(), watchdog
 *                               ├─ signals
 *                               └─ answers of the SIP server
 *
 * One thread does all of this. Control is looked at between two rounds of media, every few milliseconds, however many packets come;
 * and a round of media never closes a socket, so that its events are valid to its end. A second thread writes recordings.
 */
#ifndef RELAY_DAEMON_H
#define RELAY_DAEMON_H

#include "core/relay.h"
#include "load.h"
#include "media.h"
#include "notify.h"
#include "offload.h"
#include "options.h"
#include "privileges.h"
#include "recorder.h"
#include "sessions.h"
#include "settings.h"

struct daemon;

/* A descriptor of control, in its owner. */
struct watch {
	int fd; /* -1: closed; an event that was already taken is not delivered any more */
	void (*ready)(struct daemon *d, struct watch *w, uint32_t events);
};

struct daemon_counts {
	uint64_t ng_requests, ng_forbidden, ng_silent; /* over UDP; from an address that may not; that got no answer */
	uint64_t ng_send_failed;
	uint64_t tcp_accepted, tcp_closed;             /* the latter: by us, for what they sent or did not send */
	uint64_t http_requests, http_forbidden;
};

struct daemon {
	struct options options;
	struct settings settings;
	int argc; /* as started, for SIGHUP */
	char **argv;

	struct relay *relay;
	struct media *media;
	struct offload *offload;   /* NULL: the kernel forwards nothing by itself */
	unsigned shared;           /* media addresses whose ports share a socket */
	struct recorder *recorder; /* NULL: no recordings */
	struct sessions *sessions; /* NULL: calls end with this process */
	struct notifier notifier;
	struct load load;
	struct daemon_counts counts;

	int epoll, control;
	struct watch signals, timer, answers, ways, saving;
	struct ng_udp *ng_udp[LISTEN_MAX];
	struct ng_tcp *ng_tcp;     /* all of TCP */
	struct http *http;         /* all of HTTP */

	uint64_t started;          /* µs */
	uint64_t watchdog;         /* µs between two signs of life; 0: nobody waits for them */
	uint64_t leave_at;         /* µs; 0: it is not draining */
	bool leaving;              /* the loop ends, ... */
	bool restart;              /* ... with its calls saved: the next process goes on with them */
	bool hurry;                /* control has more to do at once */
};

/* loop.c */
int loop_init(struct daemon *d);
void loop_close(struct daemon *d);
void loop_run(struct daemon *d);
int watch_add(struct daemon *d, struct watch *w, int fd, uint32_t events); /* 0 or -errno */
int watch_add_first(struct daemon *d, struct watch *w, int fd); /* in the outer epoll, to be read: the shortest way */
void watch_events(struct daemon *d, struct watch *w, uint32_t events);     /* others from now on */
void watch_close(struct watch *w);

/* life.c: signals, ticks, draining */
int life_init(struct daemon *d);
void life_close(struct daemon *d);

/* offload_life.c: the kernel's forwarding, from the start to the end */
void offload_start(struct daemon *d, const struct identity *who);
void offload_end(struct daemon *d, bool keep);
int offload_sweep_only(struct daemon *d, char error[OPTIONS_ERROR_MAX]); /* --sweep: 0 or -errno */

/* saving.c: calls that go on in the next process */
int saving_open(struct daemon *d, char error[OPTIONS_ERROR_MAX]); /* before there is a relay */
void saving_serve(struct daemon *d);
void saving_close(struct daemon *d);
void saving_touched(void *context);
void saving_ended(struct daemon *d, const struct call *c);
void saving_tick(struct daemon *d, uint64_t now);
bool saving_leave(struct daemon *d); /* saves all; false: they cannot be saved */
void saving_rest(struct daemon *d);  /* and what has changed after that */

/* closing.c: a call's last line */
void closing_line(void *context, struct call *c, enum relay_end why);

/* ng_udp.c */
int ng_udp_open(struct daemon *d, char error[OPTIONS_ERROR_MAX]);
void ng_udp_close(struct daemon *d);
void ng_udp_look(struct daemon *d); /* answers what waits, without being told that something does */
/* ng_tcp.c */
int ng_tcp_open(struct daemon *d, char error[OPTIONS_ERROR_MAX]);
void ng_tcp_close(struct daemon *d);
void ng_tcp_tick(struct daemon *d, uint64_t now);
/* http.c */
int http_open(struct daemon *d, char error[OPTIONS_ERROR_MAX]);
void http_close(struct daemon *d);
void http_tick(struct daemon *d);
/* metrics.c, health.c: texts for HTTP */
void metrics_write(struct daemon *d, struct out *to);
bool health_write(struct daemon *d, struct out *to); /* false: it should get no new calls */

#endif
