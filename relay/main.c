/* SPDX-License-Identifier: GPL-2.0-or-later */
/* aeta-relay: from the command line to the loop, and back. */
#include "daemon.h"

#include "client.h"
#include "clock.h"
#include "local.h"
#include "log.h"
#include "privileges.h"
#include "systemd.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- what the core asks of us ---- */

static int on_open(void *context, struct component *c, const struct relay_interface *on)
{
	struct daemon *d = context;

	if (d->offload)
		offload_opened(d->offload, c);
	return media_open(d->media, c, on);
}

static void on_close(void *context, struct component *c)
{
	struct daemon *d = context;

	if (d->offload)
		offload_closed(d->offload, c);
	media_close(d->media, c);
}

static void on_changed(void *context, struct stream *s)
{
	struct daemon *d = context;

	if (d->offload)
		offload_changed(d->offload, s);
	media_changed(d->media, s);
}

static int on_record_start(void *context, struct call *c, struct text file, struct text directory, struct text pattern,
	struct text metadata)
{
	struct daemon *d = context;
	int rc = d->recorder ? recorder_start(d->recorder, c, file, directory, pattern, metadata) : -EOPNOTSUPP;

	if (rc)
		log_call(LOG_ERR, c->id, "it cannot be recorded: %s", d->recorder ? strerror(-rc) : "there is no --recording-dir");
	return rc;
}

static void on_record_stop(void *context, struct call *c, bool discard)
{
	struct daemon *d = context;

	if (d->recorder)
		recorder_stop(d->recorder, c, discard);
}

static void on_log(void *context, int level, const struct call *c, const char *line)
{
	(void)context;
	log_call(level, c ? c->id : (struct text){"", 0}, "%s", line);
}

static void on_ended(void *context, struct call *c, enum relay_end why)
{
	closing_line(context, c, why);
	saving_ended(context, c);
}

static const char *on_overload(void *context)
{
	struct daemon *d = context;

	return load_limit(&d->load, &d->options);
}

static void on_refresh(void *context, struct call *c)
{
	struct daemon *d = context;

	if (d->offload)
		offload_refresh(d->offload, c);
}

/* ---- start ---- */

/* Whether ports share sockets costs no call, but decides what a call costs: one line says which it is, and why. */
static void share_sockets(struct daemon *d)
{
	char error[PORT_TABLE_ERROR_MAX];
	unsigned n = 0;
	int rc;

	if (d->options.plain || d->options.sockets == SOCKETS_OWN)
		return;
	rc = local_reserve(&d->settings);
	if (rc)
		snprintf(error, sizeof(error), "net.ipv4.ip_local_reserved_ports: %s", strerror(-rc));
	else
		n = media_share(d->media, &d->settings.relay, error);
	if (n == 0)
		log_say(LOG_NOTICE, "each media port has a socket of its own, since none can be shared (%s)", error);
	else if (n < d->settings.relay.interface_count)
		log_say(LOG_NOTICE, "the ports of %u media addresses share a socket each; those of the other %u have their own", n,
			d->settings.relay.interface_count - n);
	else
		log_say(LOG_INFO, "the ports of a media address share a socket");
	d->shared = n;
}

static int start_media(struct daemon *d, char *error)
{
	const struct media_options options = {.epoll = d->epoll, .plain = d->options.plain, .receive_tos = d->settings.relay.tos < 0,
		.receive_buffer = (int)d->options.receive_buffer * 1024, .port_rate = (unsigned)d->options.port_rate,
		.recorder = d->recorder, .offload = d->offload};

	d->media = media_new(&options);
	if (!d->media) {
		snprintf(error, OPTIONS_ERROR_MAX, "no memory");
		return -ENOMEM;
	}
	share_sockets(d);
	if (d->shared < d->settings.relay.interface_count)
		local_descriptors(&d->settings);
	return 0;
}

