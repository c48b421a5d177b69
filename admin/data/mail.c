/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mail.h"

#include "audit.h"
#include "rows.h"
#include "statement.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define ERROR_MAX  1000 /* characters, as the column */
#define CANDIDATES 8   /* that are looked at a time: others take some of them */

/* A mail that nobody sends at this moment, and that is not sent. */
#define AT_REST "(state IN ('waiting', 'failed', 'given-up') OR (state = 'sending' AND lease_until <= UTC_TIMESTAMP()))"
/* ... and that is due. */
#define DUE \
	"((state IN ('waiting', 'failed') AND next_at <= UTC_TIMESTAMP()) OR (state = 'sending' AND lease_until <= UTC_TIMESTAMP()))"

static int not_yours(struct db *db)
{
	return REFUSED(-EACCES, db, "that is not yours to change");
}

static int no_mail(struct db *db, long long id)
{
	return REFUSED(-ENOENT, db, "there is no mail %lld: see aetactl mail list, or aetactl list mails", id);
}

/* ---- in ---- */

int mail_queue(struct db *db, const struct scope *s, const struct mail_new *m, long long *id)
{
	int rc;

	if (!scope_may(s, BY_STAFF))
		return not_yours(db);
	rc = db_exec(db,
			"INSERT INTO aeta_mail (kind, recipient, recipient_name, subject, body, customer_id, announcement_id) VALUES (?, ?, ?, ?, ?, ?, ?)",
			DB_VALUES(DB_TEXT(m->kind), DB_TEXT(m->recipient), DB_TEXT(m->recipient_name ? m->recipient_name : ""), DB_TEXT(m->subject),
					DB_TEXT(m->body), m->customer ? DB_INT(m->customer) : DB_NULL, m->announcement ? DB_INT(m->announcement) : DB_NULL));
	if (rc == 0 && id)
		*id = (long long)db_insert_id(db);
	return rc;
}

struct test {
	const struct scope *s;
	const struct mail_new *m;
	long long id;
};

static int queue_test(struct db *db, void *arg)
{
	struct test *t = arg;
	int rc = mail_queue(db, t->s, t->m, &t->id);

	return rc ? rc : audit_act(db, t->s, "mail test", t->m->recipient, NULL);
}

int mail_queue_test(struct db *db, const struct scope *s, const char *address, const char *body, long long *id)
{
	const struct mail_new m = {.kind = "test", .recipient = address, .subject = "Test of the mails of the SIP service", .body = body};
	struct test t = {.s = s, .m = &m};
	int rc = db_transaction(db, queue_test, &t);

	*id = t.id;
	return rc;
}

/* ---- out ---- */

unsigned mail_delay_s(unsigned tries)
{
	static const unsigned minutes[] = {1, 5, 15, 30, 60, 120, 240, 360};
	size_t last = sizeof(minutes) / sizeof(minutes[0]) - 1;

	return 60 * minutes[tries == 0 ? 0 : tries - 1 < last ? tries - 1 : last];
}

/* Nobody has guessed it, and no two mails have the same. */
static int make_message_id(char *out, size_t size, const char *domain)
{
	unsigned char bytes[16];
	size_t n = 0;

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return -EIO;
	for (size_t i = 0; i < sizeof(bytes); i++)
		n += (size_t)snprintf(out + n, size - n, "%02x", bytes[i]);
	snprintf(out + n, size - n, "@%s", domain);
	return 0;
}

/*
 * One statement, so that of two who try one succeeds, also on two nodes of a cluster: there the other one's is refused at its commit
 * (1213), is tried again by db_exec(), and finds another epoch. 1: taken; 0: somebody was faster; or -errno.
 */
