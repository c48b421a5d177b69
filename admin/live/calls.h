/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls that go on. Kamailio's own list of them fits into one answer up to some forty, so which there are and who they are is read
 * from the database (the view aeta_call), where Kamailio writes each as it is answered; here is what only Kamailio can say and do.
 */
#ifndef AETA_ADMIN_LIVE_CALLS_H
#define AETA_ADMIN_LIVE_CALLS_H

#include "live.h"

/* How a call is named: "2745-18", as in the view. */
struct live_call_id {
	unsigned entry, id;
};
bool live_call_id_parse(const char *text, struct live_call_id *out);

/* BYE to both parties, as an operator's doing. -ENOENT: Kamailio has no such call (any more). */
int live_call_end(struct live *l, struct live_call_id id);

/* How many there are; each LIVE_UNKNOWN where it is not said. */
struct live_call_counts {
	long ringing;  /* not answered yet */
	long answered;
};
int live_call_counts(struct live *l, struct live_call_counts *out);

/*
 * Has the calls of two numbers judged anew, which are relayed since one was dialled again (C7). -ENOENT: they are not. -EPERM also
 * where they are no more, but will be again after a restart, since the database did not answer.
 */
int live_redial_lift(struct live *l, const char *one, const char *other);

#endif
