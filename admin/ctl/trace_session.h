/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A trace that runs in Kamailio: asking it, and waiting for its end. */
#ifndef AETA_ADMIN_TRACE_SESSION_H
#define AETA_ADMIN_TRACE_SESSION_H

#include "ctl.h"

/* A trace that this program waits for. */
struct trace_session {
	struct ctl *ctl;
	const char *number;
	long long after, seen; /* ids: before the first message, and of the last one that was shown */
	long messages, lost, left_s, waiting;
	bool follow, ended;
};

/* Ask Kamailio, and say what it refuses; `*answer` is the caller's to decref. An exit status. */
int trace_ask(struct ctl *ctl, const char *method, json_t *params, json_t **answer);
int trace_tell(struct ctl *ctl, const char *method, json_t *params);

/* Takes the state of the session's number from an answer to aeta.traces; false if Kamailio does not know it. */
bool trace_take_state(struct trace_session *s, const json_t *answer);

/* Until the trace is over, or the person has seen enough. The signals are blocked, so they arrive only here. An exit status. */
int trace_wait(struct trace_session *s);

/* Ends the trace if it still runs, and waits until Kamailio has written what it has. An exit status. */
int trace_end(struct trace_session *s);

#endif
