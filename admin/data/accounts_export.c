/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "accounts_csv.h"

#include "csv.h"
#include "statement.h"

#include <errno.h>

#define WRITTEN (HEAD_COMMENT + 1)

const char *const account_heads[HEADS] = {"number", "kind", "prefix", "customer", "state", "valid_until", "media", "product",
		"serial", "comment", "password", "ha1"};

int account_export(struct db *db, const struct scope *s, long prefix, long long customer, FILE *f)
{
	struct db_rows rows;
	int rc;

	if (!scope_may(s, BY_OPERATORS))
		return REFUSED(-ENOENT, db, "there are no accounts to export");
	/* in the order of account_heads; a premium number before the next one, and before its twin in the hunting series */
	rc = db_query(db, &rows,
			"SELECT a.number, CAST(a.kind AS CHAR), a.prefix, c.name, CAST(a.state AS CHAR), a.valid_until, CAST(a.media AS CHAR), "
			"a.product, a.serial, a.comment FROM aeta_account a LEFT JOIN aeta_group g ON g.prefix = a.prefix "
			"LEFT JOIN aeta_customer c ON c.id = COALESCE(g.customer_id, a.customer_id) "
			"WHERE ? IN (0, a.prefix) AND ? IN (0, COALESCE(g.customer_id, a.customer_id, 0)) "
			"ORDER BY a.prefix IS NULL, a.prefix, a.seq, CHAR_LENGTH(a.number), a.number",
			DB_VALUES(DB_INT(prefix), DB_INT(customer)));
	if (rc == 0)
		csv_write(f, account_heads, WRITTEN);
	for (size_t i = 0; rc == 0 && i < rows.rows; i++)
		csv_write(f, (const char *const *)&rows.cells[i * rows.columns], WRITTEN);
	db_rows_free(&rows);
	return rc;
}
