/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures of a dashboard that the database knows; those of the running service are in live/counts.h. */
#ifndef AETA_ADMIN_NOW_H
#define AETA_ADMIN_NOW_H

#include "scope.h"

struct db;

struct now_figures {
	long long accounts, registered;       /* numbers; of them with a registration that has not run out */
	long long calls, direct, relayed;     /* that go on; what is neither is not known */
	long long test_lines;                 /* of them answered by the test codec */
	long long wrong_passwords, numbers_tried; /* in the last hour: responses, and for how many numbers */
	long long refused;                    /* in the last hour: calls that the service itself refused */
};

/* `test_codec`: its number. -ENOENT where the scope is no operator's, else as db_query(). */
int now_figures(struct db *db, const struct scope *s, const char *test_codec, struct now_figures *out);

/* The accounts of the scope, by their presence. */
struct now_presence {
	long long accounts, available, in_call, unreachable, offline;
};

/* Returns as data_list(). */
int now_presence(struct db *db, const struct scope *s, struct now_presence *out);

#endif
