/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals, the tick of a second, draining, what is read again. */
#include "daemon.h"

#include "clock.h"
#include "log.h"
#include "systemd.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* Those calls are left that the SIP server has not deleted. */
static unsigned calls_left(struct daemon *d)
{
	unsigned n = 0;

	for (struct call *c = relay_first(d->relay); c; c = relay_next(c))
		n += c->delete_at == 0;
	return n;
}

static void look_whether_to_leave(struct daemon *d, uint64_t now)
{
	unsigned left;

	if (!d->leave_at)
		return;
	left = calls_left(d);
	if (left && now < d->leave_at)
		return;
	if (left)
		log_say(LOG_WARNING, "leaves with %u calls: they had %lld s to end (--drain-timeout)", left, (long long)d->options.drain_timeout);
	d->leaving = true;
}

static void tick(struct daemon *d, struct watch *w, uint32_t events)
{
	uint64_t passed, now = clock_now();

	(void)events;
	if (read(w->fd, &passed, sizeof(passed)) < 0)
		return;
	load_tick(&d->load, now);
	if (d->offload)
		offload_tick(d->offload, now);
	relay_tick(d->relay, now);
	saving_tick(d, now);
	media_tick(d->media, now);
	ng_tcp_tick(d, now);
	if (d->recorder)
		recorder_tick(d->recorder);
	if (d->watchdog)
		systemd_say("WATCHDOG=1");
	look_whether_to_leave(d, now);
}

static void drain(struct daemon *d, const char *signal)
{
	if (d->leave_at) {
		log_say(LOG_NOTICE, "%s again: leaves at once, with %u calls", signal, calls_left(d));
		d->leaving = true;
		return;
	}
	log_say(LOG_NOTICE, "%s: takes no new call, and leaves with the last of %u, or after %lld s", signal, calls_left(d),
		(long long)d->options.drain_timeout);
	systemd_say("STOPPING=1");
	relay_drain(d->relay);
	d->leave_at = clock_now() + (uint64_t)d->options.drain_timeout * 1000000;
	look_whether_to_leave(d, clock_now());
}

/* Calls that are saved need not end. */
static void stop(struct daemon *d, const char *signal)
{
	d->restart = saving_leave(d);
	if (!d->restart) {
		drain(d, signal);
		return;
	}
	systemd_say("STOPPING=1");
	log_say(LOG_NOTICE, "%s: leaves at once; %u calls are saved for the next start", signal, relay_calls(d->relay));
	d->leaving = true;
}

/* What has been started goes on with its old value where the new one needs a restart. */
static void apply(struct daemon *d, struct options *new, const struct settings *settings)
{
	bool others = strcmp(new->notify ? new->notify : "", d->options.notify ? d->options.notify : "") != 0;
	char left[512], error[OPTIONS_ERROR_MAX];

	options_reload(&d->options, new, left, sizeof(left));
	memcpy(d->settings.allow, settings->allow, sizeof(settings->allow));
	d->settings.allow_count = settings->allow_count;
	log_level((int)d->options.log_level);
	relay_limits(d->relay, &settings->relay);
	if (others) {
		watch_close(&d->answers);
		d->notifier.fd = -1;
		if (notify_open(&d->notifier, d->options.notify, error) != 0)
			log_say(LOG_ERR, "%s: nobody is told of calls that end", error);
		else if (d->notifier.fd >= 0)
			watch_add(d, &d->answers, d->notifier.fd, EPOLLIN);
	}
	if (left[0])
		log_say(LOG_WARNING, "these options have changed, but need a restart: %s", left);
}

static void reload(struct daemon *d)
{
	struct options new;
	struct settings settings;
	char error[OPTIONS_ERROR_MAX];

	log_reopen();
	if (options_read(&new, d->argc, d->argv, error) != 0 || settings_make(&settings, &new, error) != 0) {
		log_say(LOG_ERR, "nothing is changed: %s", error);
	} else {
		apply(d, &new, &settings);
		log_say(LOG_NOTICE, "the configuration was read again");
	}
	options_free(&new);
}

static void signalled(struct daemon *d, struct watch *w, uint32_t events)
{
	struct signalfd_siginfo s;

	(void)events;
	while (read(w->fd, &s, sizeof(s)) == sizeof(s)) {
		if (s.ssi_signo == SIGHUP)
			reload(d);
		else if (s.ssi_signo == SIGUSR1)
			drain(d, "SIGUSR1");
		else
			stop(d, s.ssi_signo == SIGINT ? "SIGINT" : "SIGTERM");
	}
}

static void answered(struct daemon *d, struct watch *w, uint32_t events)
{
	(void)w, (void)events;
	notify_answers(&d->notifier);
}

int life_init(struct daemon *d)
{
	const struct itimerspec second = {{1, 0}, {1, 0}};
	sigset_t set;
	int fd, rc;

	d->signals = (struct watch){.fd = -1, .ready = signalled};
	d->timer = (struct watch){.fd = -1, .ready = tick};
	d->answers = (struct watch){.fd = -1, .ready = answered};
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	rc = fd < 0 ? -errno : watch_add(d, &d->signals, fd, EPOLLIN);
	if (rc)
		return rc;
	fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	rc = fd < 0 || timerfd_settime(fd, 0, &second, NULL) != 0 ? -errno : watch_add(d, &d->timer, fd, EPOLLIN);
	if (!rc && d->notifier.fd >= 0)
		rc = watch_add(d, &d->answers, d->notifier.fd, EPOLLIN);
	return rc;
}

void life_close(struct daemon *d)
{
	watch_close(&d->signals);
	watch_close(&d->timer);
	watch_close(&d->answers);
	d->notifier.fd = -1;
}
