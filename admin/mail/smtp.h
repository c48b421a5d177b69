/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One mail to one recipient, by a mail server that is configured. */
#ifndef AETA_MAIL_SMTP_H
#define AETA_MAIL_SMTP_H

#include "settings.h"

#include <stdatomic.h>

#define SMTP_ERROR_SIZE 1000 /* as the column */

enum smtp_result {
	SMTP_SENT,    /* the server has taken it over */
	SMTP_LATER,   /* not now (4xx), or it is not known whether it was taken: to be tried again */
	SMTP_REFUSED, /* never for this recipient, or never this mail (5xx) */
	SMTP_AWAY     /* no server, no TLS with it, or it wants neither our login nor our sender: so it is with all mails */
};

/* Once, before threads are made; 0 or -EIO. */
int smtp_init(void);
void smtp_end(void);

/*
 * Sends `length` bytes of `mail` (mail_compose()) to `to`. Takes smtp_timeout_s at most. When `*stop` (NULL: never) becomes true it gives
 * up at once where the server has not got the mail yet (SMTP_AWAY), else when it has waited three seconds more for the answer.
 *
 * Unless SMTP_SENT `error` is a sentence: what happened, in the words of the server where it has any, and what to do. No password is in
 * it, also where the server says ours.
 */
enum smtp_result smtp_send(const struct mail_settings *s, const char *to, const char *mail, size_t length, const atomic_bool *stop,
		char error[SMTP_ERROR_SIZE]);

#endif
