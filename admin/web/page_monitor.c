/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /health and /metrics (E6): for addresses of `monitor_from`, without a login. */
#include "respond.h"
#include "routes.h"

#include "data/data.h"
#include "data/mail.h"
#include "data/passwords.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Well, if the database answers within three seconds. */
static int get_health(struct request *r)
{
	char error[512];
	const char *said;
	struct db *db;
	int rc = pool_take(r->web->pool, 3000, &db, error, sizeof(error));

	if (rc == 0) {
		rc = data_ping(db);
		pool_give(r->web->pool, db, rc != 0);
	}
	said = rc ? "{\"healthy\": false, \"database\": false}\n" : "{\"healthy\": true, \"database\": true}\n";
	return respond_bytes(r, rc ? 503 : 200, "application/json", said, strlen(said));
}

/* Metrics under construction; what does not fit is left out whole. */
struct metrics {
	char text[8192];
	size_t n;
};

__attribute__((format(printf, 2, 3))) static void add(struct metrics *m, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(m->text + m->n, sizeof(m->text) - m->n, format, ap);
	va_end(ap);
	if (n > 0 && (size_t)n < sizeof(m->text) - m->n)
		m->n += (size_t)n;
	else
		m->text[m->n] = '\0';
}

static void add_one(struct metrics *m, const char *name, const char *type, const char *help, unsigned long value)
{
	add(m, "# HELP aeta_admin_%s %s\n# TYPE aeta_admin_%s %s\naeta_admin_%s %lu\n", name, help, name, type, name, value);
}

static unsigned long resident_bytes(void)
{
	unsigned long pages = 0, all;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f && fscanf(f, "%lu %lu", &all, &pages) != 2)
		pages = 0;
	if (f)
		fclose(f);
	return pages * (unsigned long)sysconf(_SC_PAGESIZE);
}

static void add_logins(struct metrics *m, struct counters *c)
{
	add(m, "# HELP aeta_admin_logins_total Tries to log in.\n# TYPE aeta_admin_logins_total counter\n");
	add(m, "aeta_admin_logins_total{result=\"ok\"} %lu\n", atomic_load(&c->logins_ok));
	add(m, "aeta_admin_logins_total{result=\"second_factor\"} %lu\n", atomic_load(&c->logins_second));
	add(m, "aeta_admin_logins_total{result=\"wrong\"} %lu\n", atomic_load(&c->logins_wrong));
	add(m, "aeta_admin_logins_total{result=\"throttled\"} %lu\n", atomic_load(&c->logins_throttled));
}

/* Left out where the database does not answer. */
static void add_mails(struct metrics *m, struct request *r)
{
	struct mail_figures f;
	struct scope scope;
	char error[512];
	struct db *db;
	int rc = pool_take(r->web->pool, 1000, &db, error, sizeof(error));

	if (rc)
		return;
	scope_operator(&scope, BY_VIEWER, "metrics", r->address);
	rc = mail_figures(db, &scope, &f);
	pool_give(r->web->pool, db, rc != 0);
	if (rc)
		return;
	add(m, "# HELP aeta_admin_mails Mails that are not sent.\n# TYPE aeta_admin_mails gauge\n");
	add(m, "aeta_admin_mails{state=\"waiting\"} %lld\n", f.waiting - f.failed);
	add(m, "aeta_admin_mails{state=\"failed\"} %lld\n", f.failed);
	add(m, "aeta_admin_mails{state=\"given_up\"} %lld\n", f.given_up);
	add_one(m, "mail_oldest_seconds", "gauge", "How long the oldest mail that is to be sent waits.", f.oldest_s < 0 ? 0 : (unsigned long)f.oldest_s);
	add_one(m, "mail_server_configured", "gauge", "Is there one? Without it mails wait.", r->web->settings.mail.configured);
}

static int get_metrics(struct request *r)
{
	struct counters *c = &r->web->counters;
	struct metrics m = {.n = 0};

	add_one(&m, "requests_total", "counter", "Requests that were answered.", atomic_load(&c->requests));
	add(&m, "# HELP aeta_admin_answers_total Answers by the first digit of their status.\n# TYPE aeta_admin_answers_total counter\n");
	for (int i = 2; i < 6; i++)
		add(&m, "aeta_admin_answers_total{status=\"%dxx\"} %lu\n", i, atomic_load(&c->answers[i]));
	add_logins(&m, c);
	add_one(&m, "password_checks_total", "counter", "Passwords that were checked by argon2id, also of nobody.", passwords_matched());
	add_one(&m, "refused_source_total", "counter", "Changes that did not come from a page of this server.", atomic_load(&c->refused_csrf));
	add_one(&m, "refused_input_total", "counter", "Requests whose parameters were malformed.", atomic_load(&c->refused_input));
	add_one(&m, "requests_under_way", "gauge", "Requests that are being answered.", atomic_load(&c->under_way));
	add_one(&m, "database_connections", "gauge", "Connections to the database.", pool_made(r->web->pool));
	add_one(&m, "resident_bytes", "gauge", "Memory of the process.", resident_bytes());
	add_mails(&m, r);
	add_one(&m, "start_time_seconds", "gauge", "When it was started, since 1970.", (unsigned long)r->web->began);
	return respond_bytes(r, 200, "text/plain; version=0.0.4; charset=utf-8", m.text, m.n);
}

const struct route monitor_routes[] = {
		ROUTE_GET("/health", MAY_MONITOR, get_health),
		ROUTE_GET("/metrics", MAY_MONITOR, get_metrics),
		{0},
};
