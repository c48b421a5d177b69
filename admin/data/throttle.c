/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "throttle.h"

#include "db.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGEST_SIZE (2 * crypto_hash_sha256_BYTES + 1)
#define SOURCE_SIZE INET6_ADDRSTRLEN

static const struct limit {
	bool by_name, by_source;
	unsigned free;  /* tries before the first wait */
	unsigned max_s; /* the longest wait */
} limits[] = {
		{false, true, 30, 300}, /* first: a source that has to wait leaves no more rows, whatever names it sends */
		{true, true, 5, 300},
		{true, false, 50, 60},
};

#define LIMITS (sizeof(limits) / sizeof(limits[0]))

#define TIDY_ROWS  500 /* in one statement */
#define TIDY_TIMES 200

/* An IPv4 address, also one that IPv6 carries; of IPv6 the first 64 bits, which are one customer's. */
static void source_of(const char *address, char out[SOURCE_SIZE])
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
	unsigned char a[16];

	snprintf(out, SOURCE_SIZE, "%s", address);
	if (inet_pton(AF_INET6, address, a) != 1)
		return;
	if (memcmp(a, mapped, sizeof(mapped)) == 0) {
		inet_ntop(AF_INET, a + 12, out, SOURCE_SIZE);
	} else {
		memset(a + 8, 0, 8);
		inet_ntop(AF_INET6, a, out, SOURCE_SIZE);
	}
}

/* What a row is called. */
static void digest_of(const char *kind, const char *address, const char *name, char out[DIGEST_SIZE])
{
	char text[512], source[SOURCE_SIZE];
	unsigned char digest[crypto_hash_sha256_BYTES];
	int n;

	source_of(address, source);
	n = snprintf(text, sizeof(text), "%s%s\n%.400s", kind, source, name);
	crypto_hash_sha256(digest, (const unsigned char *)text, (unsigned long long)n);
	sodium_bin2hex(out, DIGEST_SIZE, digest, sizeof(digest));
}

/* That of a limit. */
static void subject_of(const struct limit *l, const char *name, const char *address, char out[DIGEST_SIZE])
{
	digest_of("", l->by_source ? address : "", l->by_name ? name : "", out);
}

/* ---- sources that a name comes from ---- */

/* Has it logged in from there in the last 30 days? */
static int is_known(struct db *db, const char *name, const char *address, bool *known)
{
	char subject[DIGEST_SIZE];
	struct db_rows rows;
	int rc;

	digest_of("known\n", address, name, subject);
	rc = db_query(db, &rows, "SELECT 1 FROM aeta_web_throttle WHERE subject = ? AND last_at > UTC_TIMESTAMP()", DB_VALUES(DB_TEXT(subject)));
	*known = rc == 0 && rows.rows;
	db_rows_free(&rows);
	return rc;
}

/* A row that tidying leaves for so long, since it lies in the future. */
static int make_known(struct db *db, const char *name, const char *address)
{
	char subject[DIGEST_SIZE];

	digest_of("known\n", address, name, subject);
	return db_exec(db,
			"INSERT INTO aeta_web_throttle (subject, tries, last_at, open_at) "
			"VALUES (?, 0, UTC_TIMESTAMP() + INTERVAL 30 DAY, UTC_TIMESTAMP()) ON DUPLICATE KEY UPDATE last_at = VALUES(last_at)",
			DB_VALUES(DB_TEXT(subject)));
}

/* Strangers with many addresses take the tries of a name; who is known there is none of them. */
static bool applies(const struct limit *l, bool known)
{
	return l->by_source || !known;
}

/* ---- counting ---- */

static int seconds_left(struct db *db, const char *subject, unsigned *wait_s)
{
	struct db_rows rows;
	int rc = db_query(db, &rows,
			"SELECT GREATEST(1, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), open_at)) FROM aeta_web_throttle WHERE subject = ?",
			DB_VALUES(DB_TEXT(subject)));

	*wait_s = rc == 0 && rows.rows ? (unsigned)strtoul(db_cell(&rows, 0, 0), NULL, 10) : 1;
	db_rows_free(&rows);
	return rc ? rc : -EBUSY;
}

/* One row at a time, each in one UPDATE, so that tries at the same moment count one by one. */
static int take(struct db *db, const struct limit *l, const char *subject, unsigned *wait_s)
{
	int rc = db_exec(db, "INSERT IGNORE INTO aeta_web_throttle (subject, tries) VALUES (?, 0)", DB_VALUES(DB_TEXT(subject)));

	if (rc == 0)
		rc = db_exec(db,
				"UPDATE aeta_web_throttle SET tries = IF(last_at < UTC_TIMESTAMP() - INTERVAL 15 MINUTE, 1, LEAST(tries + 1, 1000)), "
				"last_at = UTC_TIMESTAMP(), "
				"open_at = UTC_TIMESTAMP() + INTERVAL IF(tries < ?, 0, LEAST(?, POW(2, LEAST(tries - ?, 20) + 1))) SECOND "
				"WHERE subject = ? AND open_at <= UTC_TIMESTAMP()",
				DB_VALUES(DB_INT(l->free), DB_INT(l->max_s), DB_INT(l->free), DB_TEXT(subject)));
	if (rc)
		return rc;
	return db_affected(db) ? 0 : seconds_left(db, subject, wait_s);
}

int throttle_take(struct db *db, const char *name, const char *address, unsigned *wait_s)
{
	char subject[DIGEST_SIZE];
	bool known;
	int rc = is_known(db, name, address, &known);

	*wait_s = 0;
	for (size_t i = 0; rc == 0 && i < LIMITS; i++) {
		if (!applies(&limits[i], known))
			continue;
		subject_of(&limits[i], name, address, subject);
		rc = take(db, &limits[i], subject, wait_s);
	}
	return rc;
}

/* Of the limits that the try was counted by; `all`: no try of that name from there counts any more. */
static int uncount(struct db *db, const char *name, const char *address, bool all)
{
	char subject[DIGEST_SIZE];
	bool known;
	int rc = is_known(db, name, address, &known);

	for (size_t i = 0; rc == 0 && i < LIMITS; i++) {
		bool every = all && limits[i].by_name && limits[i].by_source;

		if (!applies(&limits[i], known))
			continue;
		subject_of(&limits[i], name, address, subject);
		rc = db_exec(db,
				"UPDATE aeta_web_throttle SET tries = IF(?, 0, GREATEST(tries, 1) - 1), open_at = LEAST(open_at, UTC_TIMESTAMP()) "
				"WHERE subject = ?",
				DB_VALUES(DB_INT(every), DB_TEXT(subject)));
	}
	return rc;
}

int throttle_undo(struct db *db, const char *name, const char *address)
{
	return uncount(db, name, address, false);
}

int throttle_forget(struct db *db, const char *name, const char *address)
{
	int rc = uncount(db, name, address, true);

	return rc ? rc : make_known(db, name, address);
}

/* By then nothing of a row counts any more: the tries are forgotten, and no wait is that long. */
int throttle_tidy(struct db *db)
{
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < TIDY_TIMES; i++) {
		rc = db_exec(db, "DELETE FROM aeta_web_throttle WHERE last_at < UTC_TIMESTAMP() - INTERVAL 20 MINUTE ORDER BY last_at LIMIT ?",
				DB_VALUES(DB_INT(TIDY_ROWS)));
		if (rc == 0 && db_affected(db) < TIDY_ROWS)
			break;
	}
	return rc;
}
