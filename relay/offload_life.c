/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's forwarding and the daemon: how it begins, and what is left of it in the end. */
#include "daemon.h"

#include "log.h"

#include <errno.h>
#include <sys/epoll.h>

#define AT_ONCE_S 10 /* --offload-outlive=0: TC's filter stays after a crash all the same; a relay that is held up is not dead */

static void on_ways(struct daemon *d, struct watch *w, uint32_t events)
{
	(void)w;
	(void)events;
	offload_read(d->offload);
}

static struct flow_pins_place place_of(const struct daemon *d, const struct identity *who)
{
	const char *directory = d->options.bpf_dir;

	return (struct flow_pins_place){.directory = d->options.offload_outlive == 0 || strcmp(directory, "none") == 0 ? NULL : directory,
		.port_min = (uint16_t)d->options.port_min, .user = who->user, .group = who->group, .make = true};
}

static int sweep(const struct daemon *d, const struct identity *who)
{
	struct flow_pins_place place = place_of(d, who);

	place.make = false;
	if (!place.directory && strcmp(d->options.bpf_dir, "none") != 0)
		place.directory = d->options.bpf_dir; /* what an earlier configuration has put there */
	return offload_sweep(&d->settings.relay, &place);
}

static void go_without(struct daemon *d, const struct identity *who, const char *why)
{
	log_say(LOG_NOTICE, "all media are forwarded in user space: %s", why);
	sweep(d, who);
}

/* Whatever keeps it from that, calls go on in user space; one line says what it was. */
void offload_start(struct daemon *d, const struct identity *who)
{
	const struct offload_options options = {.path = (enum flow_path)d->options.offload, .pins = place_of(d, who),
		.outlive_s = d->options.offload_outlive ? (uint32_t)d->options.offload_outlive : AT_ONCE_S,
		.grace_s = (uint32_t)d->options.offload_grace};
	char error[FLOW_SET_ERROR_MAX];

	if (d->options.plain || d->options.offload == FLOW_PATH_OFF) {
		sweep(d, who);
		return;
	}
	d->offload = offload_new(&d->settings.relay, &options, error);
	if (!d->offload) {
		go_without(d, who, error);
		return;
	}
	d->ways.ready = on_ways;
	if (watch_add(d, &d->ways, offload_fd(d->offload), EPOLLIN) == 0)
		return;
	offload_end(d, false);
	go_without(d, who, "no epoll");
}

void offload_end(struct daemon *d, bool keep)
{
	offload_free(d->offload, keep);
	d->offload = NULL;
}

int offload_sweep_only(struct daemon *d, char error[OPTIONS_ERROR_MAX])
{
	struct identity who;
	int rc = privileges_find(&who, d->options.user, error);

	if (rc)
		return rc;
	rc = sweep(d, &who);
	if (rc < 0)
		snprintf(error, OPTIONS_ERROR_MAX, "a relay with the first media port %lld is running", (long long)d->options.port_min);
	else
		puts(rc ? "what a relay of these ports had left in the kernel is gone" : "nothing was left in the kernel");
	return rc < 0 ? rc : 0;
}
