/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sip_password.h"

#include "audit.h"
#include "data.h"
#include "password_mark.h"
#include "secret.h"
#include "statement.h"

#include <errno.h>
#include <string.h>

#define KEYPAD   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_*#"
#define SETTLE_S 1 /* for so long after a change Kamailio may still take the old one */

int sip_password_store(struct db *db, const char *number, const char *realm, const char *ha1, const char *ha1b)
{
	int rc = db_exec(db, "UPDATE subscriber SET domain = ?, password = '', ha1 = ?, ha1b = ? WHERE username = ?",
			DB_VALUES(DB_TEXT(realm), DB_TEXT(ha1), DB_TEXT(ha1b), DB_TEXT(number)));

	if (rc || db_affected(db))
		return rc;
	return db_exec(db, "INSERT INTO subscriber (username, domain, password, ha1, ha1b) VALUES (?, ?, '', ?, ?)",
			DB_VALUES(DB_TEXT(number), DB_TEXT(realm), DB_TEXT(ha1), DB_TEXT(ha1b)));
}

const char *sip_password_fault(const char *password)
{
	size_t n = strlen(password);

	if (n < SIP_PASSWORD_MIN)
		return "a SIP password has at least 10 characters";
	if (n > SIP_PASSWORD_MAX)
		return "a SIP password has at most 64 characters";
	if (strspn(password, KEYPAD) != n)
		return "a SIP password has letters, digits and . - _ * # only, which every codec can type";
	if (password[strspn(password, (char[]){password[0], '\0'})] == '\0')
		return "a SIP password is not one character over and over";
	return NULL;
}

/* Is the account in the scope? */
static int find_account(struct db *db, const struct scope *s, const char *number)
{
	struct data_rows row;
	int rc = data_show(db, s, table_find("accounts"), number, &row);

	data_rows_free(&row);
	return rc;
}

/* Has it a login of its own, which could do the same? */
static int find_self_managed(struct db *db, const char *number)
{
	struct db_rows rows;
	int rc = db_query(db, &rows,
			"SELECT 1 FROM aeta_account a JOIN aeta_group g ON g.prefix = a.prefix AND g.self_management WHERE a.number = ? "
			"AND a.state = 'active' AND (a.valid_until IS NULL OR a.valid_until > UTC_TIMESTAMP())",
			DB_VALUES(DB_TEXT(number)));

	if (rc == 0 && rows.rows == 0)
		rc = st_no_number(db, number);
	db_rows_free(&rows);
	return rc;
}

int sip_password_may(struct db *db, const struct scope *s, const char *number)
{
	int rc = find_account(db, s, number);

	if (rc == 0 && scope_may(s, BY_CONTACT))
		rc = find_self_managed(db, number);
	if (rc == 0 && !scope_may(s, BY_STAFF | BY_CONTACT | BY_ACCOUNT))
		rc = REFUSED(-EACCES, db, "the password of %s is not yours to change", number);
	return rc;
}

struct change {
	const struct scope *scope;
	const char *number, *realm, *mark;
	char ha1[SECRET_HA1_SIZE], ha1b[SECRET_HA1_SIZE];
};

static int store(struct db *db, void *arg)
{
	const struct change *c = arg;
	int rc = password_mark_check(db, c->scope, c->number, c->mark);

	if (rc == 0)
		rc = sip_password_store(db, c->number, c->realm, c->ha1, c->ha1b);
	return rc ? rc : audit_act(db, c->scope, "account password", c->number, NULL);
}

int sip_password_set(struct db *db, const struct scope *s, const char *number, const char *realm, const char *password, const char *mark)
{
	struct change c = {.scope = s, .number = number, .realm = realm, .mark = mark};
	const char *fault = sip_password_fault(password);
	int rc = sip_password_may(db, s, number);

	if (rc)
		return rc;
	if (fault)
		return REFUSED(-EINVAL, db, "%s", fault);
	secret_ha1(number, realm, password, c.ha1, c.ha1b);
	rc = db_transaction(db, store, &c);
	explicit_bzero(&c, sizeof(c));
	return rc;
}

/* The latest of what is known of registrations, and the latest wrong password; both since the change. */
static const char question[] =
		"SELECT q.changed_at, IF(q.registered >= q.changed_at + INTERVAL ? SECOND, q.registered, NULL), "
		"IF(f.last_at >= q.changed_at AND (q.registered IS NULL OR f.last_at > q.registered), f.last_at, NULL), f.address "
		"FROM (SELECT a.number, p.changed_at, GREATEST(COALESCE(l.last_modified, '1970-01-01'), "
		"COALESCE(FROM_UNIXTIME(NULLIF(?, 0)), '1970-01-01'), "
		"COALESCE((SELECT MAX(r.last_at) FROM aeta_attempt r "
		"WHERE r.account = a.number AND r.kind = 'register' AND r.cause = 'registered'), '1970-01-01')) AS registered "
		"FROM aeta_account a LEFT JOIN aeta_sip_password p ON p.account = a.number LEFT JOIN location l ON l.username = a.number "
		"WHERE a.number = ?) q "
		"LEFT JOIN aeta_attempt f ON f.account = q.number AND f.kind = 'register' AND f.cause = 'wrong-password' "
		"ORDER BY f.last_at DESC LIMIT 1";

static void copy(char *out, size_t size, const struct db_rows *rows, size_t column)
{
	const char *cell = db_cell(rows, 0, column);
	size_t n = strnlen(cell, size - 1);

	memcpy(out, cell, n);
	out[n] = '\0';
}

int sip_password_status(struct db *db, const struct scope *s, const char *number, long seen, struct sip_password_status *out)
{
	struct db_rows rows;
	int rc = find_account(db, s, number);

	memset(out, 0, sizeof(*out));
	if (rc)
		return rc;
	rc = db_query(db, &rows, question, DB_VALUES(DB_INT(SETTLE_S), DB_INT(seen), DB_TEXT(number)));
	if (rc == 0 && rows.rows) {
		copy(out->changed_at, sizeof(out->changed_at), &rows, 0);
		copy(out->registered_at, sizeof(out->registered_at), &rows, 1);
		copy(out->failed_at, sizeof(out->failed_at), &rows, 2);
		copy(out->failed_from, sizeof(out->failed_from), &rows, 3);
	}
	db_rows_free(&rows);
	return rc;
}
