/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is sold: numbers of a group, each with its credentials, which are told once and kept only as what checks them. */
#ifndef AETA_DATA_NUMBERS_H
#define AETA_DATA_NUMBERS_H

#include "scope.h"
#include "secret.h"

#include <stdbool.h>
#include <stddef.h>

struct db;

#define NUMBERS_MAX 50 /* at once where each gets a web password: that costs 50 ms */

/* One account and what its owner has to be told. "" where there is no such password. */
struct number_sold {
	char number[24];
	bool hunting; /* of the hunting series */
	char password[SECRET_LENGTH + 1];     /* SIP */
	char web_password[SECRET_LENGTH + 1]; /* where the group has self-management */
};

struct numbers_sold {
	struct number_sold *at; /* numbers_forget() frees them, and overwrites what they hold */
	size_t n;
	long first, last; /* sequence of the regular ones, such as 5001 and 5005 */
	bool hunting, self_management;
};

/*
 * Gives the next `count` numbers of the group (1 to NUMBERS_MAX where it has self-management, else to AETA_SERIES_MAX), with their twins
 * in the hunting series where it hunts; all of them or none, in one transaction with its row of the audit. `after` is the last sequence
 * given as it was shown to whoever asks: another one by now is -ESTALE, so that a form that is sent twice sells once; -1: whatever it is.
 * -ENOENT, -EACCES (not BY_STAFF), -EINVAL, or as db_exec(), all with a sentence in db_error().
 */
int numbers_sell(struct db *db, const struct scope *s, const char *realm, long prefix, long count, long after, struct numbers_sold *out);

/*
 * Gives the regular numbers of the group that lack one their twin in the hunting series (B8); with web passwords where the group has
 * self-management and it is NUMBERS_MAX of them at most. Returns as numbers_sell().
 */
int numbers_twins(struct db *db, const struct scope *s, const char *realm, long prefix, struct numbers_sold *out);

/*
 * New credentials for an account that exists, in place of those it had; `web`: those of its web login, else SIP's. `mark`:
 * password_mark() as it was when they were asked for, another one by now is -ESTALE; NULL: whatever it is. One row in `out`. Returns as
 * numbers_sell().
 */
int numbers_renew(struct db *db, const struct scope *s, const char *realm, const char *number, bool web, const char *mark,
		struct numbers_sold *out);

void numbers_forget(struct numbers_sold *n);

#endif
