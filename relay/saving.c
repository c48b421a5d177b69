/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When calls are saved: a moment after one has changed, and all of them at the end. */
#include "daemon.h"

#include "clock.h"
#include "core/saved.h"
#include "log.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define SOON_US 5000u /* there is more than was written in one go */

static void set_timer(struct daemon *d, unsigned us)
{
	const struct itimerspec in = {.it_value.tv_nsec = (long)us * 1000};

	timerfd_settime(d->saving.fd, 0, &in, NULL);
}

static void save(struct daemon *d, struct watch *w, uint32_t events)
{
	uint64_t times;

	(void)events;
	if (read(w->fd, &times, sizeof(times)) == sizeof(times) && sessions_write(d->sessions, clock_now()))
		set_timer(d, SOON_US);
}

/* Its media are gone: for the SIP server that is the same as when they stop. */
static void dropped(void *context, const struct saved_head *call)
{
	struct daemon *d = context;

	notify_call(&d->notifier, d->options.notify_method, call->id, call->from_tag, call->to_tag);
}

static int watch_timer(struct daemon *d)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	d->saving.ready = save;
	return fd < 0 ? -errno : watch_add(d, &d->saving, fd, EPOLLIN);
}

int saving_open(struct daemon *d, char error[OPTIONS_ERROR_MAX])
{
	struct session_log *log;

	if (!d->options.state_dir)
		return 0;
	log = session_log_open(d->options.state_dir, error);
	if (!log)
		return -EINVAL;
	session_log_key(log, d->settings.relay.key);
	d->sessions = sessions_new(log, dropped, d);
	if (d->sessions && watch_timer(d) == 0)
		return 0;
	if (!d->sessions)
		session_log_close(log);
	snprintf(error, OPTIONS_ERROR_MAX, "--state-dir: no memory, or no timer");
	return -ENOMEM;
}

void saving_serve(struct daemon *d)
{
	if (d->sessions)
		sessions_serve(d->sessions, d->relay, clock_now());
}

void saving_close(struct daemon *d)
{
	watch_close(&d->saving);
	sessions_free(d->sessions);
	d->sessions = NULL;
}

void saving_touched(void *context)
{
	struct daemon *d = context;

	if (sessions_touched(d->sessions))
		set_timer(d, SESSIONS_MOMENT_US);
}

void saving_ended(struct daemon *d, const struct call *c)
{
	if (d->sessions && sessions_ended(d->sessions, c))
		set_timer(d, SESSIONS_MOMENT_US);
}

void saving_tick(struct daemon *d, uint64_t now)
{
	if (d->sessions && sessions_tick(d->sessions, now))
		set_timer(d, SESSIONS_MOMENT_US);
}

void saving_rest(struct daemon *d)
{
	while (sessions_write(d->sessions, clock_now()))
		;
}

bool saving_leave(struct daemon *d)
{
	int rc;

	if (!d->sessions)
		return false;
	if (d->offload)
		offload_refresh_all(d->offload);
	rc = sessions_leave(d->sessions, clock_now());
	if (rc)
		log_say(LOG_ERR, "--state-dir: the calls cannot be saved: %s", strerror(-rc));
	return rc == 0;
}