static int take(struct db *db, long long id, long long epoch, const char *domain)
{
	char message_id[40 + MAIL_DOMAIN_MAX];
	int rc = make_message_id(message_id, sizeof(message_id), domain);

	if (rc)
		return REFUSED(rc, db, "no random numbers for a Message-ID");
	rc = db_exec(db,
			"UPDATE aeta_mail SET state = 'sending', epoch = epoch + 1, tries = tries + 1, message_id = COALESCE(message_id, ?), "
			"lease_until = UTC_TIMESTAMP() + INTERVAL ? SECOND WHERE id = ? AND epoch = ? AND " DUE,
			DB_VALUES(DB_TEXT(message_id), DB_INT(MAIL_LEASE_S), DB_INT(id), DB_INT(epoch)));
	return rc ? rc : db_affected(db) == 1;
}

/* A mail whose senders die each time is not for ever tried again. */
static int bury(struct db *db, long long id, long long epoch)
{
	return db_exec(db,
			"UPDATE aeta_mail SET state = 'given-up', epoch = epoch + 1, lease_until = NULL, "
			"last_error = 'whoever sent it ended each time before it could say what came of it: see the logs of aeta-admin' "
			"WHERE id = ? AND epoch = ? AND state = 'sending' AND lease_until <= UTC_TIMESTAMP()",
			DB_VALUES(DB_INT(id), DB_INT(epoch)));
}

/* The one that was taken of those that are due; 1, 0: none of these could be had, or -errno. */
static int take_one_of(struct db *db, const struct db_rows *rows, const char *domain, struct mail_taken *out)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < rows->rows; i++) {
		out->id = strtoll(db_cell(rows, i, 0), NULL, 10);
		out->epoch = strtoll(db_cell(rows, i, 1), NULL, 10);
		if (strtoll(db_cell(rows, i, 2), NULL, 10) >= MAIL_TRIES_MAX)
			rc = bury(db, out->id, out->epoch);
		else
			rc = take(db, out->id, out->epoch, domain);
	}
	out->epoch++;
	return rc;
}

static int read_taken(struct db *db, struct mail_taken *m)
{
	char **const texts[] = {&m->recipient, &m->recipient_name, &m->subject, &m->body, &m->message_id};
	struct db_rows rows;
	int rc = db_query(db, &rows, "SELECT recipient, recipient_name, subject, body, message_id, tries FROM aeta_mail WHERE id = ? AND epoch = ?",
			DB_VALUES(DB_INT(m->id), DB_INT(m->epoch)));

	if (rc == 0 && rows.rows == 0)
		rc = no_mail(db, m->id);
	for (size_t i = 0; rc == 0 && i < sizeof(texts) / sizeof(texts[0]); i++) {
		*texts[i] = strdup(db_cell(&rows, 0, i));
		if (!*texts[i])
			rc = REFUSED(-ENOMEM, db, "there is no memory for a mail");
	}
	if (rc == 0)
		m->tries = (unsigned)strtoul(db_cell(&rows, 0, 5), NULL, 10);
	db_rows_free(&rows);
	return rc;
}

int mail_take(struct db *db, const struct scope *s, const char *domain, long long only, struct mail_taken *out)
{
	struct db_rows rows;
	size_t found = 1;
	int rc = 0;

	memset(out, 0, sizeof(*out));
	if (!scope_may(s, BY_ADMIN))
		return not_yours(db);
	while (rc == 0 && found) { /* others may have taken all that were found, but there may be more */
		rc = db_query(db, &rows, "SELECT id, epoch, tries FROM aeta_mail WHERE " DUE " AND ? IN (0, id) ORDER BY next_at, id LIMIT ?",
				DB_VALUES(DB_INT(only), DB_INT(CANDIDATES)));
		found = rc ? 0 : rows.rows;
		if (rc == 0)
			rc = take_one_of(db, &rows, domain, out);
		db_rows_free(&rows);
	}
	if (rc == 1)
		rc = read_taken(db, out);
	else if (rc == 0)
		rc = REFUSED(-ENOENT, db, "no mail is due");
	return rc;
}

void mail_taken_free(struct mail_taken *m)
{
	free(m->recipient);
	free(m->recipient_name);
	free(m->subject);
	free(m->body);
	free(m->message_id);
	memset(m, 0, sizeof(*m));
}

