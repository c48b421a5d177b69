/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accounts as a CSV file: written, and read again to make new ones and change others. The first row names the columns, in any order;
 * all but `number` may be left out:
 *
 *      number       of the account; what is not in the file stays as it is, nothing is ever deleted
 *      kind         premium, hunting, factory, other; a new account needs it, that of an existing one does not change
 *      prefix       of its group; only checked, since the number says it
 *      customer     name or id; of a factory or other account it is set, else only checked
 *      state        active, locked, suspended
 *      valid_until  UTC; empty or never: no end
 *      media        auto, always, never; empty or group: as its group says
 *      product, serial (of factory accounts), comment
 *      password     only read: the SIP password, which is stored as its HA1
 *      ha1          only read: 32 hex digits
 *
 * An empty field of number, kind, prefix, state, password and ha1 says nothing; in another column it takes away what was there.
 * What is written has no passwords, and read again it changes nothing.
 */
#ifndef AETA_ADMIN_ACCOUNTS_CSV_H
#define AETA_ADMIN_ACCOUNTS_CSV_H

#include "scope.h"

#include <stdio.h>
#include <stdbool.h>
#include <stddef.h>

struct db;

#define IMPORT_PROBLEMS_MAX 1000 /* that are told one by one */

enum account_head {
	HEAD_NUMBER,
	HEAD_KIND,
	HEAD_PREFIX,
	HEAD_CUSTOMER,
	HEAD_STATE,
	HEAD_UNTIL,
	HEAD_MEDIA,
	HEAD_PRODUCT,
	HEAD_SERIAL,
	HEAD_COMMENT, /* the last one that is written */
	HEAD_PASSWORD,
	HEAD_HA1,
	HEADS
};

extern const char *const account_heads[HEADS]; /* "number", "kind", … */

struct import_problem {
	size_t line;        /* of the file, from 1 */
	const char *column; /* a constant; "" where it is the row as a whole */
	char why[256];
};

struct import {
	const char *bytes; /* of the file */
	size_t size;
	const char *realm;
	bool dry_run; /* find out, and leave everything as it is */
	bool gaps;    /* a premium number may skip some of its group, which are then never given */
	/*
	 * Who listens; each may be NULL, but without `password` no account is made that needs a password from us. `begin`: from the
	 * first row, perhaps once more after a deadlock. `password`: one that was made, to be told once. `end`: all of it is right and
	 * about to be stored. The last two refuse the import by returning -errno, with their sentence in db_refuse().
	 */
	void *listener;
	void (*begin)(void *listener);
	void (*progress)(void *listener, size_t bytes);
	int (*password)(void *listener, struct db *db, const char *number, const char *kind, const char *password);
	int (*end)(void *listener, struct db *db);
	/* what came of it; account_import_free() */
	size_t rows, added, changed, same, bad;
	size_t needed; /* passwords that were made or, in a dry run, would be */
	struct import_problem *problems;
	size_t problem_count; /* at most IMPORT_PROBLEMS_MAX */
	char (*closed)[19];   /* numbers that may no longer be registered, nor call */
	size_t closed_count;
};

/*
 * All of it in one transaction, or nothing; each account that it makes or changes is audited. Support and administrators. Returns 0;
 * -EBADMSG if a row is bad (nothing was changed; `problems`); -ENOENT outside the scope; else as db_exec(), with nothing changed.
 */
int account_import(struct db *db, const struct scope *s, struct import *in);
void account_import_free(struct import *in);

/*
 * Writes the accounts of a group (0: all groups) and a customer (0: all), sorted so that they can be made again in that order.
 * Operators. 0, -ENOENT outside the scope, or as db_query(); errors of writing: ferror(f).
 */
int account_export(struct db *db, const struct scope *s, long prefix, long long customer, FILE *f);

#endif
