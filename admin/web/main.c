/* SPDX-License-Identifier: GPL-2.0-or-later */
/* aeta-admin: from the command line to the server, and back. */
#include "dispatch.h"
#include "http.h"
#include "mailer.h"
#include "privileges.h"
#include "visitors.h"

#include "data/data.h"
#include "data/logins.h"
#include "data/passwords.h"
#include "data/retention.h"
#include "data/throttle.h"
#include "live/rpc.h"

#include <sodium.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define POOL_SIZE  16
#define SWEEP_S    5
#define TIDY_SWEEP 12 /* each so many times old sessions go, too: once a minute */
#define PRUNE_TIDY 60 /* each so many times of that old rows go, too: once an hour, and at the start */
#define PRUNE_MAX  50 /* batches at a time */
#define DRAIN_S    10
#define RPC_WAIT_S 2

static void help(void)
{
	printf("Usage: aeta-admin [--config FILE]\n"
		   "       aeta-admin --check [--config FILE] | --routes | --version | --help\n\n"
		   "The web administration of the service. It stays in the foreground and writes its log to standard error.\n"
		   "SIGTERM: takes no new connections, answers what is under way, ends (%d s at most).\n\n"
		   "  --config FILE  default %s; it holds a password, so nobody but its owner and group may read it\n"
		   "  --check        reads the configuration, reaches the database, ends\n"
		   "  --routes       all pages with who may see them, as JSON\n"
		   "The keys of the file: README.md of admin/web.\n"
		   "Exit status: 0 ended, 1 refused or failed (one line says why), 2 usage.\n",
			DRAIN_S, SETTINGS_DEFAULT);
}

/* ---- systemd ---- */

/* sd_notify(3), where systemd wants to hear it. */
static void notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd;

	if (!path || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof(to.sun_path))
		return;
	strcpy(to.sun_path, path);
	if (path[0] == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&to,
				(socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path))) < 0)
		fprintf(stderr, "aeta-admin: systemd does not hear us: %s\n", strerror(errno));
	close(fd);
}

/* ---- running ---- */

static int say(const char *error)
{
	fprintf(stderr, "aeta-admin: %s\n", error);
	return 1;
}

/* Sessions and throttle rows that are over go, a few at a time. */
static void tidy(struct web *web)
{
	const struct session_limits limits = {.idle_s = web->settings.idle_s, .long_s = web->settings.long_s};
	char error[512];
	struct db *db;
	int rc = pool_take(web->pool, 1000, &db, error, sizeof(error));

	if (rc)
		return;
	rc = session_tidy(db, &limits);
	if (rc == 0)
		rc = throttle_tidy(db);
	if (rc)
		fprintf(stderr, "aeta-admin: cannot take out old sessions: %s\n", data_error(db));
	pool_give(web->pool, db, rc != 0);
}

/* Call records and rows of the audit that are older than they are kept. */
static int prune_all(struct db *db)
{
	struct retention all[RETENTIONS_MAX];
	char host[65] = "";
	unsigned long long deleted;
	struct scope scope;
	size_t count;
	int rc;

	gethostname(host, sizeof(host) - 1);
	scope_operator(&scope, BY_ADMIN, "aeta-admin", host);
	rc = retention_list(db, &scope, all, &count);
	for (size_t i = 0; rc == 0 && i < count; i++) {
		rc = all[i].due ? retention_prune(db, &scope, all[i].subject, PRUNE_MAX, &deleted) : 0;
		if (all[i].due && deleted)
			fprintf(stderr, "aeta-admin: %llu rows of %s were older than %s\n", deleted, all[i].subject, all[i].since);
	}
	return rc;
}

static void prune(struct web *web)
{
	char error[512];
	struct db *db;
	int rc = pool_take(web->pool, 1000, &db, error, sizeof(error));

	if (rc)
		return;
	rc = prune_all(db);
	if (rc)
		fprintf(stderr, "aeta-admin: cannot take out old rows: %s\n", data_error(db));
	pool_give(web->pool, db, rc != 0);
}

