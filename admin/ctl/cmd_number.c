/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers of a group: the next N of them (B1), with their twins in the hunting series where the group hunts (B8). */
#include "credentials.h"
#include "group.h"

#include <stdlib.h>
#include <string.h>

int add_number(struct db *db, const char *realm, long prefix, long sequence, const char *kind, json_t *told)
{
	struct credentials c = {0};
	char number[24];
	int rc;

	snprintf(number, sizeof(number), "%ld%ld", prefix, sequence);
	rc = db_exec(
			db, "INSERT INTO aeta_account (number, kind) VALUES (?, ?)", DB_VALUES(DB_TEXT(number), DB_TEXT(kind)));
	if (rc)
		return rc;
	rc = credentials_make(number, realm, &c);
	if (rc)
		return db_refuse(db, "no random numbers for a password: %s", strerror(-rc));
	rc = credentials_store(db, number, realm, &c);
	if (rc == 0)
		json_array_append_new(told, credentials_json(number, kind, &c));
	explicit_bzero(&c, sizeof(c));
	return rc;
}

int add_missing_twins(struct db *db, const char *realm, long prefix, long after, json_t *told)
{
	struct db_rows rows;
	int rc = db_query(db, &rows,
			"SELECT a.seq + 1000 FROM aeta_account a LEFT JOIN aeta_account h ON h.prefix = a.prefix AND h.seq = a.seq "
			"+ 1000 "
			"WHERE a.prefix = ? AND a.kind = 'premium' AND a.seq > ? AND h.number IS NULL ORDER BY a.seq",
			DB_VALUES(DB_INT(prefix), DB_INT(after)));

	for (size_t i = 0; rc == 0 && i < rows.rows; i++)
		rc = add_number(db, realm, prefix, strtol(db_cell(&rows, i, 0), NULL, 10), "hunting", told);
	db_rows_free(&rows);
	return rc;
}

void warn_long_series(struct ctl *ctl, long prefix)
{
	struct db_rows rows;
	long members = 0;

	if (db_query(ctl->db, &rows, "SELECT COUNT(*) FROM aeta_account WHERE prefix = ? AND kind = 'hunting'",
				DB_VALUES(DB_INT(prefix))) == 0)
		members = strtol(db_cell(&rows, 0, 0), NULL, 10);
	db_rows_free(&rows);
	if (members > SERIES_WARNING)
		note("the hunting series of %ld has %ld members; one hunt rings %d of them at most, the first that are "
			 "registered",
				prefix, members, SERIES_WARNING);
}

struct allocation {
	const char *realm;
	long prefix, count;
	bool hunting;
	json_t *told; /* of the last try */
};

/* The group's row, locked until the end: allocations of a group follow one another. */
static int lock_group(struct db *db, struct allocation *a, long *last)
{
	struct db_rows rows;
	int rc = db_query(db, &rows, "SELECT last_seq, hunting FROM aeta_group WHERE prefix = ? FOR UPDATE",
			DB_VALUES(DB_INT(a->prefix)));

	if (rc == 0 && rows.rows == 0) {
		rc = db_refuse(db, "there is no group %ld: see aetactl group list", a->prefix);
	} else if (rc == 0) {
		*last = strtol(db_cell(&rows, 0, 0), NULL, 10);
		a->hunting = strcmp(db_cell(&rows, 0, 1), "0") != 0;
	}
	db_rows_free(&rows);
	return rc;
}

static int allocate(struct db *db, void *arg)
{
	struct allocation *a = arg;
	long last = 0, left;
	int rc = lock_group(db, a, &last);

	if (rc)
		return rc;
	json_array_clear(a->told);
	left = AETA_SEQ_REGULAR + AETA_SERIES_MAX - last;
	if (a->count > left)
		return db_refuse(db, "group %ld has %ld number%s left of %d: %ld cannot be allocated%s", a->prefix, left,
				left == 1 ? "" : "s", AETA_SERIES_MAX, a->count, left ? "" : "; open another group for the customer");
	for (long i = 1; rc == 0 && i <= a->count; i++)
		rc = add_number(db, a->realm, a->prefix, last + i, "premium", a->told);
	return rc || !a->hunting ? rc : add_missing_twins(db, a->realm, a->prefix, last, a->told);
}

static int number_allocate(struct ctl *ctl, const struct args *args)
{
	struct allocation a = {.realm = ctl->config.realm, .count = arg_number(args, "N", 1), .told = json_array()};
	int rc = take_prefix(arg_text(args, "PREFIX"), &a.prefix);

	if (rc == CTL_OK)
		rc = ctl_done(ctl, db_transaction(ctl->db, allocate, &a));
	if (rc == CTL_OK) {
		ctl_say(ctl, "accounts", json_incref(a.told));
		if (a.hunting)
			warn_long_series(ctl, a.prefix);
	}
	json_decref(a.told);
	return rc;
}

static const struct arg allocate_args[] = {{.name = "PREFIX", .required = true, .help = "the group"},
		{.name = "N",
				.type = ARG_NUMBER,
				.required = true,
				.help = "how many; all of them or none",
				.min = 1,
				.max = AETA_SERIES_MAX},
		{0}};

const struct command number_commands[] = {
		{"number", "allocate", allocate_args, number_allocate, true,
				"the next N numbers of a group, with their passwords"},
		{0},
};
