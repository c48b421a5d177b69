/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mailer.h"

#include "data/data.h"
#include "mail/sender.h"
#include "mail/smtp.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAUSE_S 5   /* between two looks at the queue */
#define MOST    100 /* mails with one connection to the database */

struct mailer {
	struct web *web;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t ends;
	atomic_bool stop;
};

static void say_sum(const struct sender_sum *sum)
{
	if (sum->sent)
		fprintf(stderr, "aeta-admin: %zu mail%s sent\n", sum->sent, sum->sent == 1 ? "" : "s");
	if (sum->error[0])
		fprintf(stderr, "aeta-admin: %s\n", sum->error);
}

static void send_due(struct mailer *m)
{
	struct sender sender = {.settings = &m->web->settings.mail, .stop = &m->stop, .most = MOST};
	char error[512], host[65] = "";
	struct sender_sum sum;
	struct scope scope;
	struct db *db;
	int rc = pool_take(m->web->pool, 1000, &db, error, sizeof(error));

	if (rc) /* whoever wants a page has said so */
		return;
	gethostname(host, sizeof(host) - 1);
	scope_operator(&scope, BY_ADMIN, "aeta-admin", host);
	sender.scope = &scope;
	rc = sender_run(db, &sender, &sum);
	if (rc)
		fprintf(stderr, "aeta-admin: cannot send mails: %s\n", data_error(db));
	say_sum(&sum);
	pool_give(m->web->pool, db, rc != 0);
}

/* Some seconds, or until it is to end. */
static void pause_a_while(struct mailer *m)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += PAUSE_S;
	pthread_mutex_lock(&m->lock);
	if (!atomic_load(&m->stop))
		pthread_cond_timedwait(&m->ends, &m->lock, &end);
	pthread_mutex_unlock(&m->lock);
}

static void *run(void *arg)
{
	struct mailer *m = arg;

	while (!atomic_load(&m->stop)) {
		send_due(m);
		pause_a_while(m);
	}
	return NULL;
}

struct mailer *mailer_start(struct web *web)
{
	struct mailer *m = web->settings.mail.configured ? calloc(1, sizeof(*m)) : NULL;
	pthread_condattr_t monotonic;

	if (!m)
		return NULL;
	m->web = web;
	pthread_mutex_init(&m->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&m->ends, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (smtp_init() == 0 && pthread_create(&m->thread, NULL, run, m) == 0)
		return m;
	fprintf(stderr, "aeta-admin: no mails are sent: the sender does not start\n");
	pthread_cond_destroy(&m->ends);
	pthread_mutex_destroy(&m->lock);
	free(m);
	return NULL;
}

void mailer_stop(struct mailer *m)
{
	if (!m)
		return;
	pthread_mutex_lock(&m->lock);
	atomic_store(&m->stop, true);
	pthread_cond_signal(&m->ends);
	pthread_mutex_unlock(&m->lock);
	pthread_join(m->thread, NULL);
	smtp_end();
	pthread_cond_destroy(&m->ends);
	pthread_mutex_destroy(&m->lock);
	free(m);
}
