/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mail server, from the configuration (data/config.h). Pure. */
#ifndef AETA_MAIL_SETTINGS_H
#define AETA_MAIL_SETTINGS_H

#include "compose.h"

#include "data/config.h"

/* What is said wherever somebody could wait for a mail in vain. */
#define MAIL_NOT_CONFIGURED "no mail server is configured: mails wait (smtp_url and mail_from in the configuration)"

/* The texts are those of the configuration. */
struct mail_settings {
	bool configured;   /* false: mails wait, and nothing else here counts */
	const char *url;   /* smtp://HOST:PORT (with STARTTLS) or smtps://HOST:PORT */
	const char *user, *password; /* empty: no login */
	const char *ca;    /* PEM file of the authorities that its certificate is checked against; empty: those of the system */
	bool tls;          /* false: in clear, to a server on this machine */
	unsigned timeout_s; /* for one mail, from the connection to the answer */
	char from[MAIL_ADDRESS_MAX + 1], from_name[CONFIG_VALUE_MAX];
	const char *reply_to; /* empty: none */
};

/*
 * 0 (also where none is configured), or -EINVAL with a sentence in `error`: what is wrong with which key. No sentence has a value
 * of the password in it.
 */
int mail_settings_take(struct mail_settings *s, const struct config *c, char *error, size_t size);

#endif
