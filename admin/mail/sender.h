/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sends what is due in the queue (data/mail.h). Any number of senders may run at the same time, on any machine. */
#ifndef AETA_MAIL_SENDER_H
#define AETA_MAIL_SENDER_H

#include "settings.h"

#include "data/mail.h"

#include <stdatomic.h>
#include <stddef.h>

struct sender {
	const struct mail_settings *settings; /* configured */
	const struct scope *scope;            /* BY_ADMIN */
	const atomic_bool *stop;              /* true: after this mail; NULL: never */
	size_t most;                          /* mails; 0: all that are due */
	long long only;                       /* this one, if it is due; 0: any */
};

struct sender_sum {
	size_t sent, failed, given_up;
	char error[1040]; /* of the last one that was not sent: a sentence; empty: none */
};

/*
 * 0, also where mails failed: `sum` says so, and the queue. A mail server that is not there, or takes none of our mails, ends it after one
 * mail. Else -errno of the data layer, whose sentence is in data_error().
 */
int sender_run(struct db *db, const struct sender *sender, struct sender_sum *sum);

#endif
