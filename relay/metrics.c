/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prometheus' text format (0.0.4). Every family is named aeta_relay_…. */
#include "daemon.h"

#include "clock.h"
#include "core/request.h"
#include "log.h"

#include <stdlib.h>
#include <unistd.h>

enum kind { COUNTER, GAUGE };

/* All that has no label; a row makes a family. */
struct plain_metric {
	const char *name;
	enum kind kind;
	double value;
	const char *help;
};

static void head(struct out *o, const char *name, enum kind kind, const char *help)
{
	out_format(o, "# HELP aeta_relay_%s %s\n# TYPE aeta_relay_%s %s\n", name, help, name, kind == COUNTER ? "counter" : "gauge");
}

static void plain(struct out *o, const struct plain_metric *rows, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		head(o, rows[i].name, rows[i].kind, rows[i].help);
		out_format(o, "aeta_relay_%s %.15g\n", rows[i].name, rows[i].value);
	}
}

/* One line of a family with one label. */
static void labelled(struct out *o, const char *name, const char *label, const char *value, uint64_t n)
{
	out_format(o, "aeta_relay_%s{%s=\"%s\"} %llu\n", name, label, value, (unsigned long long)n);
}

static double resident_bytes(void)
{
	unsigned long long size, resident = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f && fscanf(f, "%llu %llu", &size, &resident) != 2)
		resident = 0;
	if (f)
		fclose(f);
	return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

#define ROWS(rows) rows, sizeof(rows) / sizeof((rows)[0])

static void write_calls(struct daemon *d, struct out *o, const struct relay_totals *t)
{
	static const char *const ends[] = {[RELAY_DELETED] = "deleted", [RELAY_TIMEOUT] = "timeout", [RELAY_SILENT] = "silent",
		[RELAY_OFFER_TIMEOUT] = "offer", [RELAY_FINAL_TIMEOUT] = "final", [RELAY_SHUTDOWN] = "shutdown"};
	static const struct sessions_counts none;
	const struct sessions_counts s = d->sessions ? *sessions_counts(d->sessions) : none;
	const struct plain_metric rows[] = {
		{"calls", GAUGE, relay_calls(d->relay), "Calls now."},
		{"calls_started_total", COUNTER, (double)t->calls_started, "Calls that began."},
		{"calls_refused_total", COUNTER, (double)t->calls_refused, "Calls refused for a limit, or for want of ports."},
		{"ports_used", GAUGE, t->ports_used, "Media ports in use."},
		{"ports_free", GAUGE, t->ports_free, "Media ports that can be given."},
		{"ports_failed", GAUGE, t->ports_failed, "Media ports set aside, because another program has them."},
		{"saved_calls", GAUGE, s.saved, "Calls that outlast the process (--state-dir)."},
		{"restored_calls_total", COUNTER, (double)s.restored, "Calls of the process before that go on in this one."},
		{"dropped_calls_total", COUNTER, (double)s.dropped, "Calls of the process before that could not."},
		{"saved_records_total", COUNTER, (double)s.written, "Times that a call was written into --state-dir."},
		{"save_failed_total", COUNTER, (double)s.failed, "Times that nothing could be written there."},
		{"draining", GAUGE, d->leave_at != 0, "1 while no new call is taken, before the end."},
	};

	plain(o, ROWS(rows));
	head(o, "calls_ended_total", COUNTER, "Calls that ended, by reason.");
	for (unsigned i = 0; i <= RELAY_SHUTDOWN; i++)
		labelled(o, "calls_ended_total", "reason", ends[i], t->calls_ended[i]);
}

static void write_offload(struct daemon *d, struct out *o)
{
	static const struct offload_counts none;
	const struct offload_counts *c = d->offload ? offload_counts(d->offload) : &none;
	const struct plain_metric rows[] = {
		{"offload_flows", GAUGE, c->flows, "Streams that the kernel forwards."},
		{"offload_installed_total", COUNTER, (double)c->installed, "Times that a stream was given to the kernel."},
		{"offload_withdrawn_total", COUNTER, (double)c->withdrawn, "Times that one was taken back."},
		{"offload_stuck_total", COUNTER, (double)c->stuck, "Of them, since the kernel did not forward it."},
		{"offload_taken_total", COUNTER, (double)c->taken, "Streams in the kernel that were taken over from the relay before."},
		{"offload_orphaned_total", COUNTER, (double)c->orphaned,
			"Streams in the kernel that were ended, since no call of theirs was known."},
	};

	plain(o, ROWS(rows));
}

