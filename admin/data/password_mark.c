/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "password_mark.h"

#include "statement.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Is it in the scope? Whether a customer has it the database knows. */
static int find_account(struct db *db, const struct scope *s, const char *number)
{
	struct data_rows row = {0};
	int rc = scope_has_number(s, number) ? 0 : -ENOENT;

	if (rc && scope_may(s, BY_CONTACT))
		rc = data_show(db, s, table_find("accounts"), number, &row);
	data_rows_free(&row);
	return rc == -ENOENT ? REFUSED(rc, db, "there is no account \"%s\"", number) : rc;
}

int password_mark(struct db *db, const struct scope *s, const char *number, char out[PASSWORD_MARK_SIZE])
{
	struct db_rows rows;
	int rc = find_account(db, s, number);

	out[0] = '\0';
	if (rc)
		return rc;
	rc = db_query(db, &rows, "SELECT COALESCE(MAX(id), 0) FROM aeta_audit WHERE object = ? AND action LIKE '% password'",
			DB_VALUES(DB_TEXT(number)));
	if (rc == 0)
		snprintf(out, PASSWORD_MARK_SIZE, "%s", db_cell(&rows, 0, 0));
	db_rows_free(&rows);
	return rc;
}

/* Until the end of the transaction. */
static int lock_account(struct db *db, const char *number)
{
	struct db_rows rows;
	int rc = db_query(db, &rows, "SELECT number FROM aeta_account WHERE number = ? FOR UPDATE", DB_VALUES(DB_TEXT(number)));

	if (rc == 0 && rows.rows == 0)
		rc = REFUSED(-ENOENT, db, "there is no account \"%s\"", number);
	db_rows_free(&rows);
	return rc;
}

int password_mark_check(struct db *db, const struct scope *s, const char *number, const char *mark)
{
	char now[PASSWORD_MARK_SIZE];
	int rc = lock_account(db, number);

	if (rc == 0)
		rc = password_mark(db, s, number, now);
	if (rc == 0 && mark && strcmp(mark, now) != 0)
		rc = REFUSED(-ESTALE, db, "a password of %s has been changed meanwhile", number);
	return rc;
}
