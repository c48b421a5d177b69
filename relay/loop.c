/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon.h"

#include "clock.h"
#include "log.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define WATCH ((uint64_t)1) /* in an event's data: a struct watch; else it is a media socket, or 0, the control epoll */
#define ROUND 64            /* media sockets, newly ready and with more, that are served before control is looked at, a batch of each */
#define CONTROL_EVERY 2000  /* µs: then control is looked at although the epoll says nothing of it */
#define CONTROL_EVENTS 16
#define PACE_US 10000ull
#define GATHER_FROM 2000    /* rounds a second */

int loop_init(struct daemon *d)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = 0};

	d->control = -1;
	d->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (d->epoll < 0)
		return -errno;
	d->control = epoll_create1(EPOLL_CLOEXEC);
	if (d->control < 0 || epoll_ctl(d->epoll, EPOLL_CTL_ADD, d->control, &event) != 0)
		return -errno;
	return 0;
}

void loop_close(struct daemon *d)
{
	if (d->control >= 0)
		close(d->control);
	if (d->epoll >= 0)
		close(d->epoll);
	d->control = d->epoll = -1;
}

int watch_add(struct daemon *d, struct watch *w, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = w};

	w->fd = fd;
	return epoll_ctl(d->control, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : -errno;
}

int watch_add_first(struct daemon *d, struct watch *w, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)(uintptr_t)w | WATCH};

	w->fd = fd;
	return epoll_ctl(d->epoll, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : -errno;
}

void watch_events(struct daemon *d, struct watch *w, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = w};

	epoll_ctl(d->control, EPOLL_CTL_MOD, w->fd, &event);
}

void watch_close(struct watch *w)
{
	if (w->fd < 0)
		return;
	close(w->fd); /* which takes it out of its epoll */
	w->fd = -1;
}

static void run_control(struct daemon *d)
{
	struct epoll_event events[CONTROL_EVENTS];
	int n = epoll_wait(d->control, events, CONTROL_EVENTS, 0);

	d->hurry = false;
	for (int i = 0; i < n; i++) {
		struct watch *w = events[i].data.ptr;

		if (w->fd >= 0)
			w->ready(d, w, events[i].events);
	}
	if (d->http)
		http_tick(d);
}

/*
 * To be woken for each packet costs as much as to forward it. So while many come, the loop sleeps on for a moment when it has emptied
 * the sockets; a call or two, and whoever asks for something, never wait.
 */
struct pace {
	uint64_t since; /* µs */
	unsigned rounds; /* with media since then */
	bool gathering;
};

static void gather(const struct daemon *d, struct pace *p, uint64_t now)
{
	struct timespec moment = {.tv_nsec = d->options.gather * 1000};

	p->rounds++;
	if (now - p->since >= PACE_US) {
		p->gathering = p->rounds > PACE_US * GATHER_FROM / 1000000;
		p->rounds = 0;
		p->since = now;
	}
	if (p->gathering && moment.tv_nsec)
		nanosleep(&moment, NULL);
}

/* What a round had beside media. */
struct round {
	bool control; /* the control epoll has something */
	bool asked;   /* an ng request was answered */
};

/* Media first: they close no socket, so that the events stay valid. Requests may, and come when no event of the round is left. */
static struct round run_round(struct daemon *d, const struct epoll_event *events, int n)
{
	struct watch *asked[LISTEN_MAX];
	unsigned count = 0;
	struct round r = {.control = d->hurry};

	for (int i = 0; i < n; i++) {
		uint64_t data = events[i].data.u64;

		if (data & WATCH)
			asked[count++] = (struct watch *)(uintptr_t)(data & ~WATCH);
		else if (data)
			media_receive(d->media, events[i].data.ptr);
		else
			r.control = true;
	}
	for (unsigned i = 0; i < count; i++)
		asked[i]->ready(d, asked[i], EPOLLIN);
	r.asked = count > 0;
	return r;
}

void loop_run(struct daemon *d)
{
	struct epoll_event events[ROUND];
	struct pace pace = {0};
	uint64_t last = 0;
	bool more = false;

	prctl(PR_SET_TIMERSLACK, 1000); /* ns; else the moment of gather() would be 50 µs longer */
	while (!d->leaving) {
		int n = epoll_wait(d->epoll, events, ROUND, d->hurry || more ? 0 : -1);
		struct round round;
		uint64_t now;

		if (n < 0 && errno != EINTR) {
			log_say(LOG_CRIT, "epoll_wait: %m");
			return;
		}
		round = run_round(d, events, n);
		more = media_again(d->media, ROUND);
		now = clock_now();
		if (round.control || now - last >= CONTROL_EVERY) {
			if (n == ROUND || more) /* there are more events than were told of: an ng socket's may be among them */
				ng_udp_look(d);
			run_control(d);
			last = now;
		} else if (n > 0 && !more && !round.asked) {
			gather(d, &pace, now);
		}
	}
}
