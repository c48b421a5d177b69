/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The password of a web login, as the commands that give one take and tell it. */
#ifndef AETA_CTL_WEB_PASSWORD_H
#define AETA_CTL_WEB_PASSWORD_H

#include "ctl.h"

#include "data/passwords.h"

struct web_password {
	char text[PASSWORDS_MAX + 1];
	bool generated;
};

#define WEB_PASSWORD_ARG \
	{ \
		.name = "--password-stdin", .type = ARG_FLAG, \
		.help = "take the password from standard input (asked for at a terminal) instead of making one" \
	}

/* From standard input, or made here. CTL_OK, or a refusal that has been said. */
int web_password_take(const struct args *args, struct web_password *p);

/*
 * What came of a change of `object`: `rc` is the data layer's. A password that was made here is told, once, and forgotten. `p` NULL: there
 * was none. An exit status.
 */
int web_password_finish(struct ctl *ctl, int rc, const char *key, const char *object, struct web_password *p);

#endif