/* After the UPDATE that says what came of a mail. */
static int was_ours(struct db *db, int rc)
{
	if (rc == 0 && db_affected(db) == 0)
		rc = REFUSED(-ESTALE, db, "it took longer than its lease, and somebody else has taken the mail meanwhile");
	return rc;
}

int mail_sent(struct db *db, const struct scope *s, const struct mail_taken *m)
{
	if (!scope_may(s, BY_ADMIN))
		return not_yours(db);
	return was_ours(db, db_exec(db,
								"UPDATE aeta_mail SET state = 'sent', sent_at = UTC_TIMESTAMP(), lease_until = NULL, last_error = '' "
								"WHERE id = ? AND epoch = ? AND state = 'sending'",
								DB_VALUES(DB_INT(m->id), DB_INT(m->epoch))));
}

int mail_failed(struct db *db, const struct scope *s, const struct mail_taken *m, bool final, const char *error)
{
	if (!scope_may(s, BY_ADMIN))
		return not_yours(db);
	final = final || m->tries >= MAIL_TRIES_MAX;
	return was_ours(db, db_exec(db,
								"UPDATE aeta_mail SET state = ?, next_at = UTC_TIMESTAMP() + INTERVAL ? SECOND, lease_until = NULL, "
								"last_error = LEFT(?, ?) WHERE id = ? AND epoch = ? AND state = 'sending'",
								DB_VALUES(DB_TEXT(final ? "given-up" : "failed"), DB_INT(mail_delay_s(m->tries)), DB_TEXT(error),
										DB_INT(ERROR_MAX), DB_INT(m->id), DB_INT(m->epoch))));
}

/* ---- for people ---- */

int mail_figures(struct db *db, const struct scope *s, struct mail_figures *out)
{
	struct db_rows rows;
	int rc;

	*out = (struct mail_figures){.oldest_s = -1};
	if (!scope_may(s, BY_OPERATORS))
		return REFUSED(-ENOENT, db, "there is no such list");
	rc = db_query(db, &rows,
			"SELECT COALESCE(SUM(state <> 'given-up'), 0), COALESCE(SUM(state = 'failed'), 0), COALESCE(SUM(state = 'given-up'), 0), "
			"COALESCE(TIMESTAMPDIFF(SECOND, MIN(IF(state <> 'given-up', created_at, NULL)), UTC_TIMESTAMP()), -1) "
			"FROM aeta_mail WHERE state IN ('waiting', 'sending', 'failed', 'given-up')",
			DB_NOTHING);
	if (rc == 0) {
		out->waiting = strtoll(db_cell(&rows, 0, 0), NULL, 10);
		out->failed = strtoll(db_cell(&rows, 0, 1), NULL, 10);
		out->given_up = strtoll(db_cell(&rows, 0, 2), NULL, 10);
		out->oldest_s = strtoll(db_cell(&rows, 0, 3), NULL, 10);
	}
	db_rows_free(&rows);
	return rc;
}

int mail_list(struct db *db, const struct scope *s, json_t **list)
{
	return db_json_for(db, s, BY_OPERATORS, list,
			"SELECT id, CAST(state AS CHAR) AS state, recipient, subject, created_at, tries, IF(state = 'failed', next_at, NULL) AS next_at, "
			"last_error FROM aeta_mail WHERE state <> 'sent' ORDER BY id LIMIT 1000");
}

int mail_show(struct db *db, const struct scope *s, long long id, json_t **list)
{
	int rc;

	*list = NULL;
	if (!scope_may(s, BY_OPERATORS))
		return no_mail(db, id);
	rc = db_json(db, list,
			"SELECT m.id, m.kind, CAST(m.state AS CHAR) AS state, m.recipient, m.recipient_name, m.subject, m.created_at, m.tries, "
			"IF(m.state = 'failed', m.next_at, NULL) AS next_at, m.sent_at, m.last_error, m.message_id, c.name AS customer, "
			"m.announcement_id AS announcement, m.body AS text FROM aeta_mail m LEFT JOIN aeta_customer c ON c.id = m.customer_id WHERE m.id = ?",
			DB_VALUES(DB_INT(id)));
	if (rc == 0 && json_array_size(*list) == 0)
		rc = no_mail(db, id);
	return rc;
}

