/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A row of an import is stored: a new account, or what changes of one. */
#include "accounts_row.h"
#include "audit.h"
#include "secret.h"
#include "sip_password.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A refusal of the schema is a problem of this row; anything else ends the import. */
static int refused(struct work *w, int rc)
{
	if (rc != -EPERM && rc != -EEXIST)
		return rc;
	row_problem(w, account_heads[HEAD_NUMBER], "%s", db_error(w->db));
	return 0;
}

/* The value that is to be stored: of the file, else what is there. */
static struct db_value stored(const struct work *w, enum account_head h)
{
	const char *s = w->row.value[h] ? w->row.value[h] : w->row.there.rows ? row_there(w, h) : "";

	if (h == HEAD_STATE && !*s)
		s = "active";
	return *s || h == HEAD_COMMENT ? DB_TEXT(s) : DB_NULL;
}

static int store_secret(struct work *w, const char *kind)
{
	const char *number = w->row.value[HEAD_NUMBER], *password = w->row.value[HEAD_PASSWORD];
	char made[SECRET_LENGTH + 1] = "", ha1[SECRET_HA1_SIZE], ha1b[SECRET_HA1_SIZE];
	int rc = 0;

	if (!w->row.value[HEAD_HA1] && !password) {
		if (w->row.there.rows)
			return 0;
		w->in->needed++;
		rc = secret_generate(made);
		password = made;
	}
	if (rc == 0 && password) {
		secret_ha1(number, w->in->realm, password, ha1, ha1b);
	} else if (rc == 0) {
		snprintf(ha1, sizeof(ha1), "%s", w->row.value[HEAD_HA1]);
		rc = secret_no_ha1(ha1b);
	}
	if (rc)
		return db_refuse(w->db, "no random numbers for a password: %s", strerror(-rc));
	rc = sip_password_store(w->db, number, w->in->realm, ha1, ha1b);
	if (rc == 0 && *made && w->in->password && !w->in->dry_run)
		rc = w->in->password(w->in->listener, w->db, number, kind, made);
	explicit_bzero(made, sizeof(made));
	return rc;
}

/* `before` and `after` get what the file changes; true if that is anything. */
static bool compare(struct work *w)
{
	json_t *before = w->row.before, *after = w->row.after;
	long long now = row_customer_now(w);

	for (enum account_head h = HEAD_STATE; h <= HEAD_COMMENT; h++) {
		if (!row_differs(w, h))
			continue;
		if (w->row.there.rows)
			json_object_set_new(before, account_heads[h], json_string(row_there(w, h)));
		json_object_set_new(after, account_heads[h], json_string(w->row.value[h]));
	}
	if (w->row.customer && w->row.customer != now)
		json_object_set_new(after, "customer_id", json_integer(w->row.customer));
	if (w->row.customer != now && w->row.there.rows && !row_there(w, HEAD_PREFIX)[0])
		json_object_set_new(before, "customer_id", now ? json_integer(now) : json_null());
	if (w->row.value[HEAD_HA1] || w->row.value[HEAD_PASSWORD])
		json_object_set_new(after, "password", json_string("set"));
	return json_object_size(before) || json_object_size(after);
}

static int audit_row(struct work *w, const char *action)
{
	return audit_change(w->db, w->scope, action, w->row.value[HEAD_NUMBER], w->row.there.rows ? json_incref(w->row.before) : NULL,
			json_incref(w->row.after));
}

/* Where the group may skip numbers: it gave those below this one, as far as it knows. */
static int skip_numbers(struct work *w)
{
	const char *number = w->row.value[HEAD_NUMBER];
	char prefix[5];
	long last;

	if (!w->in->gaps || strcmp(w->row.value[HEAD_KIND], "premium") != 0 || strlen(number) != 8)
		return 0;
	snprintf(prefix, sizeof(prefix), "%.4s", number);
	last = strtol(number + 4, NULL, 10) - 1;
	if (last <= 5000 || last > 5998)
		return 0;
	return db_exec(w->db, "UPDATE aeta_group SET last_seq = ? WHERE prefix = ? AND last_seq < ?",
			DB_VALUES(DB_INT(last), DB_TEXT(prefix), DB_INT(last)));
}

