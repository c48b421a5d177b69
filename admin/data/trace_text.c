/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A trace to be read by people: the ladder, and the messages. */
#include "trace.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What an agent writes cannot move the cursor of a terminal: bytes that are no printable ASCII become \xNN. */
static void put_bytes(FILE *f, const unsigned char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((s[i] >= ' ' && s[i] <= '~') || s[i] == '\t')
			fputc(s[i], f);
		else
			fprintf(f, "\\x%02x", s[i]);
	}
}

static void put_text(FILE *f, const char *s)
{
	put_bytes(f, (const unsigned char *)s, strlen(s));
}

static void put_time(FILE *f, const struct timeval *at, bool date)
{
	char text[32];
	struct tm tm;

	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", gmtime_r(&at->tv_sec, &tm));
	fprintf(f, "%s.%06u", date ? text : text + strlen("YYYY-MM-DD "), (unsigned)at->tv_usec);
}

/* ---- one line ---- */

static const char *agent_of(const struct trace_message *m)
{
	return m->out ? m->to : m->from;
}

static const char *port_of(const char *address)
{
	const char *colon = strrchr(address, ':');

	return colon ? colon : "";
}

/* The first line: a request without its version, an answer with its method. */
static void put_start(FILE *f, const struct trace_message *m)
{
	static const char version[] = "SIP/2.0 ";
	size_t len = strcspn((const char *)m->bytes, "\r\n");

	if (strncmp((const char *)m->bytes, version, sizeof(version) - 1) == 0) {
		put_bytes(f, m->bytes + sizeof(version) - 1, len - (sizeof(version) - 1));
		fputs(" (", f);
		put_text(f, m->method);
		fputc(')', f);
	} else {
		if (len > 8 && strncmp((const char *)m->bytes + len - 8, " SIP/2.0", 8) == 0)
			len -= 8;
		put_bytes(f, m->bytes, len);
	}
}

void trace_line(FILE *f, const struct trace_message *m, int width)
{
	put_time(f, &m->at, false);
	fprintf(f, "  %-*s %s %-6s ", width, agent_of(m), m->out ? "<--" : "-->", port_of(m->out ? m->from : m->to));
	put_start(f, m);
}

/* ---- the ladder ---- */

/* A message and the place of its call. */
struct rung {
	const struct trace_message *m;
	size_t index, call; /* counted from 0; `call`: index of the first message with this Call-ID */
};

static int by_callid(const void *a, const void *b)
{
	const struct rung *x = a, *y = b;
	int order = strcmp(x->m->callid, y->m->callid);

	return order ? order : (x->index > y->index) - (x->index < y->index);
}

static int by_call(const void *a, const void *b)
{
	const struct rung *x = a, *y = b;

	if (x->call != y->call)
		return x->call > y->call ? 1 : -1;
	return (x->index > y->index) - (x->index < y->index);
}

/* Calls in the order of their first messages; NULL if there is no memory. */
static struct rung *make_ladder(const struct trace *t)
{
	struct rung *r = calloc(t->count + 1, sizeof(*r));

	if (!r)
		return NULL;
	for (size_t i = 0; i < t->count; i++)
		r[i] = (struct rung){.m = &t->messages[i], .index = i};
	qsort(r, t->count, sizeof(*r), by_callid);
	for (size_t i = 0; i < t->count; i++)
		r[i].call = i && strcmp(r[i].m->callid, r[i - 1].m->callid) == 0 ? r[i - 1].call : r[i].index;
	qsort(r, t->count, sizeof(*r), by_call);
	return r;
}

static void write_ladder(FILE *f, const struct trace *t, const struct rung *r)
{
	int width = 0;

	for (size_t i = 0; i < t->count; i++)
		if ((int)strlen(agent_of(&t->messages[i])) > width)
			width = (int)strlen(agent_of(&t->messages[i]));
	for (size_t i = 0; i < t->count; i++) {
		if (i == 0 || r[i].call != r[i - 1].call) {
			fputs("\nCall-ID ", f);
			put_text(f, r[i].m->callid);
			fputc('\n', f);
		}
		fprintf(f, "%6zu  ", r[i].index + 1);
		trace_line(f, r[i].m, width);
		fputc('\n', f);
	}
}

/* ---- the messages ---- */

static void write_message(FILE *f, const struct trace_message *m, size_t index)
{
	const unsigned char *s = m->bytes, *end = m->bytes + m->len;

	fprintf(f, "\n---- %zu ---- ", index + 1);
	put_time(f, &m->at, true);
	fprintf(f, " ---- %s > %s ---- %zu bytes ----\n", m->from, m->to, m->len);
	while (s < end) {
		const unsigned char *lf = memchr(s, '\n', (size_t)(end - s));
		const unsigned char *stop = lf ? lf : end;

		put_bytes(f, s, (size_t)(stop - s) - (stop > s && lf && stop[-1] == '\r'));
		fputc('\n', f);
		s = lf ? lf + 1 : end;
	}
}

void trace_write_text(FILE *f, const struct trace *t)
{
	struct rung *r = make_ladder(t);

	fprintf(f, "SIP trace of %s: %zu messages", t->number, t->count);
	if (t->count) {
		fputs(", ", f);
		put_time(f, &t->messages[0].at, true);
		fputs(" to ", f);
		put_time(f, &t->messages[t->count - 1].at, true);
		fputs(" UTC", f);
	}
	fprintf(f, "\n%u messages are known to be missing.\n", t->lost);
	fputs("Proofs of passwords, keys of the media and bodies other than SDP are masked with x, byte for byte.\n"
		  "An agent is the address that the service saw; --> :5060 is to the service's port 5060, <-- from it.\n"
		  "A message is stamped when it was read, or just after it was sent: what was answered within the same millisecond\n"
		  "may stand after its answer.\n",
			f);
	if (r)
		write_ladder(f, t, r);
	for (size_t i = 0; i < t->count; i++)
		write_message(f, &t->messages[i], i);
	free(r);
}
