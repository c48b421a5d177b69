/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip_password.h"

int sip_password_store(struct db *db, const char *number, const char *realm, const char *ha1, const char *ha1b)
{
	int rc = db_exec(db, "UPDATE subscriber SET domain = ?, password = '', ha1 = ?, ha1b = ? WHERE username = ?",
			DB_VALUES(DB_TEXT(realm), DB_TEXT(ha1), DB_TEXT(ha1b), DB_TEXT(number)));

	if (rc || db_affected(db))
		return rc;
	return db_exec(db, "INSERT INTO subscriber (username, domain, password, ha1, ha1b) VALUES (?, ?, '', ?, ?)",
			DB_VALUES(DB_TEXT(number), DB_TEXT(realm), DB_TEXT(ha1), DB_TEXT(ha1b)));
}
