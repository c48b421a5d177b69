/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sends the mails that are due, in a thread of its own: a mail server may keep it waiting for a minute. */
#ifndef AETA_WEB_MAILER_H
#define AETA_WEB_MAILER_H

#include "web.h"

struct mailer;

/* NULL where no mail server is configured (then nothing is to be stopped), or, with a word in the log, where it cannot be had. */
struct mailer *mailer_start(struct web *web);
/* Waits until it has ended: some seconds where it is waiting for a server's answer. NULL is fine. */
void mailer_stop(struct mailer *m);

#endif