static void write_packets(struct daemon *d, struct out *o, const struct relay_totals *t)
{
	static const char *const reasons[REFUSALS_COUNT] = {
#define X(id, name) [REFUSED_##id] = name,
		REFUSALS(X)
#undef X
	};
	const struct media_counts *m = media_counts(d->media);
	const struct plain_metric rows[] = {
		{"packets_total", COUNTER, (double)t->packets, "Media packets accepted from the parties."},
		{"bytes_total", COUNTER, (double)t->bytes, "Their bytes, as UDP payload."},
		{"send_full_total", COUNTER, (double)m->send_full, "Packets that the system could not take just then."},
		{"send_failed_total", COUNTER, (double)m->send_failed, "Packets that it would not send."},
		{"receive_failed_total", COUNTER, (double)m->receive_failed, "Errors while reading a media port."},
		{"closed_port_packets_total", COUNTER, (double)m->closed, "Packets that came to a media port after it was closed."},
		{"too_fast_packets_total", COUNTER, (double)media_too_fast(d->media), "Packets above --port-rate."},
		{"shared_addresses", GAUGE, (double)d->shared, "Media addresses whose ports share a socket."},
		{"sockets", GAUGE, (double)m->ports, "Media ports that are open."},
		{"sockets_failed_total", COUNTER, (double)m->open_failed, "Media ports that could not be opened."},
		{"guards_total", COUNTER, (double)m->guarded, "Times that a media port was guarded from a flood."},
		{"lock_moved_total", COUNTER, (double)t->lock_moved, "Times that a party's source moved after it was locked."},
		{"foreign_addresses_total", COUNTER, (double)t->foreign_addresses, "Addresses in a=fmtp that were left as they were."},
	};

	plain(o, ROWS(rows));
	write_offload(d, o);
	head(o, "refused_packets_total", COUNTER, "Media packets that were not forwarded, by reason.");
	for (unsigned i = 1; i < REFUSALS_COUNT; i++)
		labelled(o, "refused_packets_total", "reason", reasons[i], t->refused[i] + (i == REFUSED_SOURCE ? m->guard_refused : 0));
	head(o, "learned_total", COUNTER, "Sources that were locked, by rank: 1 signalled, 2 its address, 3 SIP's address, 4 another.");
	for (unsigned i = 1; i < sizeof(t->rank_locked) / sizeof(t->rank_locked[0]); i++)
		labelled(o, "learned_total", "rank", (const char[]){(char)('0' + i), '\0'}, t->rank_locked[i]);
}

static void write_commands(struct daemon *d, struct out *o, const struct relay_totals *t)
{
	static const char *const names[] = {
#define X(id, name) [NG_##id] = name,
		NG_COMMANDS(X)
#undef X
	};
	const struct plain_metric rows[] = {
		{"ng_cookie_hits_total", COUNTER, (double)t->cookie_hits, "Requests that were answered before, and given the same answer."},
		{"ng_requests_total", COUNTER, (double)d->counts.ng_requests, "Datagrams at the ng ports."},
		{"ng_forbidden_total", COUNTER, (double)d->counts.ng_forbidden, "Datagrams and connections there from addresses that may not."},
		{"ng_unanswered_total", COUNTER, (double)d->counts.ng_silent, "Datagrams there that are no request."},
		{"ng_send_failed_total", COUNTER, (double)d->counts.ng_send_failed, "Answers that could not be sent."},
		{"ng_tcp_accepted_total", COUNTER, (double)d->counts.tcp_accepted, "TCP connections."},
		{"ng_tcp_closed_total", COUNTER, (double)d->counts.tcp_closed, "TCP connections closed for what they sent, or did not."},
		{"http_requests_total", COUNTER, (double)d->counts.http_requests, "HTTP requests."},
		{"http_forbidden_total", COUNTER, (double)d->counts.http_forbidden, "HTTP connections from addresses that may not."},
	};

	plain(o, ROWS(rows));
	head(o, "ng_commands_total", COUNTER, "ng requests by command.");
	for (unsigned i = 1; i < NG_COMMAND_COUNT; i++)
		labelled(o, "ng_commands_total", "command", names[i], t->commands[i]);
	head(o, "ng_errors_total", COUNTER, "ng requests that were answered with an error, by command.");
	labelled(o, "ng_errors_total", "command", "", t->errors[NG_NO_COMMAND]);
	for (unsigned i = 1; i < NG_COMMAND_COUNT; i++)
		labelled(o, "ng_errors_total", "command", names[i], t->errors[i]);
}

static void write_rest(struct daemon *d, struct out *o)
{
	struct recorder_counts r = d->recorder ? recorder_counts(d->recorder) : (struct recorder_counts){0};
	const struct plain_metric rows[] = {
		{"recordings", GAUGE, (double)r.running, "Calls that are being recorded."},
		{"recordings_total", COUNTER, (double)r.recordings, "Recordings that began."},
		{"recordings_failed_total", COUNTER, (double)r.failed, "Recordings that could not be written to their end."},
		{"recorded_packets_total", COUNTER, (double)r.packets, "Packets that were recorded."},
		{"recording_left_out_total", COUNTER, (double)r.left_out, "Packets missing in recordings, since the disk was too slow."},
		{"notify_sent_total", COUNTER, (double)d->notifier.sent, "Times that the SIP server was told of a call that ended."},
		{"notify_failed_total", COUNTER, (double)d->notifier.failed, "Times that it could not be told."},
		{"notify_refused_total", COUNTER, (double)d->notifier.refused, "Times that it answered with an error."},
		{"log_lines_total", COUNTER, (double)log_counts()->lines, "Lines for the log."},
		{"log_dropped_total", COUNTER, (double)log_counts()->dropped, "Lines that the log did not take."},
		{"load_average", GAUGE, d->load.average, "The machine's load average of a minute."},
		{"cpu_machine_ratio", GAUGE, d->load.machine, "Share of the machine's processors in use."},
		{"cpu_thread_ratio", GAUGE, d->load.thread, "Share of one processor that forwarding packets and answering requests uses."},
		{"resident_bytes", GAUGE, resident_bytes(), "Memory of the process."},
		{"uptime_seconds", GAUGE, (double)(clock_now() - d->started) / 1e6, "Since the start."},
	};

	plain(o, ROWS(rows));
	head(o, "info", GAUGE, "Always 1.");
	labelled(o, "info", "version", AETA_VERSION, 1);
}

void metrics_write(struct daemon *d, struct out *to)
{
	const struct relay_totals *t;

	if (d->offload)
		offload_refresh_all(d->offload);
	t = relay_totals(d->relay);
	write_calls(d, to, t);
	write_packets(d, to, t);
	write_commands(d, to, t);
	write_rest(d, to);
}
