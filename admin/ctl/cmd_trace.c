/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SIP of one number, for a limited time: switched on in the running Kamailio, read from the database. */
#include "audit.h"
#include "live/rpc.h"
#include "changes.h"
#include "trace_read.h"
#include "trace_session.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define MINUTES 10

static int check_folder(const char *folder)
{
	if (access(folder, W_OK | X_OK) != 0)
		return refuse("cannot write into %s: %s", folder, strerror(errno));
	return CTL_OK;
}

static const char *folder_of(const struct args *args)
{
	return arg_given(args, "--out") ? arg_text(args, "--out") : ".";
}

/* Reads what there is above `after` and writes the files. */
static int write_trace(struct ctl *ctl, const char *number, long long after, long lost, const char *folder)
{
	struct trace_rows t;
	int rc = audit(ctl, "trace read", number, "into %s", folder);

	if (rc)
		return rc;
	rc = trace_read(ctl, number, after, true, &t);
	t.trace.lost = (unsigned)lost;
	ctl_say(ctl, "number", json_string(number));
	ctl_say(ctl, "messages", json_integer((json_int_t)t.trace.count));
	ctl_say(ctl, "lost", json_integer(lost));
	if (rc == CTL_OK)
		rc = trace_write_files(ctl, folder, &t.trace);
	if (rc == CTL_OK && lost)
		note("%ld messages were lost: too many for one trace, or the database was too slow", lost);
	trace_free(&t);
	return rc;
}

static int begin(struct trace_session *s, long minutes)
{
	int rc = trace_last(s->ctl, &s->after);

	s->seen = s->after;
	if (rc == CTL_OK)
		rc = audit(s->ctl, "trace start", s->number, "for %ld min", minutes);
	if (rc == CTL_OK)
		rc = trace_tell(s->ctl, "aeta.trace", json_pack("[s, i]", s->number, (int)minutes * 60));
	if (rc == CTL_OK)
		rc = trace_tell(s->ctl, "siptrace.status", json_pack("[s]", "on"));
	return rc;
}

/* What was traced before Kamailio went away, or could not be asked, is written all the same. */
static int trace_number(struct ctl *ctl, const struct args *args)
{
	struct trace_session s = {.ctl = ctl, .number = arg_text(args, "NUMBER"), .follow = arg_given(args, "--follow")};
	long minutes = arg_number(args, "--minutes", MINUTES);
	int rc = check_number(s.number), waited;

	if (rc == CTL_OK)
		rc = check_folder(folder_of(args));
	if (rc == CTL_OK)
		rc = begin(&s, minutes);
	if (rc)
		return rc;
	if (arg_given(args, "--detach")) {
		ctl_say(ctl, "number", json_string(s.number));
		ctl_say(ctl, "minutes", json_integer(minutes));
		note("it ends by itself; then: aetactl trace write %s", s.number);
		return CTL_OK;
	}
	note("tracing %s for %ld min; Ctrl-C ends it, and writes what there is", s.number, minutes);
	waited = trace_wait(&s);
	if (waited == CTL_OK)
		waited = trace_end(&s);
	rc = write_trace(ctl, s.number, s.after, s.lost, folder_of(args));
	return rc ? rc : waited;
}

static int trace_write(struct ctl *ctl, const struct args *args)
{
	const char *number = arg_text(args, "NUMBER");
	struct trace_session s = {.ctl = ctl, .number = number};
	json_t *answer = NULL;
	char error[512];
	int rc = check_number(number);

	if (rc == CTL_OK)
		rc = check_folder(folder_of(args));
	if (rc)
		return rc;
	if (rpc_call(ctl->config.rpc_socket, "aeta.traces", NULL, &answer, error, sizeof(error)) == 0)
		trace_take_state(&s, answer);
	else
		note("whether messages were lost is not known: %s", error);
	json_decref(answer);
	return write_trace(ctl, number, 0, s.lost, folder_of(args));
}

static int trace_stop(struct ctl *ctl, const struct args *args)
{
	const char *number = arg_text(args, "NUMBER");
	int rc = check_number(number);

	if (rc == CTL_OK)
		rc = audit(ctl, "trace stop", number, "%s", "");
	if (rc == CTL_OK)
		rc = trace_tell(ctl, "aeta.trace_end", json_pack("[s]", number));
	if (rc == CTL_OK)
		ctl_say(ctl, "stopped", json_string(number));
	return rc;
}

/* What runs, and what is stored. */
static int trace_list(struct ctl *ctl, const struct args *args)
{
	json_t *answer = NULL;
	json_t *stored;
	int rc = traces_list(ctl->db, &ctl->scope, &stored);

	(void)args;
	rc = ctl_listed(ctl, "stored", stored, rc);
	if (rc == CTL_OK)
		rc = trace_ask(ctl, "aeta.traces", NULL, &answer);
	if (rc == CTL_OK)
		ctl_say(ctl, "running", json_incref(json_object_get(answer, "traces")));
	json_decref(answer);
	return rc;
}

#define NUMBER_ARG \
	{ \
		.name = "NUMBER", .required = true, .help = "the digits that agents give; the account need not exist" \
	}
#define OUT_ARG \
	{ \
		.name = "--out", .value = "DIR", .help = "where the two files go (default: here)" \
	}

static const struct arg trace_args[] = {NUMBER_ARG,
		{.name = "--minutes", .type = ARG_NUMBER, .value = "N", .min = 1, .max = 60, .help = "how long (default 10)"},
		OUT_ARG, {.name = "--follow", .type = ARG_FLAG, .help = "show each message as a line meanwhile"},
		{.name = "--detach", .type = ARG_FLAG, .help = "do not wait: trace write writes the files"}, {0}};
static const struct arg write_args[] = {NUMBER_ARG, OUT_ARG, {0}};
static const struct arg stop_args[] = {NUMBER_ARG, {0}};
static const struct arg list_args[] = {{0}};

/* The commands of two words first: "list" is no number. */
const struct command trace_commands[] = {
		{"trace", "list", list_args, trace_list, true, "the traces that run, and what is stored"},
		{"trace", "stop", stop_args, trace_stop, true, "end a trace now"},
		{"trace", "write", write_args, trace_write, true, "write what is stored of a number: a text and a pcap"},
		{"trace", NULL, trace_args, trace_number, true, "record the SIP of one number: a text and a pcap"},
		{0},
};
