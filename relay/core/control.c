/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ping, list, and the recording of a call. */
#include "command.h"

#include <errno.h>

#include "call.h"

#define LIST_DEFAULT 32

const char *command_ping(struct request *m)
{
	m->result = "pong";
	return NULL;
}

/* Oldest first; what does not fit into a datagram is left out. */
const char *command_list(struct request *m)
{
	int64_t limit = m->q->limit == INT64_MIN ? LIST_DEFAULT : m->q->limit;
	struct reply_mark mark;

	if (limit < 0)
		return "invalid limit, must be >= 0";
	reply_open_list(m->w, "calls");
	for (struct call *c = relay_first(m->relay); c && limit > 0; c = relay_next(c), limit--) {
		mark = reply_mark(m->w);
		reply_string(m->w, c->id);
		if (!request_fits(m, 256)) {
			reply_cut(m->w, &mark);
			m->warning = "not all calls fit";
			break;
		}
	}
	reply_close(m->w);
	return NULL;
}

const char *command_recording(struct request *m)
{
	const struct ng_request *q = m->q;
	struct call *c = call_find(m->relay, q->call_id);
	int error = 0;

	if (!c)
		return ERROR_NO_CALL;
	if (call_metadata(c, q->metadata) < 0)
		return ERROR_MEMORY;
	if (q->command == NG_START_RECORDING)
		error = call_record(c, q->recording_file, q->recording_dir, q->recording_pattern);
	else
		call_record_stop(c, ng_has(q, NG_BIT(DISCARD_RECORDING)));
	if (!error)
		return NULL;
	return error == -ENOMEM ? ERROR_MEMORY : "The recording cannot be started";
}
