/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The queue of mails (table aeta_mail), which is their archive, too. Who puts a mail in does so in the transaction of what it is
 * about; who sends one takes it first. How that holds with many senders, and what becomes of a mail whose sender dies: sql/0023-mail.sql.
 *
 * Functions return as those of data.h.
 */
#ifndef AETA_ADMIN_MAIL_H
#define AETA_ADMIN_MAIL_H

#include "scope.h"

#include <jansson.h>
#include <stdbool.h>

struct db;

#define MAIL_LEASE_S   600 /* for so long a mail that was taken is nobody else's */
#define MAIL_TRIES_MAX 19  /* so often it is tried: with the delays of mail_delay_s() that is three days */
#define MAIL_DOMAIN_MAX 150

/* ---- in ---- */

struct mail_new {
	const char *kind, *recipient, *recipient_name, *subject, *body;
	long long customer, announcement; /* 0: none */
};

/* For BY_STAFF. Writes no row of the audit: whoever calls it does. `id` may be NULL. */
int mail_queue(struct db *db, const struct scope *s, const struct mail_new *m, long long *id);
/* The same with its row of the audit: a mail that says that mails arrive. */
int mail_queue_test(struct db *db, const struct scope *s, const char *address, const char *body, long long *id);

/* ---- out ---- */

/* A mail that is taken; mail_taken_free() when done. */
struct mail_taken {
	long long id, epoch;
	unsigned tries; /* with this one */
	char *recipient, *recipient_name, *subject, *body, *message_id;
};

/*
 * Takes the mail that is due for the longest, for MAIL_LEASE_S. `domain`: of its Message-ID, if it has none yet. -ENOENT: none is due.
 * For BY_ADMIN, as the two below. `only`: that one mail if it is due; 0: any.
 */
int mail_take(struct db *db, const struct scope *s, const char *domain, long long only, struct mail_taken *out);
void mail_taken_free(struct mail_taken *m);

/* What came of it. -ESTALE: the lease had ended, and somebody else has taken it meanwhile. */
int mail_sent(struct db *db, const struct scope *s, const struct mail_taken *m);
/* `final`: it is not tried again. `error`: a sentence without secrets; cut to its column. */
int mail_failed(struct db *db, const struct scope *s, const struct mail_taken *m, bool final, const char *error);

/* Seconds until the next try after so many failed ones (1 is the first): a minute, growing to six hours. Pure. */
unsigned mail_delay_s(unsigned tries);

/* ---- for people ---- */

struct mail_figures {
	long long waiting;  /* to be sent, those among them that were tried already: */
	long long failed;
	long long given_up; /* that nobody has dropped or tried again */
	long long oldest_s; /* how long the oldest that is to be sent waits; -1: there is none */
};

int mail_figures(struct db *db, const struct scope *s, struct mail_figures *out);

/* All that are not sent, the oldest first, 1000 at most; one with its text (-ENOENT). For operators. */
int mail_list(struct db *db, const struct scope *s, json_t **list);
int mail_show(struct db *db, const struct scope *s, long long id, json_t **list);

/*
 * Has it tried anew, at once and for three days; -EPERM where it is sent, or being sent. For BY_STAFF, with a row of the audit. `id` 0:
 * all that failed or were given up; `count` (may be NULL) gets how many.
 */
int mail_retry(struct db *db, const struct scope *s, long long id, unsigned long long *count);
/* Takes it out of the queue unsent; otherwise as mail_retry(). */
int mail_drop(struct db *db, const struct scope *s, long long id);

#endif