static int start_relay(struct daemon *d, char *error)
{
	const struct relay_shell shell = {.context = d, .open = on_open, .close = on_close, .changed = on_changed,
		.record_start = on_record_start, .record_stop = on_record_stop, .ended = on_ended, .log = on_log, .overload = on_overload,
		.refresh = on_refresh, .touched = d->sessions ? saving_touched : NULL};

	d->relay = relay_new(&d->settings.relay, &shell, clock_now());
	if (!d->relay) {
		snprintf(error, OPTIONS_ERROR_MAX, "no memory, or no pair of media ports between --port-min=%lld and --port-max=%lld",
			(long long)d->options.port_min, (long long)d->options.port_max);
		return -EINVAL;
	}
	media_serve(d->media, d->relay);
	saving_serve(d);
	if (d->offload)
		offload_serve(d->offload, d->relay);
	return 0;
}

static int start_recorder(struct daemon *d, char *error)
{
	const struct recorder_options options = {.directory = d->options.recording_dir, .pattern = d->options.recording_pattern,
		.ethernet = d->options.recording_format == RECORDING_ETHERNET, .buffer = (size_t)d->options.recording_buffer << 20};
	int rc = 0;

	if (!d->options.recording_dir)
		return 0;
	d->recorder = recorder_new(&options, &rc);
	if (!d->recorder)
		snprintf(error, OPTIONS_ERROR_MAX, "--recording-dir=%.200s: %s", d->options.recording_dir, strerror(-rc));
	return rc;
}

/* As the user that it has become. */
static int run_recorder(struct daemon *d, char *error)
{
	int rc;

	if (!d->recorder)
		return 0;
	if (access(d->options.recording_dir, R_OK | W_OK | X_OK) != 0) {
		snprintf(error, OPTIONS_ERROR_MAX, "--recording-dir=%.200s: user %u may not write there: %m", d->options.recording_dir,
			(unsigned)geteuid());
		return -EACCES;
	}
	rc = recorder_run(d->recorder);
	if (rc)
		snprintf(error, OPTIONS_ERROR_MAX, "no thread for recordings: %s", strerror(-rc));
	return rc;
}

static int start_control(struct daemon *d, char *error)
{
	int rc = notify_open(&d->notifier, d->options.notify, error);

	if (!rc && loop_init(d) != 0) {
		snprintf(error, OPTIONS_ERROR_MAX, "no epoll: %m");
		rc = -EINVAL;
	}
	if (!rc)
		rc = ng_udp_open(d, error);
	if (!rc)
		rc = ng_tcp_open(d, error);
	if (!rc)
		rc = http_open(d, error);
	if (!rc && life_init(d) != 0) {
		snprintf(error, OPTIONS_ERROR_MAX, "no signals or no timer: %m");
		rc = -EINVAL;
	}
	return rc;
}

static int write_pidfile(const struct daemon *d, char *error)
{
	FILE *f;

	if (!d->options.pidfile)
		return 0;
	f = fopen(d->options.pidfile, "we");
	if (f && fprintf(f, "%d\n", (int)getpid()) > 0 && fclose(f) == 0)
		return 0;
	snprintf(error, OPTIONS_ERROR_MAX, "--pidfile=%.200s: %m", d->options.pidfile);
	return -EINVAL;
}

/* In this order: what needs root, then dropping it, then what runs as somebody else. */
static int start(struct daemon *d, char *error)
{
	struct identity who;
	int rc = privileges_find(&who, d->options.user, error);

	if (rc)
		return rc;
	rc = start_control(d, error);
	if (!rc)
		rc = start_recorder(d, error);
	if (!rc) {
		offload_start(d, &who);
		rc = start_media(d, error);
	}
	if (!rc)
		rc = write_pidfile(d, error);
	if (!rc && d->options.state_dir)
		session_log_prepare(d->options.state_dir, &who);
	if (!rc)
		rc = privileges_drop(&who, d->options.plain, d->offload != NULL, error);
	if (!rc)
		rc = run_recorder(d, error);
	if (!rc)
		rc = saving_open(d, error);
	if (!rc)
		rc = start_relay(d, error);
	if (!rc && !d->options.plain)
		local_warn(&d->settings);
	return rc;
}

