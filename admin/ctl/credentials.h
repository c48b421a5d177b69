/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The credentials of an account: where they come from, and how they get into Kamailio's `subscriber` table. */
#ifndef AETA_ADMIN_CREDENTIALS_H
#define AETA_ADMIN_CREDENTIALS_H

#include "ctl.h"
#include "data/numbers.h"
#include "data/secret.h"

struct credentials {
	char password[SECRET_MAX + 1]; /* empty where only the HA1 is known */
	char ha1[SECRET_HA1_SIZE], ha1b[SECRET_HA1_SIZE];
	bool generated; /* to be told, once */
};

/* Rows for the table of a command that sets credentials. */
#define CREDENTIALS_ARGS \
	{.name = "--password-stdin", \
			.type = ARG_FLAG, \
			.help = "take the password from standard input (asked for at a terminal) instead of making one"}, \
	{ \
		.name = "--ha1", .type = ARG_FLAG, \
		.help = "take the HA1 from standard input, 32 hex digits (and HA1B as a second line, if it is known)" \
	}

/* As the arguments say: made here, or read. Returns an exit status, with a refusal. */
int credentials_take(struct ctl *ctl, const struct args *args, const char *number, struct credentials *c);

/* What was sold: an array of {number, kind, password, web_password where there is one}. */
json_t *credentials_sold(const struct numbers_sold *sold);

/* {number, kind, password} into the result of the command itself; the password only where it was made here. */
void credentials_say(struct ctl *ctl, const char *number, const char *kind, const struct credentials *c);

#endif