/* Until a signal asks us to end. */
static void wait_for_end(struct web *web, const sigset_t *ends)
{
	const struct timespec pause = {.tv_sec = SWEEP_S};
	int signal_number = -1;

	for (unsigned times = 0; signal_number < 0; times++) {
		http_sweep(web);
		if (times % TIDY_SWEEP == 0)
			tidy(web);
		if (times % (TIDY_SWEEP * PRUNE_TIDY) == 0)
			prune(web);
		do
			signal_number = sigtimedwait(ends, NULL, &pause);
		while (signal_number < 0 && errno == EINTR);
	}
}

static void say_where(const struct web *web, int fd)
{
	struct sockaddr_storage a;
	socklen_t length = sizeof(a);
	unsigned port = 0;
	const char *colon = strrchr(web->settings.text.listen, ':');

	if (getsockname(fd, (struct sockaddr *)&a, &length) == 0)
		port = ntohs(a.ss_family == AF_INET ? ((struct sockaddr_in *)&a)->sin_port : ((struct sockaddr_in6 *)&a)->sin6_port);
	fprintf(stderr, "aeta-admin: listens on %s://%.*s:%u\n", web->settings.tls ? "https" : "http",
			(int)(colon - web->settings.text.listen), web->settings.text.listen, port);
}

/* The signals are blocked before threads are made, so that they come here only. */
static int serve(struct web *web, const struct http_keys *keys, int fd)
{
	struct MHD_Daemon *daemon;
	struct mailer *mailer;
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	rpc_for_a_server(RPC_WAIT_S);
	signal(SIGPIPE, SIG_IGN);
	daemon = http_start(web, keys, fd);
	if (!daemon)
		return say("libmicrohttpd does not start; its words are above");
	say_where(web, fd);
	mailer = mailer_start(web);
	notify("READY=1");
	wait_for_end(web, &ends);
	notify("STOPPING=1");
	fprintf(stderr, "aeta-admin: ends\n");
	http_stop(web, daemon, DRAIN_S);
	mailer_stop(mailer);
	return 0;
}

/* Once, so that what is wrong is said at the start. A database that is merely away is no reason not to run. */
static int check_database(struct web *web, bool must)
{
	char error[512];
	struct db *db;
	int rc = pool_take(web->pool, 1000, &db, error, sizeof(error));

	if (rc == 0)
		pool_give(web->pool, db, false);
	else
		say(error);
	return must && rc ? 1 : 0;
}

static int run(const char *path, bool check)
{
	static struct web web;
	struct http_keys keys = {0};
	char error[512];
	int fd = -1, rc = settings_read(&web.settings, path, error, sizeof(error));

	if (rc == 0)
		rc = http_keys_read(&keys, &web.settings, error, sizeof(error));
	if (rc == 0 && !check)
		rc = fd = http_listen(&web.settings, error, sizeof(error));
	if (rc >= 0)
		rc = privileges_drop(web.settings.text.user, error, sizeof(error));
	if (rc < 0)
		return say(error);
	if (passwords_init() != 0)
		return say("libsodium does not start");
	prctl(PR_SET_DUMPABLE, 0); /* no core file: passwords of people and the database are in the memory */
	web.began = time(NULL);
	web.pool = pool_open(&web.settings.config, POOL_SIZE);
	web.visitors = visitors_new(web.settings.connections);
	rc = web.pool && web.visitors ? check_database(&web, check) : say("no memory");
	if (rc == 0 && !check)
		rc = serve(&web, &keys, fd);
	pool_close(web.pool);
	visitors_free(web.visitors);
	http_keys_free(&keys);
	explicit_bzero(&web.settings, sizeof(web.settings));
	return rc;
}

int main(int argc, char **argv)
{
	const char *path = SETTINGS_DEFAULT;
	bool check = false;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--config") == 0 && i + 1 < argc) {
			path = argv[++i];
		} else if (strcmp(argv[i], "--check") == 0) {
			check = true;
		} else if (strcmp(argv[i], "--routes") == 0) {
			dispatch_print_routes();
			return 0;
		} else if (strcmp(argv[i], "--version") == 0) {
			return puts("aeta-admin " AETA_VERSION) < 0;
		} else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			help();
			return 0;
		} else {
			fprintf(stderr, "aeta-admin: unknown argument %s (see --help)\n", argv[i]);
			return 2;
		}
	}
	return run(path, check);
}
