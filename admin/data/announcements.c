/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "announcements.h"

#include "audit.h"
#include "describe.h"
#include "mail.h"
#include "rows.h"
#include "secret.h"
#include "statement.h"
#include "utf8.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- what may be announced ---- */

static const char *check_column(const char *name, const char *value, char room[160])
{
	const struct column *c = column_find(table_find("announcements"), name);
	char stored[CELL_TEXT_MAX + 1], why[PROBLEM_SIZE];

	if (value && column_check(c, value, stored, why) == 0)
		return NULL;
	snprintf(room, 160, "%s %.120s.", c->label, value ? why : "is missing");
	return room;
}

static const char *check_text(const char *s)
{
	size_t n;

	if (!s || !s[strspn(s, " \t\r\n")])
		return "The text is missing.";
	if (strlen(s) > ANNOUNCEMENT_TEXT_MAX)
		return "The text is too long: 12,000 bytes at most.";
	for (; *s; s += n) {
		n = utf8_length(s);
		if (!n || ((unsigned char)*s < ' ' && !strchr("\t\r\n", *s)) || *s == 0x7f || (*s == '\r' && s[1] != '\n'))
			return "The text has characters in it that are none: it must be UTF-8 without control characters.";
	}
	return NULL;
}

int announcement_check(const struct announcement *a, struct announcement_problems *p)
{
	memset(p, 0, sizeof(*p));
	p->kind = check_column("kind", a->kind, p->room[0]);
	p->subject = check_column("subject", a->subject, p->room[1]);
	p->text = check_text(a->text);
	return p->kind || p->subject || p->text ? -EINVAL : 0;
}

/* ---- whom it reaches ---- */

/* The first contact of each address, of customer ? (0: all). */
#define RECIPIENTS \
	"FROM aeta_contact k JOIN aeta_customer c ON c.id = k.customer_id " \
	"WHERE k.id IN (SELECT MIN(one.id) FROM aeta_contact one WHERE ? IN (0, one.customer_id) GROUP BY one.email)"

static int find_customer(struct db *db, long long customer)
{
	struct db_rows rows;
	int rc;

	if (!customer)
		return 0;
	rc = db_query(db, &rows, "SELECT 1 FROM aeta_customer WHERE id = ?", DB_VALUES(DB_INT(customer)));
	if (rc == 0 && rows.rows == 0)
		rc = REFUSED(-ENOENT, db, "there is no such customer: see aetactl customer list");
	db_rows_free(&rows);
	return rc;
}

int announcement_recipients(struct db *db, const struct scope *s, long long customer, json_t **list)
{
	int rc;

	*list = NULL;
	if (!scope_may(s, BY_STAFF))
		return REFUSED(-EACCES, db, "announcements are not yours to send");
	rc = find_customer(db, customer);
	if (rc == 0)
		rc = db_json(db, list, "SELECT k.email, k.name, c.name AS customer " RECIPIENTS " ORDER BY c.name, k.id", DB_VALUES(DB_INT(customer)));
	return rc;
}

/* ---- sending ---- */

int announcement_mark(char out[ANNOUNCEMENT_MARK_SIZE])
{
	return secret_no_ha1(out); /* as many digits */
}

struct sending {
	const struct scope *s;
	const struct announcement *a;
	long long id;
	size_t mails;
};

static int keep(struct db *db, struct sending *sending)
{
	const struct announcement *a = sending->a;
	int rc = db_exec(db, "INSERT INTO aeta_announcement (kind, subject, body, who, to_all, customer_id, mark) VALUES (?, TRIM(?), ?, ?, ?, ?, ?)",
			DB_VALUES(DB_TEXT(a->kind), DB_TEXT(a->subject), DB_TEXT(a->text), DB_TEXT(sending->s->who), DB_INT(!a->customer),
					a->customer ? DB_INT(a->customer) : DB_NULL, DB_TEXT(a->mark)));

	if (rc == -EEXIST)
		rc = REFUSED(-EEXIST, db, "this was announced already");
	sending->id = rc ? 0 : (long long)db_insert_id(db);
	return rc;
}

static int queue(struct db *db, struct sending *sending)
{
	int rc = db_exec(db,
			"INSERT INTO aeta_mail (kind, recipient, recipient_name, subject, body, customer_id, announcement_id) "
			"SELECT 'announcement', k.email, k.name, n.subject, n.body, k.customer_id, n.id FROM aeta_announcement n JOIN (SELECT k.id, "
			"k.email, k.name, k.customer_id " RECIPIENTS ") k WHERE n.id = ? ORDER BY k.id",
			DB_VALUES(DB_INT(sending->a->customer), DB_INT(sending->id)));

	sending->mails = rc ? 0 : (size_t)db_affected(db);
	if (rc == 0 && sending->mails == 0)
		rc = db_refuse(db, "there is no technical contact whom it would reach");
	return rc;
}

static int send_it(struct db *db, void *arg)
{
	struct sending *sending = arg;
	char object[24];
	int rc = find_customer(db, sending->a->customer);

	if (rc == 0)
		rc = keep(db, sending);
	if (rc == 0)
		rc = queue(db, sending);
	if (rc)
		return rc;
	snprintf(object, sizeof(object), "%lld", sending->id);
	return audit_change(db, sending->s, "announce", object, NULL, json_pack("{s:s, s:s, s:I}", "kind", sending->a->kind, "subject",
			sending->a->subject, "mails", (json_int_t)sending->mails));
}

int announcement_send(struct db *db, const struct scope *s, const struct announcement *a, long long *id, size_t *mails)
{
	struct sending sending = {.s = s, .a = a};
	struct announcement_problems p;
	int rc;

	*id = 0;
	*mails = 0;
	if (!scope_may(s, BY_STAFF))
		return REFUSED(-EACCES, db, "announcements are not yours to send");
	if (announcement_check(a, &p) != 0)
		return REFUSED(-EINVAL, db, "%s", p.kind ? p.kind : p.subject ? p.subject : p.text);
	rc = db_transaction(db, send_it, &sending);
	*id = sending.id;
	*mails = sending.mails;
	return rc;
}
