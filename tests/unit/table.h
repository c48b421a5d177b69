/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads tests/policy.tbl into a universe (a directory and the accounts) and its cases. The format is described at the
 * top of the table. A line that cannot be read stops the test: a case that is skipped proves nothing.
 */
#ifndef AETA_TESTS_TABLE_H
#define AETA_TESTS_TABLE_H

#include "policy/verdict.h"

#define TABLE_ACCOUNTS 512
#define TABLE_CASES 512
#define TABLE_WORD 96

struct table_account {
	struct aeta_account facts;
	bool absent;
};

enum table_case_kind { TABLE_CALL, TABLE_METHOD, TABLE_HUNT, TABLE_REGISTER };

struct table_case {
	enum table_case_kind kind;
	char id[TABLE_WORD];
	char caller[TABLE_WORD];
	char dialled[TABLE_WORD];
	char members[TABLE_WORD]; /* hunt: as written */
	unsigned code;
	char rule[TABLE_WORD];
	char final[TABLE_WORD]; /* "" where the row names none */
};

struct table {
	struct aeta_directory *directory; /* owned; table_free() */
	struct table_account accounts[TABLE_ACCOUNTS];
	size_t account_count;
	struct table_case cases[TABLE_CASES];
	size_t case_count;
};

/* Reads the table; fails the running test with file and line where it cannot. The caller frees it with table_free(). */
struct table *table_read(const char *path);
void table_free(struct table *t);

/* Facts of `number`; kind NONE where the table has no such account. */
struct aeta_account table_facts(const struct table *t, aeta_number_t number);
bool table_absent(const struct table *t, aeta_number_t number);

#endif
