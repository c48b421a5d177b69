/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Accounts as an operator makes and lists them. Beyond the generic functions of data.h, by which the rest of a row is changed. */
#ifndef AETA_ADMIN_ACCOUNTS_H
#define AETA_ADMIN_ACCOUNTS_H

#include "data.h"
#include "rows.h"
#include "scope.h"

/*
 * The functions return 0; -ENOENT for what is not there or not in the scope, with its sentence in db_error(); -EACCES; else as
 * db_query(). JSON is the caller's to decref, empty after an error.
 */

struct account_filter {
	long prefix;             /* 0: every group, and none */
	long long customer;      /* 0: everybody */
	const char *kind, *state; /* NULL: all; a state as it counts, "ended" for one whose time is over */
	long limit;              /* rows */
};

/* {number, kind, state: as it counts, valid_until, product, serial, comment}; operators */
int accounts_list(struct db *db, const struct scope *s, const struct account_filter *f, json_t **list);
/*
 * {number, kind, state, valid_until, group, customer, product, serial, comment, media: its own or "group", media_in_force, created_at,
 * password: "set" or "none"}; operators
 */
int accounts_show(struct db *db, const struct scope *s, const char *number, json_t **object);
/* The kind of an account, "premium" for example; operators. */
int accounts_kind(struct db *db, const struct scope *s, const char *number, char kind[16]);

struct account_new {
	const char *number, *kind;               /* factory or other: the numbers of groups are in numbers.h */
	const char *valid_until;                 /* UTC, to come; NULL or "": no end */
	const char *product, *serial, *comment;  /* NULL: none; the first two of a factory account only */
	long long customer;                      /* 0: nobody's */
	const char *realm, *ha1, *ha1b;          /* its credentials */
};

/* With its credentials, in one transaction with its row of the audit. BY_STAFF. -EINVAL: what is wrong is in `problems`. */
int account_add(struct db *db, const struct scope *s, const struct account_new *n, struct data_problems *problems);

/* Other credentials, audited; any digests, such as of a password that is burnt into a product. BY_STAFF. */
int account_digests(struct db *db, const struct scope *s, const char *number, const char *realm, const char *ha1, const char *ha1b);

/* Gives a factory or other account to a customer, 0: to nobody; audited. BY_STAFF. -EPERM: its group's customer has it. */
int account_give(struct db *db, const struct scope *s, const char *number, long long customer);

#endif