/* ---- changes by people ---- */

struct act {
	const struct scope *s;
	long long id; /* 0: all that failed or were given up */
	const char *action;
	unsigned long long count;
};

/* What the act did not find at rest: is not there, or is past that. */
static int explain(struct db *db, const struct act *a)
{
	struct db_rows rows;
	int rc = db_query(db, &rows, "SELECT state FROM aeta_mail WHERE id = ?", DB_VALUES(DB_INT(a->id)));

	if (rc == 0 && rows.rows == 0)
		rc = no_mail(db, a->id);
	else if (rc == 0)
		rc = db_refuse(db, !strcmp(db_cell(&rows, 0, 0), "sent") ? "mail %lld is sent already" : "mail %lld is being sent at this moment", a->id);
	db_rows_free(&rows);
	return rc;
}

/* Its recipient and subject, for the audit: of a mail that is dropped nothing else is left. */
static int note(struct db *db, const struct act *a, const struct db_rows *was)
{
	char object[24], detail[512];

	if (a->id) {
		snprintf(object, sizeof(object), "%lld", a->id);
		snprintf(detail, sizeof(detail), "to %s: %s", db_cell(was, 0, 0), db_cell(was, 0, 1));
	} else {
		snprintf(object, sizeof(object), "all");
		snprintf(detail, sizeof(detail), "%llu mails", a->count);
	}
	return audit_act(db, a->s, a->action, object, detail);
}

static int change(struct db *db, struct act *a, const char *sql, const struct db_value *values, size_t count)
{
	struct db_rows was;
	int rc = db_query(db, &was, "SELECT recipient, subject FROM aeta_mail WHERE id = ?", DB_VALUES(DB_INT(a->id)));

	if (rc == 0)
		rc = db_exec(db, sql, values, count);
	a->count = rc ? 0 : db_affected(db);
	if (rc == 0 && a->id && a->count == 0)
		rc = explain(db, a);
	if (rc == 0 && a->count)
		rc = note(db, a, &was);
	db_rows_free(&was);
	return rc;
}

static int retry(struct db *db, void *arg)
{
	struct act *a = arg;

	if (!a->id)
		return change(db, a,
				"UPDATE aeta_mail SET state = 'waiting', tries = 0, next_at = UTC_TIMESTAMP(), epoch = epoch + 1 "
				"WHERE state IN ('failed', 'given-up')",
				DB_NOTHING);
	return change(db, a,
			"UPDATE aeta_mail SET state = 'waiting', tries = 0, next_at = UTC_TIMESTAMP(), lease_until = NULL, epoch = epoch + 1 "
			"WHERE id = ? AND " AT_REST,
			DB_VALUES(DB_INT(a->id)));
}

static int drop(struct db *db, void *arg)
{
	struct act *a = arg;

	return change(db, a, "DELETE FROM aeta_mail WHERE id = ? AND " AT_REST, DB_VALUES(DB_INT(a->id)));
}

int mail_retry(struct db *db, const struct scope *s, long long id, unsigned long long *count)
{
	struct act a = {.s = s, .id = id, .action = "mail retry"};
	int rc = scope_may(s, BY_STAFF) ? db_transaction(db, retry, &a) : not_yours(db);

	if (count)
		*count = a.count;
	return rc;
}

int mail_drop(struct db *db, const struct scope *s, long long id)
{
	struct act a = {.s = s, .id = id, .action = "mail drop"};

	return scope_may(s, BY_STAFF) ? db_transaction(db, drop, &a) : not_yours(db);
}