static int insert_account(struct work *w)
{
	return db_exec(w->db,
			"INSERT INTO aeta_account (number, kind, customer_id, state, valid_until, media, product, serial, comment) "
			"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
			DB_VALUES(DB_TEXT(w->row.value[HEAD_NUMBER]), DB_TEXT(w->row.value[HEAD_KIND]),
					w->row.customer ? DB_INT(w->row.customer) : DB_NULL, stored(w, HEAD_STATE), stored(w, HEAD_UNTIL),
					stored(w, HEAD_MEDIA), stored(w, HEAD_PRODUCT), stored(w, HEAD_SERIAL), stored(w, HEAD_COMMENT)));
}

int row_add(struct work *w)
{
	const char *kind = w->row.value[HEAD_KIND];
	bool in_group = kind && (strcmp(kind, "premium") == 0 || strcmp(kind, "hunting") == 0);
	int rc;

	if (!kind) {
		row_problem(w, account_heads[HEAD_KIND], "there is no such account, and a new one needs its kind");
		return 0;
	}
	rc = row_settle(w, in_group);
	if (rc == 0)
		rc = skip_numbers(w);
	if (rc == 0)
		rc = insert_account(w);
	if (rc == 0)
		rc = store_secret(w, kind);
	else
		return refused(w, rc);
	if (rc)
		return rc;
	w->in->added++;
	compare(w);
	json_object_set_new(w->row.after, "kind", json_string(kind));
	return audit_row(w, "account import: new");
}

/* May the account be registered and call, as the file leaves it? */
static bool is_closed(const struct work *w)
{
	const char *state = w->row.value[HEAD_STATE], *until = w->row.value[HEAD_UNTIL];
	time_t now = time(NULL);
	struct tm tm;
	char text[20];

	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", gmtime_r(&now, &tm));
	state = state ? state : row_there(w, HEAD_STATE);
	until = until ? until : row_there(w, HEAD_UNTIL);
	return strcmp(state, "active") != 0 || (*until && strcmp(until, text) <= 0);
}

/* Its registration has to go when all is stored. */
static int note_closed(struct work *w)
{
	struct import *in = w->in;
	char(*more)[19];

	if ((!row_differs(w, HEAD_STATE) && !row_differs(w, HEAD_UNTIL)) || !is_closed(w))
		return 0;
	if (in->closed_count % 256 == 0) {
		more = realloc(in->closed, (in->closed_count + 256) * sizeof(*more));
		if (!more)
			return -ENOMEM;
		in->closed = more;
	}
	snprintf(in->closed[in->closed_count++], sizeof(*in->closed), "%s", w->row.value[HEAD_NUMBER]);
	return 0;
}

/* Only what the file changes is written: somebody else may have changed the rest since it was read. */
static int update_account(struct work *w, bool in_group)
{
#define CHANGED(head) DB_INT(row_differs(w, head)), stored(w, head)
	return db_exec(w->db,
			"UPDATE aeta_account SET customer_id = IF(?, ?, customer_id), state = IF(?, ?, state), valid_until = IF(?, ?, valid_until), "
			"media = IF(?, ?, media), product = IF(?, ?, product), serial = IF(?, ?, serial), comment = IF(?, ?, comment) "
			"WHERE number = ?",
			DB_VALUES(DB_INT(!in_group && w->row.customer != row_customer_now(w)), w->row.customer ? DB_INT(w->row.customer) : DB_NULL,
					CHANGED(HEAD_STATE), CHANGED(HEAD_UNTIL), CHANGED(HEAD_MEDIA), CHANGED(HEAD_PRODUCT), CHANGED(HEAD_SERIAL),
					CHANGED(HEAD_COMMENT), DB_TEXT(w->row.value[HEAD_NUMBER])));
#undef CHANGED
}

int row_change(struct work *w)
{
	bool in_group = row_there(w, HEAD_PREFIX)[0] != '\0';
	int rc;

	rc = row_settle(w, in_group);
	if (rc)
		return rc;
	if (!compare(w)) {
		w->in->same++;
		return 0;
	}
	rc = update_account(w, in_group);
	if (rc == 0)
		rc = store_secret(w, row_there(w, HEAD_KIND));
	if (rc == 0)
		rc = note_closed(w);
	w->in->changed++;
	return rc ? refused(w, rc) : audit_row(w, "account import: change");
}
