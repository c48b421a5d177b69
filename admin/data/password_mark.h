/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which form of two is the same one, sent twice: one that makes a password carries a mark of the last change of a password, and
 * makes none where there has been another since. So a page that is loaded again does not replace the password that it has just shown.
 */
#ifndef AETA_DATA_PASSWORD_MARK_H
#define AETA_DATA_PASSWORD_MARK_H

#include "scope.h"

#define PASSWORD_MARK_SIZE 24

struct db;

/* The mark now, of an account's number: another one after each change that the audit tells. -ENOENT: out of the scope; or as db_query(). */
int password_mark(struct db *db, const struct scope *s, const char *number, char out[PASSWORD_MARK_SIZE]);

/*
 * Is `mark` still that? In the transaction of the change, before it: others of the same account wait until that has ended. NULL is right.
 * -ESTALE: it is not, with a sentence in db_error(); -ENOENT: no such account; or as password_mark().
 */
int password_mark_check(struct db *db, const struct scope *s, const char *number, const char *mark);

#endif
