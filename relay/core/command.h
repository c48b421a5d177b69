/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One ng request on its way through the core, and the functions that carry it out: a row each in commands.c. */
#ifndef RELAY_CORE_COMMAND_H
#define RELAY_CORE_COMMAND_H

#include "reply.h"
#include "request.h"
#include "state.h"

#define REPLY_DATAGRAM_MAX 65507 /* bytes: the largest UDP payload */

/* Texts that clients match to the letter. */
#define ERROR_PORTS "Ran out of ports"
#define ERROR_SESSIONS "Parallel session limit reached"
#define ERROR_NO_CALL "Unknown call-id"
#define ERROR_NO_CALL_2 "Unknown call-ID"
#define ERROR_DIALOGUE "Invalid dialogue association"
#define ERROR_REWRITE "Error rewriting SDP"
#define ERROR_TAGS "Call-ID not found or tags didn't match"
#define ERROR_MEMORY "Out of memory"
#define ERROR_PORT_COUNT "More than one port in an m-line is not supported" /* ours */

struct request {
	struct relay *relay;
	const struct ng_request *q;
	uint64_t now;
	struct reply *w;         /* "result": "ok" is written; taken back where the command fails */
	size_t limit;            /* bytes that the reply may have, its cookie among them */
	const char *result;      /* another result than "ok": "pong" */
	const char *warning;     /* to be added to a reply that is ok */
	const char *load_limit;  /* why no new call is taken: another reply than an error, for clients that know it */
};

/* Each writes its part of the reply and returns NULL, or returns the error-reason. */
const char *command_ping(struct request *m);
const char *command_offer(struct request *m);
const char *command_answer(struct request *m);
const char *command_delete(struct request *m);
const char *command_query(struct request *m);
const char *command_list(struct request *m);
const char *command_statistics(struct request *m);
const char *command_recording(struct request *m);
const char *command_block(struct request *m);
const char *command_accept(struct request *m); /* of a call that exists: ok, without effect */

/* Writes the reply to a request (without its cookie). `limit` as above. */
void command_run(struct relay *r, struct text dict, const struct endpoint *source, uint64_t now, size_t limit, struct out *out);

/* Does the reply still fit? */
static inline bool request_fits(const struct request *m, size_t reserve)
{
	return !m->w->out->failed && m->w->out->n + reserve <= m->limit;
}

/* Measures what is relayed in a second, for `statistics`: from the last measurement on, if that is a second ago or more. */
void totals_rate(struct relay *r, uint64_t now);

/* Writes what is known of a call: `query`, and `delete`. With a tag: of that party and its peers alone. Less where more does not fit. */
void report_call(struct request *m, const struct call *c, struct text tag);

#endif