static void finish(struct daemon *d)
{
	if (d->restart)
		saving_rest(d);
	if (!d->leaving || (d->restart && relay_calls(d->relay)))
		offload_end(d, true); /* streams go on; or it did not come to serve, and what a relay before it has left goes on */
	if (d->relay && d->restart)
		relay_leave(d->relay);
	else if (d->relay)
		relay_free(d->relay);
	saving_close(d);
	if (d->media)
		media_free(d->media);
	offload_end(d, false);
	recorder_free(d->recorder);
	http_close(d);
	ng_tcp_close(d);
	ng_udp_close(d);
	life_close(d);
	loop_close(d);
	if (d->options.pidfile)
		unlink(d->options.pidfile);
	options_free(&d->options);
	log_close();
}

/* ---- the background ---- */

/* The parent waits for a word of the child, and leaves with it. Returns where the child writes it, -1: no child was made. */
static int to_background(void)
{
	int ends[2], status;
	char word;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	child = fork();
	if (child < 0)
		return -1;
	if (child == 0) {
		close(ends[0]);
		setsid();
		return ends[1];
	}
	close(ends[1]);
	if (read(ends[0], &word, 1) == 1)
		_exit(EXIT_SUCCESS);
	waitpid(child, &status, 0);
	_exit(EXIT_FAILURE);
}

/* It stays in its folder: the configuration file, read again at SIGHUP, may have been named from there. */
static void tell_parent(int fd, bool keep_stderr)
{
	int null = open("/dev/null", O_RDWR);

	if (write(fd, "1", 1) != 1)
		log_say(LOG_WARNING, "the command that started this relay is gone");
	close(fd);
	if (null < 0)
		return;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	if (!keep_stderr)
		dup2(null, STDERR_FILENO);
	close(null);
}

/* ---- */

static int refuse(const char *error)
{
	fprintf(stderr, "aeta-relay: %s\n", error);
	return EXIT_FAILURE;
}

static int print_and_leave(const struct options *o)
{
	if (o->help)
		options_help(stdout);
	else if (o->reference)
		options_reference(stdout);
	else
		puts("aeta-relay " AETA_VERSION);
	return EXIT_SUCCESS;
}

static void serve(struct daemon *d)
{
	log_say(LOG_NOTICE, "aeta-relay " AETA_VERSION " is ready: %u media addresses, ports %lld-%lld%s", d->settings.relay.interface_count,
		(long long)d->options.port_min, (long long)d->options.port_max, d->options.plain ? ", plain" : "");
	systemd_say("READY=1");
	loop_run(d);
	log_say(LOG_NOTICE, "aeta-relay leaves");
}

int main(int argc, char **argv)
{
	static struct daemon d = {.argc = 0, .epoll = -1, .control = -1, .notifier = {.fd = -1}, .signals = {.fd = -1}, .timer = {.fd = -1},
		.answers = {.fd = -1}, .ways = {.fd = -1}, .saving = {.fd = -1}};
	char error[OPTIONS_ERROR_MAX] = "no memory";
	int parent = -1;

	if (argc > 1 && client_knows(argv[1]))
		return client_run(argc - 1, argv + 1);
	mallopt(M_ARENA_MAX, 1); /* one thread allocates */
	d.argc = argc - 1;
	d.argv = argv + 1;
	if (options_read(&d.options, d.argc, d.argv, error) != 0)
		return refuse(error);
	if (d.options.help || d.options.version || d.options.reference)
		return print_and_leave(&d.options);
	if (settings_make(&d.settings, &d.options, error) != 0)
		return refuse(error);
	if (d.options.sweep)
		return offload_sweep_only(&d, error) == 0 ? EXIT_SUCCESS : refuse(error);
	if (!d.options.foreground)
		parent = to_background();
	log_open(d.options.log_stderr, d.options.log_facility, (int)d.options.log_level);
	d.watchdog = systemd_init();
	d.started = clock_now();
	if (start(&d, error) != 0) {
		finish(&d);
		return refuse(error);
	}
	if (parent >= 0)
		tell_parent(parent, d.options.log_stderr);
	serve(&d);
	finish(&d);
	return EXIT_SUCCESS;
}
