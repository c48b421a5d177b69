/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sender.h"

#include "smtp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Also while the machine sleeps: a lease goes on, too. */
static time_t seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec;
}

/* For its Message-ID: the domain of whom it comes from. */
static const char *domain_of(const struct mail_settings *s)
{
	const char *domain = strchr(s->from, '@') + 1;

	return strlen(domain) < MAIL_DOMAIN_MAX ? domain : "localhost";
}

/* One that cannot be put together is never sent: its recipient or its subject is no such. */
static enum smtp_result send_mail(const struct sender *sender, const struct mail_taken *m, time_t taken_at, char error[SMTP_ERROR_SIZE])
{
	const struct mail_settings *s = sender->settings;
	const struct mail_message message = {.from = {s->from, s->from_name}, .to = {m->recipient, m->recipient_name}, .reply_to = s->reply_to,
			.subject = m->subject, .body = m->body, .message_id = m->message_id, .date = time(NULL)};
	enum smtp_result result;
	char why[MAIL_WHY_SIZE], *bytes;
	size_t length;
	int rc = mail_compose(&message, &bytes, &length, why);

	if (rc)
		snprintf(error, SMTP_ERROR_SIZE, "the mail cannot be written: %s", why);
	if (rc)
		return rc == -EINVAL ? SMTP_REFUSED : SMTP_LATER;
	/* Sending takes less than half a lease; what is left of this one must be more, or another sender could have the mail by then. */
	if (seconds() - taken_at > MAIL_LEASE_S / 2) {
		snprintf(error, SMTP_ERROR_SIZE, "the sender was held up for too long; it is tried again");
		result = SMTP_LATER;
	} else {
		result = smtp_send(s, m->recipient, bytes, length, sender->stop, error);
	}
	free(bytes);
	return result;
}

/*
 * What came of it, into the queue. Where that fails after the server took the mail, nothing is left to do: once the lease has ended it is
 * sent again, with the same Message-ID.
 */
static int write_down(struct db *db, const struct sender *sender, const struct mail_taken *m, enum smtp_result result, const char *error,
		struct sender_sum *sum)
{
	bool final = result == SMTP_REFUSED || m->tries >= MAIL_TRIES_MAX;

	if (result == SMTP_SENT) {
		sum->sent++;
		return mail_sent(db, sender->scope, m);
	}
	sum->failed += !final;
	sum->given_up += final;
	snprintf(sum->error, sizeof(sum->error), "mail %lld: %s", m->id, error);
	return mail_failed(db, sender->scope, m, final, error);
}

/* The next one; -ENOENT: none is due. */
static int send_next(struct db *db, const struct sender *sender, enum smtp_result *result, struct sender_sum *sum)
{
	char error[SMTP_ERROR_SIZE] = "";
	struct mail_taken m;
	time_t taken_at = seconds();
	int rc = mail_take(db, sender->scope, domain_of(sender->settings), sender->only, &m);

	if (rc == 0) {
		*result = send_mail(sender, &m, taken_at, error);
		rc = write_down(db, sender, &m, *result, error, sum);
	}
	if (rc == -ESTALE) { /* that other sender says what came of it */
		snprintf(sum->error, sizeof(sum->error), "mail %lld: the lease had ended before it was done", m.id);
		rc = 0;
	}
	mail_taken_free(&m);
	return rc;
}

int sender_run(struct db *db, const struct sender *sender, struct sender_sum *sum)
{
	enum smtp_result result = SMTP_SENT;
	int rc = 0;

	memset(sum, 0, sizeof(*sum));
	for (size_t n = 0; rc == 0 && result != SMTP_AWAY && (!sender->most || n < sender->most); n++) {
		if (sender->stop && atomic_load(sender->stop))
			break;
		rc = send_next(db, sender, &result, sum);
	}
	return rc == -ENOENT ? 0 : rc;
}
