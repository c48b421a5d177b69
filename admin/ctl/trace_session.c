/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "live/rpc.h"
#include "trace_read.h"
#include "trace_session.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define POLL_MS   500
#define SETTLE_MS 10000 /* how long to wait for the last messages to be written */

int trace_ask(struct ctl *ctl, const char *method, json_t *params, json_t **answer)
{
	char error[512];
	int rc = rpc_call(ctl->config.rpc_socket, method, params, answer, error, sizeof(error));

	if (rc == 0)
		return CTL_OK;
	refuse("%s%s", rc == -EPERM ? "Kamailio refuses: " : "", error);
	return rc == -EPERM ? CTL_REFUSED : CTL_UNREACHABLE;
}

int trace_tell(struct ctl *ctl, const char *method, json_t *params)
{
	json_t *answer;
	int rc = trace_ask(ctl, method, params, &answer);

	json_decref(answer);
	return rc;
}

bool trace_take_state(struct trace_session *s, const json_t *answer)
{
	json_t *one;
	size_t i;

	s->waiting = (long)json_integer_value(json_object_get(answer, "waiting"));
	json_array_foreach(json_object_get(answer, "traces"), i, one)
	{
		if (strcmp(json_string_value(json_object_get(one, "number")), s->number) != 0)
			continue;
		s->left_s = (long)json_integer_value(json_object_get(one, "left_s"));
		s->messages = (long)json_integer_value(json_object_get(one, "messages"));
		s->lost = (long)json_integer_value(json_object_get(one, "lost"));
		return true;
	}
	return false;
}

/* An exit status; CTL_REFUSED where the trace is gone, which is with a Kamailio that was restarted. */
static int look(struct trace_session *s)
{
	json_t *answer;
	int rc = trace_ask(s->ctl, "aeta.traces", NULL, &answer);

	if (rc == CTL_OK && !trace_take_state(s, answer)) {
		s->ended = true;
		rc = refuse("Kamailio was restarted, which ended the trace");
	}
	json_decref(answer);
	return rc;
}

/* ---- waiting ---- */

static void show_new(struct trace_session *s)
{
	struct trace_rows t;

	if (trace_read(s->ctl, s->number, s->seen, false, &t) == CTL_OK) {
		for (size_t i = 0; i < t.trace.count; i++) {
			trace_line(stderr, &t.trace.messages[i], 24);
			fputc('\n', stderr);
		}
		s->seen = t.rows.last;
	}
	trace_free(&t);
}

static void show_progress(struct trace_session *s, bool terminal)
{
	if (s->follow)
		show_new(s);
	else if (terminal)
		fprintf(stderr, "\r%ld messages, %ld s left; Ctrl-C ends it now  ", s->messages, s->left_s);
}

int trace_wait(struct trace_session *s)
{
	const struct timespec poll = {.tv_nsec = POLL_MS * 1000000L};
	bool terminal = isatty(STDERR_FILENO);
	sigset_t signals;
	int rc, got = 0;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	do {
		rc = look(s);
		if (rc == CTL_OK)
			show_progress(s, terminal);
		got = rc == CTL_OK && s->left_s > 0 ? sigtimedwait(&signals, NULL, &poll) : 0;
	} while (rc == CTL_OK && s->left_s > 0 && got < 0);
	if (terminal && !s->follow)
		fputc('\n', stderr);
	return rc;
}

int trace_end(struct trace_session *s)
{
	const struct timespec poll = {.tv_nsec = POLL_MS * 1000000L / 5};
	int rc = s->left_s > 0 ? trace_tell(s->ctl, "aeta.trace_end", json_pack("[s]", s->number)) : CTL_OK;

	for (int ms = 0; rc == CTL_OK && ms < SETTLE_MS; ms += POLL_MS / 5) {
		rc = look(s);
		if (rc || s->waiting == 0)
			break;
		nanosleep(&poll, NULL);
	}
	if (rc == CTL_OK && s->waiting)
		note("Kamailio still has %ld messages to write (is the database slow?): see aetactl trace write later", s->waiting);
	return rc;
}
