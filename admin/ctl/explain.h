/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of explain: the facts, and media. */
#ifndef AETA_ADMIN_EXPLAIN_H
#define AETA_ADMIN_EXPLAIN_H

#include "ctl.h"

#include <policy/verdict.h>

/* What a verdict is made of. */
struct explanation {
	struct ctl *ctl;
	void *block; /* memory of `dir` */
	struct aeta_directory *dir;
	struct aeta_account caller, callee;
	struct aeta_target target;
	struct aeta_verdict verdict;
	json_t *facts;
};

/* ---- explain_facts.c; each returns an exit status ---- */

void explain_fact(struct explanation *x, const char *fact, const char *value, const char *source);

/* The directory as Kamailio would load it now: every group and exception, so a row that it would refuse shows here too. */
int explain_directory(struct explanation *x);

/* Kind and state of `number`, which is the "caller" or the "callee"; no row is kind NONE. */
int explain_account(struct explanation *x, const char *who, const char *number, struct aeta_account *a);

/* The options of the group an account is in, in words; whether the number dialled is an exception for that of the caller. */
void explain_group(struct explanation *x, const char *who, const struct aeta_account *a);
void explain_exception(struct explanation *x);

/* ---- explain_media.c ---- */

/* Says path, its reasons, policy and relays of a call between two whole numbers; adds to `facts`. Returns an exit status. */
int explain_media(struct ctl *ctl, json_t *facts, const char *caller, const char *callee);

/* Adds path and reason to each of the `members` in the result. */
void explain_media_members(struct ctl *ctl, const char *caller);

#endif
